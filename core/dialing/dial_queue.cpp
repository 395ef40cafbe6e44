#include "core/dialing/dial_queue.hpp"

#include <iterator>
#include <tuple>

namespace dunlin {

bool DialQueue::ByDue::operator()(const QueueRow& a, const QueueRow& b) const {
  return std::tie(a.due_at, a.case_id) < std::tie(b.due_at, b.case_id);
}

bool DialQueue::ByRank::operator()(const QueueRow& a, const QueueRow& b) const {
  return std::tie(a.rank, a.due_at, a.case_id) < std::tie(b.rank, b.due_at, b.case_id);
}

namespace {
constexpr std::size_t least_taken = 64;  // fewer taken rows are not worth a sweep
}  // namespace

DialQueue::DialQueue(std::size_t max_rows) : max_rows_(max_rows) {}

Status DialQueue::upsert(const QueueRow& row) {
  Lane& lane = lanes_[row.campaign];
  const auto known = lane.last_rows.find(row.case_id);
  if (known != lane.last_rows.end()) {
    if (remove(lane, known->second)) --rows_;
    lane.last_rows.erase(known);
  }
  if (rows_ >= max_rows_) {
    if (lane.size() == 0) lanes_.erase(row.campaign);
    return Error{Errc::exhausted, "the dial queue is full"};
  }
  if (lane.last_rows.size() > 2 * lane.size() + least_taken) forget_taken(lane);
  lane.last_rows.emplace(row.case_id, row);
  lane.waiting.insert(row);
  ++rows_;
  return Done{};
}

void DialQueue::erase(CampaignId campaign, CaseId case_id) {
  const auto lane = lanes_.find(campaign);
  if (lane == lanes_.end()) return;
  const auto known = lane->second.last_rows.find(case_id);
  if (known == lane->second.last_rows.end()) return;
  if (remove(lane->second, known->second)) --rows_;
  lane->second.last_rows.erase(known);
  if (lane->second.size() == 0) lanes_.erase(lane);
}

void DialQueue::erase_case(CaseId case_id) {
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    // erase() may drop the lane, so the next one is taken first.
    const CampaignId campaign = lane->first;
    ++lane;
    erase(campaign, case_id);
  }
}

bool DialQueue::remove(Lane& lane, const QueueRow& row) {
  return lane.ready.erase(row) || lane.waiting.erase(row);
}

void DialQueue::ripen(Lane& lane, UtcTime now) {
  while (!lane.waiting.empty() && lane.waiting.first().due_at <= now) lane.ready.insert(lane.waiting.take_first());
}

void DialQueue::forget_taken(Lane& lane) {
  for (auto row = lane.last_rows.begin(); row != lane.last_rows.end();) {
    const bool is_queued = lane.ready.contains(row->second) || lane.waiting.contains(row->second);
    row = is_queued ? std::next(row) : lane.last_rows.erase(row);
  }
}

std::optional<QueueRow> DialQueue::pop_ready(CampaignId campaign, UtcTime now) {
  const auto found = lanes_.find(campaign);
  if (found == lanes_.end()) return std::nullopt;
  Lane& lane = found->second;
  ripen(lane, now);
  if (lane.ready.empty()) return std::nullopt;
  const QueueRow row = lane.ready.take_first();
  --rows_;
  if (lane.size() == 0) lanes_.erase(found);
  return row;
}

QueueSummary DialQueue::summary(CampaignId campaign, UtcTime now) {
  QueueSummary summary;
  const auto found = lanes_.find(campaign);
  if (found == lanes_.end()) return summary;
  Lane& lane = found->second;
  ripen(lane, now);
  summary.ready = lane.ready.size();
  summary.waiting = lane.waiting.size();
  if (!lane.waiting.empty()) summary.next_due = lane.waiting.first().due_at;
  if (!lane.ready.empty()) summary.best_rank = lane.ready.first().rank;
  return summary;
}

std::vector<UrgentRow> DialQueue::most_urgent(CampaignId campaign, UtcTime now, std::size_t most) {
  const auto found = lanes_.find(campaign);
  if (found == lanes_.end()) return {};
  ripen(found->second, now);
  std::vector<UrgentRow> urgent;
  for (const QueueRow& row : found->second.ready.first_rows(most)) urgent.push_back({row.rank, row.due_at});
  return urgent;
}

}  // namespace dunlin
