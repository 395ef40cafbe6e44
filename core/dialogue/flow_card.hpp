#pragma once
// What a flow needs to know of one case, gathered when the call is placed: the values it may speak and the way each branch
// takes. The call runs on the edge node, which does not have the case: this is all that travels there. Personal data: never
// logged. Pure, any thread.
#include <optional>
#include <string>
#include <vector>

#include "core/case/debtor_clock.hpp"
#include "core/dialogue/flow.hpp"

namespace dunlin {

struct FlowCard {
  std::string name{};
  std::string creditor{};
  std::string product{};
  Money overdue{};                         ///< Of the open debts the campaign takes, in the flow's currency.
  Money balance{};
  int days_past_due = 0;                   ///< Of the oldest of them.
  std::optional<CivilDate> arrears_since{};
  PhoneNumber caller_number{};
  std::string debt_external_id{};          ///< Empty when there are several.
  CivilDate today{};                       ///< Where the debtor lives; the earlier one when the zone is not certain.
  std::vector<FlowIndex> branches{};       ///< By step: where a branch goes on; nothing of interest for other steps.
  bool operator==(const FlowCard&) const = default;
};

/// Without a clock no condition on the time of day holds, and the day is that of UTC.
FlowCard flow_card(const Flow& flow, const CaseFilter& filter, const CaseRecord& record, UtcTime now, const DebtorClock* clock);

/// The words of a text for this card; values the case does not have are left out. The promise is that of the call.
SpokenPieces spoken_flow_text(const Flow& flow, const FlowCard& card, const FlowText& text, const std::optional<Money>& amount,
                              const std::optional<CivilDate>& date);

/// What a studio records for the flow: its phrases, then the words of its values.
SpokenPieces flow_fragments(const Flow& flow);
/// What the flow may say to this person and nobody could have recorded (names, creditors, products), each once.
SpokenPieces words_of_card(const Flow& flow, const FlowCard& card);

}  // namespace dunlin
