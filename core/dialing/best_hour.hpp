#pragma once
// Whether a retry has a clearly better hour on the day it is planned for, by the answer model. Bounded by the latest instant
// of the retry rule, by the debtor's day and by the hours the law would allow as far as is known now; the attempt itself is
// judged when it is made. Pure.
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/case/debtor_clock.hpp"
#include "core/dialing/answer_odds.hpp"
#include "core/dialing/campaign.hpp"
#include "core/dialing/strategy.hpp"

namespace dunlin {

/// How much likelier the debtor must be reached for a retry to wait.
inline constexpr double clearly_better = 1.25;

struct PlannedHour {
  UtcTime at;
  UtcTime latest;                 ///< Not after this.
  std::optional<DayPart> part{};  ///< Not outside this part of the debtor's day.
};

struct BetterHour {
  UtcTime at;
  double odds = 0;                ///< Of reaching the debtor then …
  double odds_planned = 0;        ///< … and as planned; 0 when the law forbids that hour.
  int hour = 0;                   ///< Of the debtor's clock.
};

/// nullopt: the plan is as good as any hour left. Whole hours after the plan are looked at, so that retries keep their
/// minutes and do not all fall on the stroke of the hour.
std::optional<BetterHour> better_hour(const CaseRecord& record, const CampaignSettings& settings, const AnswerOdds& odds,
                                      const DebtorClock& clock, const PlannedHour& planned);

/// "better at 19h: 31 % instead of 12 %".
std::string better_hour_text(const BetterHour& better);

}  // namespace dunlin
