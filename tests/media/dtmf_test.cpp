#include "media/dtmf.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/tones.hpp"
#include "tests/voice/sounds.hpp"

namespace dunlin {
namespace {

TEST(TelephoneEvent, ReadsWhatItWrote) {
  const TelephoneEvent event{11, true, 10, 800};
  std::array<std::uint8_t, telephone_event_size> bytes{};
  write_telephone_event(event, bytes);
  const auto read = parse_telephone_event(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, event);
  EXPECT_FALSE(parse_telephone_event(std::span(bytes).first(3)));
}

TEST(TelephoneEvent, KnowsSixteenKeysOnly) {
  std::string keys;
  for (int event = 0; event < 256; ++event) {
    if (const auto digit = digit_of(static_cast<std::uint8_t>(event))) keys.push_back(*digit);
  }
  EXPECT_EQ(keys, "0123456789*#ABCD");
  EXPECT_FALSE(event_of('x'));
}

TEST(DtmfReceiver, TellsEachPressOnce) {
  DtmfReceiver receiver;
  std::string heard;
  const auto feed = [&](std::uint8_t event, bool has_ended, std::uint32_t timestamp) {
    if (const auto digit = receiver.on_event({event, has_ended, 10, 160}, {timestamp}))
      heard.push_back(*digit);
  };
  for (int repeat = 0; repeat < 5; ++repeat) feed(1, false, 1000);
  for (int repeat = 0; repeat < 3; ++repeat) feed(1, true, 1000);
  feed(1, true, 4000);    // same key again; only its end packet arrived
  feed(1, false, 1000);   // a late packet of the first press
  feed(16, false, 9000);  // flash is not a digit
  feed(11, false, 9500);
  EXPECT_EQ(heard, "11#");
}

TEST(DtmfSender, SendsToneEndRepeatsAndPause) {
  DtmfSender sender(160);
  ASSERT_TRUE(sender.enqueue('5'));
  ASSERT_TRUE(sender.enqueue('#'));
  std::vector<DtmfStep> steps;
  int slots = 0;
  while (sender.is_active() && slots < 100) {
    if (const auto step = sender.next()) steps.push_back(*step);
    ++slots;
  }
  ASSERT_EQ(steps.size(), 16u);
  EXPECT_EQ(slots, 22);
  EXPECT_TRUE(steps[0].is_first);
  EXPECT_EQ(steps[4].event.duration, 800);
  EXPECT_FALSE(steps[4].event.has_ended);
  for (std::size_t i = 5; i < 8; ++i) EXPECT_EQ(steps[i].event, (TelephoneEvent{5, true, 10, 800}));
  EXPECT_EQ(steps[8].digit, '#');
}

TEST(DtmfSender, RefusesTheThirtyThirdDigit) {
  DtmfSender sender;
  for (std::size_t i = 0; i < DtmfSender::max_waiting; ++i) EXPECT_TRUE(sender.enqueue('1'));
  EXPECT_FALSE(sender.enqueue('1'));
  EXPECT_FALSE(DtmfSender().enqueue('q'));
}

TEST(DtmfTones, AreHeardByTheDetector) {
  auto detector = DtmfToneDetector::make();
  ASSERT_TRUE(detector);
  std::string heard;
  for (const char digit : std::string("0123456789*#ABCD")) {
    for (std::uint32_t slot = 0; slot < 10; ++slot) {
      std::array<std::int16_t, 160> frame{};
      if (slot < 5) write_dtmf_tone(digit, slot * 160, frame);
      if (const auto found = (*detector)->on_frame(frame)) heard.push_back(*found);
    }
  }
  EXPECT_EQ(heard, "0123456789*#ABCD");
}

std::string keys_heard_in(const std::vector<std::int16_t>& samples) {
  auto detector = DtmfToneDetector::make();
  EXPECT_TRUE(detector);
  std::string heard;
  for (std::size_t at = 0; at + 160 <= samples.size(); at += 160) {
    const std::span<const std::int16_t> frame(samples.data() + at, 160);
    if (const auto found = (*detector)->on_frame(frame)) heard.push_back(*found);
  }
  return heard;
}

TEST(DtmfTones, SpeechIsNoKey) {
  for (const double loudness : {0.05, 0.2, 0.6}) {
    voice_test::Sound talk;
    talk.speech(120'000, loudness).noise(0.002);
    EXPECT_EQ(keys_heard_in(talk.pcm()), "") << "two minutes at " << loudness;
  }
}

TEST(DtmfTones, OneToneOfTheTwoIsNoKey) {
  for (const double hz : {697.0, 941.0, 1209.0, 1477.0}) {
    EXPECT_EQ(keys_heard_in(voice_test::Sound().silence(100).tone(hz, 500, 0.3).silence(100).pcm()), "") << hz;
  }
}

TEST(DtmfTones, AShortWeakKeyInNoiseIsHeard) {
  voice_test::Sound line;
  line.silence(200).tone(770, 60, 0.04, 1336).silence(200).noise(0.0005);
  EXPECT_EQ(keys_heard_in(line.pcm()), "5");
}

}  // namespace
}  // namespace dunlin
