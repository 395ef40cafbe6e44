#pragma once
// What to do with a case after an outcome, and from it the case's whole plan: one due row per campaign that wants it and
// one timer of its own. Delays grow by the campaign's table; caps, callbacks and promises move the instant; the law's
// window is asked at the attempt. Pure, no clock.
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

struct PlanInputs {
  std::optional<UtcTime> rest_until;       ///< Before it no campaign may dial this person.
  bool is_data_changed = false;            ///< A postponed row may become due again: what denied it may have changed.
  CampaignId finished_campaign;            ///< Its work on this case ends now.
  std::string reason;
};

/// The rows of all running campaigns that want the case as it is now; the case's own timer is the machine's matter.
PlanChanged make_plan(const CaseRecord& record, const CampaignBook& book, UtcTime now, const PlanInputs& inputs);

/// Callbacks go before everything else of their campaign.
inline constexpr std::int32_t callback_rank_lead = 1'000'000;

}  // namespace dunlin
