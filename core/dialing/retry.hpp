#pragma once
// What to do with a case after an outcome, and from it the case's whole plan: one due row per campaign that wants it and
// one timer of its own. Delays grow by the campaign's table as the strategy changes it; caps, callbacks and promises move
// the instant; the law's window is asked at the attempt. Pure, no clock.
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/case/case_event.hpp"
#include "core/case/case_record.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

enum class NextKind : std::uint8_t {
  dial,
  wait_callback,
  wait_promise,
  exhausted,  ///< The caps or the numbers of this campaign are used up; new data may change it.
  finished,   ///< The retry table ends the work of this campaign on the case.
};

struct NextAction {
  NextKind kind = NextKind::dial;
  UtcTime at;                              ///< No campaign dials the person before this.
  std::string reason;                      ///< "busy: next number", "daily cap", …
};

/// After `outcome` of an attempt of this campaign. The record already holds the settlement.
NextAction next_action(const CaseRecord& record, const CampaignSettings& settings, Outcome outcome, UtcTime now);
/// The same under the strategy: its retry rules, and retries spread over the parts of the debtor's day; where the settings
/// want the best hour and the book knows odds, a clearly better one of that day, never later than the rule's max_delay.
NextAction next_action(const CaseRecord& record, const WorkOrder& order, Outcome outcome, UtcTime now, const CampaignBook& book);

struct PlanInputs {
  std::optional<UtcTime> rest_until;       ///< Before it no campaign may dial this person.
  bool is_data_changed = false;            ///< A postponed row may become due again: what denied it may have changed.
  CampaignId finished_campaign;            ///< Its work on this case ends now.
  std::string reason;
  bool keeps_refusals = false;             ///< Though data changed: what the law said of an instant still holds.
  CampaignId postponed{};                  ///< Its row goes to `postponed_until`, and is ranked for that instant.
  UtcTime postponed_until{};
};

/// When a campaign may work the case, and how. Where time alone opens a strategy's rule, the instant lies ahead.
struct Opening {
  UtcTime at;
  WorkOrder order;
};
/// nullopt: not before the case's data change.
std::optional<Opening> first_opening(const CampaignBook& book, const Campaign& campaign, const CaseRecord& record, UtcTime now);

/// The rows of all running campaigns that want the case as it is now; the case's own timer is the machine's matter.
PlanChanged make_plan(const CaseRecord& record, const CampaignBook& book, UtcTime now, const PlanInputs& inputs);

/// Callbacks go before everything else of their campaign.
inline constexpr std::int32_t callback_rank_lead = 1'000'000;

}  // namespace dunlin
