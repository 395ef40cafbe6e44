#include "app/clock_evidence.hpp"

#include "tests/storage/store_fixture.hpp"

namespace dunlin {
namespace {

using namespace storage_test;

class ClockEvidenceTest : public StoreTest {
 protected:
  void reserve(std::uint64_t number, UtcTime at) {
    auto commit = commit_of(case_in(static_cast<ShardIndex>(number), number), 0, {"reserved"});
    commit.attempts = {{AttemptId(number), AttemptMark::Kind::reserved, CampaignId(1), at}};
    must_commit(*store_, commit);
  }
  ClockEvidence evidence() {
    const auto found = clock_evidence(*store_);
    EXPECT_TRUE(found.ok());
    return found ? *found : ClockEvidence{};
  }
};

TEST_F(ClockEvidenceTest, NewFolderKnowsTheProgramsDayOnly) {
  const auto known = evidence();
  EXPECT_GT(known.built_at, UtcTime{1'700'000'000'000});
  EXPECT_FALSE(known.stopped_at);
  EXPECT_FALSE(known.last_attempt_at);
  EXPECT_EQ(known.latest(), known.built_at);
}

TEST_F(ClockEvidenceTest, KnowsTheNewestAttemptAndTheLastStop) {
  const UtcTime noon{1'990'000'000'000};
  reserve(1, noon + hours(2));
  reserve(2, noon);
  ASSERT_TRUE(store_->documents().put_and_wait(stop_record(noon + hours(1))).ok());
  reopen();
  const auto known = evidence();
  EXPECT_EQ(known.last_attempt_at, noon + hours(2));
  EXPECT_EQ(known.stopped_at, noon + hours(1));
  EXPECT_EQ(known.latest(), noon + hours(2));
}

TEST_F(ClockEvidenceTest, ADamagedStopRecordSaysNothing) {
  auto record = stop_record(UtcTime{});
  record.bytes = "yesterday";
  ASSERT_TRUE(store_->documents().put_and_wait(record).ok());
  const auto found = clock_evidence(*store_);
  ASSERT_TRUE(found.ok()) << "a damaged record must not keep the node down";
  EXPECT_FALSE(found->stopped_at);
}

}  // namespace
}  // namespace dunlin
