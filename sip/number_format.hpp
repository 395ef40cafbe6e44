#pragma once
// How a trunk wants numbers to be written. Pure, any thread.
#include <string>

#include "sip/sip_types.hpp"

namespace dunlin {

/// "+79161234567" as the trunk wants it. A foreign number has no national form: it is written in digits.
std::string format_number(const PhoneNumber& number, NumberFormat format, const std::string& prefix);

}  // namespace dunlin
