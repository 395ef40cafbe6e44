#include "core/dialing/dial_queue.hpp"

#include <tuple>

namespace dunlin {

bool DialQueue::ByDue::operator()(const QueueRow& a, const QueueRow& b) const {
  return std::tie(a.due_at, a.case_id) < std::tie(b.due_at, b.case_id);
}

bool DialQueue::ByRank::operator()(const QueueRow& a, const QueueRow& b) const {
  return std::tie(a.rank, a.due_at, a.case_id) < std::tie(b.rank, b.due_at, b.case_id);
}

DialQueue::DialQueue(std::size_t max_rows) : max_rows_(max_rows) {}

Status DialQueue::upsert(const QueueRow& row) {
  Lane& lane = lanes_[row.campaign];
  const auto known = lane.positions.find(row.case_id);
  if (known != lane.positions.end()) {
    remove(lane, known->second);
    lane.positions.erase(known);
    --rows_;
  }
  if (rows_ >= max_rows_) return Error{Errc::exhausted, "the dial queue is full"};
  lane.positions.emplace(row.case_id, Position{row, false});
  lane.waiting.insert(row);
  ++rows_;
  return Done{};
}

void DialQueue::erase(CampaignId campaign, CaseId case_id) {
  const auto lane = lanes_.find(campaign);
  if (lane == lanes_.end()) return;
  const auto known = lane->second.positions.find(case_id);
  if (known == lane->second.positions.end()) return;
  remove(lane->second, known->second);
  lane->second.positions.erase(known);
  --rows_;
  if (lane->second.positions.empty()) lanes_.erase(lane);
}

void DialQueue::erase_case(CaseId case_id) {
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    // erase() may drop the lane, so the next one is taken first.
    const CampaignId campaign = lane->first;
    ++lane;
    erase(campaign, case_id);
  }
}

void DialQueue::remove(Lane& lane, const Position& position) {
  if (position.is_ready) lane.ready.erase(position.row);
  else lane.waiting.erase(position.row);
}

void DialQueue::ripen(Lane& lane, UtcTime now) {
  while (!lane.waiting.empty() && lane.waiting.begin()->due_at <= now) {
    auto node = lane.waiting.extract(lane.waiting.begin());
    lane.positions[node.value().case_id].is_ready = true;
    lane.ready.insert(node.value());
  }
}

std::optional<QueueRow> DialQueue::pop_ready(CampaignId campaign, UtcTime now) {
  const auto lane = lanes_.find(campaign);
  if (lane == lanes_.end()) return std::nullopt;
  ripen(lane->second, now);
  if (lane->second.ready.empty()) return std::nullopt;
  const QueueRow row = *lane->second.ready.begin();
  erase(campaign, row.case_id);
  return row;
}

QueueSummary DialQueue::summary(CampaignId campaign, UtcTime now) {
  QueueSummary summary;
  const auto lane = lanes_.find(campaign);
  if (lane == lanes_.end()) return summary;
  ripen(lane->second, now);
  summary.ready = lane->second.ready.size();
  summary.waiting = lane->second.waiting.size();
  if (!lane->second.waiting.empty()) summary.next_due = lane->second.waiting.begin()->due_at;
  if (!lane->second.ready.empty()) summary.best_rank = lane->second.ready.begin()->rank;
  return summary;
}

}  // namespace dunlin
