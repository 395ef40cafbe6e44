// Flows on a whole node under virtual time: nobody is dialed before the speech is made, what is typed is in the case at once,
// an agent takes over, and a machine hears nothing.
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

constexpr const char* pay_text = R"(name = "pay"
language = "en"
currency = "RUB"
[[step]]
name = "greeting"
kind = "say"
tells = ["caller", "robot", "recording"]
text = "A robot of the bank, recorded."
next = "who"
[[step]]
name = "who"
kind = "menu"
text = "Are you {name}? Press one."
repeats = 0
otherwise = "end"
[[step.choice]]
keys = "1"
confirms_person = true
next = "menu"
[[step]]
name = "menu"
kind = "menu"
text = "You owe {overdue}. One to pay, zero for a human."
otherwise = "transfer"
[[step.choice]]
keys = "1"
next = "sum"
[[step.choice]]
keys = "0"
next = "transfer"
[[step]]
name = "sum"
kind = "ask_amount"
text = "How much?"
least = 10
otherwise = "transfer"
next = "promise"
[[step]]
name = "promise"
kind = "promise"
in_days = 3
next = "thanks"
refused = "transfer"
[[step]]
name = "thanks"
kind = "say"
text = "Noted {amount}."
next = "end"
[[step]]
name = "transfer"
kind = "transfer"
wait = "20s"
nobody = "callback"
[[step]]
name = "callback"
kind = "callback"
after = "2h"
next = "end"
[[step]]
name = "end"
kind = "end"
)";

class FlowNodeTest : public ActorTest {
 protected:
  void SetUp() override {
    Campaign& robot = campaigns.front();
    robot.settings.mode = DialingMode::agentless;
    robot.settings.flow = "pay";
    EXPECT_TRUE(disk.put_document("campaign", robot.settings.id.str(), encode_campaign(robot)).ok());
  }
  /// With the flow in force from the start on.
  void start_with_flow() {
    EXPECT_TRUE(disk.put_document("flow", "pay.000001", encode_text_revision({"pay", 1, "tester", stage.now(), "pay.toml", pay_text})).ok());
    start();
  }
  msg::CampaignView view() { return ask<msg::CampaignView>(node->context.campaigns, msg::GetCampaign{campaigns.front().settings.name}); }
  bool is_idle_for(const std::string& why) {
    for (const std::string& reason : view().idle_reasons_en) {
      if (reason.find(why) != std::string::npos) return true;
    }
    return false;
  }
  /// The campaign dials by itself.
  LegId dialed_leg() {
    for (int i = 0; i < 100 && node->sip.invites.empty(); ++i) stage.pass(milliseconds(500));
    EXPECT_EQ(node->sip.invites.size(), 1U);
    return node->sip.invites.empty() ? LegId{} : node->sip.invites.front().request.leg;
  }
  void press(LegId leg, const std::string& keys) {
    node->media.press(leg, keys);
    settle();
  }
  std::string last_said() const { return node->media.said.empty() ? "" : node->media.said.back().second; }
  /// Answered, the greeting and the question heard, "1" pressed: the menu is being said.
  LegId confirmed_leg() {
    const LegId leg = dialed_leg();
    answer_as_person(leg);
    stage.pass(milliseconds(4'500));
    press(leg, "1");
    EXPECT_EQ(last_said().find("You owe "), 0U) << last_said();
    return leg;
  }
};

TEST_F(FlowNodeTest, APromiseTypedOnThePhoneIsInTheCaseDuringTheCall) {
  start_with_flow();
  const CaseId id = open_case(1);
  const LegId leg = confirmed_leg();
  EXPECT_EQ(node->media.said.front().second, "A robot of the bank, recorded.");
  press(leg, "1");
  press(leg, "50#");
  stage.pass(milliseconds(500));
  const auto promises = stored<PromiseMade>(id);
  ASSERT_EQ(promises.size(), 1U);
  EXPECT_EQ(promises.front().promise.amount, (Money{50'00, Currency::rub}));
  EXPECT_TRUE(stored<AttemptSettled>(id).empty()) << "the call goes on";
  EXPECT_EQ(promises.front().promise.attempt, stored<AttemptReserved>(id).front().attempt);
  EXPECT_EQ(last_said().find("Noted fifty"), 0U) << last_said();
  stage.pass(seconds(5));
  ASSERT_EQ(stored<DispositionSet>(id).size(), 1U);
  EXPECT_EQ(stored<DispositionSet>(id).front().outcome, Outcome::rpc_promise);
  EXPECT_FALSE(stored<DispositionSet>(id).front().promise) << "it is in the case already";
  ASSERT_EQ(stored<AttemptSettled>(id).size(), 1U);
  EXPECT_EQ(stored<AttemptSettled>(id).front().outcome, Outcome::answered);
  EXPECT_EQ(record(id).state, CaseState::promised);
  EXPECT_EQ(record(id).promises.size(), 1U);
  EXPECT_EQ(live_calls(), 0U);
  EXPECT_EQ(channels_in_use(), 0);
}

TEST_F(FlowNodeTest, ZeroBringsAnAgentWhoHasTheCase) {
  start_with_flow();
  seat_agent("olga");
  const CaseId id = open_case(1);
  const LegId leg = confirmed_leg();
  press(leg, "0");
  stage.pass(seconds(1));
  ASSERT_EQ(node->media.bridges.size(), 1U);
  EXPECT_EQ(node->media.bridges.front().second, leg);
  EXPECT_FALSE(node->media.held[leg]) << "the music ends with the bridge";
  EXPECT_EQ(agent("olga").case_id, id);
  end_remotely(leg);
  ASSERT_EQ(stored<AttemptSettled>(id).size(), 1U);
  EXPECT_EQ(stored<AttemptSettled>(id).front().outcome, Outcome::answered);
  EXPECT_EQ(record(id).state, CaseState::awaiting_disposition);
}

TEST_F(FlowNodeTest, ItsPacingSeesTheAgentsItMayHandOverTo) {
  start_with_flow();
  seat_agent("olga");
  open_case(1);
  dialed_leg();
  stage.pass(seconds(1));
  const auto pace = ask<msg::PaceView>(node->context.campaigns, msg::GetPace{campaigns.front().settings.name, 1});
  ASSERT_EQ(pace.decisions.size(), 1U);
  EXPECT_EQ(pace.decisions.front().agents_ready, 1) << "past its abandon limit a flow dials for ready agents only";
}

TEST_F(FlowNodeTest, WithoutAnAgentTheCaseHasACallback) {
  start_with_flow();
  const CaseId id = open_case(1);
  const LegId leg = confirmed_leg();
  press(leg, "0");
  stage.pass(milliseconds(200));
  EXPECT_TRUE(node->media.held[leg]) << "who waits hears music";
  stage.pass(seconds(25));
  ASSERT_TRUE(record(id).callback);
  EXPECT_EQ(stored<DispositionSet>(id).front().outcome, Outcome::rpc_callback);
  EXPECT_EQ(stored<AttemptSettled>(id).front().outcome, Outcome::answered);
  EXPECT_EQ(view().counters.abandoned, 0U);
}

TEST_F(FlowNodeTest, WhoHangsUpWaitingIsAbandoned) {
  start_with_flow();
  const CaseId id = open_case(1);
  const LegId leg = confirmed_leg();
  press(leg, "0");
  stage.pass(seconds(3));
  end_remotely(leg);
  EXPECT_EQ(stored<AttemptSettled>(id).front().outcome, Outcome::abandoned);
}

TEST_F(FlowNodeTest, SilenceAndAMachineHearNothingOfTheDebt) {
  start_with_flow();
  const CaseId silent = open_case(1);
  const LegId leg = dialed_leg();
  answer_as_person(leg);
  stage.pass(seconds(40));
  EXPECT_EQ(stored<AttemptSettled>(silent).size(), 1U);
  const CaseId machine = open_case(2);
  for (int i = 0; i < 100 && node->sip.invites.size() < 2; ++i) stage.pass(milliseconds(500));
  ASSERT_EQ(node->sip.invites.size(), 2U);
  const LegId second = node->sip.invites.back().request.leg;
  node->sip.ring(second);
  node->sip.pick_up(second);
  settle();
  node->media.judge(second, VoiceVerdict::AnswerClass::machine);
  stage.pass(seconds(1));
  EXPECT_EQ(stored<AttemptSettled>(machine).front().outcome, Outcome::machine);
  for (const auto& [to, words] : node->media.said) EXPECT_EQ(words.find("owe"), std::string::npos) << words;
}

TEST_F(FlowNodeTest, NobodyIsDialedBeforeTheSpeechIsMade) {
  start();
  node->speech.error = Error{Errc::unavailable, "espeak-ng is not installed"};
  EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::PutFlow{pay_text, "pay.toml", "tester"}).error);
  open_case(1);
  stage.pass(seconds(20));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_TRUE(is_idle_for("espeak-ng is not installed"));
  node->speech.error.reset();
  stage.pass(seconds(40));
  EXPECT_EQ(node->sip.invites.size(), 1U);
}

TEST_F(FlowNodeTest, ACallWhoseNameCannotBeSaidIsNotPlaced) {
  start_with_flow();
  node->speech.error_of_call = Error{Errc::unavailable, "espeak-ng failed"};
  const CaseId id = open_case(1);
  stage.pass(seconds(20));
  EXPECT_TRUE(node->sip.invites.empty());
  ASSERT_FALSE(stored<AttemptSettled>(id).empty());
  EXPECT_EQ(stored<AttemptSettled>(id).front().outcome, Outcome::not_sent);
  EXPECT_EQ(stored<AttemptSettled>(id).front().cause.text, "no_speech");
  EXPECT_EQ(channels_in_use(), 0);
}

TEST_F(FlowNodeTest, AFlowThatIsNotStoredDialsNobodyUntilItIs) {
  start();
  open_case(1);
  stage.pass(seconds(20));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_TRUE(is_idle_for("is not stored"));
  EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::PutFlow{pay_text, "pay.toml", "tester"}).error);
  stage.pass(seconds(20));
  EXPECT_EQ(node->sip.invites.size(), 1U);
  CampaignSettings named = campaigns.front().settings;
  named.trunks = {{"a", 1}};
  named.flow = "other";
  const auto refused = ask<msg::Answer>(node->context.campaigns, msg::PutCampaign{named, "tester"});
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::not_found);
}

TEST_F(FlowNodeTest, FlowsKeepTheirRevisionsOverARestart) {
  start_with_flow();
  const std::string changed = std::string(pay_text).replace(std::string(pay_text).find("A robot"), 7, "The robot");
  EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::PutFlow{changed, "pay.toml", "tester"}).error);
  EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::RollbackFlow{"pay", 1, "tester"}).error);
  const std::string with_text = changed + "[[step]]\nname = \"sms\"\nkind = \"message\"\ntemplate = \"t\"\nnext = \"end\"\n";
  EXPECT_TRUE(ask<msg::Answer>(node->context.campaigns, msg::PutFlow{with_text, "pay.toml", "tester"}).error);
  restart();
  const auto revisions = ask<msg::FlowsView>(node->context.campaigns, msg::GetFlows{"pay"}).revisions;
  ASSERT_EQ(revisions.size(), 3U);
  EXPECT_EQ(revisions.back().origin, "rollback to 1");
  EXPECT_EQ(revisions.back().text, pay_text);
}

}  // namespace
}  // namespace dunlin::test
