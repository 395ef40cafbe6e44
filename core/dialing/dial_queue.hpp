#pragma once
// The cases of one shard that wait to be dialed, per campaign, in memory: rebuilt from the due rows when the shard is
// claimed. Order among ready cases: rank, then the time they became due, then the case id: the same on every node.
// Taking the next case costs the same in a short and in a long list, but for one fetch from far memory in some forty takes
// (bench/due_queue_bench); the rest is O(log n) and a move within the table of leaves. A row costs about 100 bytes in
// ordinary use, a campaign 3 KB; the number of rows is bounded by the constructor, beyond it upsert says Errc::exhausted
// and the case stays in the store until a later scan.
// Owned by the shard's actor, one thread. A queue that was moved from may only be assigned to or destroyed.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/dialing/urgency_list.hpp"

namespace dunlin {

struct QueueRow {
  CampaignId campaign;
  CaseId case_id;
  UtcTime due_at;
  std::int32_t rank = 0;
};

/// What the shard reports to the campaign's pacing.
struct QueueSummary {
  std::size_t ready = 0;
  std::size_t waiting = 0;
  std::optional<UtcTime> next_due;         ///< Of the waiting ones.
  std::optional<std::int32_t> best_rank;   ///< Of the ready ones.
};

/// How urgent one due case is, without saying whose it is. Less is more urgent.
struct UrgentRow {
  std::int32_t rank = 0;
  UtcTime due_at;
  auto operator<=>(const UrgentRow&) const = default;
};

class DialQueue {
 public:
  explicit DialQueue(std::size_t max_rows);

  /// Adds or moves the row of (campaign, case).
  Status upsert(const QueueRow& row);
  void erase(CampaignId campaign, CaseId case_id);
  /// Removes every row of the case.
  void erase_case(CaseId case_id);
  /// Takes the most urgent case that is due. It is out of the queue until upserted again.
  std::optional<QueueRow> pop_ready(CampaignId campaign, UtcTime now);
  /// Moves what became due and counts.
  QueueSummary summary(CampaignId campaign, UtcTime now);
  /// The next cases pop_ready would give, at most so many, in its order. They stay in the queue.
  std::vector<UrgentRow> most_urgent(CampaignId campaign, UtcTime now, std::size_t most);
  std::size_t size() const { return rows_; }

 private:
  /// A row within its lane, where the campaign need not be said again.
  struct LaneRow {
    UtcTime due_at;
    CaseId case_id;
    std::int32_t rank = 0;
  };
  struct ByDue {
    bool operator()(const LaneRow& a, const LaneRow& b) const;
  };
  struct ByRank {
    bool operator()(const LaneRow& a, const LaneRow& b) const;
  };
  struct Place {
    UtcTime due_at;
    std::int32_t rank = 0;
  };
  struct Lane {
    CampaignId campaign;
    UrgencyList<LaneRow, ByRank> ready;
    UrgencyList<LaneRow, ByDue> waiting;
    /// Where to find a case's row. A taken row stays here until the case comes back or goes: looking it up would cost
    /// the very miss that taking the next case avoids.
    std::unordered_map<CaseId, Place> last_places;
    std::size_t size() const { return waiting.size() + ready.size(); }
  };
  /// Sorted by campaign. Each in a place of its own: they are large and the search does not touch them.
  struct Slot {
    CampaignId campaign;
    std::unique_ptr<Lane> lane;
  };
  using Slots = std::vector<Slot>;

  Slots::iterator slot_of(CampaignId campaign);
  Lane* lane_of(CampaignId campaign);
  Lane& make_lane(CampaignId campaign);
  void drop(CampaignId campaign);
  static bool remove(Lane& lane, const LaneRow& row);
  static void ripen(Lane& lane, UtcTime now);
  static void forget_taken(Lane& lane);

  std::size_t max_rows_;
  std::size_t rows_ = 0;
  Slots slots_;
  Lane* latest_ = nullptr;   ///< The lane asked for last, mostly the next one too; it spares a look at the slots.
};

}  // namespace dunlin
