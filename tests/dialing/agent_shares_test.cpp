#include "core/dialing/agent_shares.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

std::vector<SharedAgent> staff(std::uint64_t count, const std::vector<std::string>& skills = {}, std::uint64_t first = 1) {
  std::vector<SharedAgent> agents;
  for (std::uint64_t n = 0; n < count; ++n) agents.push_back({AgentId(first + n), true, skills});
  return agents;
}

AgentClaim claim(std::uint64_t campaign, std::uint32_t demand, std::uint32_t weight = 1, std::uint32_t guaranteed = 0, std::string skill = "") {
  AgentClaim c;
  c.campaign = CampaignId(campaign);
  c.demand = demand;
  c.weight = weight;
  c.guaranteed = guaranteed;
  c.skill = std::move(skill);
  return c;
}

std::size_t held(const AgentShares& shares, std::uint64_t campaign) {
  const auto share = shares.shares().find(CampaignId(campaign));
  return share == shares.shares().end() ? 0 : share->second.agents.size();
}

TEST(AgentShares, OneCampaignHasEverybodyWithItsSkill) {
  AgentShares shares;
  auto agents = staff(4, {"soft"});
  agents.push_back({AgentId(9), true, {"hard"}});
  shares.share_out(MonoTime{0}, agents, {claim(1, 0, 1, 0, "soft")});
  EXPECT_EQ(held(shares, 1), 4U) << "also with nothing to dial: what comes next finds them at hand";
  EXPECT_FALSE(shares.home_of(AgentId(9)).is_set());
}

TEST(AgentShares, GoesByWeight) {
  AgentShares shares;
  shares.share_out(MonoTime{0}, staff(12), {claim(1, 99, 3), claim(2, 99, 2), claim(3, 99, 1), claim(4, 99, 0)});
  EXPECT_EQ(held(shares, 1), 6U);
  EXPECT_EQ(held(shares, 2), 4U);
  EXPECT_EQ(held(shares, 3), 2U);
  EXPECT_EQ(held(shares, 4), 0U) << "weight 0: only what the others leave";
  shares.share_out(MonoTime{0}, staff(12), {claim(1, 5, 3), claim(2, 2, 2), claim(4, 99, 0)});
  EXPECT_EQ(held(shares, 4), 5U);
}

TEST(AgentShares, LowerPriorityTakesWhatIsLeft) {
  AgentShares shares;
  AgentClaim urgent = claim(2, 4);
  urgent.priority = 10;
  shares.share_out(MonoTime{0}, staff(5), {claim(1, 99, 100), urgent});
  EXPECT_EQ(held(shares, 2), 4U);
  EXPECT_EQ(held(shares, 1), 1U);
}

TEST(AgentShares, AGuaranteeHoldsAgainstWeightAndPriority) {
  AgentShares shares;
  AgentClaim flood = claim(1, 1000, 1000);
  flood.priority = -5;
  const auto agents = staff(6);
  shares.share_out(MonoTime{0}, agents, {flood, claim(2, 50, 1, 4)});
  EXPECT_EQ(held(shares, 2), 4U);
  EXPECT_EQ(shares.shares().at(CampaignId(2)).guaranteed, 4U);
  EXPECT_EQ(held(shares, 1), 2U);
}

TEST(AgentShares, AnIdleGuaranteeIsLentAndComesBack) {
  AgentShares shares;
  const auto agents = staff(6);
  shares.share_out(MonoTime{0}, agents, {claim(1, 99), claim(2, 0, 1, 4)});
  EXPECT_EQ(held(shares, 1), 6U);
  shares.share_out(MonoTime{200}, agents, {claim(1, 99), claim(2, 1, 1, 4)});
  EXPECT_EQ(held(shares, 2), 1U) << "no more than it can use";
  shares.share_out(MonoTime{400}, agents, {claim(1, 99), claim(2, 80, 1, 4)});
  EXPECT_EQ(held(shares, 2), 4U);
}

TEST(AgentShares, AShortageIsSharedByWhatWasPromised) {
  AgentShares shares;
  shares.share_out(MonoTime{0}, staff(6), {claim(1, 99, 1, 8), claim(2, 99, 1, 4), claim(3, 99)});
  EXPECT_EQ(held(shares, 1), 4U);
  EXPECT_EQ(held(shares, 2), 2U);
  EXPECT_EQ(held(shares, 3), 0U);
}

TEST(AgentShares, SkillsMoveOthersOutOfTheWay) {
  AgentShares shares;
  auto agents = staff(3, {"soft", "hard"});
  for (const SharedAgent& agent : staff(3, {"soft"}, 11)) agents.push_back(agent);
  // The first share-out puts soft's guarantee on whom it likes; hard's agents must come from the three with both skills.
  shares.share_out(MonoTime{0}, agents, {claim(1, 99, 1, 3, "soft"), claim(2, 99, 1, 3, "hard"), claim(3, 99, 1, 0, "law")});
  EXPECT_EQ(shares.shares().at(CampaignId(2)).agents, (std::vector<AgentId>{AgentId(1), AgentId(2), AgentId(3)}));
  EXPECT_EQ(held(shares, 1), 3U);
  EXPECT_EQ(held(shares, 3), 0U) << "nobody has the skill";
}

TEST(AgentShares, NobodyChangesHandsWithoutNeed) {
  AgentShares shares;
  auto agents = staff(10);
  const std::vector<AgentClaim> claims{claim(1, 99), claim(2, 99)};
  shares.share_out(MonoTime{0}, agents, claims);
  const auto before = shares.shares();
  for (std::int64_t ms = 200; ms < 600'000; ms += 1000) {
    agents[static_cast<std::size_t>(ms / 1000) % 10].is_ready ^= true;
    shares.share_out(MonoTime{ms}, agents, claims);
    ASSERT_EQ(shares.shares(), before) << ms;
  }
}

TEST(AgentShares, WhoTalksGoesBeforeWhoWaitsForALine) {
  AgentShares shares;
  auto agents = staff(4);
  shares.share_out(MonoTime{0}, agents, {claim(1, 99)});
  agents[1].is_ready = agents[3].is_ready = false;
  shares.share_out(MonoTime{200}, agents, {claim(1, 99), claim(2, 99)});
  EXPECT_EQ(shares.shares().at(CampaignId(2)).agents, (std::vector<AgentId>{AgentId(2), AgentId(4)}));
}

TEST(AgentShares, AGuaranteeTakesIdleAgentsAtOnce) {
  AgentShares shares;
  auto agents = staff(4);
  shares.share_out(MonoTime{0}, agents, {claim(1, 99)});
  agents[1].is_ready = agents[3].is_ready = false;
  shares.share_out(MonoTime{200}, agents, {claim(1, 99), claim(2, 99, 1, 2)});
  EXPECT_EQ(shares.shares().at(CampaignId(2)).agents, (std::vector<AgentId>{AgentId(1), AgentId(3)}));
}

/// Seconds each of two campaigns had the only agent in an hour, and how often the agent changed hands.
struct Turns { double first_s = 0, second_s = 0; int changes = 0; };
Turns one_agent_for_an_hour(std::uint32_t first_weight, std::uint32_t second_weight) {
  AgentShares shares;
  Turns turns;
  CampaignId last;
  for (std::int64_t ms = 0; ms < 3'600'000; ms += 1000) {
    shares.share_out(MonoTime{ms}, staff(1), {claim(1, 99, first_weight), claim(2, 99, second_weight)});
    const CampaignId home = shares.home_of(AgentId(1));
    (home == CampaignId(1) ? turns.first_s : turns.second_s) += 1;
    turns.changes += last.is_set() && home != last ? 1 : 0;
    last = home;
  }
  return turns;
}

TEST(AgentShares, OneAgentGoesBackAndForthByWeight) {
  const Turns equal = one_agent_for_an_hour(1, 1);
  EXPECT_NEAR(equal.first_s, 1800, 90);
  EXPECT_LE(equal.changes, 70);
  const Turns double_weight = one_agent_for_an_hour(2, 1);
  EXPECT_NEAR(double_weight.first_s, 2400, 120);
  const Turns tenfold = one_agent_for_an_hour(1, 10);
  EXPECT_GT(tenfold.first_s, 150) << "a small weight waits longer, it does not starve";
}

TEST(AgentShares, TakesAnythingForAnInput) {
  AgentShares shares;
  shares.share_out(MonoTime{0}, {}, {});
  EXPECT_TRUE(shares.shares().empty());
  shares.share_out(MonoTime{1}, {}, {claim(1, 99, 1, 5)});
  EXPECT_EQ(held(shares, 1), 0U);
  auto twice = staff(2);
  twice.push_back(twice.front());
  shares.share_out(MonoTime{2}, twice, {claim(1, 99), claim(1, 99), claim(2, 0, 0)});
  EXPECT_EQ(held(shares, 1), 2U);
  shares.share_out(MonoTime{1}, staff(2), {});
  EXPECT_TRUE(shares.shares().empty());
  EXPECT_FALSE(shares.home_of(AgentId(1)).is_set());
}

// --- any world --------------------------------------------------------------------------------------------------

struct World {
  std::vector<SharedAgent> agents;
  std::vector<AgentClaim> claims;
};

World random_world(Rng& rng) {
  const std::vector<std::string> skills{"soft", "hard", "law"};
  World world;
  const auto agents = rng.next() % 30;
  for (std::uint64_t n = 1; n <= agents; ++n) {
    SharedAgent agent{AgentId(n), rng.next() % 2 == 0, {}};
    for (const std::string& skill : skills) {
      if (rng.next() % 2 == 0) agent.skills.push_back(skill);
    }
    world.agents.push_back(agent);
  }
  const auto claims = 1 + rng.next() % 6;
  for (std::uint64_t n = 1; n <= claims; ++n) {
    AgentClaim c = claim(n, static_cast<std::uint32_t>(rng.next() % 25), static_cast<std::uint32_t>(rng.next() % 5),
                         rng.next() % 2 == 0 ? static_cast<std::uint32_t>(rng.next() % 8) : 0);
    c.priority = static_cast<std::int32_t>(rng.next() % 2);
    if (const auto skill = rng.next() % 4; skill < 3) c.skill = skills[skill];
    world.claims.push_back(c);
  }
  return world;
}

bool can_serve(const SharedAgent& agent, const AgentClaim& c) {
  return c.skill.empty() || std::find(agent.skills.begin(), agent.skills.end(), c.skill) != agent.skills.end();
}

/// Guarantees as far as demand goes can all be had at once (Hall): no set of claims promises more than the agents it has.
bool can_keep_all_guarantees(const World& world) {
  for (std::size_t set = 1; set < (std::size_t{1} << world.claims.size()); ++set) {
    std::size_t promised = 0;
    const auto is_in = [set](std::size_t c) { return (set >> c & 1) != 0; };
    for (std::size_t c = 0; c < world.claims.size(); ++c) promised += is_in(c) ? std::min(world.claims[c].guaranteed, world.claims[c].demand) : 0;
    const auto able = std::count_if(world.agents.begin(), world.agents.end(), [&](const SharedAgent& agent) {
      for (std::size_t c = 0; c < world.claims.size(); ++c) {
        if (is_in(c) && can_serve(agent, world.claims[c])) return true;
      }
      return false;
    });
    if (promised > static_cast<std::size_t>(able)) return false;
  }
  return true;
}

void expect_sound(const World& world, const AgentShares& shares) {
  std::set<AgentId> seen;
  for (const AgentClaim& c : world.claims) {
    const AgentShare& share = shares.shares().at(c.campaign);
    for (const AgentId id : share.agents) {
      EXPECT_TRUE(seen.insert(id).second) << "counted twice";
      EXPECT_TRUE(can_serve(world.agents[id.value() - 1], c)) << "without the skill";
      EXPECT_EQ(shares.home_of(id), c.campaign);
    }
    EXPECT_LE(share.guaranteed, share.agents.size());
  }
  for (const SharedAgent& agent : world.agents) {
    const bool is_wanted = std::any_of(world.claims.begin(), world.claims.end(), [&agent](const AgentClaim& c) { return can_serve(agent, c); });
    EXPECT_EQ(seen.count(agent.agent) == 1, is_wanted) << "nobody is left out whom a campaign may have";
  }
}

TEST(AgentSharesOfAnyWorld, CountNobodyTwiceAndKeepGuarantees) {
  Rng rng(4);
  int kept = 0;
  for (int n = 0; n < 500 && !HasFailure(); ++n) {
    const World world = random_world(rng);
    AgentShares shares;
    shares.share_out(MonoTime{0}, world.agents, world.claims);
    expect_sound(world, shares);
    if (!can_keep_all_guarantees(world)) continue;
    ++kept;
    for (const AgentClaim& c : world.claims) EXPECT_GE(held(shares, c.campaign.value()), std::min(c.guaranteed, c.demand)) << n;
  }
  EXPECT_GT(kept, 50);
}

TEST(AgentSharesOfAnyWorld, LeaveNobodyIdleWhomACampaignCouldUse) {
  Rng rng(5);
  for (int n = 0; n < 500 && !HasFailure(); ++n) {
    const World world = random_world(rng);
    AgentShares shares;
    shares.share_out(MonoTime{0}, world.agents, world.claims);
    for (const AgentClaim& rich : world.claims) {
      if (held(shares, rich.campaign.value()) <= rich.demand) continue;
      for (const AgentClaim& poor : world.claims) {
        if (held(shares, poor.campaign.value()) >= poor.demand) continue;
        for (const AgentId id : shares.shares().at(rich.campaign).agents) {
          EXPECT_FALSE(can_serve(world.agents[id.value() - 1], poor)) << n << ": " << rich.campaign.str() << " keeps what " << poor.campaign.str() << " could use";
        }
      }
    }
  }
}

TEST(AgentSharesOfAnyWorld, GrowWithTheWeight) {
  Rng rng(6);
  for (int n = 0; n < 500 && !HasFailure(); ++n) {
    World world = random_world(rng);
    AgentShares before;
    before.share_out(MonoTime{0}, world.agents, world.claims);
    AgentClaim& heavier = world.claims[rng.next() % world.claims.size()];
    heavier.weight += 1 + static_cast<std::uint32_t>(rng.next() % 5);
    AgentShares after;
    after.share_out(MonoTime{0}, world.agents, world.claims);
    const auto campaign = heavier.campaign.value();
    EXPECT_GE(std::min<std::size_t>(held(after, campaign), heavier.demand), std::min<std::size_t>(held(before, campaign), heavier.demand)) << n;
  }
}

TEST(AgentSharesOfAnyWorld, StaySoundWhileTheWorldChanges) {
  Rng rng(7);
  for (int n = 0; n < 50 && !HasFailure(); ++n) {
    AgentShares shares;
    AgentShares again;
    for (std::int64_t tick = 0; tick < 20; ++tick) {
      const World world = random_world(rng);
      shares.share_out(MonoTime{tick * 10'000}, world.agents, world.claims);
      again.share_out(MonoTime{tick * 10'000}, world.agents, world.claims);
      expect_sound(world, shares);
      EXPECT_EQ(shares.shares(), again.shares());
      if (!can_keep_all_guarantees(world)) continue;
      for (const AgentClaim& c : world.claims) EXPECT_GE(held(shares, c.campaign.value()), std::min(c.guaranteed, c.demand)) << n;
    }
  }
}

}  // namespace
}  // namespace dunlin
