#include "sip/target_list.hpp"

#include <algorithm>

#include "sip/limits.hpp"

namespace dunlin {
namespace {

/// RFC 2782: one after the other is drawn, each with a chance in proportion to its weight; 0 is drawn last, nearly always.
void append_by_weight(std::vector<SipTarget> group, const TargetList::Random& random, std::vector<HostPort>& order) {
  std::stable_sort(group.begin(), group.end(), [](const SipTarget& a, const SipTarget& b) { return a.weight == 0 && b.weight != 0; });
  while (!group.empty()) {
    std::uint32_t sum = 0;
    for (const SipTarget& target : group) sum += static_cast<std::uint32_t>(target.weight);
    const std::uint32_t drawn = random(sum + 1);
    std::uint32_t running = 0;
    auto chosen = group.begin();
    while (running += static_cast<std::uint32_t>(chosen->weight), running < drawn) ++chosen;
    order.push_back(chosen->address);
    group.erase(chosen);
  }
}

}  // namespace

void TargetList::replace(std::vector<SipTarget> targets) {
  if (targets.size() > sip_limits::max_targets) targets.resize(sip_limits::max_targets);
  std::vector<State> states(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (std::size_t j = 0; j < targets_.size(); ++j) {
      if (targets_[j].address == targets[i].address) states[i] = states_[j];
    }
  }
  targets_ = std::move(targets);
  states_ = std::move(states);
}

void TargetList::mark(const HostPort& address, TargetHealth health, std::string cause, MonoTime until) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i].address == address) states_[i] = {health, until, cause};
  }
}

TargetHealth TargetList::health_of(std::size_t index, MonoTime now) const {
  const State& state = states_[index];
  return state.health == TargetHealth::down && now >= state.until ? TargetHealth::unknown : state.health;
}

std::vector<HostPort> TargetList::in_order(MonoTime now, const Random& random) const {
  std::vector<HostPort> order;
  for (const TargetHealth health : {TargetHealth::up, TargetHealth::unknown, TargetHealth::down}) {
    std::vector<SipTarget> rest;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (health_of(i, now) == health) rest.push_back(targets_[i]);
    }
    while (!rest.empty()) {
      const auto first = std::min_element(rest.begin(), rest.end(), [](const SipTarget& a, const SipTarget& b) { return a.priority < b.priority; });
      const int priority = first->priority;
      const auto split = std::stable_partition(rest.begin(), rest.end(), [priority](const SipTarget& t) { return t.priority == priority; });
      append_by_weight({rest.begin(), split}, random, order);
      rest.erase(rest.begin(), split);
    }
  }
  return order;
}

bool TargetList::has_up() const {
  return std::any_of(states_.begin(), states_.end(), [](const State& state) { return state.health == TargetHealth::up; });
}

bool TargetList::is_in_use(const HostPort& address) const {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i].address == address) return states_[i].health != TargetHealth::down;
  }
  return false;
}

bool TargetList::are_all_down(MonoTime now) const {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (health_of(i, now) != TargetHealth::down) return false;
  }
  return !targets_.empty();
}

std::string TargetList::causes() const {
  if (targets_.size() == 1) return states_.front().cause;
  std::string text;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (states_[i].health != TargetHealth::up && !states_[i].cause.empty()) text += (text.empty() ? "" : "; ") + targets_[i].address.str() + " " + states_[i].cause;
  }
  return text;
}

}  // namespace dunlin
