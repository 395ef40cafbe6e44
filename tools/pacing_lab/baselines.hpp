#pragma once
// Policies to compare with, written from public descriptions: fixed lines per idle agent, a level moved every 15 s by
// waiting agents and dropped calls, and the textbook binomial forecast without elapsed times.
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/dialing/pacing.hpp"

namespace dunlin::lab {

/// "predictive", "progressive", "ratio:R", "level[:MAX]", "binomial[:FACTOR]".
Result<std::unique_ptr<PacingPolicy>> make_policy(const std::string& text, const PacingConfig& config);
std::string policy_names();

}  // namespace dunlin::lab
