#pragma once
// Decides stored decisions again: folds the case's facts up to each decision, asks the gate the same question under the
// same version of the rules and compares word for word. A difference means that the record, the rules or the program is
// not what it was. Pure, any thread; reads what the caller read.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/case/case_event.hpp"
#include "core/case/journal.hpp"
#include "core/compliance/contact_policy.hpp"

namespace dunlin {

enum class ReplayResult : std::uint8_t {
  same,
  differs,
  no_rules,   ///< The version of the rules it was decided under is not stored here.
  no_inputs,  ///< Stored by a version that did not keep the inputs.
};

struct ReplayedDecision {
  CaseId case_id;
  std::uint64_t version = 0;   ///< Of the event that holds the decision.
  std::string event;           ///< "attempt_reserved", "attempt_denied", "second_leg_committed".
  Decision stored;
  ReplayResult result = ReplayResult::same;
  std::string difference;      ///< What differs, without personal data; empty when the same.
};

/// Which decisions are decided again. Unset parts do not filter.
struct ReplayScope {
  UtcTime since;                    ///< Decisions judged earlier are skipped.
  std::optional<CaseId> only_case;
};

/// From the words of a command: an instant and a case's id; unset words do not filter.
Result<ReplayScope> parse_replay_scope(const std::optional<std::string>& since, const std::optional<std::string>& only_case);

/// The decision an event holds; nullptr for an event that decided nothing.
const Decision* decision_in(const CaseEvent& event);

/// The policy of a rule-set version; nullptr when it is not known.
using PolicyOfVersion = std::function<std::shared_ptr<const ContactPolicy>(const std::string& version)>;

/// Judges every decision of the case not older than `since`, in order. Errc::corrupt for an undecodable history.
Status replay_case(const std::vector<StoredEvent>& history, UtcTime since, const PolicyOfVersion& policy_of,
                   const std::function<void(const ReplayedDecision&)>& visit);

}  // namespace dunlin
