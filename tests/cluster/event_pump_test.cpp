// At least once, in order, whatever fails between reading a fact and saving the position.
#include "cluster/event_pump.hpp"

#include <gtest/gtest.h>

#include <set>

namespace dunlin {
namespace {

/// Three partitions in memory; a damaged one refuses to be read.
class MemorySource final : public EventSource {
 public:
  void commit(Partition partition, std::size_t count = 1) {
    for (std::size_t n = 0; n < count; ++n) ++heads_.at(partition);
  }
  Partition partition_count() const override { return 3; }
  Result<std::uint64_t> head(Partition partition) override { return heads_.at(partition); }
  Result<EventPage> read(Partition partition, std::uint64_t after, std::size_t limit) override {
    if (damaged == partition) return Error{Errc::corrupt, "event 1: damaged"};
    EventPage page;
    page.next_after = after;
    while (page.next_after < heads_.at(partition) && page.next_after < after + limit) {
      ++page.next_after;
      if (erased.count({partition, page.next_after}) != 0) continue;
      EventEnvelope event;
      event.id = std::to_string(partition) + "-" + std::to_string(page.next_after);
      event.type = "call.answered";
      event.partition = std::to_string(partition);
      event.sequence = page.next_after;
      page.events.push_back(std::move(event));
    }
    page.is_at_end = page.next_after == heads_.at(partition);
    return page;
  }

  std::optional<Partition> damaged;
  std::set<std::pair<Partition, std::uint64_t>> erased;

 private:
  std::vector<std::uint64_t> heads_ = std::vector<std::uint64_t>(3);
};

class MemoryCursors final : public CursorStore {
 public:
  Result<std::uint64_t> load(Partition partition) override { return saved.at(partition); }
  Status save(const std::vector<CursorMove>& moves) override {
    if (refusals > 0) {
      --refusals;
      return Error{Errc::unavailable, "disk"};
    }
    for (const CursorMove& move : moves) {
      EXPECT_GE(move.position, saved.at(move.partition)) << "a cursor never goes back";
      saved.at(move.partition) = move.position;
    }
    return Done{};
  }
  std::vector<std::uint64_t> saved = std::vector<std::uint64_t>(3);
  int refusals = 0;
};

/// A server that remembers what it took; it can be away, refuse, or take a batch and never say so.
class FakeServer final : public EventSink {
 public:
  Status open() override {
    ++opens;
    if (is_away) return Error{Errc::unavailable, "no connection to Redis"};
    is_open = true;
    return Done{};
  }
  void close() override { is_open = false; }
  Status append(const std::vector<EventEnvelope>& events) override {
    EXPECT_TRUE(is_open);
    ++batches;
    if (refusal) return *refusal;
    for (const auto& event : events) taken.push_back(event.id);
    if (silences > 0) {
      --silences;
      return Error{Errc::unavailable, "Redis does not answer"};
    }
    return Done{};
  }
  Status publish(const std::vector<LiveHint>& news) override {
    if (hint_refusal) return *hint_refusal;
    for (const auto& hint : news) hints.push_back(hint.payload);
    return Done{};
  }
  Status ping() override {
    ++pings;
    if (is_frozen) return Error{Errc::unavailable, "Redis does not answer"};
    return Done{};
  }

  bool is_open = false;
  bool is_away = false;
  bool is_frozen = false;
  int opens = 0;
  int batches = 0;
  int pings = 0;
  int silences = 0;
  std::optional<Error> refusal;
  std::optional<Error> hint_refusal;
  std::vector<std::string> taken;
  std::vector<std::string> hints;
};

class PumpTest : public testing::Test {
 protected:
  EventPump make_pump(std::size_t batch = 4) {
    EventPumpOptions options;
    options.batch_events = batch;
    return EventPump(source_, cursors_, server_, options);
  }
  /// Steps through time until nothing is left to do or the pump only waits for a server that is away.
  void run(EventPump& pump, Duration time = seconds(60)) {
    const MonoTime until = now_ + time;
    while (now_ < until) now_ = now_ + std::max(pump.step(now_), milliseconds(1));
  }
  std::set<std::string> distinct() const { return {server_.taken.begin(), server_.taken.end()}; }
  std::set<std::string> all(std::uint64_t per_partition) const {
    std::set<std::string> ids;
    for (int p = 0; p < 3; ++p) {
      for (std::uint64_t n = 1; n <= per_partition; ++n) ids.insert(std::to_string(p) + "-" + std::to_string(n));
    }
    return ids;
  }
  void commit_all(std::size_t count) {
    for (Partition p = 0; p < 3; ++p) source_.commit(p, count);
  }

  MemorySource source_;
  MemoryCursors cursors_;
  FakeServer server_;
  MonoTime now_{1000};
};

TEST_F(PumpTest, EveryFactIsToldOnceInOrderAndTheCursorFollows) {
  commit_all(10);
  EventPump pump = make_pump();
  run(pump);
  EXPECT_EQ(server_.taken.size(), 30U);
  EXPECT_EQ(distinct(), all(10));
  EXPECT_EQ(cursors_.saved, (std::vector<std::uint64_t>{10, 10, 10}));
  EXPECT_EQ(pump.status().published_total, 30U);
  std::vector<std::string> first;
  for (const auto& id : server_.taken) {
    if (id.starts_with("0-")) first.push_back(id);
  }
  EXPECT_EQ(first.front(), "0-1");
  EXPECT_EQ(first.back(), "0-10");
}

TEST_F(PumpTest, AMarkTellsAtOnceAndThePollWithoutOne) {
  EventPump pump = make_pump();
  run(pump, seconds(5));
  source_.commit(1);
  pump.mark(1);
  EXPECT_GT(pump.step(now_).ms, 0);
  EXPECT_EQ(server_.taken, std::vector<std::string>{"1-1"});
  source_.commit(2);
  run(pump, seconds(5));
  EXPECT_EQ(distinct().count("2-1"), 1U);
}

TEST_F(PumpTest, AnOutageOfAnyLengthLosesNothingAndRepeatsNothing) {
  EventPump pump = make_pump();
  commit_all(2);
  run(pump);
  server_.is_away = true;
  server_.refusal = Error{Errc::unavailable, "Redis does not answer"};
  commit_all(50);
  run(pump, hours(48));
  EXPECT_FALSE(pump.status().is_connected);
  EXPECT_EQ(pump.status().cause, "no connection to Redis");
  EXPECT_LT(server_.opens, 48 * 3600 / 7 + 50) << "the pause between tries grows to its bound";
  EXPECT_GT(server_.opens, 48 * 3600 / 15 - 50) << "it keeps trying";
  server_.is_away = false;
  server_.refusal.reset();
  commit_all(1);
  run(pump);
  EXPECT_EQ(server_.taken.size(), 3U * 53U);
  EXPECT_EQ(distinct(), all(53));
  EXPECT_EQ(pump.status().reconnects_total, 1U);
  EXPECT_EQ(pump.status().cause, "");
}

TEST_F(PumpTest, AServerThatForgetsEverythingDoesNotMoveTheCursorBack) {
  EventPump pump = make_pump();
  commit_all(3);
  run(pump);
  server_.is_frozen = server_.is_away = true;
  run(pump, seconds(10));
  server_.taken.clear();
  source_.commit(0);
  server_.is_frozen = server_.is_away = false;
  run(pump);
  EXPECT_EQ(distinct(), std::set<std::string>{"0-4"});
  EXPECT_EQ(cursors_.saved, (std::vector<std::uint64_t>{4, 3, 3}));
}

TEST_F(PumpTest, AnAnswerLostOnTheWayRepeatsTheBatch) {
  commit_all(2);
  server_.silences = 1;
  EventPump pump = make_pump(100);
  run(pump);
  EXPECT_EQ(distinct(), all(2));
  EXPECT_EQ(server_.taken.size(), 12U) << "taken without a word, then taken again";
}

TEST_F(PumpTest, ADeathBetweenTheServerAndTheCursorRepeatsOneBatchAndLosesNothing) {
  commit_all(5);
  cursors_.refusals = 1'000'000;
  {
    EventPump dying = make_pump(4);
    run(dying, seconds(30));
  }
  EXPECT_EQ(cursors_.saved, (std::vector<std::uint64_t>{0, 0, 0}));
  const std::size_t told_before = server_.taken.size();
  EXPECT_LE(told_before, 4U) << "nothing more is told while the position is not saved";
  EXPECT_GT(told_before, 0U);
  cursors_.refusals = 0;
  EventPump next = make_pump(4);
  run(next);
  EXPECT_EQ(distinct(), all(5));
  EXPECT_EQ(server_.taken.size(), 15U + told_before);
}

TEST_F(PumpTest, ACursorThatCannotBeSavedIsSavedLaterWithoutRepeating) {
  commit_all(2);
  cursors_.refusals = 2;
  EventPump pump = make_pump(100);
  pump.step(now_);
  EXPECT_NE(pump.status().cause.find("position cannot be saved"), std::string::npos);
  run(pump);
  EXPECT_EQ(server_.taken.size(), 6U);
  EXPECT_EQ(cursors_.saved, (std::vector<std::uint64_t>{2, 2, 2}));
}

TEST_F(PumpTest, ARefusalIsShownInWordsAndTriedAgain) {
  const std::vector<Error> refusals = {
      {Errc::exhausted, "out of memory"}, {Errc::conflict, "read-only"}, {Errc::denied, "wrong password"}};
  commit_all(1);
  EventPump pump = make_pump(100);
  for (const Error& refusal : refusals) {
    server_.refusal = refusal;
    run(pump, seconds(30));
    EXPECT_FALSE(pump.status().is_connected);
    EXPECT_EQ(pump.status().cause, refusal.detail);
    EXPECT_TRUE(server_.taken.empty());
  }
  server_.refusal.reset();
  run(pump);
  EXPECT_EQ(distinct(), all(1));
}

TEST_F(PumpTest, ADamagedPartitionWaitsAndTheOthersGoOn) {
  commit_all(3);
  source_.damaged = Partition{1};
  EventPump pump = make_pump();
  run(pump);
  EXPECT_EQ(cursors_.saved, (std::vector<std::uint64_t>{3, 0, 3}));
  EXPECT_NE(pump.status().cause.find("partition 1 cannot be read"), std::string::npos);
  EXPECT_TRUE(pump.status().is_connected);
  source_.damaged.reset();
  run(pump);
  EXPECT_EQ(distinct(), all(3));
  EXPECT_EQ(pump.status().cause, "");
}

TEST_F(PumpTest, ErasedFactsMoveTheCursorWithoutABatch) {
  source_.commit(0, 2);
  source_.erased = {{0, 1}, {0, 2}};
  EventPump pump = make_pump();
  run(pump);
  EXPECT_EQ(cursors_.saved[0], 2U);
  EXPECT_EQ(server_.batches, 0);
}

TEST_F(PumpTest, AFrozenServerIsNoticedByThePing) {
  EventPump pump = make_pump();
  run(pump, seconds(12));
  EXPECT_EQ(server_.pings, 2);
  EXPECT_TRUE(pump.status().is_connected);
  server_.is_frozen = true;
  server_.is_away = true;
  run(pump, seconds(6));
  EXPECT_FALSE(pump.status().is_connected);
}

TEST_F(PumpTest, HintsAreToldOrDroppedAndCounted) {
  EventPump pump = make_pump();
  pump.add({{"agent", "one"}});
  pump.step(now_);
  EXPECT_TRUE(server_.hints.empty()) << "a hint from before the connection is old news";
  pump.add({{"agent", "two"}, {"agent", "three"}});
  pump.step(now_);
  EXPECT_EQ(server_.hints, (std::vector<std::string>{"two", "three"}));
  EXPECT_EQ(pump.status().hints_total, 2U);
  EXPECT_EQ(pump.status().hints_dropped_total, 1U);
}

TEST_F(PumpTest, AMissingRightForHintsDoesNotStopFacts) {
  EventPump pump = make_pump();
  run(pump, seconds(1));
  server_.hint_refusal = Error{Errc::denied, "Redis: the user lacks a right"};
  commit_all(1);
  pump.add({{"agent", "one"}});
  run(pump, seconds(5));
  EXPECT_EQ(distinct(), all(1));
  EXPECT_EQ(pump.status().hints_dropped_total, 1U);
  EXPECT_TRUE(pump.status().is_connected);
}

TEST(BackOffTest, DoublesWithJitterUpToItsBound) {
  Rng rng(7);
  const BackOff back_off{milliseconds(200), seconds(15)};
  const std::vector<std::pair<unsigned, std::int64_t>> cases = {
      {1, 200}, {2, 400}, {4, 1600}, {7, 12'800}, {8, 15'000}, {1'000'000, 15'000}};
  for (const auto& [failures, most] : cases) {
    std::set<std::int64_t> seen;
    for (int n = 0; n < 200; ++n) {
      const Duration wait = back_off.after(failures, rng);
      EXPECT_GE(wait.ms, most / 2);
      EXPECT_LE(wait.ms, most);
      seen.insert(wait.ms);
    }
    EXPECT_GT(seen.size(), 20U) << "nodes must not come back in one wave";
  }
}

}  // namespace
}  // namespace dunlin
