#include <gtest/gtest.h>

#include "core/base/time.hpp"

namespace dunlin {
namespace {

TEST(Time, FormatsWhatItParses) {
  const auto time = parse_utc("2026-11-24T11:00:00.250+03:00");
  ASSERT_TRUE(time.ok());
  EXPECT_EQ(format_utc(*time), "2026-11-24T08:00:00.250Z");
  EXPECT_EQ(parse_utc(format_utc(*time))->ms, time->ms);
}

TEST(Time, RefusesDatesThatDoNotExist) {
  EXPECT_FALSE(parse_date("2026-02-29").ok());
  EXPECT_TRUE(parse_date("2024-02-29").ok());
  EXPECT_FALSE(parse_utc("2026-11-24T24:00:00Z").ok());
  EXPECT_FALSE(parse_utc("2026-11-24T10:00:00").ok());
}

TEST(Time, CivilDatesRoundTripOverFourCenturies) {
  for (std::int64_t day = -146097; day < 146097; day += 17) EXPECT_EQ(days_from_civil(civil_from_days(day)), day);
}

}  // namespace
}  // namespace dunlin
