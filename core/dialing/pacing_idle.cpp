#include "core/dialing/pacing_idle.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr double least_bound = 1e-5;
/// In which a wait of twice the target raises the bound by a factor of e: several times what a call takes to be answered.
constexpr double memory_s = 300;
constexpr double most_step = 0.1;

}  // namespace

void PacingIdle::observe(const PacingInput& input, const Seen& seen) {
  if (!has_target() || input.agents.empty()) return;
  double ready = 0;
  for (const PacingAgent& agent : input.agents) ready += agent.state == PacingAgentState::ready ? 1 : 0;
  double calls = 0;
  for (const PacingEvent& event : input.events) calls += event.kind == PacingEventKind::connected ? 1 : 0;
  const double excess_s = ready * seen.dt_s - calls * target_s_;
  const double of_all_s = static_cast<double>(input.agents.size()) * target_s_ * memory_s / (seen.handling_s + target_s_);
  const double step = std::clamp(excess_s / of_all_s, -most_step, most_step);
  if (step > 0 && !seen.may_rise) return;
  // It does not rise beyond what the budget bears, but keeps what it knows while the budget is short for a moment.
  const double ceiling = std::max({least_bound, bound_, seen.budget_bound});
  bound_ = std::clamp(bound_ * std::exp(step), least_bound, ceiling);
}

}  // namespace dunlin
