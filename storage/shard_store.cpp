#include "storage/shard_store.hpp"

#include <utility>

#include "core/base/check.hpp"
#include "storage/cipher.hpp"
#include "storage/key_space.hpp"
#include "storage/shipped_rows.hpp"

namespace dunlin {
namespace {

/// 256 shards of them keep as many versions as the journal of a single node.
constexpr std::size_t cached_versions_of_a_shard = 1'024;

}  // namespace

struct ShardStore::Shard {
  Shard(Database& database, Vault& vault) : stager(database, vault, rows, cached_versions_of_a_shard) {}

  std::mutex mutex;
  StagedRows rows;
  CommitStager stager;
  std::optional<ShardHead> applied;        ///< As the database has it.
  bool has_head = false;                   ///< The stager knows where the shard's history ends.
  std::string staged;                      ///< The rows handed out, to be recognised when they stand; empty: none.

  void forget() {
    rows.clear();
    stager.forget();
    staged.clear();
    has_head = false;
    applied.reset();
  }
};

ShardStore::ShardStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}
ShardStore::~ShardStore() = default;

ShardStore::Shard& ShardStore::at(ShardIndex shard) {
  DUNLIN_CHECK(shard < shard_count);
  const std::lock_guard lock(mutex_);
  if (!shards_[shard]) shards_[shard] = std::make_unique<Shard>(database_, vault_);
  return *shards_[shard];
}

Result<ShardHead> ShardStore::applied(ShardIndex shard) {
  if (is_refused_) {
    const auto recovered = database_.recover();
    if (!recovered) return recovered.error();
    const auto keys_recovered = vault_.recover();
    if (!keys_recovered) return keys_recovered.error();
    is_refused_ = false;
  }
  Shard& state = at(shard);
  const std::lock_guard lock(state.mutex);
  return applied_of(shard, state);
}

Result<ShardHead> ShardStore::applied_of(ShardIndex shard, Shard& state) {
  if (state.applied) return *state.applied;
  const auto bytes = database_.get(key_space::applied_batch(shard));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return state.applied.emplace();
  auto row = decode_meta_row(**bytes);
  if (!row) return Error{row.error().code, "the position of shard " + std::to_string(shard) + ": " + row.error().detail};
  auto head = decode_shard_head(row->value);
  if (!head) return Error{head.error().code, "the position of shard " + std::to_string(shard) + ": " + head.error().detail};
  return state.applied.emplace(*head);
}

Result<StagedBatch> ShardStore::stage(ShardIndex shard, const std::vector<const CommitRequest*>& commits) {
  Shard& state = at(shard);
  const std::lock_guard lock(state.mutex);
  DUNLIN_CHECK(state.rows.is_empty() && state.staged.empty());
  if (!state.has_head) {
    const auto loaded = state.stager.load(shard);
    if (!loaded) return loaded.error();
    state.has_head = true;
  }
  StagedBatch batch;
  for (const auto* commit : commits) {
    if (shard_of(commit->case_id) != shard) {
      batch.receipts.push_back(invalid_input(commit->case_id.str() + " is not of shard " + std::to_string(shard)));
      continue;
    }
    batch.receipts.push_back(state.stager.add(*commit));
    if (!batch.receipts.back()) continue;
    for (const LineMark& line : commit->lines) {
      const auto hash = vault_.lookup_hash({LookupKind::phone, "line " + line.number});
      (line.is_taken ? batch.lines_taken : batch.lines_freed).push_back({to_hex(view_of(hash)), line.attempt});
    }
  }
  if (state.rows.is_empty()) return batch;
  state.stager.stage_heads();
  state.staged = encode_shipped(vault_.wrap(state.stager.fresh_keys()), state.rows);
  batch.rows = state.staged;
  return batch;
}

Status ShardStore::apply(ShardIndex shard, const ShardHead& head, const std::string& rows) {
  Shard& state = at(shard);
  const std::lock_guard lock(state.mutex);
  const auto before = applied_of(shard, state);
  if (!before) return before.error();
  const std::string place = "batch " + std::to_string(head.sequence) + " of shard " + std::to_string(shard);
  if (head.sequence < before->sequence || head == *before) return Done{};
  if (head.sequence == before->sequence) return Error{Errc::corrupt, place + " is another one here"};
  if (head.sequence != before->sequence + 1) {
    return Error{Errc::conflict, place + " leaves a gap: the store has " + std::to_string(before->sequence)};
  }
  const auto written = write(shard, head, rows);
  if (!written) {
    // What the disk holds now is not known: everything is read anew.
    state.forget();
    const bool is_disk = written.error().code == Errc::unavailable || written.error().code == Errc::exhausted;
    is_refused_ = is_refused_ || is_disk;
    return is_disk ? Status(Error{Errc::unavailable, written.error().detail}) : written;
  }
  const bool is_own = !rows.empty() && rows == state.staged;
  state.applied = head;
  state.rows.clear();
  state.staged.clear();
  if (!is_own) {
    state.stager.forget();
    state.has_head = false;
    return Done{};
  }
  listeners_.tell(state.stager.accept());
  return Done{};
}

Status ShardStore::write(ShardIndex shard, const ShardHead& head, const std::string& rows) {
  WriteBatch batch;
  if (!rows.empty()) {
    const auto shipped = decode_shipped(shard, rows);
    if (!shipped) return Error{shipped.error().code, "shard " + std::to_string(shard) + ": " + shipped.error().detail};
    const auto stored = vault_.store(shipped->keys);
    if (!stored) return stored;
    for (const auto& row : shipped->rows) {
      if (row.is_erased) batch.erase(row.key);
      else batch.put(row.key, row.value);
    }
  }
  batch.put(key_space::applied_batch(shard), encode(MetaRow{encode(head)}));
  return database_.write(batch, Durability::lazy);
}

void ShardStore::drop(ShardIndex shard) {
  Shard& state = at(shard);
  const std::lock_guard lock(state.mutex);
  state.rows.clear();
  state.staged.clear();
  state.stager.discard();
}

Status ShardStore::replaceable(ShardIndex shard, Shard& state, const ShardHead& position) {
  const std::string place = "the copy of shard " + std::to_string(shard) + " at batch " + std::to_string(position.sequence);
  if (!state.staged.empty()) return Error{Errc::conflict, place + " comes while this node commits to the shard"};
  const auto here = applied_of(shard, state);
  if (!here && here.error().code != Errc::corrupt) return here.error();
  if (here && (here->sequence > position.sequence || *here == position)) {
    return Error{Errc::conflict, place + " brings nothing new: this store is at batch " + std::to_string(here->sequence)};
  }
  return Done{};
}

Status ShardStore::check_replaceable(ShardIndex shard, const ShardHead& position) {
  Shard& state = at(shard);
  const std::lock_guard lock(state.mutex);
  return replaceable(shard, state, position);
}

Status ShardStore::replace(ShardIndex shard, const ShardHead& position, const std::function<Status()>& write) {
  Shard& state = at(shard);
  const std::lock_guard lock(state.mutex);
  const auto usable = replaceable(shard, state, position);
  if (!usable) return usable;
  const auto written = write();
  state.forget();
  return written;
}

Status ShardStore::sync() { return database_.sync(); }

}  // namespace dunlin
