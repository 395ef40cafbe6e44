#pragma once
// The result of `law replay` as a document, the same from a running node and from a closed data folder. Pure.
#include <nlohmann/json.hpp>

#include "storage/law_replay.hpp"

namespace dunlin {

inline std::string replay_problem(const ReplayedDecision& decision) {
  switch (decision.result) {
    case ReplayResult::same: return {};
    case ReplayResult::differs: return decision.difference;
    case ReplayResult::no_rules: return "its rule set " + decision.stored.rule_set_version.substr(0, 16) + " is not kept here";
    case ReplayResult::no_inputs: return "stored by a version that did not keep the inputs";
  }
  return {};
}

inline nlohmann::ordered_json law_report(const LawReplayReport& report) {
  nlohmann::ordered_json decisions = nlohmann::ordered_json::array();
  for (const ReplayedDecision& one : report.shown) {
    decisions.push_back({{"case", one.case_id.str()}, {"version", one.version}, {"event", one.event}, {"judged_at", format_utc(one.stored.at)},
                         {"result", one.result == ReplayResult::differs ? "differs" : "not_replayable"}, {"problem", replay_problem(one)}});
  }
  return {{"cases", report.cases}, {"decisions", report.decisions}, {"same", report.same}, {"differing", report.differing},
          {"not_replayable", report.not_replayable}, {"shown", std::move(decisions)}};
}

}  // namespace dunlin
