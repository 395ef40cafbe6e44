// In which order a carrier's addresses are tried, and what is remembered of them.
#include <gtest/gtest.h>

#include <map>

#include "core/base/rng.hpp"
#include "sip/limits.hpp"
#include "sip/target_list.hpp"

namespace dunlin {
namespace {

HostPort host(int last, std::uint16_t port = 5060) { return {"192.0.2." + std::to_string(last), port, true}; }

std::vector<std::string> order_of(const TargetList& list, MonoTime now, Rng& rng) {
  std::vector<std::string> texts;
  for (const HostPort& one : list.in_order(now, [&rng](std::uint32_t bound) { return static_cast<std::uint32_t>(rng.below(bound)); })) {
    texts.push_back(one.str());
  }
  return texts;
}

class TargetListTest : public testing::Test {
 protected:
  std::vector<std::string> order(MonoTime now = {}) { return order_of(list, now, rng); }
  TargetList list;
  Rng rng{3263};
};

TEST_F(TargetListTest, TheLowerPriorityGoesFirstWhateverTheWeight) {
  list.replace({{host(3), 30, 9}, {host(1), 10, 1}, {host(2), 20, 90}});
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(order(), (std::vector<std::string>{"192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"}));
  }
}

TEST_F(TargetListTest, OfOnePriorityEachGoesFirstByItsWeight) {
  list.replace({{host(1), 10, 30}, {host(2), 10, 10}, {host(3), 10, 0}});
  std::map<std::string, int> first;
  for (int i = 0; i < 4000; ++i) {
    const auto texts = order();
    ASSERT_EQ(texts.size(), 3U);
    ++first[texts.front()];
  }
  EXPECT_NEAR(first["192.0.2.1:5060"], 3000, 150);
  EXPECT_NEAR(first["192.0.2.2:5060"], 1000, 150);
  EXPECT_GT(first["192.0.2.3:5060"], 0) << "RFC 2782: a weight of 0 is a very small chance";
  EXPECT_LT(first["192.0.2.3:5060"], 300);
}

TEST_F(TargetListTest, WhoAnswersGoesBeforeWhoWasNotAskedBeforeWhoIsDown) {
  list.replace({{host(1), 10, 0}, {host(2), 20, 0}, {host(3), 30, 0}});
  list.mark(host(1), TargetHealth::down, "no answer");
  list.mark(host(3), TargetHealth::up, "200 OK");
  EXPECT_EQ(order(), (std::vector<std::string>{"192.0.2.3:5060", "192.0.2.2:5060", "192.0.2.1:5060"}));
  EXPECT_TRUE(list.has_up());
  EXPECT_FALSE(list.are_all_down({}));
  EXPECT_EQ(list.causes(), "192.0.2.1:5060 no answer");
  EXPECT_FALSE(list.is_in_use(host(1)));
  EXPECT_TRUE(list.is_in_use(host(2)));
  EXPECT_FALSE(list.is_in_use(host(9)));
}

TEST_F(TargetListTest, ADeadTargetIsTriedAgainAfterItsRest) {
  list.replace({{host(1), 10, 0}, {host(2), 20, 0}});
  list.mark(host(1), TargetHealth::down, "no answer", MonoTime{1000});
  EXPECT_EQ(order(MonoTime{999}).front(), "192.0.2.2:5060");
  EXPECT_EQ(order(MonoTime{1000}).front(), "192.0.2.1:5060");
  list.mark(host(2), TargetHealth::down, "no answer");
  EXPECT_TRUE(list.are_all_down(MonoTime{999}));
  EXPECT_FALSE(list.are_all_down(MonoTime{1000}));
  EXPECT_EQ(order(MonoTime{999}).size(), 2U) << "all dead: still better than none";
}

TEST_F(TargetListTest, ANewAnswerOfTheServersKeepsWhatIsKnownOfTheSameAddresses) {
  list.replace({{host(1), 10, 0}, {host(2), 10, 0}});
  list.mark(host(1), TargetHealth::up, "200 OK");
  list.mark(host(2), TargetHealth::down, "no answer");
  list.replace({{host(2), 5, 0}, {host(1, 5062), 5, 0}, {host(1), 20, 0}});
  EXPECT_EQ(order(), (std::vector<std::string>{"192.0.2.1:5060", "192.0.2.1:5062", "192.0.2.2:5060"})) << "another port is another target";
  list.replace({{host(7), 0, 0}});
  EXPECT_FALSE(list.has_up());
  EXPECT_EQ(list.causes(), "");
  list.mark(host(7), TargetHealth::up, "200 OK");
  EXPECT_EQ(list.causes(), "200 OK") << "a single target needs no address";
}

TEST_F(TargetListTest, ALongListIsCut) {
  std::vector<SipTarget> many;
  for (int i = 0; i < 200; ++i) many.push_back({host(i), i, 1});
  list.replace(many);
  EXPECT_EQ(order().size(), sip_limits::max_targets);
  EXPECT_EQ(order().front(), "192.0.2.0:5060");
}

}  // namespace
}  // namespace dunlin
