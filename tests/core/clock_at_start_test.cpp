#include "core/base/clock_at_start.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

constexpr UtcTime built{1'795'000'000'000};
constexpr std::optional<UtcTime> nothing;

struct StartRow {
  const char* name;
  UtcTime wall;
  bool is_shifted;
  ClockEvidence evidence;
  std::optional<ClockDoubt> doubt;
};

constexpr ClockDoubt doubt(ClockWitness witness, UtcTime wall, UtcTime at_least) { return {witness, wall, at_least}; }

const StartRow start_rows[] = {
    {"a new folder", built + days(1), false, {built, nothing, nothing}, std::nullopt},
    {"1970: the battery is dead", UtcTime{1000}, false, {built, nothing, nothing}, doubt(ClockWitness::program, UtcTime{1000}, built)},
    {"just within the lag", built - seconds(30), false, {built, nothing, nothing}, std::nullopt},
    {"just beyond the lag", built - milliseconds(30'001), false, {built, nothing, nothing}, doubt(ClockWitness::program, built - milliseconds(30'001), built)},
    {"after the last stop", built + days(3), false, {built, built + days(2), built + days(1)}, std::nullopt},
    {"before the last stop", built + days(1), false, {built, built + days(2), built + days(1)}, doubt(ClockWitness::last_stop, built + days(1), built + days(2))},
    {"killed, never stopped", built + days(1), false, {built, nothing, built + days(2)}, doubt(ClockWitness::last_attempt, built + days(1), built + days(2))},
    {"killed after an earlier stop", built + days(4), false, {built, built + days(2), built + days(5)}, doubt(ClockWitness::last_attempt, built + days(4), built + days(5))},
    {"a newer program than the data", built - days(1), false, {built, built - days(9), built - days(9)}, doubt(ClockWitness::program, built - days(1), built)},
    {"a demo begun anew in its folder", built + days(1), true, {built, built + days(2), built + days(2)}, std::nullopt},
    {"a demo in the past", UtcTime{1000}, true, {built, nothing, nothing}, std::nullopt},
};

TEST(ClockAtStart, BelievesNoClockBehindWhatIsKnown) {
  for (const StartRow& row : start_rows) EXPECT_EQ(doubt_at_start(row.wall, row.is_shifted, row.evidence), row.doubt) << row.name;
}

TEST(ClockAtStart, SaysWhatTheClockCannotBeEarlierThan) {
  const auto text = to_text(doubt(ClockWitness::last_stop, built, built + days(1)));
  EXPECT_NE(text.find(format_utc(built)), std::string::npos) << text;
  EXPECT_NE(text.find("the node's last stop (" + format_utc(built + days(1)) + ")"), std::string::npos) << text;
}

}  // namespace
}  // namespace dunlin
