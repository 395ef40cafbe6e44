// Campaigns, the edge and imports: who may start what, what is shared, what survives.
#include "core/dialing/campaign.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

class DeskTest : public ActorTest {
 protected:
  void command_campaign(const std::string& name, CampaignCommand what) {
    EXPECT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::CommandCampaign{name, what, "test"}).error);
    stage.pass(seconds(1));
  }
  msg::ImportView import_file(const std::vector<CaseDraft>& drafts, const std::string& file = "north.xlsx") {
    node->imports.files[file] = drafts;
    const auto started = ask<msg::Answer>(node->context.imports, msg::StartImport{{file, "north", "", ""}, false});
    stage.pass(seconds(40));
    const auto id = ImportId::parse(started.text);
    const auto jobs = ask<msg::ImportsView>(node->context.imports, msg::GetImport{*id});
    EXPECT_EQ(jobs.imports.size(), 1U);
    return jobs.imports.empty() ? msg::ImportView{} : jobs.imports.front();
  }
};

TEST_F(DeskTest, TwoCampaignsShareTheChannelsOfATrunk) {
  settings.trunks.pop_back();
  settings.trunks.front().channels = 3;
  add_campaign("south", "south");
  start();
  for (const char* user : {"a1", "a2", "a3", "a4", "a5", "a6"}) seat_agent(user);
  for (int person = 1; person <= 6; ++person) {
    open_case(person, "north");
    open_case(person + 10, "south");
  }
  stage.pass(seconds(10));
  EXPECT_EQ(node->sip.invites.size(), 3U);
  end_remotely(node->sip.invites.front().request.leg, 486);
  stage.pass(seconds(3));
  EXPECT_EQ(node->sip.invites.size(), 4U);
}

TEST_F(DeskTest, AProgressiveCampaignNeverHasMoreLinesThanReadyAgents) {
  start();
  seat_agent("ann");
  seat_agent("bob");
  for (int person = 1; person <= 10; ++person) open_case(person);
  stage.pass(seconds(15));
  EXPECT_EQ(node->sip.invites.size(), 2U);
}

TEST_F(DeskTest, APausedCampaignGrantsNothingAndAResumedOneGoesOn) {
  start();
  command_campaign("north", CampaignCommand::pause);
  seat_agent("ann");
  const CaseId id = open_case(1);
  stage.pass(seconds(20));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_NE(dial(id).kind, msg::DialAnswered::Kind::placed);
  command_campaign("north", CampaignCommand::resume);
  stage.pass(seconds(10));
  EXPECT_EQ(node->sip.invites.size(), 1U);
}

TEST_F(DeskTest, ACampaignIsAsItWasAfterARestart) {
  start();
  command_campaign("north", CampaignCommand::pause);
  restart();
  const auto campaigns_now = ask<msg::CampaignsView>(node->context.campaigns, msg::GetCampaigns{});
  ASSERT_EQ(campaigns_now.campaigns.size(), 1U);
  EXPECT_EQ(campaigns_now.campaigns.front().campaign.state, CampaignState::paused);
}

TEST_F(DeskTest, CommandsForACampaignNobodyMadeAreNotFound) {
  start();
  EXPECT_EQ(ask<msg::Answer>(node->context.campaigns, msg::CommandCampaign{"east", CampaignCommand::start, "test"}).error.value_or(Error{}).code, Errc::not_found);
}

TEST_F(DeskTest, ATrunkThatIsDownGetsNoSlotUntilItIsUp) {
  start();
  node->sip.tell_trunk_health("a", false);
  settle();
  for (int n = 0; n < 4; ++n) EXPECT_EQ(acquire().trunk, "b");
  node->sip.tell_trunk_health("b", false);
  settle();
  EXPECT_FALSE(acquire().attempt.is_set());
  node->sip.tell_trunk_health("a", true);
  settle();
  EXPECT_EQ(acquire().trunk, "a");
}

TEST_F(DeskTest, ASlotNobodyGivesBackIsTakenBackAfterTheLongestCall) {
  start();
  ASSERT_TRUE(acquire().attempt.is_set());
  EXPECT_EQ(channels_in_use(), 1);
  stage.leap(hours(2) + minutes(6));
  stage.pass(minutes(2));
  EXPECT_EQ(channels_in_use(), 0);
}

TEST_F(DeskTest, ASlotThatFindsNoCaseIsGivenBack) {
  start();
  seat_agent("ann");
  stage.pass(seconds(10));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_EQ(channels_in_use(), 0);
}

TEST_F(DeskTest, AnImportCountsWhatBecameOfItsRows) {
  start();
  std::vector<CaseDraft> drafts{draft_of(1), draft_of(2), draft_of(2)};
  const auto first = import_file(drafts);
  EXPECT_EQ(first.state, msg::JobState::done);
  EXPECT_EQ(first.created, 2U);
  EXPECT_EQ(first.created + first.updated + first.unchanged, 3U);
  drafts[0].debts.front().overdue.minor += 100;
  const auto second = import_file(drafts, "north2.xlsx");
  EXPECT_EQ(second.created, 0U);
  EXPECT_EQ(second.refused, 0U);
  EXPECT_GE(second.updated, 1U);
  EXPECT_EQ(disk.cases().size(), 2U);
}

TEST_F(DeskTest, RowsTheDiskHasNoRoomForAreReportedAsRefused) {
  start();
  disk.is_full = true;
  const auto job = import_file({draft_of(1), draft_of(2)});
  EXPECT_EQ(job.state, msg::JobState::done);
  EXPECT_EQ(job.created, 0U);
  EXPECT_EQ(job.refused, 2U);
  EXPECT_TRUE(disk.cases().empty());
}

TEST_F(DeskTest, AnImportOfAMissingFileFailsWithItsName) {
  start();
  const auto started = ask<msg::Answer>(node->context.imports, msg::StartImport{{"nowhere.xlsx", "north", "", ""}, false});
  const auto jobs = ask<msg::ImportsView>(node->context.imports, msg::GetImport{*ImportId::parse(started.text)});
  ASSERT_EQ(jobs.imports.size(), 1U);
  EXPECT_EQ(jobs.imports.front().state, msg::JobState::failed);
  EXPECT_NE(jobs.imports.front().error.find("nowhere.xlsx"), std::string::npos);
}

TEST_F(DeskTest, ADryRunChangesNothing) {
  start();
  node->imports.files["north.xlsx"] = {draft_of(1), draft_of(2)};
  const auto started = ask<msg::Answer>(node->context.imports, msg::StartImport{{"north.xlsx", "north", "", ""}, true});
  stage.pass(seconds(1));
  const auto jobs = ask<msg::ImportsView>(node->context.imports, msg::GetImport{*ImportId::parse(started.text)});
  ASSERT_EQ(jobs.imports.size(), 1U);
  EXPECT_EQ(jobs.imports.front().created, 2U);
  EXPECT_TRUE(disk.cases().empty());
}

/// Calls that end in the instant they begin, in many orders: the campaign's eyes keep none of them.
TEST(Pacing, ACallThatEndsAtOnceIsNotCountedForEver) {
  struct Play : ActorTest {
    explicit Play(std::uint64_t lots) : ActorTest(lots) {}
    void TestBody() override {
      start();
      seat_agent("ann");
      node->media.is_full = true;
      for (int person = 1; person <= 6; ++person) open_case(person);
      stage.pass(seconds(30));
      const auto view = ask<msg::CampaignView>(node->context.campaigns, msg::GetCampaign{"north"});
      EXPECT_EQ(view.calls_in_flight, 0);
      EXPECT_EQ(channels_in_use(), 0);
    }
  };
  play_seeds<Play>(10);
}

}  // namespace
}  // namespace dunlin::test
