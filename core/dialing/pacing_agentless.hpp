#pragma once
// Pacing of calls a flow speaks in: they need no agent, so free lines, the list and the rate of starts bound them. Who wants
// an agent in such a call waits for a free one and is lost when none comes: once the share of the lost reaches the target,
// no more lines than ready agents are in flight until it has fallen. Pure; runs inside the campaign's actor.
#include "core/dialing/pacing.hpp"

namespace dunlin {

class AgentlessPacing final : public PacingPolicy {
 public:
  explicit AgentlessPacing(PacingConfig config) : config_(config), starts_(config) {}
  std::string_view name() const override { return "agentless"; }
  PacingDecision decide(const PacingInput& input) override;
  void reconfigure(const PacingConfig& config) override;

 private:
  int wish(const PacingInput& input, PacingDecision& decision) const;

  PacingConfig config_;
  StartBucket starts_;
  PacingWatch watch_;
};

}  // namespace dunlin
