#pragma once
// Which of a carrier's numbers a debtor sees. Only numbers of the contract with the carrier that takes the call may be
// shown (137-FZ; a carrier refuses or replaces any other), so the choice is made anew for each leg. Pure, any thread.
#include <vector>

#include "core/base/phone_number.hpp"

namespace dunlin {

/// Of the trunk's numbers: the campaign's when it is one of them, else the one nearest to the debtor's number (country
/// and area code), else the first. Always the same one for the same case. Empty list: the contract is not written down
/// and the campaign's number goes out as it is.
PhoneNumber choose_caller_id(const std::vector<PhoneNumber>& of_trunk, const PhoneNumber& of_campaign, const PhoneNumber& debtor);

}  // namespace dunlin
