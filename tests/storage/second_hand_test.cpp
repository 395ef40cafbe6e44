// Work in two halves: each is done once, both are done on return, and the second thread does one when the first is long.
#include "storage/second_hand.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

namespace dunlin::storage_test {
namespace {

TEST(SecondHand, BothHalvesAreDoneOnceWhenItReturns) {
  SecondHand hand("second");
  int own = 0;
  int other = 0;
  for (int i = 1; i <= 2'000; ++i) {
    hand.both([&own] { ++own; }, [&other] { ++other; });
    ASSERT_EQ(own, i);
    ASSERT_EQ(other, i);
  }
}

TEST(SecondHand, TheSecondThreadWorksWhileTheFirstDoes) {
  SecondHand hand("second");
  std::promise<std::thread::id> started;
  auto start = started.get_future();
  bool was_at_work = false;
  // Ends only when the other half has begun, which this thread cannot do meanwhile.
  hand.both([&] { was_at_work = start.wait_for(std::chrono::seconds(60)) == std::future_status::ready; },
            [&started] { started.set_value(std::this_thread::get_id()); });
  ASSERT_TRUE(was_at_work);
  EXPECT_NE(start.get(), std::this_thread::get_id());
}

TEST(SecondHand, EndsWithoutHavingWorked) { const SecondHand hand("second"); }

}  // namespace
}  // namespace dunlin::storage_test
