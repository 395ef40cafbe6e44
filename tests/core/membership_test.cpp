// A node's own idea of its lease: it must stop before etcd lets others in, whatever is lost on the way.
#include "core/cluster/membership.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

MonoTime at(std::int64_t ms) { return {ms}; }

Membership member_since(std::int64_t ms) {
  Membership node("n1", 0x5f2c, {});
  EXPECT_EQ(node.on_tick(at(ms)), MembershipAsk::grant_lease);
  node.on_granted(77, at(ms));
  EXPECT_EQ(node.on_tick(at(ms + 10)), MembershipAsk::put_node_key);
  node.on_node_key(1234, at(ms + 10));
  EXPECT_EQ(node.state(), MembershipState::member);
  return node;
}

TEST(Membership, JoinsByALeaseAndItsKey) {
  const auto node = member_since(1000);
  EXPECT_EQ(node.incarnation(), "n1#5f2c.1");
  EXPECT_EQ(node.lease(), 77);
  EXPECT_EQ(node.node_created_at(), 1234);
  EXPECT_EQ(node.good_until(), at(5000)) << "from before the lease was asked for, not from its answer";
}

TEST(Membership, AsksAgainAfterAPauseOnly) {
  Membership node("n1", 1, {});
  EXPECT_EQ(node.on_tick(at(0)), MembershipAsk::grant_lease);
  EXPECT_EQ(node.on_tick(at(299)), MembershipAsk::nothing);
  EXPECT_EQ(node.on_tick(at(300)), MembershipAsk::grant_lease);
  node.on_granted(std::nullopt, at(300));
  EXPECT_EQ(node.state(), MembershipState::outside);
}

TEST(Membership, RenewsFromBeforeTheRequest) {
  auto node = member_since(1000);
  EXPECT_EQ(node.on_tick(at(1020)), MembershipAsk::renew_lease) << "at once after joining";
  EXPECT_FALSE(node.on_renewed(4, at(1020)));
  EXPECT_EQ(node.good_until(), at(5020));
  EXPECT_EQ(node.on_tick(at(2319)), MembershipAsk::nothing);
  EXPECT_EQ(node.on_tick(at(2320)), MembershipAsk::renew_lease);
  EXPECT_FALSE(node.on_renewed(9, at(2320)));
  EXPECT_EQ(node.good_until(), at(6320)) << "a longer promise is not believed";
  EXPECT_FALSE(node.on_renewed(2, at(3700)));
  EXPECT_EQ(node.good_until(), at(5700)) << "a shorter one is";
}

TEST(Membership, IsSuspendedWithoutAnswersAndComesBackInTheSameLife) {
  auto node = member_since(1000);
  EXPECT_TRUE(node.may_originate(at(4999)));
  EXPECT_FALSE(node.may_originate(at(5000))) << "even before the next tick";
  EXPECT_EQ(node.on_tick(at(5000)), MembershipAsk::renew_lease);
  EXPECT_EQ(node.state(), MembershipState::suspended);
  EXPECT_FALSE(node.on_renewed(std::nullopt, at(5000)));
  EXPECT_EQ(node.on_tick(at(5300)), MembershipAsk::renew_lease);
  EXPECT_FALSE(node.on_renewed(3, at(5300))) << "the lease had outlived our own deadline";
  EXPECT_TRUE(node.may_originate(at(5400)));
  EXPECT_EQ(node.incarnation(), "n1#5f2c.1");
}

TEST(Membership, AnEndedLeaseEndsTheIncarnation) {
  auto node = member_since(1000);
  EXPECT_TRUE(node.on_renewed(0, at(2300)));
  EXPECT_EQ(node.state(), MembershipState::outside);
  EXPECT_EQ(node.incarnation(), "n1#5f2c.2");
  EXPECT_EQ(node.lease(), 0);
  EXPECT_EQ(node.on_tick(at(2301)), MembershipAsk::grant_lease) << "at once";
}

TEST(Membership, AKeyThatCannotBePutGivesTheLeaseUp) {
  Membership node("n1", 1, {});
  ASSERT_EQ(node.on_tick(at(0)), MembershipAsk::grant_lease);
  node.on_granted(5, at(0));
  node.on_node_key(std::nullopt, at(100));
  EXPECT_EQ(node.state(), MembershipState::joining);
  node.on_node_key(std::nullopt, at(4000));
  EXPECT_EQ(node.state(), MembershipState::outside);
  EXPECT_EQ(node.incarnation(), "n1#1.2");
}

TEST(Membership, LateAnswersOfAnotherStateChangeNothing) {
  auto node = member_since(1000);
  node.on_granted(99, at(1100));
  node.on_node_key(99, at(1100));
  EXPECT_EQ(node.lease(), 77);
  EXPECT_EQ(node.node_created_at(), 1234);
  Membership outside("n1", 1, {});
  EXPECT_FALSE(outside.on_renewed(4, at(10)));
  EXPECT_EQ(outside.state(), MembershipState::outside);
}

/// etcd's side: a lease that ends a TTL after the last renewal it executed, or later.
struct LeaseServer {
  std::int64_t ends_at = -1;
  bool is_alive(std::int64_t now) const { return now < ends_at; }
};

TEST(Membership, NeverBelievesInALeaseThatHasEnded) {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Rng lots(seed);
    Membership node("n1", seed, {});
    LeaseServer server;
    std::int64_t now = 0;
    int memberships = 0;
    for (int step = 0; step < 200; ++step) {
      now += static_cast<std::int64_t>(lots.below(lots.below(20) == 0 ? 6000 : 400));
      ASSERT_TRUE(!node.may_originate(at(now)) || server.is_alive(now)) << "seed " << seed << " at " << now;
      const auto asked_at = now;
      const auto ask = node.on_tick(at(now));
      if (ask == MembershipAsk::nothing) continue;
      const bool arrives = lots.below(5) != 0;
      const bool is_answered = arrives && lots.below(5) != 0;
      now += static_cast<std::int64_t>(lots.below(300));
      if (arrives && ask == MembershipAsk::grant_lease) server.ends_at = now + 4000;
      if (arrives && ask == MembershipAsk::renew_lease && server.is_alive(now)) server.ends_at = now + 4000;
      const auto said = [is_answered](std::int64_t value) { return is_answered ? std::optional(value) : std::nullopt; };
      if (ask == MembershipAsk::grant_lease) node.on_granted(said(1), at(asked_at));
      if (ask == MembershipAsk::put_node_key) node.on_node_key(server.is_alive(now) ? said(2) : std::nullopt, at(asked_at));
      if (ask == MembershipAsk::renew_lease) node.on_renewed(said(server.is_alive(now) ? 4 : 0), at(asked_at));
      memberships += node.state() == MembershipState::member ? 1 : 0;
    }
    ASSERT_GT(memberships, 5) << "seed " << seed;
  }
}

}  // namespace
}  // namespace dunlin
