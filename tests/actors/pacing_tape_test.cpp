// A campaign under virtual time with its tape running: what the live policy decided, `dunlin pacing` decides again.
#include <algorithm>

#include "api/pacing_command.hpp"
#include "api/pacing_lines.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

struct TapeLines {
  std::vector<std::string> told;
  std::vector<std::string> answered;
  int dials = 0;
  std::vector<PacingEvent> events;
};

class TapeInMemory final : public PacingTape {
 public:
  explicit TapeInMemory(std::shared_ptr<TapeLines> lines) : lines_(std::move(lines)) {}
  void on_start(std::string_view policy, const PacingConfig& config) override { add(hello_line(config), ready_line(policy)); }
  void on_config(const PacingConfig& config) override { add(config_line(config), ready_line("predictive")); }
  void on_tick(const PacingInput& input, const PacingDecision& decision) override {
    add(tick_line(input), decision_line(decision));
    lines_->dials += decision.dials;
    lines_->events.insert(lines_->events.end(), input.events.begin(), input.events.end());
  }

 private:
  void add(std::string told, std::string answered) {
    lines_->told.push_back(std::move(told));
    lines_->answered.push_back(std::move(answered));
  }
  std::shared_ptr<TapeLines> lines_;
};

class PacingTapeTest : public ActorTest {
 protected:
  void start_with_tape(DialingMode mode) {
    campaigns.front().settings.mode = mode;
    EXPECT_TRUE(disk.put_document("campaign", campaigns.front().settings.id.str(), encode_campaign(campaigns.front())).ok());
    node = std::make_unique<TestNode>(stage, disk, settings, TestNodeOptions{++incarnation, &gate, has_classifier});
    node->context.make_pacing_tape = [kept = lines](CampaignId) { return std::make_unique<TapeInMemory>(kept); };
    node->spawn_actors();
    stage.pass(seconds(1));
  }
  /// Every new call rings, is picked up by a person or refused in turn, and ends after a talk.
  void play(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      stage.pass(seconds(2));
      for (; seen < node->sip.invites.size(); ++seen) {
        const LegId leg = node->sip.invites[seen].request.leg;
        if (seen % 3 == 2) end_remotely(leg, 486);
        else answer_as_person(leg);
      }
    }
  }

  std::shared_ptr<TapeLines> lines = std::make_shared<TapeLines>();   ///< The actors may outlive the test's own members.
  std::size_t seen = 0;
};

TEST_F(PacingTapeTest, LiveTicksReplayToTheSameDecisions) {
  start_with_tape(DialingMode::predictive);
  for (const char* user : {"a1", "a2", "a3", "a4"}) seat_agent(user);
  for (int person = 1; person <= 40; ++person) open_case(person);
  play(30);
  EXPECT_GT(lines->dials, 3);
  EXPECT_GT(lines->events.size(), 10U);
  PacingCommand command(PacingPolicyKind::predictive);
  for (std::size_t i = 0; i < lines->told.size(); ++i) {
    const auto answer = command.on_line(lines->told[i]);
    ASSERT_TRUE(answer.ok()) << answer.error().detail;
    ASSERT_EQ(*answer, lines->answered[i]) << "line " << i << ": " << lines->told[i];
  }
}

TEST_F(PacingTapeTest, TheEndOfATalkTellsItsLengthAndItsAgent) {
  start_with_tape(DialingMode::progressive);
  seat_agent("ann");
  open_case(1);
  stage.pass(seconds(5));
  ASSERT_EQ(node->sip.invites.size(), 1U);
  const LegId leg = node->sip.invites.front().request.leg;
  node->sip.ring(leg);
  stage.pass(seconds(9));
  answer_as_person(leg);
  stage.pass(seconds(4));
  end_remotely(leg);
  stage.pass(seconds(1));
  const auto released = std::find_if(lines->events.begin(), lines->events.end(), [](const PacingEvent& e) { return e.kind == PacingEventKind::released; });
  ASSERT_NE(released, lines->events.end());
  EXPECT_NEAR(released->age_s, 4, 0.5) << "not the nine seconds it rang";
  EXPECT_EQ(released->agent, agent("ann").profile.id.value());
}

TEST_F(PacingTapeTest, NoCallIsCountedTwice) {
  start_with_tape(DialingMode::progressive);
  seat_agent("ann");
  seat_agent("bob");
  for (int person = 1; person <= 10; ++person) open_case(person);
  stage.pass(seconds(15));
  const auto pace = ask<msg::PaceView>(node->context.campaigns, msg::GetPace{"north", 5});
  ASSERT_EQ(pace.decisions.size(), 5U);
  EXPECT_EQ(node->sip.invites.size(), 2U);
  EXPECT_EQ(pace.decisions.back().calls_in_flight, 2);
  EXPECT_EQ(pace.decisions.back().agents_ready, 2);
}

}  // namespace
}  // namespace dunlin::test
