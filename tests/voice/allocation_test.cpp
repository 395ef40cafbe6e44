// The packet path may not allocate: this program counts what operator new gives out.
#include <gtest/gtest.h>

#include "tests/support/counted_heap.hpp"
#include "tests/voice/sounds.hpp"

namespace dunlin::voice_test {
namespace {

TEST(AnswerClassifier, AllocatesNothingWhileListening) {
  const auto samples = Sound().silence(500).speech(600).silence(900).speech(6000).tone(1000, 500).silence(30000).noise(0.002).pcm();
  const auto listener = make_answer_classifier({});
  int verdicts = 0;
  const std::size_t before = test::allocations;
  for (std::size_t at = 0; at + 160 <= samples.size(); at += 160) {
    verdicts += listener->on_frame(std::span<const std::int16_t>(samples).subspan(at, 160)).has_value() ? 1 : 0;
  }
  EXPECT_EQ(test::allocations, before);
  EXPECT_GE(verdicts, 2);
}

TEST(AnswerClassifier, TakesFramesOfAnyLength) {
  const auto listener = make_answer_classifier({});
  const std::vector<std::int16_t> samples(400, 1000);
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{159}, std::size_t{161}, std::size_t{400}}) {
    EXPECT_FALSE(listener->on_frame(std::span<const std::int16_t>(samples).first(length)).has_value()) << length;
  }
}

}  // namespace
}  // namespace dunlin::voice_test
