#pragma once
// A tape of everything a pacing policy was told and what it answered, from its first tick on: replayed through the same
// policy it gives the same decisions, so a live day can be questioned afterwards. Runs where the policy runs.
#include <memory>
#include <utility>

#include "core/dialing/pacing.hpp"

namespace dunlin {

/// Where a tape goes. Must neither throw nor wait for long: pacing waits for it.
class PacingTape {
 public:
  virtual ~PacingTape() = default;
  /// A new policy begins; `policy` is its name.
  virtual void on_start(std::string_view policy, const PacingConfig& config) = 0;
  virtual void on_config(const PacingConfig& config) = 0;
  virtual void on_tick(const PacingInput& input, const PacingDecision& decision) = 0;
};

/// Any policy, with its tape running. The tape outlives it.
class TapedPacing final : public PacingPolicy {
 public:
  TapedPacing(std::unique_ptr<PacingPolicy> policy, const PacingConfig& config, PacingTape& tape)
      : policy_(std::move(policy)), tape_(tape) {
    tape_.on_start(policy_->name(), config);
  }
  std::string_view name() const override { return policy_->name(); }
  PacingDecision decide(const PacingInput& input) override {
    const PacingDecision decision = policy_->decide(input);
    tape_.on_tick(input, decision);
    return decision;
  }
  void reconfigure(const PacingConfig& config) override {
    policy_->reconfigure(config);
    tape_.on_config(config);
  }

 private:
  std::unique_ptr<PacingPolicy> policy_;
  PacingTape& tape_;
};

}  // namespace dunlin
