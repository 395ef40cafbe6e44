#pragma once
// Two clocks that never mix: UtcTime is wall time (stored, shown, judged by law), MonoTime measures durations.
// Both are plain values that come in as arguments; nothing in core reads a clock. Unit: milliseconds.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

/// A signed length of time in milliseconds.
struct Duration {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return {ms + other.ms}; }
  constexpr Duration operator-(Duration other) const { return {ms - other.ms}; }
  constexpr Duration operator*(std::int64_t factor) const { return {ms * factor}; }
};

constexpr Duration milliseconds(std::int64_t n) { return {n}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1000}; }
constexpr Duration minutes(std::int64_t n) { return {n * 60'000}; }
constexpr Duration hours(std::int64_t n) { return {n * 3'600'000}; }
constexpr Duration days(std::int64_t n) { return {n * 86'400'000}; }

/// Milliseconds since 1970-01-01T00:00:00Z. Never used to measure durations inside a process.
struct UtcTime {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const UtcTime&) const = default;
  constexpr UtcTime operator+(Duration d) const { return {ms + d.ms}; }
  constexpr UtcTime operator-(Duration d) const { return {ms - d.ms}; }
  constexpr Duration operator-(UtcTime other) const { return {ms - other.ms}; }
  constexpr bool is_set() const { return ms != 0; }
};

/// Milliseconds of a monotonic clock with an arbitrary start. Never stored, never sent to another process.
struct MonoTime {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const MonoTime&) const = default;
  constexpr MonoTime operator+(Duration d) const { return {ms + d.ms}; }
  constexpr MonoTime operator-(Duration d) const { return {ms - d.ms}; }
  constexpr Duration operator-(MonoTime other) const { return {ms - other.ms}; }
};

/// RFC 3339 with milliseconds in UTC: "2026-11-24T08:00:00.000Z".
std::string format_utc(UtcTime time);

/// RFC 3339 with any offset ("Z", "+03:00"), seconds optional fraction. Errors name the text.
Result<UtcTime> parse_utc(std::string_view text);

/// A calendar date without a zone (birth dates, promise dates, due dates).
struct CivilDate {
  int year = 0;
  int month = 0;  ///< 1..12
  int day = 0;    ///< 1..31
  constexpr auto operator<=>(const CivilDate&) const = default;
  constexpr bool is_set() const { return year != 0; }
};

bool is_valid(CivilDate date);
/// Days since 1970-01-01 (proleptic Gregorian).
std::int64_t days_from_civil(CivilDate date);
CivilDate civil_from_days(std::int64_t days_since_epoch);
/// "2026-11-24".
std::string format_date(CivilDate date);
Result<CivilDate> parse_date(std::string_view iso_text);

}  // namespace dunlin
