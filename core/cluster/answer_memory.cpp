#include "core/cluster/answer_memory.hpp"

#include <algorithm>
#include <utility>

namespace dunlin {

AnswerMemory::Recall AnswerMemory::begin(const CommandId& id) {
  const auto known = answers_.find(id);
  if (known != answers_.end()) {
    if (!known->second) return {Seen::under_way, {}};
    return {Seen::answered, *known->second};
  }
  const auto floor = floors_.find(id.sender);
  if (floor != floors_.end() && id.number <= floor->second) return {Seen::forgotten, {}};
  if (floor == floors_.end()) meet(id.sender);
  answers_.emplace(id, std::nullopt);
  return {Seen::fresh, {}};
}

void AnswerMemory::finish(const CommandId& id, std::string answer) {
  const auto known = answers_.find(id);
  if (known == answers_.end() || known->second) return;
  bytes_ += answer.size();
  known->second = std::move(answer);
  finished_.push_back(id);
  while (!finished_.empty() && (finished_.size() > bounds_.answers || bytes_ > bounds_.bytes)) forget_oldest();
}

void AnswerMemory::forget_oldest() {
  const CommandId id = finished_.front();
  finished_.pop_front();
  const auto known = answers_.find(id);
  if (known == answers_.end()) return;
  bytes_ -= known->second->size();
  answers_.erase(known);
  std::uint64_t& floor = floors_[id.sender];
  floor = std::max(floor, id.number);
}

/// A process that has gone repeats nothing: its answers may go with its name.
void AnswerMemory::meet(std::uint64_t sender) {
  if (senders_.size() >= bounds_.senders) {
    const std::uint64_t gone = senders_.front();
    senders_.pop_front();
    floors_.erase(gone);
    const auto is_of_gone = [gone](const CommandId& id) { return id.sender == gone; };
    for (const CommandId& id : finished_) {
      if (is_of_gone(id)) bytes_ -= answers_.at(id)->size();
    }
    finished_.erase(std::remove_if(finished_.begin(), finished_.end(), is_of_gone), finished_.end());
    for (auto at = answers_.begin(); at != answers_.end();) at = is_of_gone(at->first) ? answers_.erase(at) : std::next(at);
  }
  senders_.push_back(sender);
  floors_.emplace(sender, 0);
}

}  // namespace dunlin
