#include "core/call/trunk_test.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TrunkTest sample() {
  TrunkTest test;
  test.attempt = AttemptId(77);
  test.trunk = "north";
  test.masked_number = "+7***0011";
  test.reserved_at = UtcTime{1'700'000'000'000};
  test.result = "answered";
  test.sip_status = 200;
  test.q850 = 16;
  test.cause = "normal";
  test.ring_after_ms = 300;
  test.answer_after_ms = 2'000;
  test.talk_ms = 8'000;
  test.was_heard = true;
  test.mos_permille = 4'310;
  test.loss_permille = 2;
  test.jitter_us = 700;
  test.rtt_us = 1'200;
  return test;
}

TEST(TrunkTest, ComesBackAsItWasStored) {
  const auto back = decode_trunk_test(encode(sample()));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, sample());
}

TEST(TrunkTest, RefusesDamagedBytes) {
  const std::string whole = encode(sample());
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decode_trunk_test(whole.substr(0, size))) << size;
  EXPECT_FALSE(decode_trunk_test(whole + "x"));
  EXPECT_FALSE(decode_trunk_test("\x02" + whole.substr(1)));
}

}  // namespace
}  // namespace dunlin
