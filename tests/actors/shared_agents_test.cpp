// Several campaigns over the same agents under virtual time: nobody is dialed for twice, guarantees hold against a flood,
// and when agents leave, the rest is shared out within a second without a case lost or doubled.
#include <map>

#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

class SharedAgentsTest : public ActorTest {
 protected:
  SharedAgentsTest() { add_campaign("vip", "vip"); }

  void describe(std::size_t place, std::uint32_t weight, std::uint32_t guaranteed, std::int32_t priority = 100) {
    Campaign& changed = campaigns[place];
    changed.settings.weight = weight;
    changed.settings.guaranteed_agents = guaranteed;
    changed.settings.priority = priority;
    EXPECT_TRUE(disk.put_document("campaign", changed.settings.id.str(), encode_campaign(changed)).ok());
  }
  void seat(int count) {
    for (int n = 1; n <= count; ++n) seat_agent("a" + std::to_string(n));
  }
  void open_cases(int count, const std::string& portfolio) {
    const int first = portfolio == "vip" ? 500 : 0;
    for (int person = 1; person <= count; ++person) cases.push_back(open_case(first + person, portfolio));
  }
  std::map<std::string, int> shares() {
    std::map<std::string, int> found;
    for (const auto& view : ask<msg::CampaignsView>(node->context.campaigns, msg::GetCampaigns{}).campaigns) {
      found[view.campaign.settings.name] = view.agents_shared;
    }
    return found;
  }
  std::map<CampaignId, int> lines() {
    std::map<CampaignId, int> found;
    for (const auto& call : ask<msg::CallsView>(node->context.calls, msg::GetCalls{}).live) ++found[call.campaign];
    return found;
  }
  LegId leg_of(CampaignId campaign) {
    for (const auto& call : ask<msg::CallsView>(node->context.calls, msg::GetCalls{}).live) {
      if (call.campaign == campaign && !call.legs.empty()) return call.legs.front();
    }
    ADD_FAILURE() << "no call of " << campaign.str();
    return {};
  }
  /// Every second new call reaches a person who talks for a round, the others are busy.
  void play(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (const LegId leg : talking) end_remotely(leg);
      talking.clear();
      dispose();
      for (; seen < node->sip.invites.size(); ++seen) {
        const LegId leg = node->sip.invites[seen].request.leg;
        if (seen % 2 == 1) {
          end_remotely(leg, 486);
          continue;
        }
        answer_as_person(leg);
        talking.push_back(leg);
      }
      stage.pass(seconds(2));
    }
  }
  /// Whoever wraps up says what it was and is ready again.
  void dispose() {
    for (const auto& view : ask<msg::AgentsView>(node->context.agents, msg::GetAgents{}).agents) {
      if (view.state != AgentState::wrap_up) continue;
      EXPECT_FALSE(ask<msg::Answer>(node->context.agents, msg::DisposeCall{view.profile.user, Outcome::rpc_refusal, {}, {}, {}}).error);
    }
  }
  /// No campaign dials on; every call comes to its end.
  void run_out() {
    for (const Campaign& each : campaigns) {
      EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::CommandCampaign{each.settings.name, CampaignCommand::pause, "test"}).error);
    }
    for (int round = 0; round < 5; ++round) play(1);
    stage.pass(seconds(70));
  }
  void expect_nobody_lost_or_doubled() {
    EXPECT_EQ(live_calls(), 0U);
    EXPECT_EQ(channels_in_use(), 0);
    std::size_t reserved = 0;
    for (const CaseId id : cases) {
      bool is_open = false;
      for (const CaseEvent& event : events_of(id)) {
        if (std::holds_alternative<AttemptReserved>(event)) {
          EXPECT_FALSE(is_open) << id.str() << " was dialed twice at once";
          is_open = true;
          ++reserved;
        }
        if (std::holds_alternative<AttemptSettled>(event)) is_open = false;
      }
      EXPECT_FALSE(is_open) << id.str() << " was never settled";
    }
    EXPECT_GE(reserved, node->sip.invites.size());
  }

  std::vector<CaseId> cases;
  std::vector<LegId> talking;
  std::size_t seen = 0;
};

TEST_F(SharedAgentsTest, NobodyIsDialedForTwice) {
  describe(0, 3, 0);
  start();
  open_cases(8, "north");
  open_cases(8, "vip");
  seat(4);
  stage.pass(seconds(5));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 3}, {"vip", 1}}));
  EXPECT_EQ(node->sip.invites.size(), 4U) << "one line for each ready agent, over both campaigns";
  const auto dialed = lines();
  EXPECT_EQ(dialed.at(campaigns[0].settings.id), 3);
  EXPECT_EQ(dialed.at(campaigns[1].settings.id), 1);
}

TEST_F(SharedAgentsTest, WhoHasNoLineKeepsNobodyFromWhoHas) {
  campaigns[1].settings.trunks = {{"b", 1}};
  describe(1, 1, 0, 10);
  start();
  node->sip.tell_trunk_health("b", false);
  open_cases(8, "north");
  open_cases(8, "vip");
  seat(4);
  stage.pass(seconds(6));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 4}, {"vip", 0}}));
  EXPECT_EQ(node->sip.invites.size(), 4U);
}

TEST_F(SharedAgentsTest, AGuaranteeHoldsWhileAnotherCampaignFloods) {
  describe(0, 1000, 0, -100);
  describe(1, 1, 2);
  start();
  seat(6);
  open_cases(60, "north");
  stage.pass(seconds(3));
  EXPECT_EQ(shares().at("north"), 6) << "an idle guarantee is lent";
  open_cases(20, "vip");
  stage.pass(seconds(1));
  for (int round = 0; round < 8; ++round) {
    play(1);
    EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 4}, {"vip", 2}})) << round;
  }
  const auto view = ask<msg::CampaignView>(node->context.campaigns, msg::GetCampaign{"vip"});
  EXPECT_EQ(view.agents_guaranteed, 2);
  EXPECT_GT(view.counters.connected, 2U);
  EXPECT_EQ(view.counters.abandoned, 0U);
  run_out();
  expect_nobody_lost_or_doubled();
}

TEST_F(SharedAgentsTest, AThirdOfTheAgentsLeavesAndTheRestIsSharedWithinASecond) {
  describe(1, 1, 2);
  start();
  seat(6);
  open_cases(40, "north");
  open_cases(40, "vip");
  stage.pass(seconds(2));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 3}, {"vip", 3}}));
  play(3);
  for (const char* user : {"a1", "a4"}) EXPECT_FALSE(command(user, msg::AgentVerb::force_logout).error);
  stage.pass(seconds(1));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 2}, {"vip", 2}}));
  for (const char* user : {"a2", "a3"}) EXPECT_FALSE(command(user, msg::AgentVerb::force_logout).error);
  stage.pass(seconds(1));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 0}, {"vip", 2}})) << "what is left is guaranteed";
  play(4);
  seat_agent("a9");
  stage.pass(seconds(1));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 1}, {"vip", 2}}));
  run_out();
  expect_nobody_lost_or_doubled();
}

TEST_F(SharedAgentsTest, SkillsBoundWhoIsSharedAndAChangeWorksAtOnce) {
  campaigns[1].settings.skill = "vip";
  describe(1, 1, 2);
  start();
  seat_agent("both", {"vip"});
  seat_agent("plain");
  open_cases(10, "north");
  open_cases(10, "vip");
  stage.pass(seconds(2));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 1}, {"vip", 1}})) << "two are promised, one has the skill";
  const auto idle = ask<msg::CampaignView>(node->context.campaigns, msg::GetCampaign{"north"});
  EXPECT_EQ(idle.agents_ready, 2) << "the board shows everybody with the skill";
  msg::PutCampaign change{campaigns[1].settings, "test"};
  change.settings.trunks = {{"a", 1}, {"b", 1}};
  change.settings.guaranteed_agents = 0;
  change.settings.weight = 0;
  EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, change).error);
  stage.pass(seconds(1));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 2}, {"vip", 0}}));
  EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::CommandCampaign{"north", CampaignCommand::pause, "test"}).error);
  stage.pass(seconds(1));
  EXPECT_EQ(shares(), (std::map<std::string, int>{{"north", 0}, {"vip", 1}}));
}

TEST_F(SharedAgentsTest, WaitingPersonsOfAGuaranteedCampaignAreServedFirst) {
  describe(0, 1, 0, -100);
  describe(1, 1, 1);
  start();
  seat(2);
  open_cases(3, "north");
  open_cases(3, "vip");
  stage.pass(seconds(3));
  const LegId north = leg_of(campaigns[0].settings.id);
  const LegId vip = leg_of(campaigns[1].settings.id);
  // Both agents go, both persons are on the line: one agent comes back within their patience.
  for (const char* user : {"a1", "a2"}) EXPECT_FALSE(command(user, msg::AgentVerb::take_break).error);
  answer_as_person(north);
  answer_as_person(vip);
  EXPECT_FALSE(command("a1", msg::AgentVerb::ready).error);
  stage.pass(milliseconds(200));
  const msg::AgentView served = agent("a1");
  ASSERT_TRUE(served.attempt.is_set());
  for (const auto& call : ask<msg::CallsView>(node->context.calls, msg::GetCalls{}).live) {
    if (call.attempt == served.attempt) {
      EXPECT_EQ(call.campaign, campaigns[1].settings.id);
    }
  }
}

}  // namespace
}  // namespace dunlin::test
