#include "storage/database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstdarg>
#include <system_error>
#include <utility>

#include "storage/key_space.hpp"

namespace dunlin {
namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

Error error_of(const rocksdb::Status& status, const std::filesystem::path& path) {
  const auto text = status.ToString();
  const auto where = path.string();
  if (status.IsIOError() && text.find("lock") != std::string::npos && text.find("LOCK") != std::string::npos) {
    return {Errc::conflict, "another dunlind uses this folder: " + where};
  }
  if (status.IsNoSpace()) return {Errc::exhausted, "no space left on the disk of " + where};
  if (status.IsCorruption()) {
    return {Errc::corrupt, "damaged files in " + where + " (" + text + "): restore a backup or re-seed the node"};
  }
  if (status.IsInvalidArgument() || status.IsNotFound()) {
    return {Errc::corrupt, where + " is not a usable database (" + text + ")"};
  }
  return {Errc::unavailable, "the disk refuses " + where + " (" + text + ")"};
}

/// RocksDB's own diary goes nowhere: its file logger ends the process (a failed assertion in the 7.8 of Debian 12) when
/// the disk refuses it a second time, which is exactly when the node must live on. Errors reach us as statuses.
class NoDiary final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

/// The part of a lookup's key that is asked for (key_space::lookup_prefix): filters answer for it when nobody has the
/// phone or the name, without a search. Its name stands in the table files: another part needs another name.
class LookupPart final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "dunlin.lookup"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), key_space::lookup_prefix_size}; }
  bool InDomain(const rocksdb::Slice& key) const override { return key_space::begins_with_lookup(view(key)); }
};

rocksdb::Options engine_options(const DatabaseOptions& options) {
  rocksdb::Options engine;
  engine.create_if_missing = options.may_create;
  engine.write_buffer_size = options.write_buffer_bytes;
  engine.max_background_jobs = 2;
  engine.max_open_files = 512;
  // Batches come in key order: the place of a space's and kind's last row is remembered, so that the next row of the kind
  // is found from there and not from the top of the whole memtable.
  engine.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(key_space::kind_prefix_size));
  // New cases are asked for by keys that are not there: a filter answers that without a search.
  engine.memtable_prefix_bloom_size_ratio = 0.02;
  engine.memtable_whole_key_filtering = true;
  engine.prefix_extractor = std::make_shared<LookupPart>();
  // As many bytes wait in the first level as the second may hold: the fewer times an import writes the second level anew.
  engine.level0_file_num_compaction_trigger = 8;
  engine.info_log = std::make_shared<NoDiary>();
  // Most bytes are ciphertext, and files of the first two levels are soon written anew: only what stays is worth compressing.
  engine.compression_per_level.assign(static_cast<std::size_t>(engine.num_levels), rocksdb::kLZ4Compression);
  std::fill_n(engine.compression_per_level.begin(), 2, rocksdb::kNoCompression);
  // A record that was torn by the crash itself is cut off; damage in the middle of the log is an error.
  engine.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  engine.paranoid_checks = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  engine.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return engine;
}

/// Rows in key order wherever they stand; without this an iterator may see no further than the prefix it was put at.
rocksdb::ReadOptions in_key_order() {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return options;
}

/// Nothing below `lower` is looked at; it must live as long as the iterator.
rocksdb::ReadOptions backwards_to(const rocksdb::Slice& lower) {
  auto options = in_key_order();
  options.iterate_lower_bound = &lower;
  return options;
}

}  // namespace

struct WriteBatch::Impl {
  rocksdb::WriteBatch batch;
};

WriteBatch::WriteBatch() : impl_(std::make_unique<Impl>()) {}
WriteBatch::~WriteBatch() = default;
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;
WriteBatch& WriteBatch::operator=(WriteBatch&&) noexcept = default;

// Adding to a batch in memory fails only beyond 4 GiB, which the journal's bounds exclude.
void WriteBatch::put(std::string_view key, std::string_view value) {
  impl_->batch.Put(slice(key), slice(value)).PermitUncheckedError();
}
void WriteBatch::erase(std::string_view key) { impl_->batch.Delete(slice(key)).PermitUncheckedError(); }
void WriteBatch::clear() { impl_->batch.Clear(); }
std::size_t WriteBatch::bytes() const { return impl_->batch.GetDataSize(); }
bool WriteBatch::is_empty() const { return impl_->batch.Count() == 0; }

struct TableFile::Impl {
  explicit Impl(std::filesystem::path file) : path(std::move(file)), writer(rocksdb::EnvOptions(), engine_options({})) {}
  std::filesystem::path path;
  rocksdb::SstFileWriter writer;

  Status after(const rocksdb::Status& status) const {
    if (!status.ok()) return error_of(status, path);
    return Done{};
  }
};

TableFile::TableFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TableFile::~TableFile() = default;

Result<std::unique_ptr<TableFile>> TableFile::create(const std::filesystem::path& path) {
  auto impl = std::make_unique<Impl>(path);
  const auto status = impl->writer.Open(path.string());
  if (!status.ok()) return error_of(status, path);
  return std::unique_ptr<TableFile>(new TableFile(std::move(impl)));
}

Status TableFile::put(std::string_view key, std::string_view value) { return impl_->after(impl_->writer.Put(slice(key), slice(value))); }
Status TableFile::erase(std::string_view key) { return impl_->after(impl_->writer.Delete(slice(key))); }
Status TableFile::erase_range(std::string_view from, std::string_view to) { return impl_->after(impl_->writer.DeleteRange(slice(from), slice(to))); }
Status TableFile::finish() { return impl_->after(impl_->writer.Finish()); }
const std::filesystem::path& TableFile::path() const { return impl_->path; }

struct Database::Impl {
  std::filesystem::path path;
  std::unique_ptr<rocksdb::DB> db;

  Result<std::optional<KeyValue>> row_at(const rocksdb::Iterator& rows, std::string_view prefix) const {
    if (!rows.status().ok()) return error_of(rows.status(), path);
    if (!rows.Valid() || !rows.key().starts_with(slice(prefix))) return std::optional<KeyValue>();
    return std::optional<KeyValue>(KeyValue{rows.key().ToString(), rows.value().ToString()});
  }
};

struct Database::Snapshot::Impl {
  rocksdb::DB* db = nullptr;
  const rocksdb::Snapshot* snapshot = nullptr;
  ~Impl() { db->ReleaseSnapshot(snapshot); }
};

Database::Snapshot::Snapshot(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Snapshot::~Snapshot() = default;
Database::Snapshot::Snapshot(Snapshot&&) noexcept = default;

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  std::error_code failure;
  if (options.may_create) std::filesystem::create_directories(options.path, failure);
  if (failure) {
    return Error{Errc::unavailable, "cannot make the folder " + options.path.string() + ": " + failure.message()};
  }
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::Open(engine_options(options), options.path.string(), &raw);
  auto impl = std::make_unique<Impl>();
  impl->path = options.path;
  impl->db.reset(raw);
  if (!status.ok()) return error_of(status, options.path);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

const std::filesystem::path& Database::path() const { return impl_->path; }

Database::Snapshot Database::snapshot() const {
  auto held = std::make_unique<Snapshot::Impl>();
  held->db = impl_->db.get();
  held->snapshot = impl_->db->GetSnapshot();
  return Snapshot(std::move(held));
}

Status Database::write(const WriteBatch& batch, Durability durability) {
  // RocksDB counts every comparison for a diary nobody reads; with thousands of rows in a batch that is felt.
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::synced;
  const auto status = impl_->db->Write(options, &batch.impl_->batch);
  if (!status.ok()) return error_of(status, impl_->path);
  return Done{};
}

Status Database::take_in(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.string());
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  const auto status = impl_->db->IngestExternalFile(names, options);
  if (!status.ok()) return error_of(status, impl_->path);
  return Done{};
}

Result<std::optional<std::string>> Database::get(std::string_view key) const {
  std::string value;
  const auto status = impl_->db->Get(rocksdb::ReadOptions(), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return error_of(status, impl_->path);
  return std::optional<std::string>(std::move(value));
}

Status Database::scan(const Range& range, const Visitor& visit) const {
  auto options = in_key_order();
  const rocksdb::Slice bound = slice(range.to);
  if (!range.to.empty()) options.iterate_upper_bound = &bound;
  if (range.snapshot != nullptr) options.snapshot = range.snapshot->impl_->snapshot;
  const std::unique_ptr<rocksdb::Iterator> rows(impl_->db->NewIterator(options));
  for (rows->Seek(slice(range.from)); rows->Valid(); rows->Next()) {
    if (!visit(view(rows->key()), view(rows->value()))) break;
  }
  if (!rows->status().ok()) return error_of(rows->status(), impl_->path);
  return Done{};
}

Status Database::scan_prefix(std::string_view prefix, const Visitor& visit) const {
  const auto end = key_space::after_prefix(prefix);
  return scan({.from = prefix, .to = end}, visit);
}

Status Database::scan_prefixes(const std::vector<std::string>& prefixes,
                               const std::function<bool(std::size_t index, std::string_view key)>& visit) const {
  // One iterator for all, moved in key order: making one costs more than a seek does. It stays within each prefix, so that
  // a lookup's filter may answer.
  std::vector<std::size_t> order(prefixes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&prefixes](std::size_t a, std::size_t b) { return prefixes[a] < prefixes[b]; });
  const std::unique_ptr<rocksdb::Iterator> rows(impl_->db->NewIterator(rocksdb::ReadOptions()));
  for (const std::size_t index : order) {
    const rocksdb::Slice prefix = slice(prefixes[index]);
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      if (!visit(index, view(rows->key()))) break;
    }
    if (!rows->status().ok()) return error_of(rows->status(), impl_->path);
  }
  return Done{};
}

Result<std::optional<KeyValue>> Database::last_of_prefix(std::string_view prefix) const {
  const auto end = key_space::after_prefix(prefix);
  const rocksdb::Slice lower = slice(prefix);
  const std::unique_ptr<rocksdb::Iterator> rows(impl_->db->NewIterator(backwards_to(lower)));
  if (end.empty()) {
    rows->SeekToLast();
  } else {
    rows->SeekForPrev(slice(end));
    if (rows->Valid() && view(rows->key()) == end) rows->Prev();
  }
  return impl_->row_at(*rows, prefix);
}

Result<std::optional<KeyValue>> Database::last_of_prefix(std::string_view prefix, std::string_view key) const {
  const rocksdb::Slice lower = slice(prefix);
  const std::unique_ptr<rocksdb::Iterator> rows(impl_->db->NewIterator(backwards_to(lower)));
  rows->SeekForPrev(slice(key));
  return impl_->row_at(*rows, prefix);
}

Result<bool> Database::is_empty() const {
  bool found = false;
  const auto scanned = scan({}, [&found](std::string_view, std::string_view) {
    found = true;
    return false;
  });
  if (!scanned) return scanned.error();
  return !found;
}

Status Database::verify() const {
  const auto status = impl_->db->VerifyChecksum();
  if (!status.ok()) return error_of(status, impl_->path);
  return Done{};
}

Status Database::checkpoint(const std::filesystem::path& target) const {
  rocksdb::Checkpoint* raw = nullptr;
  auto status = rocksdb::Checkpoint::Create(impl_->db.get(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> maker(raw);
  if (status.ok()) status = maker->CreateCheckpoint(target.string());
  if (!status.ok()) return error_of(status, target);
  return Done{};
}

Status Database::purge(std::string_view from, std::string_view to) {
  auto status = impl_->db->Flush(rocksdb::FlushOptions());
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  const rocksdb::Slice first = slice(from);
  const rocksdb::Slice last = slice(to);
  if (status.ok()) {
    status = impl_->db->CompactRange(options, from.empty() ? nullptr : &first, to.empty() ? nullptr : &last);
  }
  if (!status.ok()) return error_of(status, impl_->path);
  return Done{};
}

Status Database::sync() {
  const auto status = impl_->db->FlushWAL(true);
  if (!status.ok()) return error_of(status, impl_->path);
  return Done{};
}

Status Database::recover() {
  const auto status = impl_->db->Resume();
  if (!status.ok()) return error_of(status, impl_->path);
  return Done{};
}

}  // namespace dunlin
