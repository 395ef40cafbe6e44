#include "core/dialing/dial_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

constexpr CampaignId first_campaign{1};
constexpr UtcTime start{1'000'000};

QueueRow row(std::uint64_t case_id, Duration due, std::int32_t rank = 0) {
  return QueueRow{first_campaign, CaseId(case_id), start + due, rank};
}

TEST(DialQueue, GivesNothingBeforeItIsDue) {
  DialQueue queue(10);
  ASSERT_TRUE(queue.upsert(row(1, seconds(10))).ok());
  EXPECT_FALSE(queue.pop_ready(first_campaign, start + seconds(9)).has_value());
  EXPECT_TRUE(queue.pop_ready(first_campaign, start + seconds(10)).has_value());
  EXPECT_EQ(queue.size(), 0U);
}

TEST(DialQueue, OrdersByRankThenAgeThenCase) {
  DialQueue queue(10);
  ASSERT_TRUE(queue.upsert(row(1, seconds(2), 5)).ok());
  ASSERT_TRUE(queue.upsert(row(2, seconds(1), 5)).ok());
  ASSERT_TRUE(queue.upsert(row(3, seconds(3), 1)).ok());
  ASSERT_TRUE(queue.upsert(row(4, seconds(1), 5)).ok());
  std::vector<std::uint64_t> order;
  while (auto next = queue.pop_ready(first_campaign, start + hours(1))) order.push_back(next->case_id.value());
  EXPECT_EQ(order, (std::vector<std::uint64_t>{3, 2, 4, 1}));
}

TEST(DialQueue, AnUpsertMovesTheCaseInsteadOfDoublingIt) {
  DialQueue queue(10);
  ASSERT_TRUE(queue.upsert(row(1, seconds(1))).ok());
  EXPECT_EQ(queue.summary(first_campaign, start + seconds(5)).ready, 1U);
  ASSERT_TRUE(queue.upsert(row(1, hours(1))).ok());
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_FALSE(queue.pop_ready(first_campaign, start + seconds(5)).has_value());
}

TEST(DialQueue, ShowsTheMostUrgentRowsAndKeepsThem) {
  DialQueue queue(1000);
  for (std::uint64_t id = 1; id <= 200; ++id) ASSERT_TRUE(queue.upsert(row(id, seconds(1), static_cast<std::int32_t>(200 - id))).ok());
  ASSERT_TRUE(queue.upsert(row(900, hours(1), -5)).ok());
  const auto urgent = queue.most_urgent(first_campaign, start + seconds(5), 100);
  ASSERT_EQ(urgent.size(), 100U);
  EXPECT_EQ(queue.size(), 201U);
  for (const UrgentRow& told : urgent) {
    const auto next = queue.pop_ready(first_campaign, start + seconds(5));
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(told, (UrgentRow{next->rank, next->due_at}));
  }
  EXPECT_EQ(queue.most_urgent(first_campaign, start + seconds(5), 1000).size(), 100U) << "who is not due is not shown";
  EXPECT_TRUE(queue.most_urgent(CampaignId(9), start, 5).empty());
}

TEST(DialQueue, SummarySaysWhatPacingNeeds) {
  DialQueue queue(10);
  ASSERT_TRUE(queue.upsert(row(1, seconds(1), 7)).ok());
  ASSERT_TRUE(queue.upsert(row(2, seconds(1), 3)).ok());
  ASSERT_TRUE(queue.upsert(row(3, seconds(60))).ok());
  const QueueSummary summary = queue.summary(first_campaign, start + seconds(5));
  EXPECT_EQ(summary.ready, 2U);
  EXPECT_EQ(summary.waiting, 1U);
  EXPECT_EQ(summary.best_rank, 3);
  EXPECT_EQ(summary.next_due, start + seconds(60));
  EXPECT_EQ(queue.summary(CampaignId(9), start).ready, 0U);
}

TEST(DialQueue, SaysWhenItIsFull) {
  DialQueue queue(2);
  ASSERT_TRUE(queue.upsert(row(1, seconds(1))).ok());
  ASSERT_TRUE(queue.upsert(row(2, seconds(1))).ok());
  EXPECT_EQ(queue.upsert(row(3, seconds(1))).error().code, Errc::exhausted);
  EXPECT_TRUE(queue.upsert(row(2, seconds(9))).ok());
}

TEST(DialQueue, ErasingACaseTakesItOutOfEveryCampaign) {
  DialQueue queue(10);
  for (std::uint64_t c = 1; c <= 5; ++c) ASSERT_TRUE(queue.upsert({CampaignId(c), CaseId(1), start, 0}).ok());
  ASSERT_TRUE(queue.upsert({CampaignId(2), CaseId(2), start, 0}).ok());
  queue.erase_case(CaseId(1));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.pop_ready(CampaignId(2), start)->case_id, CaseId(2));
}

/// A list that is searched from end to end: slow and obviously right.
class PlainQueue {
 public:
  void upsert(const QueueRow& row) {
    erase(row.case_id);
    rows_.push_back(row);
  }
  void erase(CaseId id) {
    const auto is_it = [id](const QueueRow& row) { return row.case_id == id; };
    rows_.erase(std::remove_if(rows_.begin(), rows_.end(), is_it), rows_.end());
  }
  std::optional<QueueRow> pop(UtcTime now) {
    std::optional<QueueRow> best;
    for (const QueueRow& row : rows_) {
      if (row.due_at > now) continue;
      const auto key = [](const QueueRow& of) { return std::tie(of.rank, of.due_at, of.case_id); };
      if (!best || key(row) < key(*best)) best = row;
    }
    if (best) erase(best->case_id);
    return best;
  }
  std::size_t size() const { return rows_.size(); }

 private:
  std::vector<QueueRow> rows_;
};

TEST(DialQueue, AgreesWithAPlainListOverRandomWork) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    // Few cases collide often, many fill several leaves.
    const std::uint64_t cases = seed % 2 == 0 ? 40 : 1500;
    const int steps = seed % 2 == 0 ? 500 : 4000;
    DialQueue queue(2000);
    PlainQueue plain;
    UtcTime now = start;
    for (int step = 0; step < steps; ++step) {
      const CaseId id(1 + rng.below(cases));
      const std::uint64_t what = rng.below(10);
      if (what < 6) {
        const auto delay = seconds(static_cast<std::int64_t>(rng.below(30)));
        const QueueRow next{first_campaign, id, now + delay, static_cast<std::int32_t>(rng.below(3))};
        ASSERT_TRUE(queue.upsert(next).ok());
        plain.upsert(next);
      } else if (what < 7) {
        queue.erase(first_campaign, id);
        plain.erase(id);
      } else {
        now = now + seconds(static_cast<std::int64_t>(rng.below(10)));
        const auto got = queue.pop_ready(first_campaign, now);
        const auto expected = plain.pop(now);
        ASSERT_EQ(got.has_value(), expected.has_value()) << "seed " << seed << " step " << step;
        if (got) {
          ASSERT_EQ(got->case_id, expected->case_id) << "seed " << seed << " step " << step;
        }
      }
      ASSERT_EQ(queue.size(), plain.size());
    }
  }
}

}  // namespace
}  // namespace dunlin
