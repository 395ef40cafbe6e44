// Supervisors on the talks of others: who may, what the media worker is told, what the history keeps, who is freed when.
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

class SupervisionActorTest : public ActorTest {
 protected:
  void SetUp() override {
    start();
    seat_agent("ann");
    seat_supervisor("boss");
    case_ = open_case(1);
    for (int n = 0; n < 50 && node->sip.invites.empty(); ++n) stage.pass(milliseconds(200));
    ASSERT_EQ(node->sip.invites.size(), 1U);
    leg_ = node->sip.invites.back().request.leg;
    answer_as_person(leg_);
    ASSERT_EQ(agent("ann").state, AgentState::talking);
    attempt_ = agent("ann").attempt;
    stage.pass(seconds(4));
  }

  /// Logged in, on a break, the phone's leg up.
  void seat_supervisor(const std::string& user) {
    msg::AgentProfile profile;
    profile.user = user;
    profile.is_supervisor = true;
    EXPECT_FALSE(ask<msg::Answer>(node->context.agents, msg::ChangeAgent{profile}).error);
    node->sip.register_station(user);
    EXPECT_FALSE(command(user, msg::AgentVerb::login).error);
    stage.pass(seconds(1));
  }
  std::string order(const std::string& user, CallAct act) { return order_on(user, act, attempt_); }
  std::string order_on(const std::string& user, CallAct act, AttemptId attempt) {
    const auto answer = ask<msg::Answer>(node->context.agents, msg::Supervise{user, attempt, act, "chief"});
    code_ = answer.error ? answer.error->code : Errc::corrupt;
    return answer.error ? answer.error->detail : "";
  }
  /// "act by agent author" of each act in the history.
  std::vector<std::string> acts() const {
    std::vector<std::string> all;
    for (const auto& fact : stored<CallControlled>(case_)) {
      all.push_back(std::string(to_string(fact.act)) + " " + fact.author);
    }
    return all;
  }

  CaseId case_;
  AttemptId attempt_;
  LegId leg_;
  Errc code_ = Errc::corrupt;
};

TEST_F(SupervisionActorTest, EveryActReachesTheMediaWorkerAndTheHistory) {
  EXPECT_EQ(order("boss", CallAct::listen), "");
  EXPECT_EQ(agent("boss").state, AgentState::supervising);
  EXPECT_EQ(agent("boss").supervised, attempt_);
  ASSERT_EQ(node->media.supervisions.size(), 1U);
  EXPECT_EQ(node->media.supervisions.begin()->second.mode, SupervisionMode::listen);
  EXPECT_EQ(node->media.partner_of(node->media.supervisions.begin()->second.agent), leg_) << "joined to the agent who talks";
  EXPECT_EQ(order("boss", CallAct::whisper), "");
  EXPECT_EQ(order("boss", CallAct::barge), "");
  EXPECT_EQ(node->media.supervisions.begin()->second.mode, SupervisionMode::barge);
  EXPECT_EQ(order("boss", CallAct::leave), "");
  EXPECT_TRUE(node->media.supervisions.empty());
  EXPECT_EQ(agent("boss").state, AgentState::on_break);
  stage.pass(seconds(1));
  EXPECT_EQ(acts(), (std::vector<std::string>{"listen chief", "whisper chief", "barge chief", "leave chief"}));
  const auto facts = stored<CallControlled>(case_);
  EXPECT_EQ(facts.front().by, agent("boss").profile.id);
  EXPECT_EQ(facts.front().agent, agent("ann").profile.id);
  EXPECT_EQ(facts.front().number, 1U);
  EXPECT_GE(facts.front().media_ms, 4'000U) << "on the recording's time line";
  EXPECT_LT(facts.front().media_ms, 10'000U);
}

TEST_F(SupervisionActorTest, TheEndOfTheCallFreesTheSupervisor) {
  EXPECT_EQ(order("boss", CallAct::whisper), "");
  end_remotely(leg_);
  stage.pass(seconds(1));
  EXPECT_EQ(agent("boss").state, AgentState::on_break);
  EXPECT_TRUE(node->media.supervisions.empty());
  EXPECT_EQ(acts(), (std::vector<std::string>{"whisper chief", "leave call"}));
  EXPECT_EQ(order("boss", CallAct::listen), "the call has ended");
  EXPECT_EQ(agent("boss").state, AgentState::on_break) << "refused, it is where it was";
}

TEST_F(SupervisionActorTest, RefusesWithTheReason) {
  EXPECT_NE(order("ann", CallAct::listen).find("no supervisor"), std::string::npos);
  EXPECT_EQ(code_, Errc::denied);
  EXPECT_NE(order("nobody", CallAct::listen).find("no agent nobody"), std::string::npos);
  EXPECT_NE(order_on("boss", CallAct::listen, AttemptId(0xABC)).find("no live call"), std::string::npos);
  EXPECT_EQ(code_, Errc::not_found);
  EXPECT_EQ(agent("boss").state, AgentState::on_break);
  EXPECT_NE(order("boss", CallAct::leave).find("not on the call"), std::string::npos);
  EXPECT_EQ(order("boss", CallAct::listen), "");
  EXPECT_NE(order_on("boss", CallAct::listen, AttemptId(0xABC)).find("leave it first"), std::string::npos);
  seat_supervisor("chief");
  EXPECT_NE(order("chief", CallAct::listen).find("supervises this call already"), std::string::npos);
  EXPECT_EQ(agent("chief").state, AgentState::on_break);
}

TEST_F(SupervisionActorTest, ASupervisorWithoutAPhoneIsToldSo) {
  node->sip.unregister_station("boss");
  node->sip.lose_station_legs("boss");
  settle();
  EXPECT_NE(order("boss", CallAct::listen).find("no leg"), std::string::npos);
}

TEST_F(SupervisionActorTest, WhatTheMediaWorkerRefusesIsRefused) {
  node->media.refuses_supervisors = true;
  EXPECT_EQ(order("boss", CallAct::barge), "media command ring is full");
  EXPECT_EQ(agent("boss").state, AgentState::on_break);
  stage.pass(seconds(1));
  EXPECT_TRUE(acts().empty()) << "the history tells what was, not what was wished";
}

TEST_F(SupervisionActorTest, ALostPhoneLeavesTheCall) {
  EXPECT_EQ(order("boss", CallAct::barge), "");
  node->sip.unregister_station("boss");
  node->sip.lose_station_legs("boss");
  stage.pass(seconds(1));
  EXPECT_EQ(agent("boss").state, AgentState::link_lost);
  EXPECT_EQ(acts(), (std::vector<std::string>{"barge chief", "leave boss"}));
  EXPECT_EQ(agent("ann").state, AgentState::talking) << "the talk goes on";
}

TEST_F(SupervisionActorTest, ATakeOverGivesTheTalkToTheSupervisor) {
  EXPECT_EQ(order("boss", CallAct::listen), "");
  EXPECT_EQ(order("boss", CallAct::take_over), "");
  settle();
  EXPECT_EQ(agent("boss").state, AgentState::talking);
  EXPECT_EQ(agent("ann").state, AgentState::wrap_up);
  EXPECT_TRUE(node->media.supervisions.empty());
  ASSERT_EQ(node->media.bridges.size(), 2U);
  EXPECT_EQ(node->media.partner_of(leg_), node->media.bridges.back().first);
  // Both say what came of it: the talk is the supervisor's, the agent's word stands beside it.
  EXPECT_FALSE(ask<msg::Answer>(node->context.agents, msg::DisposeCall{"ann", Outcome::third_party_refused, {}, {}, "was rude"}).error);
  EXPECT_EQ(agent("ann").state, AgentState::ready);
  stage.pass(seconds(5));
  end_remotely(leg_);
  EXPECT_EQ(agent("boss").state, AgentState::wrap_up);
  EXPECT_FALSE(ask<msg::Answer>(node->context.agents, msg::DisposeCall{"boss", Outcome::rpc_refusal, {}, {}, ""}).error);
  EXPECT_EQ(agent("boss").state, AgentState::on_break);
  const auto dispositions = stored<DispositionSet>(case_);
  ASSERT_EQ(dispositions.size(), 1U);
  EXPECT_EQ(dispositions.front().outcome, Outcome::rpc_refusal);
  const auto notes = stored<NoteAdded>(case_);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes.front().author, "ann");
  EXPECT_NE(notes.front().text.find("third_party_refused: was rude"), std::string::npos) << notes.front().text;
  const auto settled = stored<AttemptSettled>(case_);
  ASSERT_EQ(settled.size(), 1U);
  EXPECT_EQ(settled.front().agent, agent("boss").profile.id);
  EXPECT_EQ(acts(), (std::vector<std::string>{"listen chief", "take_over chief"}));
}

TEST_F(SupervisionActorTest, MuteReachesTheLegAndEndsWithTheTalk) {
  EXPECT_FALSE(command("ann", msg::AgentVerb::mute).error);
  ASSERT_EQ(node->media.muted.size(), 1U);
  const LegId leg = node->media.muted.begin()->first;
  EXPECT_EQ(node->media.partner_of(leg), leg_);
  EXPECT_TRUE(node->media.muted.at(leg));
  EXPECT_TRUE(agent("ann").is_muted);
  end_remotely(leg_);
  EXPECT_FALSE(node->media.muted.at(leg));
  EXPECT_TRUE(command("ann", msg::AgentVerb::mute).error) << "nothing to mute after the talk";
}

TEST_F(SupervisionActorTest, APauseOfTheRecordingIsInTheHistory) {
  const auto pause = [this](bool is_on) { return ask<msg::Answer>(node->context.calls, msg::PauseRecording{attempt_, is_on, "ann"}); };
  EXPECT_FALSE(pause(true).error);
  EXPECT_EQ(node->media.paused.count(attempt_), 1U);
  EXPECT_EQ(pause(true).error.value_or(Error{}).code, Errc::conflict);
  stage.pass(seconds(3));
  EXPECT_FALSE(pause(false).error);
  EXPECT_TRUE(node->media.paused.empty());
  stage.pass(seconds(1));
  const auto facts = stored<CallControlled>(case_);
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(facts[0].act, CallAct::pause_recording);
  EXPECT_EQ(facts[1].act, CallAct::resume_recording);
  EXPECT_NEAR(static_cast<double>(facts[1].media_ms - facts[0].media_ms), 3'000, 500);
  EXPECT_EQ(ask<msg::Answer>(node->context.calls, msg::PauseRecording{AttemptId(0xABC), true, "ann"}).error.value_or(Error{}).code, Errc::not_found);
}

}  // namespace
}  // namespace dunlin::test
