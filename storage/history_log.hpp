#pragma once
// Reading the history: a case's events and view, a shard's tail, lookups, due rows, counts. Everything comes decrypted.
// Any thread; the calls read the disk and may block for milliseconds, so actors ask them from a thread of their own.
// Errors: not_found (no such case), corrupt (a damaged row, its position named), unavailable (the disk).
// Events of an erased case are skipped: their key is destroyed.
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/case/hashed_key.hpp"
#include "core/case/journal.hpp"
#include "storage/event_rows.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {

class Database;

/// The end of a shard's history. The chain is SHA-256(previous chain, key and bytes of an event row), over every row
/// from the first.
struct HistoryHead {
  std::uint64_t sequence = 0;
  std::uint64_t case_count = 0;
  std::string chain;  ///< 32 bytes; empty while the shard has no event.
};

/// The encoded CaseRecord and the version it was made at.
struct StoredView {
  std::uint64_t version = 0;
  std::string bytes;
};

struct HistoryCounts {
  std::uint64_t cases = 0;
  std::uint64_t events = 0;
};

/// What the outbox reads: the events and where to go on, which is past skipped ones too.
struct HistoryTail {
  std::vector<StoredEvent> events;
  std::uint64_t next_after = 0;  ///< Pass as `after_sequence` next time.
  bool is_at_head = false;
};

/// Rows that could not be read since the start: how often, and the first one's place.
struct HistoryDamage {
  std::uint64_t count = 0;
  std::string first;
};

class HistoryLog {
 public:
  HistoryLog(const Database& database, const Vault& vault) : database_(database), vault_(vault) {}

  /// Events with version > after_version, in order, at most `limit`.
  Result<std::vector<StoredEvent>> case_events(CaseId case_id, std::uint64_t after_version = 0,
                                               std::size_t limit = 100'000) const;
  /// Events of the shard with sequence > after_sequence, in order, at most `limit`.
  Result<HistoryTail> tail(ShardIndex shard, std::uint64_t after_sequence, std::size_t limit) const;
  /// not_found when the case has no view or was erased.
  Result<StoredView> case_view(CaseId case_id) const;
  /// Number of events of the case; 0 when unknown.
  Result<std::uint64_t> case_version(CaseId case_id) const;
  /// Cases that carry the key, ascending by id.
  Result<std::vector<CaseId>> find(const LookupKey& key) const;
  /// The same for many keys, in their order, with one pass over the index. Of a phone and of a name 16 cases at most.
  Result<std::vector<std::vector<CaseId>>> find_all(const std::vector<LookupKey>& keys) const;
  /// As they may leave the process, in their order.
  std::vector<HashedKey> hash(const std::vector<LookupKey>& keys) const;
  Result<std::vector<std::vector<CaseId>>> find_hashed(const std::vector<HashedKey>& keys) const;
  /// The case's due rows; empty when none.
  Result<std::vector<DueRow>> due_rows(CaseId case_id) const;
  Result<HistoryHead> head(ShardIndex shard) const;
  Result<HistoryCounts> counts() const;

  /// Streams over one consistent moment; the visitor returns false to stop. A damaged row is passed over, so that one
  /// case costs no other; the first one is the error in the end.
  Status each_due(ShardIndex shard, const std::function<bool(CaseId, const std::vector<DueRow>&)>& visit) const;
  Status each_case(ShardIndex shard, const std::function<bool(CaseId)>& visit) const;
  /// Ascending by id, behind `after`.
  Status each_view(ShardIndex shard, const std::function<bool(CaseId, const StoredView&)>& visit, CaseId after = {}) const;
  /// Ids of at most `limit` cases that have a view, ascending, behind `after`; opens nothing.
  Result<std::vector<CaseId>> case_ids(ShardIndex shard, CaseId after, std::size_t limit) const;

  /// Recomputes the shard's chain over all events: corrupt names the first gap or a head that does not match.
  Status verify_chain(ShardIndex shard) const;

  /// What these readings met of damage; thread safe.
  HistoryDamage damage() const;

 private:
  Error noted(Error error) const;
  Result<EventsOfRow> events_at(ShardIndex shard, std::uint64_t sequence, std::string_view row) const;
  Status read_run(ShardIndex shard, const EventRun& run, const std::function<void(StoredEvent)>& visit) const;
  Result<std::string> row_of_event(ShardIndex shard, std::uint64_t sequence) const;
  const Database& database_;
  const Vault& vault_;
  mutable std::mutex damage_mutex_;
  mutable HistoryDamage damage_;
};

}  // namespace dunlin
