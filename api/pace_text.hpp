#pragma once
// The pacing's last decisions in words, for the one who runs a campaign: what was seen, what is expected, what kept it from
// starting more calls. In Russian or English. Pure, any thread.
#include <string>
#include <vector>

#include "api/model_text.hpp"
#include "core/dialing/pacing.hpp"

namespace dunlin {

/// A page of text about decisions in order of time; a sentence when there is none.
std::string pace_text(const std::vector<PacingDecision>& decisions, TextLanguage language);

/// Why not more calls, as a sentence. Doubt goes before the limit it sets.
std::string pace_limit_text(const PacingDecision& decision, TextLanguage language);

}  // namespace dunlin
