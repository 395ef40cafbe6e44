// The packet path may not allocate: this program counts what operator new gives out.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/voice/sounds.hpp"

namespace {
std::atomic<long> allocations{0};
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace dunlin::voice_test {
namespace {

TEST(AnswerClassifier, AllocatesNothingWhileListening) {
  const auto samples = Sound().silence(500).speech(600).silence(900).speech(6000).tone(1000, 500).silence(30000).noise(0.002).pcm();
  const auto listener = make_answer_classifier({});
  int verdicts = 0;
  const long before = allocations.load();
  for (std::size_t at = 0; at + 160 <= samples.size(); at += 160) {
    verdicts += listener->on_frame(std::span<const std::int16_t>(samples).subspan(at, 160)).has_value() ? 1 : 0;
  }
  EXPECT_EQ(allocations.load(), before);
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
