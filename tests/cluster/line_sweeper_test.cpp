#include "cluster/line_sweeper.hpp"

#include "tests/cluster/etcd_journal_rig.hpp"

namespace dunlin::test {
namespace {

constexpr Duration line_age = hours(3);

TEST(LineSweeper, FreesOnlyWhatOneAttemptHeldForSoLong) {
  const EtcdProcess etcd;
  const auto client = JournalRig::must(EtcdClient::make(etcd.access()));
  const JournalKeys keys("test");
  const auto hold = [&](const std::string& line, const std::string& attempt) {
    EXPECT_TRUE(client->run({{}, {EtcdPut{keys.line(line), attempt, 0}}, {}}).ok());
  };
  const auto held = [&](const std::string& line) { return !client->read({keys.line(line), {}, 1})->rows.empty(); };
  LineSweeper sweeper("test", line_age);
  hold("old", "att_1");
  hold("reused", "att_2");
  EXPECT_EQ(sweeper.sweep(*client, MonoTime{0}).value(), 0u);
  hold("reused", "att_3");
  hold("young", "att_4");
  EXPECT_EQ(sweeper.sweep(*client, MonoTime{line_age.ms - 1}).value(), 0u);
  EXPECT_EQ(sweeper.sweep(*client, MonoTime{line_age.ms}).value(), 1u);
  EXPECT_FALSE(held("old"));
  EXPECT_TRUE(held("reused"));
  EXPECT_TRUE(held("young"));
}

TEST(LineSweeper, KeepsWhatItSawWhenEtcdDoesNotAnswer) {
  EtcdProcess etcd;
  auto access = etcd.access();
  access.deadline = milliseconds(200);
  const auto client = JournalRig::must(EtcdClient::make(access));
  const JournalKeys keys("test");
  ASSERT_TRUE(client->run({{}, {EtcdPut{keys.line("old"), "att_1", 0}}, {}}).ok());
  LineSweeper sweeper("test", line_age);
  ASSERT_TRUE(sweeper.sweep(*client, MonoTime{0}).ok());
  etcd.freeze();
  EXPECT_EQ(sweeper.sweep(*client, MonoTime{line_age.ms}).error().code, Errc::unavailable);
  etcd.thaw();
  EXPECT_EQ(sweeper.sweep(*client, MonoTime{line_age.ms}).value(), 1u);
}

}  // namespace
}  // namespace dunlin::test
