#pragma once
// A decision of the law in two sentences a person can read aloud: why not, by which paragraph, and when it is possible.
// Times are the debtor's own. Numbers masked, names left out. Pure.
#include <string>

#include "core/compliance/decision.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {

/// `language`: "en", everything else is Russian.
std::string why_sentences(const Decision& decision, const RuleSet& rules, const std::string& language);

/// "230-FZ art. 7 part 3 item 3" → "п. 3 ч. 3 ст. 7 230-ФЗ"; other sources stay as they are.
std::string russian_source(const std::string& source);

}  // namespace dunlin
