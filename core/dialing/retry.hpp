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

enum class NextKind : std::uint8_t { dial, wait_callback, wait_promise, finished };

struct NextAction {
  NextKind kind = NextKind::dial;
  UtcTime at;                              ///< Not before this; unset for finished.
  std::string reason;                      ///< "busy: next number", "daily cap", …
};

/// After `outcome` of an attempt of this campaign. The record already holds the settlement.
NextAction next_action(const CaseRecord& record, const CampaignSettings& settings, Outcome outcome, UtcTime now);

/// The plan as it should be now: rows of all running campaigns that want the case, and the case's own timer.
/// `rest_until` is the instant before which no campaign may dial this person.
PlanChanged make_plan(const CaseRecord& record, const CampaignBook& book, std::optional<UtcTime> rest_until, UtcTime now,
                      std::string reason);

}  // namespace dunlin
