#include "core/dialing/pacing.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {

std::string_view to_string(PacingLimit limit) {
  switch (limit) {
    case PacingLimit::agents: return "agents";
    case PacingLimit::budget: return "budget";
    case PacingLimit::cold_start: return "cold_start";
    case PacingLimit::channels: return "channels";
    case PacingLimit::start_rate: return "start_rate";
    case PacingLimit::list: return "list";
    case PacingLimit::nobody: return "nobody";
    case PacingLimit::doubt: return "doubt";
    case PacingLimit::cost: return "cost";
    case PacingLimit::target_idle: return "target_idle";
  }
  return "?";
}

std::string_view to_string(PacingDoubt doubt) {
  switch (doubt) {
    case PacingDoubt::none: return "none";
    case PacingDoubt::clock_went_back: return "clock_went_back";
    case PacingDoubt::stale_view: return "stale_view";
    case PacingDoubt::contradiction: return "contradiction";
    case PacingDoubt::clock_jumped: return "clock_jumped";
    case PacingDoubt::calls_fail: return "calls_fail";
    case PacingDoubt::nobody_answers: return "nobody_answers";
  }
  return "?";
}

PacingDecision echo_of(const PacingInput& input) {
  PacingDecision d;
  d.at_s = input.at_s;
  for (const PacingAgent& a : input.agents) {
    d.agents_ready += a.state == PacingAgentState::ready ? 1 : 0;
    d.agents_talking += a.state == PacingAgentState::talk ? 1 : 0;
    d.agents_wrapping += a.state == PacingAgentState::wrap ? 1 : 0;
  }
  for (const PacingCall& c : input.calls) d.calls_in_flight += c.phase == PacingCallPhase::talk ? 0 : 1;
  d.list_available = input.list_available;
  d.channels_free = input.channels_free;
  const double heard = static_cast<double>(input.totals.connected + input.totals.abandoned);
  d.abandon_rate = heard > 0 ? static_cast<double>(input.totals.abandoned) / heard : 0;
  return d;
}

void cut_to_limits(const PacingInput& input, int allowed_starts, int wish, PacingDecision& decision) {
  decision.dials = std::max(0, wish);
  const auto cut = [&decision](int bound, PacingLimit limit) {
    if (decision.dials <= std::max(0, bound)) return;
    decision.dials = std::max(0, bound);
    decision.limit = limit;
  };
  cut(input.list_available, PacingLimit::list);
  cut(input.channels_free, PacingLimit::channels);
  cut(allowed_starts, PacingLimit::start_rate);
}

void UnseenGrants::take(const PacingInput& input) {
  constexpr double lost_after_s = 10.0;
  if (input.granted > 0) grants_.push_back({last_tick_s_, input.granted});
  last_tick_s_ = input.at_s;
  int dialed = static_cast<int>(std::count_if(input.events.begin(), input.events.end(), [](const PacingEvent& e) {
    return e.kind == PacingEventKind::dialed;
  }));
  for (Grant& grant : grants_) {
    const int seen = std::min(grant.count, dialed);
    grant.count -= seen;
    dialed -= seen;
  }
  grants_.erase(std::remove_if(grants_.begin(), grants_.end(),
                               [&input](const Grant& g) { return g.count == 0 || input.at_s - g.at_s > lost_after_s; }),
                grants_.end());
}

int UnseenGrants::count() const {
  int sum = 0;
  for (const Grant& grant : grants_) sum += grant.count;
  return sum;
}

std::vector<double> UnseenGrants::ages(double at_s) const {
  std::vector<double> ages;
  for (const Grant& grant : grants_) ages.insert(ages.end(), static_cast<std::size_t>(grant.count), at_s - grant.at_s);
  return ages;
}

void ProgressivePacing::reconfigure(const PacingConfig& config) {
  config_ = config;
  starts_.reconfigure(config);
}

PacingDecision ProgressivePacing::decide(const PacingInput& told) {
  const PacingDoubt doubt = watch_.judge(told);
  if (!is_sane(told)) return decide_sane(made_sane(told), doubt);
  return decide_sane(told, doubt);
}

PacingDecision ProgressivePacing::decide_sane(const PacingInput& input, PacingDoubt doubt) {
  unseen_.take(input);
  PacingDecision d = echo_of(input);
  d.calls_in_flight += unseen_.count();
  d.is_progressive = true;
  d.limit = d.agents_ready + d.agents_talking + d.agents_wrapping == 0 ? PacingLimit::nobody : PacingLimit::agents;
  d.budget_left = config_.target_abandon * static_cast<double>(input.totals.connected + input.totals.abandoned) -
                  static_cast<double>(input.totals.abandoned);
  d.doubt = doubt;
  const bool is_blind = forbids_every_dial(doubt);
  if (is_blind) d.limit = PacingLimit::doubt;
  cut_to_limits(input, starts_.allowed(input), is_blind ? 0 : d.agents_ready - d.calls_in_flight, d);
  starts_.take(d.dials);
  return d;
}

}  // namespace dunlin
