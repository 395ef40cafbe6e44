#pragma once
// An import in fields for people and machines: progress, report, what the law lets dial of it. Pure. No personal data.
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "actors/contracts/messages.hpp"

namespace dunlin {

std::string_view to_string(msg::JobState state);

nlohmann::ordered_json import_fields(const msg::ImportView& view, const std::string& language);

/// The same for one import alone. What a failed one never came to is left out: a census of nobody, merges, speed.
nlohmann::ordered_json import_report(const msg::ImportView& view, const std::string& language);

/// What the operator may do about a review item of this code; empty for a code nobody knows any more.
std::string review_advice(const std::string& code, bool is_english);

/// One sentence about what a rule of this id forbids, by its family; an unknown family is named as it is.
std::string rule_sentence(const std::string& rule_id, bool is_english);

}  // namespace dunlin
