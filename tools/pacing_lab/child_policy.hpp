#pragma once
// A pacing policy in a child process, spoken to over the pacing protocol (docs/pacing-protocol.md): one JSON line in, one
// out. Blocks the caller up to the time limit for each answer.
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/dialing/pacing.hpp"

namespace dunlin::lab {

/// Starts `command` through /bin/sh and says hello. The child is ended with its policy. When the child breaks the
/// protocol later, decide() starts nothing any more and failure_of() names the reason.
Result<std::unique_ptr<PacingPolicy>> start_child_policy(const std::string& command, const PacingConfig& config,
                                                         double time_limit_s);
/// Empty while the child behaves, or when the policy is no child.
std::string failure_of(const PacingPolicy& policy);

}  // namespace dunlin::lab
