#pragma once
// Which number of a person to dial next: the campaign's order by owner and type, without blocked numbers, within the
// caps per number, after what the last outcome says; where these leave a choice, the number likeliest to reach the debtor
// (core/dialing/answer_odds). The law is asked afterwards and has the last word. Pure.
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/case/case_record.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

/// Attempts that certainly did not reach the number use up no cap.
bool uses_cap(const AttemptRow& row);

/// The campaign's order, or the default one when it names none.
std::vector<NumberRule> effective_number_order(const CampaignSettings& settings);

/// Dialable numbers in the order to try them now; third parties only with both consents. Empty: none is left. What the
/// person asked for and what the retry rules ordered goes before the odds, which count only where the settings want the best.
/// `odds` nullptr: no model that may decide.
std::vector<const ContactPhone*> numbers_to_try(const CaseRecord& record, const CampaignSettings& settings, UtcTime now,
                                                const AnswerOdds* odds = nullptr);

/// Whether the number could ever be dialed by the campaign (role, type, block, life cap), whatever today's caps say.
bool is_dialable(const CaseRecord& record, const CampaignSettings& settings, const ContactPhone& phone);

/// The first instant at which the per-day caps of the campaign let the case (and one of its numbers) be dialed.
UtcTime caps_free_at(const CaseRecord& record, const CampaignSettings& settings, UtcTime now);

}  // namespace dunlin
