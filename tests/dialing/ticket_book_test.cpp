#include "core/dialing/ticket_book.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

constexpr Duration life = milliseconds(1500);
constexpr MonoTime begin{10'000};
constexpr MonoTime dead = begin + seconds(15);
constexpr AttemptId first_attempt{1};

class TicketBookTest : public ::testing::Test {
 protected:
  void issue(std::uint64_t attempt = 1) { EXPECT_EQ(book.issue({AttemptId(attempt), "a"}, begin, dead), begin + life); }
  TicketBook book{life};
};

TEST_F(TicketBookTest, AWishCountsUntilItIsGranted) {
  const auto key = book.wish(3, begin);
  EXPECT_EQ(book.lines(), 3);
  EXPECT_TRUE(book.end_wish(key));
  EXPECT_EQ(book.lines(), 0);
  EXPECT_FALSE(book.end_wish(key)) << "a second answer";
}

TEST_F(TicketBookTest, AWishNobodyAnswersComesBack) {
  const auto key = book.wish(3, begin);
  EXPECT_TRUE(book.expire(begin + life - milliseconds(1)).empty());
  EXPECT_EQ(book.lines(), 3);
  book.expire(begin + life);
  EXPECT_EQ(book.lines(), 0);
  EXPECT_EQ(book.counts().expired, 3U);
  EXPECT_FALSE(book.end_wish(key)) << "slots that come now are given back";
}

TEST_F(TicketBookTest, AnUnusedTicketGivesItsLineBack) {
  issue();
  EXPECT_EQ(book.lines(), 1);
  EXPECT_TRUE(book.expire(begin + life).empty()) << "its slot is not given back: the shard may use it yet";
  EXPECT_EQ(book.lines(), 0);
  EXPECT_EQ(book.counts().expired, 1U);
  EXPECT_EQ(book.on_answer(first_attempt, false), TicketEnd::give_back_slot);
  EXPECT_EQ(book.counts().late, 0U);
  EXPECT_EQ(book.on_answer(first_attempt, false), TicketEnd::none) << "answered once";
}

TEST_F(TicketBookTest, ATakenTicketWaitsForItsCommit) {
  issue();
  book.on_taken(first_attempt);
  book.expire(begin + seconds(9));
  EXPECT_EQ(book.lines(), 1) << "a slow disk is no lost message: the call is coming";
  EXPECT_EQ(book.on_answer(first_attempt, true), TicketEnd::watch_call);
  EXPECT_EQ(book.lines(), 0);
  EXPECT_EQ(book.counts().expired, 0U);
}

TEST_F(TicketBookTest, AnExpiredTicketThatWasTakenCountsAgain) {
  issue();
  book.expire(begin + life);
  book.on_taken(first_attempt);
  EXPECT_EQ(book.lines(), 1);
  EXPECT_EQ(book.on_answer(first_attempt, true), TicketEnd::watch_call);
  EXPECT_EQ(book.lines(), 0);
  EXPECT_EQ(book.counts().late, 1U) << "one line more than pacing meant";
}

TEST_F(TicketBookTest, ALateReservationIsCounted) {
  issue();
  book.expire(begin + life);
  EXPECT_EQ(book.on_answer(first_attempt, true), TicketEnd::watch_call);
  EXPECT_EQ(book.counts().late, 1U);
  issue(2);
  book.expire(begin + life);
  book.on_step(AttemptId(2), false);
  EXPECT_EQ(book.counts().late, 2U);
}

TEST_F(TicketBookTest, ACallThatIsSeenIsNotCountedTwice) {
  issue();
  book.on_step(first_attempt, false);
  EXPECT_EQ(book.lines(), 0) << "pacing sees the call itself";
  EXPECT_EQ(book.on_answer(first_attempt, true), TicketEnd::none);
}

TEST_F(TicketBookTest, ACallOverBeforeItsAnswerIsNotWatched) {
  issue();
  book.on_step(first_attempt, false);
  book.on_step(first_attempt, true);
  EXPECT_EQ(book.on_answer(first_attempt, true), TicketEnd::none);
}

TEST_F(TicketBookTest, ADoubtKeepsTheSlotUntilNoCallCanBegin) {
  issue();
  book.on_taken(first_attempt);
  book.on_doubt(first_attempt);
  EXPECT_EQ(book.lines(), 0);
  EXPECT_TRUE(book.expire(dead - milliseconds(1)).empty());
  EXPECT_EQ(book.expire(dead), (std::vector<TicketBook::Slot>{{first_attempt, "a"}}));
  EXPECT_EQ(book.counts().lost, 1U);
  EXPECT_TRUE(book.expire(dead + hours(1)).empty());
}

TEST_F(TicketBookTest, ADoubtIsOverWhenTheCallIsSeen) {
  issue();
  book.on_doubt(first_attempt);
  book.on_step(first_attempt, false);
  book.on_step(first_attempt, true);
  EXPECT_TRUE(book.expire(dead).empty()) << "the call gives its slot back itself";
  issue(2);
  book.on_step(AttemptId(2), false);
  book.on_doubt(AttemptId(2));
  EXPECT_TRUE(book.expire(dead).empty());
}

/// Whatever order messages come in or get lost: no line is counted twice or for ever.
TEST_F(TicketBookTest, EveryLineComesBackOnce) {
  Rng lots(7);
  for (int round = 0; round < 300; ++round) {
    TicketBook play(life);
    std::vector<int> ends(5, 0);
    std::vector<bool> was_seen(5, false);  // A call was: it gives its slot back itself.
    for (std::uint64_t n = 0; n < ends.size(); ++n) play.issue({AttemptId(n + 1), "a"}, begin, dead);
    for (int step = 0; step < 60; ++step) {
      const std::size_t n = lots.below(ends.size());
      const AttemptId attempt(n + 1);
      switch (lots.below(6)) {
        case 0: play.on_taken(attempt); break;
        case 1:
          play.on_step(attempt, lots.below(2) == 0);
          was_seen[n] = true;
          break;
        case 2: play.expire(begin + milliseconds(static_cast<std::int64_t>(lots.below(3000)))); break;
        case 3: play.on_doubt(attempt); break;
        default: ends[n] += play.on_answer(attempt, lots.below(2) == 0) == TicketEnd::none ? 0 : 1; break;
      }
      ASSERT_GE(play.lines(), 0);
      ASSERT_LE(play.lines(), static_cast<int>(ends.size()));
    }
    for (std::uint64_t n = 0; n < ends.size(); ++n) play.on_doubt(AttemptId(n + 1));
    for (const auto& slot : play.expire(dead)) ++ends[slot.attempt.value() - 1];
    EXPECT_EQ(play.lines(), 0) << round;
    for (std::size_t n = 0; n < ends.size(); ++n) {
      EXPECT_LE(ends[n], 1) << round;
      if (!was_seen[n]) {
        EXPECT_EQ(ends[n], 1) << round;
      }
    }
  }
}

}  // namespace
}  // namespace dunlin
