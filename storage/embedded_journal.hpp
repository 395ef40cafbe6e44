#pragma once
// The commit journal of a single node: one writer thread collects whatever is queued, writes it as one synced RocksDB
// batch, then puts the dial permits on the desk and runs the completions. Attempt protocol R1-R4 without a server.
// Threads: commit, commit_document, erase_case, stats and listen from any thread; completions and listeners run on the
// writer thread and must not block. The database, the vault and the desk outlive the journal.
// At the bounds: a full queue refuses with Errc::exhausted; below the free-space reserve reservations and new cases are
// refused with Errc::exhausted while facts of known cases are still written; a disk that refuses gives
// Errc::unavailable until it has recovered (tried again at most once a second).
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/call/dial_permit.hpp"
#include "core/case/journal.hpp"
#include "storage/commit_listeners.hpp"

namespace dunlin {

class Database;
class Vault;

/// Bytes still free on the file system that holds the folder.
using FreeSpaceProbe = std::function<Result<std::uint64_t>(const std::filesystem::path&)>;
/// The file system's own answer.
Result<std::uint64_t> free_space_of(const std::filesystem::path& folder);

struct JournalOptions {
  std::size_t max_queued_commits = 65'536;
  std::size_t max_queued_bytes = 128u << 20;
  std::size_t max_group_commits = 4'096;      ///< Commits written by one synced batch.
  std::size_t max_group_bytes = 8u << 20;
  std::size_t max_cached_versions = 262'144;  ///< Case versions kept in memory; others are read on demand.
  std::uint64_t min_free_bytes = 1u << 30;    ///< The reserve: below it only facts of known cases are accepted.
  FreeSpaceProbe free_space = free_space_of;
  bool takes_documents_only = false;          ///< On a cluster's node: cases are committed to the shared journal.
};

/// One small document (campaign, agent, settings) by kind and id. Encrypted with the installation's document key.
struct DocumentWrite {
  std::string kind;                                ///< 1 to 64 characters of a-z, 0-9 and '_'.
  std::string id;                                  ///< 1 to 256 bytes; not encrypted: never personal data.
  std::optional<std::string> bytes;                ///< nullopt removes the document.
  std::optional<std::uint64_t> expected_revision;  ///< 0: must not exist; mismatch = Errc::conflict; nullopt: overwrite.
  /// Of a trunk test only: the document is its durable record, so its permit is laid on the desk once it is on disk.
  std::optional<CommitRequest::Reservation> reservation = std::nullopt;
};

/// The revision after the write; 0 after a removal.
using DocumentCompletion = std::function<void(Result<std::uint64_t>)>;

/// Counts since start, for metrics.
struct JournalStats {
  /// Upper bounds of the histogram of synced writes, milliseconds; the last bucket has none.
  static constexpr std::array<double, 8> sync_bounds_ms = {0.5, 1, 2, 5, 10, 50, 200, 1000};
  std::uint64_t commits = 0;
  std::uint64_t refused = 0;    ///< Conflicts, full queue, no room, disk errors.
  std::uint64_t groups = 0;
  std::uint64_t events = 0;
  std::uint64_t documents = 0;
  std::uint64_t queued = 0;     ///< Waiting now.
  std::array<std::uint64_t, sync_bounds_ms.size() + 1> sync_histogram{};
  double sync_total_ms = 0;
  bool is_refusing = false;     ///< The disk refused the last write and has not recovered.
  bool is_low_on_space = false;
};

class EmbeddedJournal final : public Journal {
 public:
  /// Reads the heads and starts the writer thread. `folder` is what the free-space probe is asked about.
  static Result<std::unique_ptr<EmbeddedJournal>> start(Database& database, Vault& vault, PermitDesk& desk,
                                                        std::filesystem::path folder, JournalOptions options);
  /// Writes what is queued, then ends the thread.
  ~EmbeddedJournal() override;

  void commit(CommitRequest request, CommitCompletion done) override;
  void commit_document(DocumentWrite write, DocumentCompletion done);
  /// Destroys the case's key and its view, lookups and due rows. Its events stay in the chain, unreadable for ever.
  /// The blocking form below also purges the key's bytes from the disk; after this one call Vault::purge_destroyed.
  void erase_case(CaseId case_id, std::function<void(Status)> done);

  /// Blocking forms for start-up, tools and tests; never on an actor's thread.
  Result<CommitReceipt> commit_and_wait(CommitRequest request);
  Result<std::uint64_t> commit_document_and_wait(DocumentWrite write);
  Status erase_case_and_wait(CaseId case_id);

  void listen(CommitListener listener);
  JournalStats stats() const;

 private:
  class Writer;
  explicit EmbeddedJournal(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace dunlin
