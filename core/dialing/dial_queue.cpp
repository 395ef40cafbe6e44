#include "core/dialing/dial_queue.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace dunlin {

bool DialQueue::ByDue::operator()(const LaneRow& a, const LaneRow& b) const {
  return std::tie(a.due_at, a.case_id) < std::tie(b.due_at, b.case_id);
}

bool DialQueue::ByRank::operator()(const LaneRow& a, const LaneRow& b) const {
  return std::tie(a.rank, a.due_at, a.case_id) < std::tie(b.rank, b.due_at, b.case_id);
}

namespace {
constexpr std::size_t least_taken = 64;  // fewer taken rows are not worth a sweep
}  // namespace

DialQueue::DialQueue(std::size_t max_rows) : max_rows_(max_rows) {}

DialQueue::Slots::iterator DialQueue::slot_of(CampaignId campaign) {
  return std::lower_bound(slots_.begin(), slots_.end(), campaign, [](const Slot& slot, CampaignId sought) { return slot.campaign < sought; });
}

DialQueue::Lane* DialQueue::lane_of(CampaignId campaign) {
  if (latest_ != nullptr && latest_->campaign == campaign) return latest_;
  const auto slot = slot_of(campaign);
  if (slot == slots_.end() || slot->campaign != campaign) return nullptr;
  return latest_ = slot->lane.get();
}

DialQueue::Lane& DialQueue::make_lane(CampaignId campaign) {
  if (Lane* lane = lane_of(campaign)) return *lane;
  auto lane = std::make_unique<Lane>();
  lane->campaign = campaign;
  return *slots_.insert(slot_of(campaign), Slot{campaign, std::move(lane)})->lane;
}

void DialQueue::drop(CampaignId campaign) {
  latest_ = nullptr;
  slots_.erase(slot_of(campaign));
}

Status DialQueue::upsert(const QueueRow& row) {
  Lane& lane = make_lane(row.campaign);
  const auto known = lane.last_places.find(row.case_id);
  if (known != lane.last_places.end()) {
    if (remove(lane, {known->second.due_at, row.case_id, known->second.rank})) --rows_;
    lane.last_places.erase(known);
  }
  if (rows_ >= max_rows_) {
    if (lane.size() == 0) drop(row.campaign);
    return Error{Errc::exhausted, "the dial queue is full"};
  }
  if (lane.last_places.size() > 2 * lane.size() + least_taken) forget_taken(lane);
  lane.last_places.emplace(row.case_id, Place{row.due_at, row.rank});
  lane.waiting.insert({row.due_at, row.case_id, row.rank});
  ++rows_;
  return Done{};
}

void DialQueue::erase(CampaignId campaign, CaseId case_id) {
  Lane* lane = lane_of(campaign);
  if (lane == nullptr) return;
  const auto known = lane->last_places.find(case_id);
  if (known == lane->last_places.end()) return;
  if (remove(*lane, {known->second.due_at, case_id, known->second.rank})) --rows_;
  lane->last_places.erase(known);
  if (lane->size() == 0) drop(campaign);
}

void DialQueue::erase_case(CaseId case_id) {
  // erase() may drop the lane, and only that one: from behind, none is missed.
  for (std::size_t n = slots_.size(); n > 0; --n) erase(slots_[n - 1].campaign, case_id);
}

bool DialQueue::remove(Lane& lane, const LaneRow& row) {
  return lane.ready.erase(row) || lane.waiting.erase(row);
}

void DialQueue::ripen(Lane& lane, UtcTime now) {
  while (!lane.waiting.empty() && lane.waiting.first().due_at <= now) lane.ready.insert(lane.waiting.take_first());
}

void DialQueue::forget_taken(Lane& lane) {
  for (auto place = lane.last_places.begin(); place != lane.last_places.end();) {
    const LaneRow row{place->second.due_at, place->first, place->second.rank};
    const bool is_queued = lane.ready.contains(row) || lane.waiting.contains(row);
    place = is_queued ? std::next(place) : lane.last_places.erase(place);
  }
}

std::optional<QueueRow> DialQueue::pop_ready(CampaignId campaign, UtcTime now) {
  Lane* lane = lane_of(campaign);
  if (lane == nullptr) return std::nullopt;
  ripen(*lane, now);
  if (lane->ready.empty()) return std::nullopt;
  const LaneRow row = lane->ready.take_first();
  --rows_;
  if (lane->size() == 0) drop(campaign);
  return QueueRow{campaign, row.case_id, row.due_at, row.rank};
}

QueueSummary DialQueue::summary(CampaignId campaign, UtcTime now) {
  QueueSummary summary;
  Lane* lane = lane_of(campaign);
  if (lane == nullptr) return summary;
  ripen(*lane, now);
  summary.ready = lane->ready.size();
  summary.waiting = lane->waiting.size();
  if (!lane->waiting.empty()) summary.next_due = lane->waiting.first().due_at;
  if (!lane->ready.empty()) summary.best_rank = lane->ready.first().rank;
  return summary;
}

std::vector<UrgentRow> DialQueue::most_urgent(CampaignId campaign, UtcTime now, std::size_t most) {
  Lane* lane = lane_of(campaign);
  if (lane == nullptr) return {};
  ripen(*lane, now);
  std::vector<UrgentRow> urgent;
  for (const LaneRow& row : lane->ready.first_rows(most)) urgent.push_back({row.rank, row.due_at});
  return urgent;
}

}  // namespace dunlin
