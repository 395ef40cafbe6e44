#include "core/dialing/dial_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>
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
    erase(row.campaign, row.case_id);
    rows_.push_back(row);
  }
  void erase(CampaignId campaign, CaseId id) {
    std::erase_if(rows_, [&](const QueueRow& row) { return row.campaign == campaign && row.case_id == id; });
  }
  void erase_case(CaseId id) {
    std::erase_if(rows_, [&](const QueueRow& row) { return row.case_id == id; });
  }
  /// Every case that is due, most urgent first.
  std::vector<QueueRow> ready(CampaignId campaign, UtcTime now) const {
    std::vector<QueueRow> due;
    std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(due), [&](const QueueRow& row) { return row.campaign == campaign && row.due_at <= now; });
    const auto key = [](const QueueRow& of) { return std::tie(of.rank, of.due_at, of.case_id); };
    std::sort(due.begin(), due.end(), [&](const QueueRow& a, const QueueRow& b) { return key(a) < key(b); });
    return due;
  }
  QueueSummary summary(CampaignId campaign, UtcTime now) const {
    QueueSummary summary;
    for (const QueueRow& row : rows_) {
      if (row.campaign != campaign || row.due_at <= now) continue;
      ++summary.waiting;
      summary.next_due = std::min(summary.next_due.value_or(row.due_at), row.due_at);
    }
    const auto due = ready(campaign, now);
    summary.ready = due.size();
    if (!due.empty()) summary.best_rank = due.front().rank;
    return summary;
  }
  std::size_t size() const { return rows_.size(); }

 private:
  std::vector<QueueRow> rows_;
};

/// Both queues given the same random work; each answer of the one is held against the other's.
class RandomWork {
 public:
  RandomWork(std::uint64_t seed, std::uint64_t cases) : rng_(seed), cases_(cases) {}

  /// Rows come more often than they go, or the other way round: the lists must grow long and run out.
  void step(bool is_filling) {
    const CampaignId campaign(1 + rng_.below(3));
    const CaseId id(1 + rng_.below(cases_));
    const std::uint64_t what = rng_.below(100);
    if (what < (is_filling ? 80U : 15U)) {
      put({campaign, id, now_ + seconds(static_cast<std::int64_t>(rng_.below(600))), static_cast<std::int32_t>(rng_.below(3))});
    } else if (what < 90) {
      take(campaign);
    } else if (what < 94) {
      queue_.erase(campaign, id);
      plain_.erase(campaign, id);
    } else if (what < 95) {
      queue_.erase_case(id);
      plain_.erase_case(id);
    } else {
      now_ = now_ + seconds(static_cast<std::int64_t>(rng_.below(20)));
      compare(campaign);
    }
    ASSERT_EQ(queue_.size(), plain_.size());
  }

 private:
  void put(const QueueRow& row) {
    ASSERT_TRUE(queue_.upsert(row).ok());
    plain_.upsert(row);
  }

  void take(CampaignId campaign) {
    const auto got = queue_.pop_ready(campaign, now_);
    const auto due = plain_.ready(campaign, now_);
    ASSERT_EQ(got.has_value(), !due.empty());
    if (!got) return;
    ASSERT_EQ(got->campaign, campaign);
    ASSERT_EQ(got->case_id, due.front().case_id);
    ASSERT_EQ(got->due_at, due.front().due_at);
    ASSERT_EQ(got->rank, due.front().rank);
    plain_.erase(campaign, got->case_id);
  }

  void compare(CampaignId campaign) {
    const QueueSummary told = queue_.summary(campaign, now_);
    const QueueSummary expected = plain_.summary(campaign, now_);
    ASSERT_EQ(told.ready, expected.ready);
    ASSERT_EQ(told.waiting, expected.waiting);
    ASSERT_EQ(told.next_due, expected.next_due);
    ASSERT_EQ(told.best_rank, expected.best_rank);
    const std::size_t most = rng_.below(200);
    auto due = plain_.ready(campaign, now_);
    due.resize(std::min(most, due.size()));
    std::vector<UrgentRow> urgent;
    for (const QueueRow& row : due) urgent.push_back({row.rank, row.due_at});
    ASSERT_EQ(queue_.most_urgent(campaign, now_, most), urgent);
  }

  Rng rng_;
  std::uint64_t cases_;
  UtcTime now_ = start;
  DialQueue queue_{5000};
  PlainQueue plain_;
};

TEST(DialQueue, AgreesWithAPlainListOverRandomWork) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    // Few cases collide often and leave campaigns empty, many fill several leaves.
    RandomWork work(seed, seed % 2 == 0 ? 12 : 1500);
    for (int step = 0; step < 5000; ++step) {
      work.step(step % 2500 < 1500);
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << " step " << step;
    }
  }
}

TEST(DialQueue, AMovedQueueKeepsItsRows) {
  DialQueue queue(10);
  ASSERT_TRUE(queue.upsert(row(1, seconds(1))).ok());
  DialQueue moved = std::move(queue);
  ASSERT_TRUE(moved.upsert(row(2, seconds(2))).ok());
  EXPECT_EQ(moved.pop_ready(first_campaign, start + hours(1))->case_id, CaseId(1));
  moved = DialQueue(10);
  EXPECT_FALSE(moved.pop_ready(first_campaign, start + hours(1)).has_value());
}

}  // namespace
}  // namespace dunlin
