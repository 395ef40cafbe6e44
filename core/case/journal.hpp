#pragma once
// The commit journal as the rest of the house sees it: batches of one case's events become durable, in shard order,
// and a committed reservation yields a DialPermit. One node: RocksDB (storage/embedded_journal). Attempt protocol R1-R4.
// Implementations are thread safe; the completion runs on the journal's own thread and must not block.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/call/dial_permit.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {

/// One fact to append. The body is the versioned encoding of core/case/event_codec; the journal encrypts it.
struct EventDraft {
  std::uint16_t type = 0;   ///< Stable number of the event type (core/case/case_event.hpp).
  UtcTime at;               ///< When it happened, by the node's wall clock.
  std::string body;
};

/// A stored fact with its position. Sequences are gap-free per shard; `version` counts the case's own events from 1.
struct StoredEvent {
  ShardIndex shard = 0;
  std::uint64_t sequence = 0;
  CaseId case_id;
  std::uint64_t version = 0;
  std::uint16_t type = 0;
  UtcTime at;
  std::string body;
};

/// A way to find a case: the text is personal data, only its keyed hash is stored.
enum class LookupKind : std::uint8_t { phone, person_key, external_id };
struct LookupKey {
  LookupKind kind = LookupKind::phone;
  std::string text;
  auto operator<=>(const LookupKey&) const = default;
};

/// When and in which campaign the case wants to be looked at next. At most one row per (case, campaign).
struct DueRow {
  CampaignId campaign;      ///< Unset: a timer of the case itself (promise check, callback, quiet period).
  UtcTime due_at;
  std::int32_t rank = 0;    ///< Lower is more urgent.
  auto operator<=>(const DueRow&) const = default;
};

/// What a fact says to the index of attempts. Marks of one attempt and kind replace each other.
struct AttemptMark {
  enum class Kind : std::uint8_t { reserved, outcome, disposition };
  AttemptId attempt;
  Kind kind = Kind::reserved;
  CampaignId campaign;                      ///< Of `reserved`.
  UtcTime reserved_at;                      ///< Of `reserved`: the fact's own time.
  Outcome outcome = Outcome::failed;        ///< Of `outcome` and `disposition`.
  bool operator==(const AttemptMark&) const = default;
};

/// A number that a reservation calls, or that a settlement is done with: no two attempts call one number at a time. An
/// attempt of unknown end keeps its number. The number is personal data, only its keyed hash leaves the process.
struct LineMark {
  AttemptId attempt;
  std::string number;
  bool is_taken = true;                     ///< False: the attempt's call is certainly over.
};

/// Everything one decision of a case writes, applied in one atomic, synced batch.
struct CommitRequest {
  CaseId case_id;
  std::uint64_t expected_version = 0;       ///< Events the case had when the decision was made; mismatch = Errc::conflict.
  std::vector<EventDraft> events;
  std::string case_view;                    ///< Encoded CaseRecord after the events (projection); empty = unchanged.
  std::vector<LookupKey> lookups_added;
  std::vector<LookupKey> lookups_removed;
  std::optional<std::vector<DueRow>> due;   ///< The case's complete new set of due rows; nullopt = unchanged.
  std::vector<AttemptMark> attempts;        ///< What the events say to the index of attempts.
  std::vector<LineMark> lines;              ///< What a journal of several owners must keep apart.
  struct Reservation {
    AttemptId attempt;
    int leg_number = 1;
    MonoTime slot_expires_at;               ///< On this process's boot clock.
  };
  std::optional<Reservation> reservation;   ///< Set when the events hold AttemptReserved or SecondLegCommitted.
};

struct CommitReceipt {
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t version = 0;                ///< The case's version after the batch.
};

using CommitCompletion = std::function<void(Result<CommitReceipt>)>;

class Journal {
 public:
  virtual ~Journal() = default;

  /// Queues the batch; `done` is called once, after the batch is on disk or refused. On success of a reservation the
  /// permit is on the desk before `done` runs. Errc::conflict = version mismatch, Errc::exhausted = queue full or no
  /// room for new attempts on disk, Errc::unavailable = the disk refuses.
  virtual void commit(CommitRequest request, CommitCompletion done) = 0;

 protected:
  static DialPermit make_permit(const CommitRequest::Reservation& reservation) {
    return DialPermit(reservation.attempt, reservation.leg_number, reservation.slot_expires_at);
  }
};

}  // namespace dunlin
