#pragma once
// The node's store behind one door: opens the databases, checks them, and gives journal, history, vault, documents and
// backup. Layout of the folder: history/ (RocksDB), keys/ (RocksDB, wrapped case keys), installation.key (unless set
// elsewhere). Open and destroy on the main thread; the parts say their own thread rules.
// Errors of open: conflict (another process uses the folder), corrupt (damaged files, the path named), denied (missing
// or foreign key, newer data format), exhausted (no room), unavailable (the disk).
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "storage/attempt_index.hpp"
#include "storage/backup.hpp"
#include "storage/documents.hpp"
#include "storage/embedded_journal.hpp"
#include "storage/history_digest.hpp"
#include "storage/history_log.hpp"
#include "storage/projections.hpp"
#include "storage/shard_copy.hpp"
#include "storage/shard_store.hpp"
#include "storage/vault.hpp"

namespace dunlin {

/// The version of everything written below the folder. A newer one is refused, never guessed; an older one is upgraded.
/// 2: the index of attempts. 3: one index row a commit and one row of lookups a case. 4: forecasts in the view.
/// 5: the events of a commit in one row.
inline constexpr std::uint32_t storage_format_version = 5;

struct StorageSettings {
  std::filesystem::path path;
  std::filesystem::path key_file;                 ///< Empty: <path>/installation.key.
  std::uint64_t min_free_bytes = 1u << 30;        ///< Reserve for outcomes; below it no new attempt is accepted.
  std::uint64_t min_start_bytes = 64u << 20;      ///< Below it the store does not open at all.
  std::uint64_t cache_bytes = 64u << 20;          ///< RocksDB block cache.
  std::uint64_t write_buffer_bytes = 32u << 20;   ///< RocksDB memtable.
  JournalOptions journal;                         ///< min_free_bytes above wins over the one inside.
};

class Store {
 public:
  static Result<std::unique_ptr<Store>> open(StorageSettings settings);
  ~Store();

  EmbeddedJournal& journal();
  /// The same history as the store of a cluster's node: then the journal above takes documents only (JournalOptions).
  ShardStore& shards();
  /// Shards copied to and from other stores of the cluster.
  ShardCopies& copies();
  /// What copies are compared by.
  const HistoryDigests& digests() const;
  /// Hears of every commit, through whichever journal; see CommitListener.
  void listen(const CommitListener& listener);
  const HistoryLog& history() const;
  Vault& vault();
  Documents& documents();
  Projections& projections();
  const AttemptIndex& attempts() const;
  /// The store is of an older data format: run projections().run(rebuild) before anything is committed.
  bool needs_upgrade() const;
  /// Where the journal puts the permits and the SIP thread takes them, once each.
  PermitDesk& permit_desk();

  /// Random id written when the store was made: a wiped disk is a new store.
  const std::string& store_id() const;
  std::string key_fingerprint() const;
  /// The secret line for `dunlin key export`.
  std::string export_key() const;
  /// A consistent copy while running; see storage/backup.hpp.
  Result<BackupReport> backup(const BackupRequest& request) const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dunlin
