// Trunk calls over a stream: answer, BYE from either side and CANCEL over TCP, against sipp. TLS: two_stacks_test.cpp.
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

struct TcpRig : TrunkRig {
  explicit TcpRig(const std::string& scenario) : TrunkRig(scenario, {}, 1, SipTransport::tcp) {}
  /// The far end has played its scenario to the end.
  void expect_played() {
    const auto verdict = peer.verdict();
    EXPECT_EQ(verdict, "") << sink.ladder();
  }
};

TEST(TcpTrunk, AnswersAndIsHungUpByTheFarEnd) {
  TcpRig rig("answer_then_bye");
  rig.dial();
  const auto answered = rig.sink.wait<LegAnswered>();
  ASSERT_TRUE(answered) << rig.sink.ladder();
  EXPECT_EQ(answered->answer.port, 30000);
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::remote);
  EXPECT_EQ(end->cause.q850, 31);
  EXPECT_TRUE(end->cause.was_answered);
  rig.expect_played();
}

TEST(TcpTrunk, HangsUpWithBye) {
  TcpRig rig("answer_wait_bye");
  rig.dial();
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  EXPECT_TRUE(rig.stack->hang_up(LegId(1)).ok());
  const auto end = rig.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.origin, EndOrigin::local);
  rig.expect_played();
}

TEST(TcpTrunk, CancelsAtTheRingTimeout) {
  TcpRig rig("no_answer");
  rig.dial(milliseconds(400));
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::local);
  EXPECT_EQ(end->cause.sip_status, 487);
  EXPECT_FALSE(end->cause.was_answered);
  rig.expect_played();
}

TEST(TcpTrunk, KeepsStatusAndQ850OfARefusal) {
  TcpRig rig("busy");
  rig.dial();
  const auto end = rig.ended();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.sip_status, 486);
  EXPECT_EQ(end->cause.q850, 17);
  rig.expect_played();
}

}  // namespace
}  // namespace dunlin::test
