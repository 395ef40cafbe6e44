// The bus' thread: it is woken by commits, sheds hints at its bound and ends when told.
#include "cluster/event_bus.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace dunlin {
namespace {

class OnePartition final : public EventSource {
 public:
  Partition partition_count() const override { return 1; }
  Result<std::uint64_t> head(Partition) override { return head_.load(); }
  Result<EventPage> read(Partition, std::uint64_t after, std::size_t) override {
    EventPage page;
    page.next_after = head_;
    for (std::uint64_t n = after + 1; n <= page.next_after; ++n) page.events.emplace_back().sequence = n;
    return page;
  }
  void commit() { ++head_; }

 private:
  std::atomic<std::uint64_t> head_{0};
};

class OneCursor final : public CursorStore {
 public:
  Result<std::uint64_t> load(Partition) override { return saved.load(); }
  Status save(const std::vector<CursorMove>& moves) override {
    saved = moves.front().position;
    return Done{};
  }
  std::atomic<std::uint64_t> saved{0};
};

struct Shared {
  std::atomic<bool> is_away{false};
  std::atomic<int> taken{0};
  std::atomic<int> hints{0};
};

class CountingSink final : public EventSink {
 public:
  explicit CountingSink(Shared& shared) : shared_(shared) {}
  Status open() override {
    if (shared_.is_away) return Error{Errc::unavailable, "away"};
    return Done{};
  }
  void close() override {}
  Status append(const std::vector<EventEnvelope>& events) override {
    shared_.taken += static_cast<int>(events.size());
    return Done{};
  }
  Status publish(const std::vector<LiveHint>& hints) override {
    shared_.hints += static_cast<int>(hints.size());
    return Done{};
  }
  Status ping() override { return Done{}; }

 private:
  Shared& shared_;
};

class EventBusTest : public testing::Test {
 protected:
  std::unique_ptr<EventBus> make(EventBusOptions options = {}) {
    return std::make_unique<EventBus>(source_, cursors_, std::make_unique<CountingSink>(shared_), clock_, options);
  }
  template <class Claim>
  static bool becomes(Claim claim) {
    for (int n = 0; n < 3000 && !claim(); ++n) SystemClock::wait(milliseconds(10));
    return claim();
  }

  SystemClock clock_;
  OnePartition source_;
  OneCursor cursors_;
  Shared shared_;
};

TEST_F(EventBusTest, CommitsAreToldWithoutWaitingForThePoll) {
  EventBusOptions options;
  options.pump.poll = hours(1);
  const auto bus = make(options);
  bus->start();
  ASSERT_TRUE(becomes([&] { return bus->status().pump.is_connected; }));
  for (int n = 1; n <= 20; ++n) {
    source_.commit();
    bus->notify(0);
    ASSERT_TRUE(becomes([&] { return cursors_.saved == static_cast<std::uint64_t>(n); }));
  }
  EXPECT_EQ(shared_.taken, 20);
  EXPECT_EQ(bus->status().backlog, 0U);
}

TEST_F(EventBusTest, BacklogIsWhatIsCommittedAndNotTold) {
  shared_.is_away = true;
  const auto bus = make();
  bus->start();
  for (int n = 0; n < 7; ++n) source_.commit();
  ASSERT_TRUE(becomes([&] { return bus->status().pump.cause == "away"; }));
  EXPECT_EQ(bus->status().backlog, 7U);
  EXPECT_FALSE(bus->status().pump.is_connected);
}

TEST_F(EventBusTest, HintsBeyondTheBoundPushOutTheOldestAndAreCounted) {
  EventBusOptions options;
  options.hints_waiting = 3;
  const auto bus = make(options);
  for (int n = 0; n < 10; ++n) bus->hint({"agent", "{}"});
  EXPECT_EQ(bus->status().pump.hints_dropped_total, 7U);
}

TEST_F(EventBusTest, StopsAtOnceAlsoWhileItWaitsForTheServer) {
  shared_.is_away = true;
  EventBusOptions options;
  options.pump.back_off = {hours(1), hours(1)};
  const auto bus = make(options);
  bus->start();
  ASSERT_TRUE(becomes([&] { return bus->status().pump.cause == "away"; }));
  bus->stop();
  bus->notify(0);
  bus->notify(999);
  SUCCEED();
}

TEST_F(EventBusTest, ToldFromManyThreadsLosesNothing) {
  const auto bus = make();
  bus->start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        source_.commit();
        bus->notify(0);
        bus->hint({"agent", "{}"});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(becomes([&] { return cursors_.saved == 800U; }));
  EXPECT_EQ(shared_.taken, 800);
}

}  // namespace
}  // namespace dunlin
