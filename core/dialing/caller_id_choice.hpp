#pragma once
// Which of our numbers a debtor sees. Only numbers of the contract with the carrier that takes the call may be shown
// (137-FZ; 126-FZ art. 45; a carrier refuses or replaces any other), so the choice is made anew for each leg. Pure, any thread.
#include <string_view>
#include <vector>

#include "core/base/phone_number.hpp"
#include "core/base/result.hpp"
#include "core/case/case_gate.hpp"
#include "core/case/number_regions.hpp"

namespace dunlin {

inline constexpr std::size_t most_campaign_numbers = 100;

/// A campaign's numbers as its settings have them: one in E.164, or several with commas. invalid_input names the wrong one.
Result<std::vector<PhoneNumber>> parse_caller_ids(std::string_view text);

/// What may be shown over one trunk.
struct OwnNumbers {
  std::vector<PhoneNumber> of_trunk{};       ///< Of the contract with its carrier; empty: it is not written down.
  std::vector<PhoneNumber> of_campaign{};    ///< In the order of the settings.
};

/// Of the trunk's numbers that are also the campaign's, else of the trunk's, else of the campaign's: one of a region of the
/// debtor's number when there is one (by the number plan, a mobile number has one too); of several, the one nearest by its
/// digits (country and area code), else the first. Always the same one for the same call. Unset when there is none at all.
PhoneNumber choose_caller_id(const OwnNumbers& own, const PhoneNumber& debtor, const NumberRegions& regions_of);

/// What the law must know of that choice. `of_company`: every number the company has a contract for, with any carrier.
ShownNumber judge_caller_id(const PhoneNumber& shown, const OwnNumbers& own, const std::vector<PhoneNumber>& of_company);

}  // namespace dunlin
