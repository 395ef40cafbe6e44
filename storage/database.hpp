#pragma once
// The one door to RocksDB 7.8: open, batch write, get, scan, snapshot, checkpoint. No RocksDB type leaves it.
// Thread safe. Errors: conflict (another process holds the folder), corrupt (damaged files), exhausted (disk full),
// unavailable (any other refusal of the disk); the detail names the folder.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

struct DatabaseOptions {
  std::filesystem::path path;
  bool may_create = true;
  std::uint64_t cache_bytes = 64u << 20;
  std::uint64_t write_buffer_bytes = 32u << 20;
};

/// Changes applied all or nothing, in the order given.
class WriteBatch {
 public:
  WriteBatch();
  ~WriteBatch();
  WriteBatch(WriteBatch&&) noexcept;
  WriteBatch& operator=(WriteBatch&&) noexcept;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  void clear();
  std::size_t bytes() const;
  bool is_empty() const;

 private:
  friend class Database;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class Durability {
  synced,  ///< On disk when the call returns.
  lazy,    ///< Survives the process, not the machine.
};

struct KeyValue {
  std::string key;
  std::string value;
};

/// Rows written to a file of their own, to be taken into a database with other such files in one step (Database::take_in).
/// One thread. A full disk gives exhausted; what is left of an unfinished file is its owner's to delete.
class TableFile {
 public:
  static Result<std::unique_ptr<TableFile>> create(const std::filesystem::path& path);
  ~TableFile();

  /// Keys strictly ascending, puts and erases together: corrupt otherwise.
  Status put(std::string_view key, std::string_view value);
  Status erase(std::string_view key);
  /// Everything the database holds from `from` up to `to`, exclusive; rows of this file are not meant.
  Status erase_range(std::string_view from, std::string_view to);
  /// On the disk when it returns. A file without anything in it cannot be finished: corrupt.
  Status finish();
  const std::filesystem::path& path() const;

 private:
  struct Impl;
  explicit TableFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();

  const std::filesystem::path& path() const;

  /// A consistent moment to read from; must not outlive the database.
  class Snapshot {
   public:
    ~Snapshot();
    Snapshot(Snapshot&&) noexcept;
    Snapshot& operator=(Snapshot&&) = delete;

   private:
    friend class Database;
    struct Impl;
    explicit Snapshot(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
  };
  Snapshot snapshot() const;

  Status write(const WriteBatch& batch, Durability durability);
  /// Takes in all files or none, on the disk when it returns; where two have one key, the later file's row stays. The files
  /// may be moved away.
  Status take_in(const std::vector<std::filesystem::path>& files);
  /// nullopt when the key is absent.
  Result<std::optional<std::string>> get(std::string_view key) const;

  struct Range {
    std::string_view from;               ///< First key, inclusive.
    std::string_view to;                 ///< End, exclusive; empty: to the end.
    const Snapshot* snapshot = nullptr;  ///< Null: the present moment.
  };
  /// Visits in key order until the visitor returns false. The views live for the length of the visit.
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;
  Status scan(const Range& range, const Visitor& visit) const;
  Status scan_prefix(std::string_view prefix, const Visitor& visit) const;
  /// Visits the keys of every prefix, each with the prefix's index, until the visitor returns false for that prefix. Read
  /// from one moment, in any order of prefixes.
  Status scan_prefixes(const std::vector<std::string>& prefixes,
                       const std::function<bool(std::size_t index, std::string_view key)>& visit) const;
  /// The greatest key of the prefix.
  Result<std::optional<KeyValue>> last_of_prefix(std::string_view prefix) const;
  /// The greatest key of the prefix that is not above `key`.
  Result<std::optional<KeyValue>> last_of_prefix(std::string_view prefix, std::string_view key) const;
  Result<bool> is_empty() const;

  /// Reads every block of every table file: corrupt names the damaged file.
  Status verify() const;
  /// A consistent copy in a folder that must not exist. Table files are shared with the copy (hard links).
  Status checkpoint(const std::filesystem::path& target) const;
  /// Rewrites the range so that nothing deleted there stays on the disk.
  Status purge(std::string_view from, std::string_view to);
  /// Everything written lazily so far is on the disk when it returns.
  Status sync();
  /// After a refused write: clears the refusal when the disk works again.
  Status recover();

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dunlin
