#pragma once
// Times and ways of contact the person excluded, told as a restriction of the case with a value in its name:
//   not_before=09:30, not_after=18:00 (also inconvenient_before, inconvenient_after), inconvenient_dow=Sat|Sun,
//   optout=sms|call (a channel of the law, "phone" = every kind of call).
// Wall clock of the person (US-HRS-02, UK-CONC-01, KZ-HRS-01). Pure, any thread.
#include <optional>
#include <string_view>

#include "core/compliance/contact_policy.hpp"

namespace dunlin {

struct ToldLimits {
  StatedTimes times;
  ChannelSet opted_out;
};

/// Nothing when the name says no such thing, or says it unreadably: the caller then takes it for a hold.
std::optional<ToldLimits> parse_told(std::string_view flag_name);

/// What is told twice holds at its strictest.
StatedTimes stricter_of(const StatedTimes& left, const StatedTimes& right);

}  // namespace dunlin
