#include "sip/call_table.hpp"

#include "core/base/check.hpp"

namespace dunlin {

Call* CallTable::find(LegId leg) const {
  const auto found = calls_.find(leg);
  return found == calls_.end() ? nullptr : found->second.get();
}

void CallTable::add(std::unique_ptr<Call> call) {
  const auto leg = call->leg();
  DUNLIN_CHECK(calls_.emplace(leg, std::move(call)).second);
}

void CallTable::tick(MonoTime now) {
  for (auto it = calls_.begin(); it != calls_.end();) {
    it->second->on_tick(now);
    it = it->second->is_over() ? calls_.erase(it) : std::next(it);
  }
}

void CallTable::stall() {
  for (auto& [leg, call] : calls_) call->on_stall();
}

void CallTable::hang_up_all(int q850) {
  for (auto& [leg, call] : calls_) call->hang_up(q850);
}

void CallTable::hang_up_agent(const std::string& user) {
  for (auto& [leg, call] : calls_) {
    if (call->route().agent_user == user) call->hang_up(16);
  }
}

}  // namespace dunlin
