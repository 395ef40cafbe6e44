// The call actor on its way from the permit to the settlement: facts, legs, agents, the drain.
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

class CallActorTest : public ActorTest {
 protected:
  void SetUp() override { start(); }

  Outcome outcome_of(CaseId id) {
    const auto settled = stored<AttemptSettled>(id);
    EXPECT_EQ(settled.size(), 1U);
    return settled.empty() ? Outcome::failed : settled.front().outcome;
  }
  static EndCause refusal(int status, bool had_18x = false) {
    EndCause cause;
    cause.sip_status = status;
    cause.had_18x = had_18x;
    return cause;
  }
};

TEST_F(CallActorTest, AFactIsToldAgainUntilTheCaseHasItOnce) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->journal.choose_fate = [](const CommitRequest&) { return CommitFate::refused; };
  end_remotely(leg, 486);
  stage.pass(seconds(30));
  EXPECT_TRUE(stored<AttemptSettled>(id).empty());
  EXPECT_EQ(live_calls(), 1U);
  node->journal.choose_fate = nullptr;
  stage.pass(seconds(30));
  EXPECT_EQ(outcome_of(id), Outcome::busy);
  EXPECT_EQ(live_calls(), 0U);
}

TEST_F(CallActorTest, AFactWhoseCommitWasInDoubtIsStoredOnce) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->journal.choose_fate = [](const CommitRequest&) { return CommitFate::in_doubt; };
  end_remotely(leg, 486);
  node->journal.choose_fate = nullptr;
  stage.pass(seconds(30));
  EXPECT_EQ(outcome_of(id), Outcome::busy);
  EXPECT_EQ(live_calls(), 0U);
}

TEST_F(CallActorTest, APermitNotUsedBeforeTheSlotExpiresIsSettledNotSent) {
  const CaseId id = open_case(1);
  node->sip.choose_wire_delay = [] { return seconds(6); };
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
  stage.pass(seconds(8));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_EQ(outcome_of(id), Outcome::not_sent);
  EXPECT_EQ(channels_in_use(), 0);
}

TEST_F(CallActorTest, ACommitSlowerThanTheSlotSendsNothing) {
  const CaseId id = open_case(1);
  node->journal.choose_latency = [] { return seconds(7); };
  (void)dial(id);
  stage.pass(seconds(30));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_EQ(outcome_of(id), Outcome::not_sent);
}

TEST_F(CallActorTest, ARefusalWithoutRingingGetsASecondLegByItsOwnCommit) {
  const CaseId id = open_case(1);
  const LegId first = invite(id);
  const std::string first_trunk = node->sip.invites.front().request.trunk;
  node->sip.end(first, refusal(503));
  stage.pass(seconds(1));
  ASSERT_EQ(node->sip.invites.size(), 2U);
  const TrunkCallRequest& second = node->sip.invites.back().request;
  EXPECT_EQ(second.leg_number, 2);
  EXPECT_EQ(second.attempt, node->sip.invites.front().request.attempt);
  EXPECT_NE(second.trunk, first_trunk);
  EXPECT_EQ(stored<SecondLegCommitted>(id).size(), 1U);
  end_remotely(second.leg, 486);
  EXPECT_EQ(outcome_of(id), Outcome::busy);
  EXPECT_EQ(channels_in_use(), 0);
}

/// Two carriers of unequal policy: "a" plain and with a public address, "b" secret and with another codec.
class UnequalTrunksTest : public CallActorTest {
 protected:
  void SetUp() override {
    settings.trunks[0].srtp = MediaSecurity::off;
    settings.trunks[0].advertised_address = "203.0.113.7:5060";
    settings.trunks[0].caller_ids = {"+74950000001", "+73430000001"};
    settings.trunks[1].srtp = MediaSecurity::required;
    settings.trunks[1].codecs = {"pcmu"};
    settings.trunks[1].rtp_ports = {30000, 30099};
    settings.trunks[1].caller_ids = {"+78120000002", "+79120000002"};
    start();
  }
  const TrunkOptions& options_of(const std::string& trunk) const { return settings.trunks[trunk == "a" ? 0 : 1]; }
  void expect_request_for(const std::string& trunk, const MediaLegRequest& request) {
    EXPECT_EQ(request.requires_srtp, options_of(trunk).srtp == MediaSecurity::required) << trunk;
    EXPECT_EQ(request.allows_srtp, options_of(trunk).srtp != MediaSecurity::off) << trunk;
    EXPECT_EQ(request.codecs.front(), trunk == "a" ? Codec::pcma : Codec::pcmu);
    EXPECT_EQ(request.rtp_ports, options_of(trunk).rtp_ports) << trunk;
    EXPECT_EQ(request.advertised_address, trunk == "a" ? "203.0.113.7" : "");
  }
};

TEST_F(UnequalTrunksTest, EachLegSpeaksAsItsOwnCarrierWants) {
  for (int person = 1; person <= 2; ++person) {  // Either trunk is the first once.
    const CaseId id = open_case(person);
    const LegId first = invite(id);
    const std::string first_trunk = node->sip.invites.back().request.trunk;
    expect_request_for(first_trunk, node->media.requests.back().second);
    node->sip.end(first, refusal(503));
    stage.pass(seconds(1));
    const TrunkCallRequest second = node->sip.invites.back().request;
    ASSERT_EQ(second.leg_number, 2);
    ASSERT_NE(second.trunk, first_trunk);
    expect_request_for(second.trunk, node->media.requests.back().second);
    end_remotely(second.leg, 486);
    EXPECT_EQ(outcome_of(id), Outcome::busy);
  }
  EXPECT_EQ(node->media.requests.size(), 4U);
  EXPECT_EQ(node->media.leg_count(), 0U);
}

TEST_F(UnequalTrunksTest, WithoutMediaForTheSecondLegTheFirstRefusalStands) {
  const CaseId id = open_case(1);
  const LegId first = invite(id);
  node->media.is_full = true;
  node->sip.end(first, refusal(503));
  stage.pass(seconds(5));
  EXPECT_EQ(node->sip.invites.size(), 1U);
  EXPECT_EQ(outcome_of(id), Outcome::failed);
  EXPECT_EQ(channels_in_use(), 0);
  EXPECT_EQ(live_calls(), 0U);
}

TEST_F(UnequalTrunksTest, EachLegShowsANumberOfItsOwnCarriersContract) {
  const CaseId id = open_case(1);
  const LegId first = invite(id);
  const TrunkCallRequest one = node->sip.invites.back().request;
  node->sip.end(first, refusal(503));
  stage.pass(seconds(1));
  const TrunkCallRequest two = node->sip.invites.back().request;
  ASSERT_NE(one.trunk, two.trunk);
  for (const TrunkCallRequest& leg : {one, two}) {
    const auto& allowed = options_of(leg.trunk).caller_ids;
    EXPECT_NE(std::find(allowed.begin(), allowed.end(), leg.caller_id.e164()), allowed.end()) << leg.trunk << " " << leg.caller_id.e164();
  }
  EXPECT_EQ(stored<AttemptReserved>(id).front().caller_id, one.caller_id.e164()) << "the history has what was shown";
  end_remotely(two.leg, 486);
}

TEST_F(CallActorTest, AfterRingingThereIsNoSecondLeg) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->sip.ring(leg);
  settle();
  node->sip.end(leg, refusal(503, true));
  stage.pass(seconds(5));
  EXPECT_EQ(node->sip.invites.size(), 1U);
  EXPECT_EQ(stored<AttemptSettled>(id).size(), 1U);
}

TEST_F(CallActorTest, ASecondLegWhoseCommitIsLostGivesItsChannelBack) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->journal.hold();
  node->sip.end(leg, refusal(503));
  stage.pass(seconds(15));
  node->journal.release();
  stage.pass(seconds(15));
  EXPECT_EQ(node->sip.invites.size(), 1U);
  EXPECT_EQ(stored<AttemptSettled>(id).size(), 1U);
  EXPECT_EQ(channels_in_use(), 0);
}

TEST_F(CallActorTest, TheEdgeSharesACampaignsCallsOverItsTrunksByWeight) {
  std::map<std::string, int> count;
  for (int i = 0; i < 80; ++i) {
    stage.pass(seconds(1));
    msg::AcquireSlots wish;
    wish.campaign = campaign_id;
    wish.trunks = {{"a", 3}, {"b", 1}};
    wish.count = 1;
    const auto granted = ask<msg::SlotsGranted>(node->context.edge, wish);
    ASSERT_EQ(granted.slots.size(), 1U);
    ++count[granted.slots.front().trunk];
    post(node->context.edge, msg::ReleaseSlot{granted.slots.front().attempt, granted.slots.front().trunk});
  }
  EXPECT_EQ(count["a"], 60);
  EXPECT_EQ(count["b"], 20);
}

TEST_F(CallActorTest, ATrunkOfWeightZeroCarriesCallsOnlyWhenTheOthersCannot) {
  msg::AcquireSlots wish;
  wish.campaign = campaign_id;
  wish.trunks = {{"a", 0}, {"b", 1}};
  wish.count = 1;
  for (int i = 0; i < 12; ++i) {
    stage.pass(seconds(1));
    const auto granted = ask<msg::SlotsGranted>(node->context.edge, wish);
    ASSERT_EQ(granted.slots.size(), 1U);
    EXPECT_EQ(granted.slots.front().trunk, i < 10 ? "b" : "a") << "ten channels of b";
  }
}

TEST_F(CallActorTest, ARepeatedStartMakesNoSecondCall) {
  const CaseId id = open_case(1);
  invite(id);
  const AttemptReserved reserved = stored<AttemptReserved>(id).front();
  AttemptView view;
  view.attempt = reserved.attempt;
  view.case_id = id;
  view.campaign = campaign_id;
  view.number = reserved.number;
  view.trunk = reserved.trunk;
  post(node->context.calls, msg::StartCall{view, campaigns.front().settings, stage.now()});
  stage.pass(seconds(1));
  EXPECT_EQ(node->sip.invites.size(), 1U);
  EXPECT_EQ(live_calls(), 1U);
}

TEST_F(CallActorTest, AnAnswerThatCrossesTheCancelIsAContact) {
  const CaseId id = open_case(1);
  node->sip.on_hang_up = [](LegId) {};
  const LegId leg = invite(id);
  node->sip.ring(leg);
  stage.pass(milliseconds(campaigns.front().settings.ring_timeout_ms) + seconds(1));
  EXPECT_EQ(node->sip.hang_ups.size(), 1U);
  node->sip.pick_up(leg);
  settle();
  EXPECT_EQ(node->sip.hang_ups.size(), 2U);
  end_remotely(leg);
  EXPECT_TRUE(traits(outcome_of(id)).human_answered) << to_string(outcome_of(id));
}

TEST_F(CallActorTest, AnAnnouncementBeforeTheAnswerIsNoAnswer) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->sip.ring(leg, 183, MediaDescription{});
  settle();
  node->media.judge(leg, VoiceVerdict::AnswerClass::human);  // Ringback that sounds like a voice.
  node->media.judge(leg, VoiceVerdict::AnswerClass::announcement);
  settle();
  end_remotely(leg, 487);
  EXPECT_TRUE(stored<AttemptAnswered>(id).empty());
  ASSERT_EQ(stored<AttemptSettled>(id).size(), 1U);
  EXPECT_EQ(stored<AttemptSettled>(id).front().answer, AnsweredBy::announcement);
  EXPECT_EQ(outcome_of(id), Outcome::network_announcement);
}

TEST_F(CallActorTest, AnAnswerThatNobodyJudgesIsToldAllTheSame) {
  has_classifier = false;
  restart();
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->sip.ring(leg);
  stage.pass(seconds(3));
  const UtcTime picked_up = stage.now();
  node->sip.pick_up(leg);
  settle();
  ASSERT_EQ(stored<AttemptAnswered>(id).size(), 1U);
  EXPECT_EQ(stored<AttemptAnswered>(id).front().answered_at, picked_up);
  EXPECT_EQ(stored<AttemptAnswered>(id).front().answer, AnsweredBy::unclassified);
  end_remotely(leg);
}

TEST_F(CallActorTest, WithoutMediaNothingIsSent) {
  const CaseId id = open_case(1);
  node->media.is_full = true;
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
  stage.pass(seconds(5));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_EQ(outcome_of(id), Outcome::not_sent);
  EXPECT_EQ(channels_in_use(), 0);
}

TEST_F(CallActorTest, APersonNobodyTakesIsAbandonedWithTheNotice) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  answer_as_person(leg);
  stage.pass(seconds(10));
  ASSERT_EQ(node->media.prompts.size(), 1U);
  EXPECT_EQ(node->media.prompts.front().second, Prompt::abandon_notice);
  EXPECT_EQ(outcome_of(id), Outcome::abandoned);
  EXPECT_EQ(live_calls(), 0U);
}

TEST_F(CallActorTest, ADrainCancelsWhatRingsAndLetsTalksFinish) {
  seat_agent("ann");
  const CaseId talking = open_case(1);
  stage.pass(seconds(5));  // The campaign sees the agent and dials.
  ASSERT_EQ(node->sip.invites.size(), 1U);
  const LegId talk = node->sip.invites.front().request.leg;
  answer_as_person(talk);
  ASSERT_EQ(agent("ann").state, AgentState::talking);
  const CaseId ringing = open_case(2);
  const LegId other = invite(ringing);
  node->sip.ring(other);
  settle();
  for (const caf::actor& desk : {node->context.campaigns, node->context.edge, node->context.calls}) post(desk, msg::Drain{});
  stage.pass(seconds(2));
  EXPECT_EQ(stored<AttemptSettled>(ringing).size(), 1U);
  EXPECT_EQ(agent("ann").state, AgentState::talking);
  EXPECT_FALSE(acquire().attempt.is_set());
  end_remotely(talk);
  EXPECT_EQ(outcome_of(talking), Outcome::answered);
  EXPECT_EQ(live_calls(), 0U);
}

}  // namespace
}  // namespace dunlin::test
