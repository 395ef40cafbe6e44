#pragma once
// Where a number lives, asked by the law (home of a person without an address) and by the choice of the number to show.
#include <functional>
#include <string>
#include <vector>

#include "core/base/phone_number.hpp"

namespace dunlin {

/// Regions (ISO 3166-2) the number plan gives for a number; empty when it knows none. Any thread.
using NumberRegions = std::function<std::vector<std::string>(const PhoneNumber&)>;

}  // namespace dunlin
