#pragma once
// What one attempt is worth against what it costs: the chance of reaching the debtor, by the answer model, times what a talk
// with him brings, less the fees of the attempt. An attempt that costs more than it brings waits for an hour at which it does
// not, or is not made. What the person was promised is never weighed. Asked before the law, which has the last word. Pure.
#include <optional>
#include <string>
#include <vector>

#include "core/case/debtor_clock.hpp"
#include "core/dialing/answer_odds.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

/// In units of the prices' currency.
struct AnswerWorth {
  double right_party = 0;      ///< The chance of reaching the debtor.
  double value = 0;            ///< That chance times what the talk brings.
  double cost = 0;             ///< The attempt's fee and the minutes to expect.
  double net() const { return value - cost; }
  bool is_worthwhile() const { return net() >= 0; }
};
AnswerWorth worth_of(const CallPrices& prices, const AnswerOdds& odds, const CaseRecord& record, const ContactPhone& phone, UtcTime at);

/// A callback the person asked for, or a promise that was broken and of which nobody has spoken with him since.
bool is_owed(const CaseRecord& record);

/// Why an attempt is not made now.
struct WorthlessNow {
  UtcTime until;               ///< Asked again then …
  bool is_better_then = false; ///< … because it is worth its cost at that hour, which the law allows as far as is known.
  std::string reason;          ///< "costs more than it brings: 1.5 RUB for 0.8 at 12 %; …"
};
/// Takes the numbers that are not worth an attempt now out of the list; when none is left, says why and until when. nullopt:
/// there are numbers to dial, or nothing is to be weighed. `odds` and `clock` may be nullptr: no model, no clock.
std::optional<WorthlessNow> keep_worthwhile(std::vector<const ContactPhone*>& numbers, const CaseRecord& record, const CampaignSettings& settings,
                                            const AnswerOdds* odds, const DebtorClock* clock, UtcTime now);

/// What a refusal for its cost is called in counters and denials.
inline constexpr std::string_view cost_refusal = "cost";

}  // namespace dunlin
