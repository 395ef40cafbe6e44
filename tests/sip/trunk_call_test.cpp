// Outgoing trunk calls against sipp: one scenario of the far end, one claim each. Attempt protocol R6, R7.
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

#define EXPECT_PLAYED(rig)                          \
  do {                                              \
    const auto verdict = (rig).peer.verdict();      \
    EXPECT_EQ(verdict, "") << (rig).sink.ladder();  \
  } while (false)

TEST(TrunkCall, TellsAnswerAndTheFarEndsCause) {
  TrunkRig rig("answer_then_bye");
  rig.dial();
  EXPECT_TRUE(rig.sink.wait<InviteSent>());
  const auto answered = rig.sink.wait<LegAnswered>();
  ASSERT_TRUE(answered) << rig.sink.ladder();
  EXPECT_EQ(answered->answer.port, 30000);
  EXPECT_EQ(answered->answer.codecs.front().codec, Codec::pcma);
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::remote);
  EXPECT_EQ(end->cause.q850, 31);
  EXPECT_TRUE(end->cause.had_18x);
  EXPECT_TRUE(end->cause.was_answered);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, HangsUpWithBye) {
  TrunkRig rig("answer_wait_bye");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  const auto end = rig.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.origin, EndOrigin::local);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, KeepsStatusAndQ850OfARefusal) {
  TrunkRig rig("busy");
  rig.dial();
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::remote);
  EXPECT_EQ(end->cause.sip_status, 486);
  EXPECT_EQ(end->cause.q850, 17);
  EXPECT_FALSE(end->cause.had_18x);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, KeepsACarriers503) {
  TrunkRig rig("unavailable");
  rig.dial();
  const auto end = rig.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.sip_status, 503);
  EXPECT_EQ(end->cause.q850, 42);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, CancelsAtTheRingTimeout) {
  TrunkRig rig("no_answer");
  rig.dial(milliseconds(400));
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::local);
  EXPECT_EQ(end->cause.sip_status, 487);
  EXPECT_TRUE(end->cause.had_18x);
  EXPECT_FALSE(end->cause.was_answered);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, CancelsWhenToldToHangUpWhileRinging) {
  TrunkRig rig("no_answer");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegProgress>([](const LegProgress& p) { return p.status == 180; }));
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  const auto end = rig.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.origin, EndOrigin::local);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, CountsAnAnswerThatCrossedTheCancelAndHangsUp) {
  TrunkRig rig("late_answer");
  rig.dial(milliseconds(400));
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_TRUE(end->cause.was_answered);
  EXPECT_EQ(rig.sink.count<LegAnswered>(), 0);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, PassesEarlyMediaAndKeepsItAsTheAnswer) {
  TrunkRig rig("early_media");
  rig.dial();
  const auto early = rig.sink.wait<LegProgress>([](const LegProgress& p) { return p.early.has_value(); });
  ASSERT_TRUE(early) << rig.sink.ladder();
  EXPECT_EQ(early->status, 183);
  const auto answered = rig.sink.wait<LegAnswered>();
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->answer.port, 30000);
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, RecordsARedirectAndDoesNotFollowIt) {
  TrunkRig rig("redirect");
  rig.dial();
  const auto end = rig.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.sip_status, 302);
  EXPECT_EQ(rig.sink.count<InviteSent>(), 1);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, AcknowledgesAndHangsUpASecondAnswer) {
  TrunkRig rig("fork");
  rig.dial();
  // The peer hangs up the first dialog only after the second was hung up by us.
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::remote);
  EXPECT_EQ(rig.sink.count<LegAnswered>(), 1);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, TellsHoldAndResumeOfTheFarEnd) {
  TrunkRig rig("hold");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  const auto held = rig.sink.wait<LegReoffered>();
  ASSERT_TRUE(held) << rig.sink.ladder();
  EXPECT_TRUE(held->is_hold);
  EXPECT_TRUE(held->needs_answer);
  auto answer = plain_offer();
  answer.codecs = {{Codec::pcma, 8}};
  answer.direction = MediaDirection::recvonly;
  EXPECT_TRUE(rig.stack->answer(LegId(1), 200, answer).ok());
  const auto resumed = rig.sink.wait<LegReoffered>([](const LegReoffered& r) { return !r.is_hold; });
  ASSERT_TRUE(resumed) << rig.sink.ladder();
  answer.direction = MediaDirection::sendrecv;
  EXPECT_TRUE(rig.stack->answer(LegId(1), 200, answer).ok());
  ASSERT_TRUE(rig.sink.wait_lines("ACK", TraceDirection::in, 2)) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, RefusesFaxAndGoesOn) {
  TrunkRig rig("t38");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<SipTraceLine>([](const SipTraceLine& line) { return line.status == 488; })) << rig.sink.ladder();
  EXPECT_EQ(rig.sink.count<LegEnded>(), 0);
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, RefusesToBeTransferred) {
  TrunkRig rig("refer");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<SipTraceLine>([](const SipTraceLine& line) { return line.status == 603; })) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, AnswersAChallengeWithinTheSameLeg) {
  TrunkRig rig("proxy_auth", [](TrunkSettings& t) {
    t.login = TrunkLogin{};
    t.login->user = "trunk-user";
    t.login->password = "secret";
    t.login->does_register = false;
  });
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, GivesUpWhenTheCredentialsAreRefused) {
  TrunkRig rig("wrong_password", [](TrunkSettings& t) {
    t.login = TrunkLogin{};
    t.login->user = "trunk-user";
    t.login->password = "wrong";
    t.login->does_register = false;
  });
  rig.dial();
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.sip_status, 407);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, AcknowledgesAReliableProvisionalReply) {
  TrunkRig rig("prack");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, RefreshesTheSession) {
  TrunkRig rig("session_refresh", {}, 30);
  rig.dial(seconds(600));
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  ASSERT_TRUE(rig.sink.wait_lines("ACK", TraceDirection::out, 2)) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, EndsASessionNobodyRefreshes) {
  TrunkRig rig("session_expires", {}, 30);
  rig.dial(seconds(600));
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::timeout);
  EXPECT_EQ(end->cause.text, "session timer expired");
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, TakesALongerSessionIntervalWhenAsked) {
  TrunkRig rig("interval_too_small");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, RepeatsItsOfferAfterGlare) {
  TrunkRig rig("glare", {}, 5);
  rig.dial(seconds(600));
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  auto hold = plain_offer();
  hold.direction = MediaDirection::sendonly;
  EXPECT_TRUE(rig.stack->re_offer(LegId(1), hold).ok());
  const auto news = rig.sink.wait<LegReoffered>();
  ASSERT_TRUE(news) << rig.sink.ladder();
  EXPECT_FALSE(news->needs_answer);
  EXPECT_EQ(news->offer.direction, MediaDirection::recvonly);
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, SendsNothingOnAnExpiredPermit) {
  TrunkRig rig("silent");
  ASSERT_TRUE(rig.stack->place_trunk_call(make_permit(0xa2, MonoTime{1}), call_to("+79160000001")).ok());
  const auto end = rig.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.origin, EndOrigin::not_sent);
  EXPECT_EQ(rig.sink.count<InviteSent>(), 0);
  EXPECT_EQ(rig.sink.count<SipTraceLine>(), 0);
}

TEST(TrunkCall, SendsNothingToAnUnknownTrunk) {
  TrunkRig rig("silent");
  auto call = call_to("+79160000001");
  call.trunk = "elsewhere";
  ASSERT_TRUE(rig.stack->place_trunk_call(make_permit(0xa3), std::move(call)).ok());
  const auto end = rig.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.origin, EndOrigin::not_sent);
}

TEST(TrunkCall, RefusesAPlainAnswerOnASecureTrunk) {
  TrunkRig rig("answer_wait_bye", [](TrunkSettings& t) { t.requires_srtp = true; });
  rig.dial();
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::local);
  EXPECT_TRUE(end->cause.was_answered);
  EXPECT_EQ(rig.sink.count<LegAnswered>(), 0);
  EXPECT_PLAYED(rig);
}

TEST(TrunkCall, DrainsByHangingUp) {
  TrunkRig rig("answer_wait_bye");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  rig.stack->stop(seconds(5));
  EXPECT_EQ(rig.sink.count<LegEnded>(), 1);
  EXPECT_FALSE(rig.stack->hang_up(LegId(1)).ok());
  EXPECT_PLAYED(rig);
}

}  // namespace
}  // namespace dunlin::test
