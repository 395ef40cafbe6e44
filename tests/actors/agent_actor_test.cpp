// Agents, their desk and the matchmaker: who talks with whom, who comes back, what is saved.
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

class AgentActorTest : public ActorTest {
 protected:
  void SetUp() override { start(); }

  /// A case is dialed by its campaign and a person answers; the leg.
  LegId person_answers(int person) {
    const std::size_t before = node->sip.invites.size();
    open_case(person);
    for (int n = 0; n < 50 && node->sip.invites.size() == before; ++n) stage.pass(milliseconds(200));
    EXPECT_EQ(node->sip.invites.size(), before + 1);
    const LegId leg = node->sip.invites.back().request.leg;
    answer_as_person(leg);
    return leg;
  }
};

TEST_F(AgentActorTest, AnAnsweringPersonIsJoinedWithTheReadyAgent) {
  seat_agent("ann");
  const LegId leg = person_answers(1);
  ASSERT_EQ(node->media.bridges.size(), 1U);
  EXPECT_EQ(node->media.bridges.front().second, leg);
  EXPECT_EQ(agent("ann").state, AgentState::talking);
  EXPECT_EQ(node->media.recorded.size(), 1U);
}

TEST_F(AgentActorTest, AnAgentWhoseLegDiesInATalkComesBackToTheSamePerson) {
  seat_agent("ann");
  const LegId leg = person_answers(1);
  node->sip.lose_station_legs("ann");
  settle();
  EXPECT_FALSE(node->media.partner_of(leg));
  stage.pass(seconds(1));
  EXPECT_TRUE(node->media.partner_of(leg));
  EXPECT_EQ(agent("ann").state, AgentState::talking);
}

TEST_F(AgentActorTest, AnAgentWhoseSoundStopsIsHungUpAndComesBackToTheSamePerson) {
  seat_agent("ann");
  const LegId leg = person_answers(1);
  ASSERT_EQ(node->media.bridges.size(), 1U);
  const LegId dead = node->media.bridges.front().first;
  node->media.lose_rtp(dead);
  settle();
  EXPECT_EQ(node->sip.hang_ups, std::vector<LegId>{dead});
  EXPECT_FALSE(node->media.partner_of(leg)) << "the person is not left with a dead line";
  EXPECT_TRUE(node->sip.probes.empty()) << "the phone owes sound: nobody needs to ask it";
  stage.pass(seconds(1));
  const auto partner = node->media.partner_of(leg);
  ASSERT_TRUE(partner);
  EXPECT_NE(*partner, dead);
  EXPECT_EQ(agent("ann").state, AgentState::talking);
}

TEST_F(AgentActorTest, AnAgentWhoMayBeSilentIsAskedAndKept) {
  seat_agent("ann");
  const LegId leg = person_answers(1);
  ASSERT_EQ(node->media.bridges.size(), 1U);
  const LegId quiet = node->media.bridges.front().first;
  node->media.lose_rtp(quiet, true);
  stage.pass(seconds(1));
  EXPECT_EQ(node->sip.probes, std::vector<LegId>{quiet});
  EXPECT_TRUE(node->sip.hang_ups.empty());
  EXPECT_EQ(node->media.partner_of(leg), quiet);
  EXPECT_EQ(agent("ann").state, AgentState::talking);
  // The phone does not answer that question either: the SIP edge ends the leg, and she comes back on a new one.
  EndCause mute;
  mute.origin = EndOrigin::timeout;
  mute.text = "no answer to OPTIONS";
  node->sip.end(quiet, mute);
  stage.pass(seconds(1));
  const auto partner = node->media.partner_of(leg);
  ASSERT_TRUE(partner);
  EXPECT_NE(*partner, quiet);
}

TEST_F(AgentActorTest, AnOutcomeIsToldAsSavedOnlyAfterTheCommit) {
  seat_agent("ann");
  const LegId leg = person_answers(1);
  stage.pass(seconds(5));
  end_remotely(leg);
  ASSERT_EQ(agent("ann").state, AgentState::wrap_up);
  node->journal.hold();
  const auto asked = ask_later<msg::Answer>(stage, node->context.agents, msg::DisposeCall{"ann", Outcome::rpc_refusal, {}, {}, ""});
  stage.pass(seconds(2));
  EXPECT_FALSE(asked->is_over());
  EXPECT_EQ(agent("ann").state, AgentState::wrap_up);
  node->journal.release();
  stage.pass(seconds(1));
  ASSERT_TRUE(asked->answer);
  EXPECT_FALSE(asked->answer->error);
  EXPECT_EQ(agent("ann").state, AgentState::ready);
}

TEST_F(AgentActorTest, AnOutcomeTheDiskRefusesIsNotToldAsSaved) {
  seat_agent("ann");
  const LegId leg = person_answers(1);
  stage.pass(seconds(5));
  end_remotely(leg);
  node->journal.choose_fate = [](const CommitRequest&) { return CommitFate::refused; };
  EXPECT_TRUE(ask<msg::Answer>(node->context.agents, msg::DisposeCall{"ann", Outcome::rpc_refusal, {}, {}, ""}).error);
  EXPECT_EQ(agent("ann").state, AgentState::wrap_up);
  node->journal.choose_fate = nullptr;
  EXPECT_FALSE(ask<msg::Answer>(node->context.agents, msg::DisposeCall{"ann", Outcome::rpc_refusal, {}, {}, ""}).error);
}

TEST_F(AgentActorTest, APersonWhoHangsUpBeforeTheVerdictLeavesTheAgentReady) {
  seat_agent("ann");
  const CaseId id = open_case(1);
  for (int n = 0; n < 50 && node->sip.invites.empty(); ++n) stage.pass(milliseconds(200));
  ASSERT_EQ(node->sip.invites.size(), 1U);
  const LegId leg = node->sip.invites.back().request.leg;
  node->sip.pick_up(leg);
  settle();
  end_remotely(leg);
  node->media.judge(leg, VoiceVerdict::AnswerClass::human);
  stage.pass(seconds(1));
  EXPECT_EQ(agent("ann").state, AgentState::ready);
  EXPECT_TRUE(node->media.bridges.empty());
  const auto settled = stored<AttemptSettled>(id);
  ASSERT_EQ(settled.size(), 1U);
  EXPECT_EQ(settled.front().outcome, Outcome::hung_up_before_agent);
}

TEST_F(AgentActorTest, AReservationThatBecomesNoBridgeEnds) {
  seat_agent("ann");
  const auto view = agent("ann");
  msg::ReserveAgent reserve;
  reserve.agent = view.profile.id;
  reserve.token = {AttemptId(99), 0};
  // A token of another login is refused; one of this login would be asked by the matchmaker only.
  EXPECT_TRUE(ask<msg::Answer>(node->context.agents, reserve).error);
  EXPECT_EQ(agent("ann").state, AgentState::ready);
  reserve.token.session = incarnation + 1;
  EXPECT_FALSE(ask<msg::Answer>(node->context.agents, reserve).error);
  EXPECT_EQ(agent("ann").state, AgentState::reserved);
  stage.pass(seconds(6));
  EXPECT_EQ(agent("ann").state, AgentState::ready);
}

TEST_F(AgentActorTest, ProfilesAreThereAfterARestartAndNobodyIsLoggedIn) {
  seat_agent("ann", {"soft"});
  restart();
  const auto view = agent("ann");
  EXPECT_EQ(view.profile.skills, std::vector<std::string>{"soft"});
  EXPECT_EQ(view.state, AgentState::logged_out);
}

TEST_F(AgentActorTest, StrangersAreToldSo) {
  EXPECT_EQ(ask<msg::Answer>(node->context.agents, msg::AgentCommand{"nobody", msg::AgentVerb::ready, ""}).error.value_or(Error{}).code, Errc::not_found);
  node->sip.dial_in(LegId(77), "nobody");
  settle();
  ASSERT_EQ(node->sip.rejections.size(), 1U);
  EXPECT_EQ(node->sip.rejections.front(), std::pair(LegId(77), 404));
}

/// Her leg dies in the very instant in which she is chosen, in many orders: nobody holds anybody for ever.
TEST(Matching, AnAgentWhoVanishesWhenChosenFreesTheCall) {
  struct Play : ActorTest {
    explicit Play(std::uint64_t lots) : ActorTest(lots) {}
    void TestBody() override {
      start();
      node->sip.answers_stations = true;
      seat_agent("ann");
      const CaseId id = open_case(1);
      for (int n = 0; n < 50 && node->sip.invites.empty(); ++n) stage.pass(milliseconds(200));
      ASSERT_EQ(node->sip.invites.size(), 1U);
      const LegId leg = node->sip.invites.back().request.leg;
      node->sip.ring(leg);
      node->sip.pick_up(leg);
      settle();
      node->media.judge(leg, VoiceVerdict::AnswerClass::human);
      node->sip.unregister_station("ann");
      node->sip.lose_station_legs("ann");
      stage.pass(seconds(40));
      const AgentState state = agent("ann").state;
      EXPECT_TRUE(state == AgentState::link_lost || state == AgentState::on_break || state == AgentState::wrap_up) << to_string(state);
      EXPECT_EQ(stored<AttemptSettled>(id).size(), 1U);
      EXPECT_EQ(live_calls(), 0U);
      EXPECT_EQ(channels_in_use(), 0);
    }
  };
  play_seeds<Play>(10);
}

/// Persons and agents meet in many orders: nobody is joined twice, everybody is served or abandoned.
TEST(Matching, TwoPersonsNeverGetTheSameAgent) {
  struct Play : ActorTest {
    explicit Play(std::uint64_t lots) : ActorTest(lots) {}
    void TestBody() override {
      start();
      int doubles = 0;
      node->media.on_double_bridge = [&](LegId, LegId, LegId) { ++doubles; };
      seat_agent("ann");
      seat_agent("bob");
      std::vector<LegId> legs;
      for (int person = 1; person <= 4; ++person) {
        const CaseId id = open_case(person);
        if (stored<AttemptReserved>(id).empty()) (void)dial(id);
      }
      stage.pass(seconds(1));
      for (const SentInvite& sent : node->sip.invites) legs.push_back(sent.request.leg);
      EXPECT_EQ(legs.size(), 4U);
      for (const LegId leg : legs) {
        node->sip.ring(leg);
        node->sip.pick_up(leg);
      }
      settle();
      for (const LegId leg : legs) node->media.judge(leg, VoiceVerdict::AnswerClass::human);
      stage.pass(seconds(10));
      EXPECT_EQ(doubles, 0);
      EXPECT_EQ(node->media.bridges.size(), 2U);
      EXPECT_EQ(node->media.prompts.size(), 2U);
    }
  };
  play_seeds<Play>(6);
}

}  // namespace
}  // namespace dunlin::test
