#pragma once
// A time zone as data: when which offset from UTC began. Loaded by config from tzdata; core never asks the system.
// Pure values, any thread. Units: UTC milliseconds, offsets and wall times in seconds.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bounded_list.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// Wall clock of an instant in a zone.
struct LocalTime {
  std::int64_t day = 0;   ///< Days since 1970-01-01 of the local date.
  int second_of_day = 0;  ///< 0..86399, whole seconds passed since local midnight by the wall.
};

struct ZoneTransition {
  UtcTime at;        ///< From this instant on …
  int offset_s = 0;  ///< … local = UTC + offset.
};

/// More jumps than tzdata knows within five days would leave the latest instants out.
using WallInstants = BoundedList<UtcTime, 16>;

struct ZoneTable {
  std::string name;                         ///< IANA name.
  int first_offset_s = 0;                   ///< Before the first transition.
  std::vector<ZoneTransition> transitions;  ///< Ascending.

  int offset_at(UtcTime time) const;
  LocalTime local(UtcTime time) const;
  /// First instant of the local date: midnight, or the next valid instant when midnight does not exist (TZ-10).
  UtcTime day_start(std::int64_t day) const;
  /// Every instant >= `from` and inside the local date at which the wall jumps or shows `second_of_day`, ascending.
  WallInstants wall_instants(std::int64_t day, int second_of_day, UtcTime from) const;
};

/// All zones known to the installation, with the version of tzdata they came from.
struct ZoneBook {
  std::string tzdata_version;
  UtcTime known_until;                      ///< Transitions after this instant are not in the tables.
  std::map<std::string, ZoneTable, std::less<>> zones;
  const ZoneTable* find(std::string_view name) const;
};

/// Monday = 0 … Sunday = 6.
int weekday_of(std::int64_t day);

}  // namespace dunlin
