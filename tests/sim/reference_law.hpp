#pragma once
// The law of calls in Russia written down a second time, by hand and small, for judging the simulation: hours of the day
// in every zone a person may be in, talks a day, a week and a month (230-FZ art. 7 part 3 items 1 and 3), and the policy
// about calls nobody answered (art. 6): two a day, six a week, twenty a month, two hours after one that rang, a minute
// after one that did not. It shares nothing with the product: no packs, no zone tables, no counters. Zones without summer
// time only. Pure.
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace dunlin::sim {

struct Zone {
  const char* name;
  int offset_minutes;   ///< From UTC, the whole year.
};
/// Seven zones from Kaliningrad to Kamchatka.
const std::vector<Zone>& zones();

/// Whether people may be called at this instant in this zone.
bool is_open(const Zone& zone, UtcTime at);

/// One attempt as the person lived it.
struct LivedCall {
  enum class End : std::uint8_t {
    talked,         ///< A human being answered.
    rang,           ///< It rang and nobody talked, or a machine did.
    never_rang,     ///< Busy, refused by the network, no such number.
    lost,           ///< The process died over it, so it must count as a talk.
  };
  UtcTime at;
  End end = End::talked;
};

/// Why a call at this instant is forbidden; unset = lawful.
std::optional<std::string> why_forbidden(const std::vector<Zone>& candidates, UtcTime at, const std::vector<LivedCall>& calls);

}  // namespace dunlin::sim
