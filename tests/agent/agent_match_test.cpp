#include "core/agent/agent_match.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

ReadyAgent agent(std::uint64_t id, std::vector<std::string> skills, std::int64_t since) {
  return {AgentId(id), id * 10, LegId(id * 100), std::move(skills), MonoTime{since}};
}

AgentRequest request(std::uint64_t attempt, std::string skill, std::int64_t deadline, std::int32_t priority = 0) {
  return {AttemptId(attempt), std::move(skill), MonoTime{deadline}, priority, {}};
}

TEST(AgentMatch, ServesTheLongestWaitingAgentWithTheSkill) {
  AgentMatch match;
  EXPECT_FALSE(match.add_ready(agent(1, {"soft"}, 300)));
  EXPECT_FALSE(match.add_ready(agent(2, {"soft", "hard"}, 200)));
  EXPECT_FALSE(match.add_ready(agent(3, {"hard"}, 100)));
  const auto chosen = match.request(request(7, "soft", 5'000));
  ASSERT_TRUE(chosen.ok() && chosen->has_value());
  EXPECT_EQ((*chosen)->agent, AgentId(2));
  EXPECT_EQ((*chosen)->session, 20U);
  EXPECT_EQ((*chosen)->leg, LegId(200));
  EXPECT_EQ(match.counts("soft").ready, 1U);
  EXPECT_EQ(match.counts("hard").ready, 1U);
}

TEST(AgentMatch, GivesANewAgentToTheMostUrgentPerson) {
  AgentMatch match;
  ASSERT_TRUE(match.request(request(1, "soft", 3'000)).ok());
  ASSERT_TRUE(match.request(request(2, "soft", 2'000)).ok());
  ASSERT_TRUE(match.request(request(3, "hard", 1'000)).ok());
  ASSERT_TRUE(match.request(request(4, "hard", 9'000, -1)).ok());
  std::vector<AttemptId> served;
  for (std::uint64_t id = 1; id <= 4; ++id) {
    const auto matched = match.add_ready(agent(id, {"soft", "hard"}, 10));
    ASSERT_TRUE(matched);
    served.push_back(matched->attempt);
  }
  EXPECT_EQ(served, (std::vector<AttemptId>{AttemptId(4), AttemptId(3), AttemptId(2), AttemptId(1)}));
  EXPECT_EQ(match.waiting_count(), 0U);
}

TEST(AgentMatch, TakesTheCampaignsOwnAgentsFirstAndGuaranteedOnesLast) {
  AgentMatch match;
  for (std::uint64_t id = 1; id <= 4; ++id) EXPECT_FALSE(match.add_ready(agent(id, {"soft"}, static_cast<std::int64_t>(id))));
  // The longest waiting one is guaranteed to campaign 8, the next another's, the third nobody's, the last campaign 5's own.
  match.set_homes({{AgentId(1), {CampaignId(8), true}}, {AgentId(2), {CampaignId(9), false}}, {AgentId(4), {CampaignId(5), true}}});
  std::vector<AgentId> taken;
  for (std::uint64_t attempt = 1; attempt <= 4; ++attempt) {
    AgentRequest wanted = request(attempt, "soft", 5'000);
    wanted.campaign = CampaignId(5);
    const auto chosen = match.request(wanted);
    ASSERT_TRUE(chosen.ok() && chosen->has_value()) << "an idle agent is never kept from a person who waits";
    taken.push_back((*chosen)->agent);
  }
  EXPECT_EQ(taken, (std::vector<AgentId>{AgentId(4), AgentId(2), AgentId(3), AgentId(1)}));
}

TEST(AgentMatch, NeverGivesAnAgentWithoutTheSkill) {
  AgentMatch match;
  ASSERT_TRUE(match.request(request(1, "hard", 3'000)).ok());
  EXPECT_FALSE(match.add_ready(agent(1, {"soft"}, 10)));
  EXPECT_EQ(match.counts("hard").waiting, 1U);
}

TEST(AgentMatch, ARequestWithoutASkillTakesAnyAgent) {
  AgentMatch match;
  EXPECT_FALSE(match.add_ready(agent(1, {"soft"}, 10)));
  const auto skilled = match.request(request(1, "", 3'000));
  ASSERT_TRUE(skilled.ok() && skilled->has_value());
  EXPECT_EQ((*skilled)->agent, AgentId(1));
  ASSERT_TRUE(match.request(request(2, "", 3'000)).ok());
  EXPECT_TRUE(match.add_ready(agent(2, {}, 20)));
  EXPECT_EQ(match.waiting_count(), 0U);
}

TEST(AgentMatch, ExpiresByDeadlineInOrder) {
  AgentMatch match;
  ASSERT_TRUE(match.request(request(1, "soft", 3'000)).ok());
  ASSERT_TRUE(match.request(request(2, "soft", 1'000)).ok());
  ASSERT_TRUE(match.request(request(3, "soft", 2'000)).ok());
  EXPECT_EQ(match.next_deadline(), MonoTime{1'000});
  EXPECT_EQ(match.expire(MonoTime{2'000}), (std::vector<AttemptId>{AttemptId(2), AttemptId(3)}));
  EXPECT_EQ(match.waiting_count(), 1U);
}

TEST(AgentMatch, KeepsATalkForItsOwnAgent) {
  AgentMatch match;
  AgentRequest own = request(1, "soft", 3'000);
  own.only_agent = AgentId(5);
  ASSERT_TRUE(match.request(own).ok());
  EXPECT_FALSE(match.add_ready(agent(4, {"soft"}, 10)));
  ASSERT_TRUE(match.request(request(2, "hard", 100)).ok());
  const auto matched = match.add_ready(agent(5, {"soft", "hard"}, 20));
  ASSERT_TRUE(matched);
  EXPECT_EQ(matched->attempt, AttemptId(1));
}

TEST(AgentMatch, APreferredAgentGoesBeforeTheLongestWaitingOne) {
  AgentMatch match;
  ASSERT_FALSE(match.add_ready(agent(4, {"soft"}, 10)));
  ASSERT_FALSE(match.add_ready(agent(5, {"soft"}, 20)));
  ASSERT_FALSE(match.add_ready(agent(6, {"hard"}, 5)));
  const auto chosen = [&match](std::uint64_t attempt, std::uint64_t preferred) {
    AgentRequest wanted = request(attempt, "soft", 3'000);
    wanted.preferred_agent = AgentId(preferred);
    const auto matched = match.request(wanted);
    return matched.ok() && *matched ? (*matched)->agent : AgentId();
  };
  EXPECT_EQ(chosen(1, 5), AgentId(5));
  EXPECT_EQ(chosen(2, 6), AgentId(4)) << "without the skill it is nobody's preference";
  const auto taken_later = match.add_ready(agent(7, {"soft"}, 30));
  EXPECT_FALSE(taken_later);
  EXPECT_EQ(chosen(3, 5), AgentId(7)) << "who is not ready is not waited for";
}

TEST(AgentMatch, BoundsTheWaitingAndRefusesDoubles) {
  AgentMatch match(1);
  ASSERT_TRUE(match.request(request(1, "soft", 3'000)).ok());
  EXPECT_EQ(match.request(request(1, "soft", 3'000)).error().code, Errc::conflict);
  EXPECT_EQ(match.request(request(2, "soft", 3'000)).error().code, Errc::exhausted);
  EXPECT_TRUE(match.cancel(AttemptId(1)));
  EXPECT_FALSE(match.cancel(AttemptId(1)));
}

TEST(AgentMatch, CountsAgentsExpectedSoon) {
  AgentMatch match;
  match.expect_free({AgentId(1), {"soft"}, MonoTime{1'000}});
  match.expect_free({AgentId(2), {"soft"}, MonoTime{2'000}});
  EXPECT_EQ(match.soon_free_by("soft", MonoTime{1'500}), 1U);
  EXPECT_EQ(match.counts("soft").soon_free, 2U);
  match.add_ready(agent(1, {"soft"}, 900));
  EXPECT_EQ(match.counts("soft").soon_free, 1U);
  match.remove(AgentId(2));
  EXPECT_EQ(match.counts("soft").soon_free, 0U);
}

/// The book by exhaustive search, to compare with.
struct NaiveMatch {
  std::map<AgentId, ReadyAgent> agents;
  std::map<AttemptId, AgentRequest> requests;

  static bool has_skill(const ReadyAgent& a, const std::string& skill) {
    return std::find(a.skills.begin(), a.skills.end(), skill) != a.skills.end();
  }
  AgentId agent_for(const AgentRequest& r) const {
    const ReadyAgent* best = nullptr;
    for (const auto& [id, a] : agents) {
      if (!has_skill(a, r.skill)) continue;
      if (best == nullptr || std::pair(a.since, a.agent) < std::pair(best->since, best->agent)) best = &a;
    }
    return best == nullptr ? AgentId() : best->agent;
  }
  AttemptId request_for(const ReadyAgent& a) const {
    const AgentRequest* best = nullptr;
    const auto key = [](const AgentRequest& r) { return std::tuple(r.priority, r.deadline, r.attempt); };
    for (const auto& [id, r] : requests) {
      if (has_skill(a, r.skill) && (best == nullptr || key(r) < key(*best))) best = &r;
    }
    return best == nullptr ? AttemptId() : best->attempt;
  }
};

std::vector<std::string> some_skills(Rng& rng) {
  std::vector<std::string> skills;
  for (const char* name : {"soft", "hard", "vip"}) {
    if (rng.below(2) == 0) skills.emplace_back(name);
  }
  return skills;
}

void play_against_naive(std::uint64_t seed) {
  Rng rng(seed);
  AgentMatch match;
  NaiveMatch naive;
  std::uint64_t next_attempt = 1;
  for (std::int64_t now = 0; now < 300; ++now) {
    const AgentId id(1 + rng.below(12));
    switch (rng.below(5)) {
      case 0:
      case 1: {
        ReadyAgent a = agent(id.value(), some_skills(rng), now);
        naive.agents.erase(id);
        const AttemptId wanted = naive.request_for(a);
        const auto matched = match.add_ready(a);
        ASSERT_EQ(matched ? matched->attempt : AttemptId(), wanted);
        if (wanted.is_set()) naive.requests.erase(wanted);
        if (!wanted.is_set()) naive.agents[id] = a;
        break;
      }
      case 2: {
        const char* names[] = {"soft", "hard", "vip"};
        const AgentRequest r = request(next_attempt++, names[rng.below(3)], now + static_cast<std::int64_t>(rng.below(40)),
                                       static_cast<std::int32_t>(rng.below(3)));
        const AgentId wanted = naive.agent_for(r);
        const auto matched = match.request(r);
        ASSERT_TRUE(matched.ok());
        ASSERT_EQ(matched->has_value() ? (*matched)->agent : AgentId(), wanted);
        if (wanted.is_set()) naive.agents.erase(wanted);
        if (!wanted.is_set()) naive.requests[r.attempt] = r;
        break;
      }
      case 3: ASSERT_EQ(match.remove(id), naive.agents.erase(id) == 1); break;
      default:
        for (const AttemptId attempt : match.expire(MonoTime{now})) ASSERT_EQ(naive.requests.erase(attempt), 1U);
        for (const auto& [attempt, r] : naive.requests) ASSERT_GT(r.deadline.ms, now);
        break;
    }
    match.check_invariants();
    ASSERT_EQ(match.ready_count(), naive.agents.size());
    ASSERT_EQ(match.waiting_count(), naive.requests.size());
  }
}

TEST(AgentMatch, AgreesWithExhaustiveSearch) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    play_against_naive(seed);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace dunlin
