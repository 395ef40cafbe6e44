#include "storage/vault.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "storage/bounded_cache.hpp"
#include "storage/bytes.hpp"
#include "storage/cipher.hpp"
#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"
#include "storage/staged_rows.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_cached_keys = 65'536;

std::string event_data(const EventPlace& place) {
  return ByteWriter(32).u8('e').u16(place.shard).u64(place.sequence).u64(place.case_id.value()).u16(place.type).take();
}
std::string commit_data(const CommitPlace& place) {
  ByteWriter data(32);
  data.u8('c').u16(place.shard).u64(place.first_sequence).u64(place.case_id.value()).u64(place.first_version).u32(place.count);
  return data.take();
}
std::string view_data(const ViewPlace& place) {
  return ByteWriter().u8('v').u64(place.case_id.value()).u64(place.version).take();
}
std::string document_data(const DocumentPlace& place) {
  return ByteWriter().u8('o').raw(place.kind).u8(0).raw(place.id).u8(0).u64(place.revision).take();
}
std::string wrap_data(CaseId case_id, CaseKeyGeneration generation) {
  return ByteWriter().u8('k').u64(case_id.value()).u16(generation).take();
}

Error erased(CaseId case_id) { return {Errc::not_found, case_id.str() + " was erased"}; }

}  // namespace

class Vault::Impl {
 public:
  Impl(const SecretKey& installation, Database& keys)
      : keys_(keys),
        wrapping_(hkdf(installation, "dunlin case key wrapping 1")),
        documents_(hkdf(installation, "dunlin documents 1")),
        lookups_(hkdf(installation, "dunlin lookups 1")),
        case_ids_(hkdf(installation, "dunlin case ids 1")),
        lookup_hasher_(lookups_),
        case_id_hasher_(case_ids_),
        cache_(max_cached_keys) {}
  ~Impl() {
    for (auto* key : {&wrapping_, &documents_, &lookups_, &case_ids_}) wipe(*key);
  }

  const Cipher& cipher() const { return cipher_; }
  const SecretKey& documents_key() const { return documents_; }
  const KeyedHasher& lookup_hasher() const { return lookup_hasher_; }
  const KeyedHasher& case_id_hasher() const { return case_id_hasher_; }

  Result<CaseKey> for_writing(CaseId case_id, NewKeys& fresh) {
    const auto made = fresh.find(case_id);
    if (made != fresh.end()) return made->second;
    if (const auto known = cached(case_id)) return *known;
    const auto found = stored(case_id);
    if (!found) return found.error();
    if (found->row.has_value() && !found->row->wrapped.empty()) return unwrap(case_id, *found);
    CaseKey key;
    key.bytes = drawn();
    key.generation = found->row.has_value() ? static_cast<CaseKeyGeneration>(found->row->generation + 1) : 1;
    fresh.emplace(case_id, key);
    return key;
  }

  Result<CaseKey> for_reading(CaseId case_id, CaseKeyGeneration generation) {
    auto key = cached(case_id);
    if (!key) {
      const auto found = stored(case_id);
      if (!found) return found.error();
      if (!found->row.has_value()) return Error{Errc::corrupt, "the key of " + case_id.str() + " is missing"};
      if (found->row->wrapped.empty()) return erased(case_id);
      const auto opened = unwrap(case_id, *found);
      if (!opened) return opened.error();
      key = *opened;
    }
    if (key->generation != generation) return erased(case_id);
    return *key;
  }

  Status store(const NewKeys& fresh) {
    const auto written = write(wrap(fresh));
    if (written) remember(fresh);
    return written;
  }

  void remember(const NewKeys& stored) {
    const std::lock_guard lock(mutex_);
    for (const auto& [case_id, key] : stored) cache_.put(case_id, key);
  }

  std::vector<WrappedKey> wrap(const NewKeys& fresh) const {
    std::vector<WrappedKey> keys;
    keys.reserve(fresh.size());
    for (const auto& [case_id, key] : fresh) {
      keys.push_back({case_id, key.generation, cipher_.seal(wrapping_, wrap_data(case_id, key.generation), view_of(key.bytes))});
    }
    return keys;
  }

  Status write(const std::vector<WrappedKey>& keys) {
    if (keys.empty()) return Done{};
    StagedRows rows;
    for (const auto& key : keys) rows.put(key_space::case_key(key.case_id), encode(CaseKeyRow{key.generation, key.wrapped}));
    WriteBatch batch;
    rows.fill(batch);
    return keys_.write(batch, Durability::synced);
  }

  Status destroy(CaseId case_id) {
    const auto found = stored(case_id);
    if (!found) return found.error();
    if (!found->row.has_value()) return Error{Errc::not_found, case_id.str() + " has no key"};
    WriteBatch batch;
    batch.put(key_space::case_key(case_id), encode(CaseKeyRow{found->row->generation, {}}));
    const auto written = keys_.write(batch, Durability::synced);
    const std::lock_guard lock(mutex_);
    cache_.erase(case_id);
    ++destructions_;
    return written;
  }

  Status purge() { return keys_.purge({}, {}); }
  Status recover() { return keys_.recover(); }
  /// A reader that raced with this must not bring a former key back.
  void forget() {
    const std::lock_guard lock(mutex_);
    cache_.clear();
    ++destructions_;
  }

 private:
  /// A row as it was when `destructions` keys had been destroyed: a reader that raced with a destruction must not
  /// bring the key back into the cache.
  struct StoredKey {
    std::optional<CaseKeyRow> row;
    std::uint64_t destructions = 0;
  };

  SecretKey drawn() {
    const std::lock_guard lock(mutex_);
    return stock_.draw();
  }

  std::optional<CaseKey> cached(CaseId case_id) {
    const std::lock_guard lock(mutex_);
    return cache_.find(case_id);
  }

  Result<StoredKey> stored(CaseId case_id) {
    StoredKey found;
    {
      const std::lock_guard lock(mutex_);
      found.destructions = destructions_;
    }
    const auto bytes = keys_.get(key_space::case_key(case_id));
    if (!bytes) return bytes.error();
    if (!bytes->has_value()) return found;
    auto row = decode_case_key_row(**bytes);
    if (!row) return row.error();
    found.row = std::move(*row);
    return found;
  }

  Result<CaseKey> unwrap(CaseId case_id, const StoredKey& found) {
    const auto& row = *found.row;
    const auto plain = cipher_.open(wrapping_, wrap_data(case_id, row.generation), row.wrapped);
    if (!plain || plain->size() != sizeof(CaseKey::bytes)) {
      return Error{Errc::corrupt, "the key of " + case_id.str() + " cannot be opened with this installation key"};
    }
    CaseKey key;
    key.generation = row.generation;
    std::memcpy(key.bytes.data(), plain->data(), key.bytes.size());
    const std::lock_guard lock(mutex_);
    if (destructions_ == found.destructions) cache_.put(case_id, key);
    return key;
  }

  Database& keys_;
  Cipher cipher_;
  SecretKey wrapping_;
  SecretKey documents_;
  SecretKey lookups_;
  SecretKey case_ids_;
  KeyedHasher lookup_hasher_;
  KeyedHasher case_id_hasher_;
  std::mutex mutex_;
  BoundedCache<CaseId, CaseKey> cache_;
  std::uint64_t destructions_ = 0;
  KeyStock stock_;
};

Vault::Vault(const InstallationKey& key, Database& keys) : impl_(std::make_unique<Impl>(key.bytes_, keys)) {}
Vault::~Vault() = default;

Result<Vault::CaseKey> Vault::key_for_writing(CaseId case_id, NewKeys& fresh) { return impl_->for_writing(case_id, fresh); }
Status Vault::store(const NewKeys& fresh) { return impl_->store(fresh); }
std::vector<Vault::WrappedKey> Vault::wrap(const NewKeys& fresh) const { return impl_->wrap(fresh); }
void Vault::remember(const NewKeys& stored) { impl_->remember(stored); }
Status Vault::store(const std::vector<WrappedKey>& keys) { return impl_->write(keys); }
Status Vault::destroy_case_key(CaseId case_id) { return impl_->destroy(case_id); }
Status Vault::purge_destroyed() { return impl_->purge(); }
void Vault::forget_cached() { impl_->forget(); }
Status Vault::recover() { return impl_->recover(); }

Result<std::string> Vault::seal_event(const CaseKey& key, const EventPlace& place, std::string_view plain) const {
  return impl_->cipher().seal(key.bytes, event_data(place), plain);
}
Result<std::string> Vault::open_event(CaseKeyGeneration generation, const EventPlace& place,
                                      std::string_view sealed) const {
  const auto key = impl_->for_reading(place.case_id, generation);
  if (!key) return key.error();
  return impl_->cipher().open(key->bytes, event_data(place), sealed);
}
Result<std::string> Vault::seal_commit(const CaseKey& key, const CommitPlace& place, std::string_view plain) const {
  return impl_->cipher().seal(key.bytes, commit_data(place), plain);
}
Result<std::string> Vault::open_commit(CaseKeyGeneration generation, const CommitPlace& place, std::string_view sealed) const {
  const auto key = impl_->for_reading(place.case_id, generation);
  if (!key) return key.error();
  return impl_->cipher().open(key->bytes, commit_data(place), sealed);
}
Result<std::string> Vault::seal_view(const CaseKey& key, const ViewPlace& place, std::string_view plain) const {
  return impl_->cipher().seal(key.bytes, view_data(place), plain);
}
Result<std::string> Vault::open_view(CaseKeyGeneration generation, const ViewPlace& place,
                                     std::string_view sealed) const {
  const auto key = impl_->for_reading(place.case_id, generation);
  if (!key) return key.error();
  return impl_->cipher().open(key->bytes, view_data(place), sealed);
}
Result<std::string> Vault::seal_document(const DocumentPlace& place, std::string_view plain) const {
  return impl_->cipher().seal(impl_->documents_key(), document_data(place), plain);
}
Result<std::string> Vault::open_document(const DocumentPlace& place, std::string_view sealed) const {
  return impl_->cipher().open(impl_->documents_key(), document_data(place), sealed);
}

KeyedHash Vault::lookup_hash(const LookupKey& key) const {
  const auto text = static_cast<char>(key.kind) + key.text;
  const auto digest = impl_->lookup_hasher().of(text);
  KeyedHash hash{};
  std::copy_n(digest.begin(), hash.size(), hash.begin());
  return hash;
}

CaseId Vault::case_id_for(std::string_view person_key) const {
  const auto digest = impl_->case_id_hasher().of(person_key);
  const auto value = ByteReader(view_of(digest)).u64();
  // Zero means "no case" everywhere; the one digest that gives it is mapped to one.
  return CaseId(value == 0 ? 1 : value);
}

}  // namespace dunlin
