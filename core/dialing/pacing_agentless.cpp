#include "core/dialing/pacing_agentless.hpp"

#include <algorithm>

namespace dunlin {
namespace {

/// Fewer people than this say nothing of a share.
constexpr std::int64_t least_heard = 20;

}  // namespace

void AgentlessPacing::reconfigure(const PacingConfig& config) {
  config_ = config;
  starts_.reconfigure(config);
}

/// Beside free channels: lines asked for and not in use yet are in `calls` already.
int AgentlessPacing::wish(const PacingInput& input, PacingDecision& decision) const {
  if (forbids_every_dial(decision.doubt)) {
    decision.limit = PacingLimit::doubt;
    return 0;
  }
  // A carrier that fails every call is tried with one line at a time.
  if (decision.doubt != PacingDoubt::none) {
    decision.limit = PacingLimit::doubt;
    return decision.calls_in_flight == 0 ? 1 : 0;
  }
  const std::int64_t heard = input.totals.connected + input.totals.abandoned;
  if (heard >= least_heard && decision.abandon_rate >= config_.target_abandon) {
    decision.limit = PacingLimit::budget;
    return decision.agents_ready - decision.calls_in_flight;
  }
  decision.limit = PacingLimit::channels;
  return std::min(input.channels_free, config_.max_channels - decision.calls_in_flight);
}

PacingDecision AgentlessPacing::decide(const PacingInput& raw) {
  const PacingInput input = made_sane(raw);
  PacingDecision decision = echo_of(input);
  decision.doubt = watch_.judge(raw);
  decision.is_progressive = false;
  decision.budget_left = config_.target_abandon * static_cast<double>(input.totals.connected + input.totals.abandoned) - static_cast<double>(input.totals.abandoned);
  cut_to_limits(input, starts_.allowed(input), wish(input, decision), decision);
  starts_.take(decision.dials);
  return decision;
}

}  // namespace dunlin
