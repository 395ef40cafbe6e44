#include "storage/shard_copy.hpp"

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "storage/attempt_index.hpp"
#include "storage/chain_check.hpp"
#include "storage/cipher.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {
namespace {

/// Node-wide rows kept in memory until they become a file.
constexpr std::size_t rows_per_file = 50'000;
/// Between two looks at the room on the disk.
constexpr std::uint64_t bytes_per_room_check = 4u << 20;

std::string start_of(ShardIndex shard, CopyPart part) {
  const auto any_key = part == CopyPart::keys ? key_space::case_key(CaseId(shard)) : key_space::head(shard);
  return any_key.substr(0, part == CopyPart::keys ? key_space::kind_prefix_size : key_space::kind_prefix_size - 1);
}

/// Rows in any order that become files, each sorted: what comes later stands in a later file.
class SortedFiles {
 public:
  SortedFiles(std::filesystem::path folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) {}

  Status put(std::string key, std::optional<std::string> value) {
    rows_[std::move(key)] = std::move(value);
    return rows_.size() < rows_per_file ? Status(Done{}) : flush();
  }
  Status flush() {
    if (rows_.empty()) return Done{};
    auto file = TableFile::create(folder_ / (name_ + std::to_string(files_.size()) + ".sst"));
    if (!file) return file.error();
    for (const auto& [key, value] : rows_) {
      const auto written = value ? (*file)->put(key, *value) : (*file)->erase(key);
      if (!written) return written;
    }
    rows_.clear();
    files_.push_back((*file)->path());
    return (*file)->finish();
  }
  const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  std::filesystem::path folder_;
  std::string name_;
  std::map<std::string, std::optional<std::string>> rows_;
  std::vector<std::filesystem::path> files_;
};

/// The rows under node-wide keys that a row of the shard stands for.
Result<std::map<std::string, std::string>> node_rows_of(std::string_view key, std::string_view value) {
  auto rows = node_rows_of_attempt(key, value);
  const auto case_id = key_space::case_of(key);
  if (!case_id || key != key_space::case_lookups(*case_id)) return rows;
  const auto lookups = decode_case_lookups_row(value);
  if (!lookups) return Error{lookups.error().code, case_id->str() + ": " + lookups.error().detail};
  for (const auto& lookup : lookups->lookups) rows[key_space::lookup(lookup.kind, lookup.hash, *case_id)] = {};
  return rows;
}

}  // namespace

CopyDigest digest_after(const CopyDigest& before, std::string_view piece) { return Hasher().of(view_of(before), piece); }

ShardCopyReader::ShardCopyReader(const Database& history, const Database& keys, ShardIndex shard)
    : history_(history), keys_(keys), shard_(shard), snapshot_(history.snapshot()), from_(start_of(shard, CopyPart::keys)) {}

/// True: there is more of this part. Keys are read as they are now: those of the snapshot's rows are among them.
Result<bool> ShardCopyReader::fill(std::string& bytes, std::size_t about_bytes) {
  const auto end = key_space::after_prefix(start_of(shard_, part_));
  const auto position = key_space::applied_batch(shard_);
  bool has_more = false;
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (key == position) return true;
    has_more = bytes.size() >= about_bytes;
    if (has_more) from_ = key;
    else add_copied(bytes, key, value);
    return !has_more;
  };
  const bool is_history = part_ == CopyPart::rows;
  const Status scanned = (is_history ? history_ : keys_).scan({.from = from_, .to = end, .snapshot = is_history ? &snapshot_ : nullptr}, visit);
  return scanned ? Result<bool>(has_more) : scanned.error();
}

Result<CopyPiece> ShardCopyReader::next(std::size_t about_bytes) {
  CopyPiece piece{begin_copied(part_), {}, false};
  const auto has_more = fill(piece.bytes, about_bytes);
  if (!has_more) return has_more.error();  // Asked for again, it is the same piece: nothing was passed over.
  if (!*has_more) {
    piece.is_last = part_ == CopyPart::rows;
    part_ = CopyPart::rows;
    from_ = start_of(shard_, part_);
  }
  digest_ = digest_after(digest_, piece.bytes);
  piece.digest = digest_;
  return piece;
}

struct ShardCopyWriter::Parts {
  Parts(Database& history_database, Database& key_database, Vault& the_vault, ShardStore& store, ShardIndex index, ShardHead head,
        std::filesystem::path stage, std::uint64_t min_free)
      : history(history_database), keys(key_database), vault(the_vault), shards(store), shard(index), position(std::move(head)),
        folder(std::move(stage)), min_free_bytes(min_free), chain(index), node_rows(folder, "node-") {}
  ~Parts() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  Status check_room() const;
  Status open(std::unique_ptr<TableFile>& file, const char* name) const;
  Status take_keys(const CopiedRows& piece);
  Status take_rows(const CopiedRows& piece);
  Status put_position();
  Status erase_former(std::vector<std::filesystem::path>& files) const;
  Status take_in();

  Database& history;
  Database& keys;
  Vault& vault;
  ShardStore& shards;
  const ShardIndex shard;
  const ShardHead position;
  const std::filesystem::path folder;
  const std::uint64_t min_free_bytes;
  ChainCheck chain;
  SortedFiles node_rows;
  std::unique_ptr<TableFile> key_file;      ///< Made by the first key.
  std::unique_ptr<TableFile> row_file;      ///< Made by the first row, or by the end.
  std::string last_key;
  bool has_position = false;
  std::uint64_t bytes_since_check = bytes_per_room_check;
};

Status ShardCopyWriter::Parts::check_room() const {
  std::error_code failure;
  const auto space = std::filesystem::space(folder, failure);
  if (failure) return Error{Errc::unavailable, "cannot measure the disk of " + folder.string() + ": " + failure.message()};
  if (space.available >= min_free_bytes) return Done{};
  return Error{Errc::exhausted, "no room for a shard's copy: the disk of " + folder.string() + " has " + std::to_string(space.available >> 20) +
                                    " MiB free, " + std::to_string(min_free_bytes >> 20) + " MiB must stay free"};
}

Status ShardCopyWriter::Parts::open(std::unique_ptr<TableFile>& file, const char* name) const {
  if (file) return Done{};
  auto made = TableFile::create(folder / name);
  if (!made) return made.error();
  file = std::move(*made);
  return Done{};
}

Status ShardCopyWriter::Parts::take_keys(const CopiedRows& piece) {
  if (row_file) return Error{Errc::corrupt, "a piece of a shard's copy brings keys behind its rows"};
  for (const auto& row : piece.rows) {
    if (const auto opened = open(key_file, "keys.sst"); !opened) return opened;
    if (const auto written = key_file->put(row.key, row.value); !written) return written;
  }
  return Done{};
}

/// The position stands among the rows, in its place in the order.
Status ShardCopyWriter::Parts::put_position() {
  const auto key = key_space::applied_batch(shard);
  if (has_position || last_key < key) return Done{};
  has_position = true;
  return row_file->put(key, encode(MetaRow{encode(position)}));
}

Status ShardCopyWriter::Parts::take_rows(const CopiedRows& piece) {
  if (const auto opened = open(row_file, "rows.sst"); !opened) return opened;
  for (const auto& row : piece.rows) {
    if (row.key <= last_key) return Error{Errc::corrupt, "a piece of a shard's copy is not in order"};
    last_key = row.key;
    if (const auto placed = put_position(); !placed) return placed;
    if (const auto chained = chain.take(row.key, row.value); !chained) return chained;
    if (const auto written = row_file->put(row.key, row.value); !written) return written;
    auto others = node_rows_of(row.key, row.value);
    if (!others) return others.error();
    for (auto& [key, value] : *others) {
      if (const auto kept = node_rows.put(key, std::move(value)); !kept) return kept;
    }
  }
  return Done{};
}

/// What the store has of the shard now goes, its node-wide rows too. These files are the first, so that the copy's rows stay.
Status ShardCopyWriter::Parts::erase_former(std::vector<std::filesystem::path>& files) const {
  const auto prefix = start_of(shard, CopyPart::rows);
  SortedFiles erased(folder, "former-");
  Status done = Done{};
  bool has_former = false;
  const auto scanned = history.scan_prefix(prefix, [&](std::string_view key, std::string_view value) {
    has_former = true;
    // A damaged row of the former copy names nothing that could be erased.
    const auto others = node_rows_of(key, value);
    if (!others) return true;
    for (const auto& each : *others) {
      done = erased.put(each.first, std::nullopt);
      if (!done) return false;
    }
    return true;
  });
  if (!done) return done;
  if (!scanned || !has_former) return scanned;
  if (const auto flushed = erased.flush(); !flushed) return flushed;
  files = erased.files();
  std::unique_ptr<TableFile> range;
  if (const auto opened = open(range, "former.sst"); !opened) return opened;
  if (const auto written = range->erase_range(prefix, key_space::after_prefix(prefix)); !written) return written;
  files.push_back(range->path());
  return range->finish();
}

/// Keys first: a row must never be there without the key it needs.
Status ShardCopyWriter::Parts::take_in() {
  std::vector<std::filesystem::path> files;
  if (const auto former = erase_former(files); !former) return former;
  files.push_back(row_file->path());
  files.insert(files.end(), node_rows.files().begin(), node_rows.files().end());
  if (key_file) {
    const auto taken = keys.take_in({key_file->path()});
    vault.forget_cached();
    if (!taken) return taken;
  }
  return history.take_in(files);
}

ShardCopyWriter::ShardCopyWriter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ShardCopyWriter::~ShardCopyWriter() = default;

Status ShardCopyWriter::take(std::string_view piece) {
  const auto decoded = decode_copied(parts_->shard, piece);
  if (!decoded) return decoded.error();
  bytes_ += piece.size();
  digest_ = digest_after(digest_, piece);
  parts_->bytes_since_check += piece.size();
  if (parts_->bytes_since_check >= bytes_per_room_check) {
    parts_->bytes_since_check = 0;
    if (const auto room = parts_->check_room(); !room) return room;
  }
  return decoded->part == CopyPart::keys ? parts_->take_keys(*decoded) : parts_->take_rows(*decoded);
}

Status ShardCopyWriter::finish(const CopyDigest& digest) {
  if (digest != digest_) return Error{Errc::corrupt, "the copy of shard " + std::to_string(parts_->shard) + " is not what its source sent: another digest"};
  if (const auto whole = parts_->chain.finish(); !whole) return whole;
  if (const auto opened = parts_->open(parts_->row_file, "rows.sst"); !opened) return opened;
  parts_->last_key = key_space::after_prefix(start_of(parts_->shard, CopyPart::rows));
  if (const auto placed = parts_->put_position(); !placed) return placed;
  for (auto* file : {parts_->key_file.get(), parts_->row_file.get()}) {
    if (file == nullptr) continue;
    if (const auto finished = file->finish(); !finished) return finished;
  }
  if (const auto flushed = parts_->node_rows.flush(); !flushed) return flushed;
  return parts_->shards.replace(parts_->shard, parts_->position, [this] { return parts_->take_in(); });
}

ShardCopies::ShardCopies(Database& history, Database& keys, Vault& vault, ShardStore& shards, std::filesystem::path folder, std::uint64_t min_free_bytes)
    : history_(history), keys_(keys), vault_(vault), shards_(shards), folder_(std::move(folder)), min_free_bytes_(min_free_bytes) {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<ShardCopyReader>> ShardCopies::read(ShardIndex shard) const {
  std::unique_ptr<ShardCopyReader> reader(new ShardCopyReader(history_, keys_, shard));
  const auto key = key_space::applied_batch(shard);
  Result<ShardHead> position = Error{Errc::not_found, "no batch of shard " + std::to_string(shard) + " is here"};
  const auto scanned = history_.scan({.from = key, .to = key_space::after_prefix(key), .snapshot = &reader->snapshot_}, [&](std::string_view, std::string_view value) {
    const auto row = decode_meta_row(value);
    position = row ? decode_shard_head(row->value) : Result<ShardHead>(row.error());
    return false;
  });
  if (!scanned) return scanned.error();
  if (!position) return position.error();
  reader->position_ = *position;
  return reader;
}

Result<std::unique_ptr<ShardCopyWriter>> ShardCopies::write(ShardIndex shard, const ShardHead& position) {
  const auto folder = folder_ / std::to_string(shard);
  std::error_code failure;
  std::filesystem::remove_all(folder, failure);
  if (!failure) std::filesystem::create_directories(folder, failure);
  if (failure) return Error{Errc::unavailable, "cannot make the folder " + folder.string() + ": " + failure.message()};
  const auto usable = shards_.check_replaceable(shard, position);
  if (!usable) return usable.error();
  return std::unique_ptr<ShardCopyWriter>(new ShardCopyWriter(
      std::make_unique<ShardCopyWriter::Parts>(history_, keys_, vault_, shards_, shard, position, folder, min_free_bytes_)));
}

}  // namespace dunlin
