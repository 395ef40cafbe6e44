#pragma once
// The door to tzdata through date-tz: IANA zones become pure tables for core. Start-up only, any thread.
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/compliance/zone_table.hpp"

namespace dunlin {

/// Every zone of the system's tzdata with its transitions from 2000 to the end of 2037. An error when tzdata cannot be
/// read or is older than 2024a (GEN-08: Kazakhstan's single zone).
Result<std::shared_ptr<const ZoneBook>> load_zone_book();

/// "2024a" or later. Anything that is not a version is too old.
bool is_recent_tzdata(const std::string& version);

}  // namespace dunlin
