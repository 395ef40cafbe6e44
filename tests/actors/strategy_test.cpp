// Strategies on a whole node: on disk before they are in force, planned anew without a reload, the same after a restart.
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

constexpr const char* stop_soft = "name = \"work\"\n[[rule]]\nname = \"no soft\"\n[rule.when]\nstage = \"soft\"\n[rule.then]\nstop = true\n";
constexpr const char* keep_all = "name = \"work\"\n[[rule]]\nname = \"all\"\n[rule.then]\nkeep = true\n";
constexpr const char* by_stage = R"(name = "work"
[[rule]]
name = "mass"
[rule.when]
stage = "soft"
[rule.then]
mode = "predictive"
[[rule]]
name = "personal"
[rule.then]
mode = "progressive"
number_order = ["debtor.home", "debtor.mobile"]
ring_timeout_ms = 45000
)";

class StrategyNodeTest : public ActorTest {
 protected:
  void SetUp() override { start(); }

  msg::Answer put(const char* text) { return ask<msg::Answer>(node->context.campaigns, msg::PutStrategy{text, "test.toml", "tester"}); }
  msg::Answer name_strategy(std::size_t campaign, const std::string& strategy) {
    CampaignSettings named = campaigns.at(campaign).settings;
    named.strategy = strategy;
    named.trunks = {{"a", 1}};
    return ask<msg::Answer>(node->context.campaigns, msg::PutCampaign{named, "tester"});
  }
  /// All shards have planned all cases by the book in force.
  void replan() { stage.pass(seconds(2)); }
  std::vector<CampaignId> dialed_by(CaseId id) const {
    std::vector<CampaignId> found;
    for (const DueRow& row : record(id).due) {
      if (row.campaign.is_set()) found.push_back(row.campaign);
    }
    return found;
  }
  std::vector<TextRevision> revisions() { return ask<msg::StrategiesView>(node->context.campaigns, msg::GetStrategies{"work"}).revisions; }
};

TEST_F(StrategyNodeTest, AStrategyChangeReplansAWaitingCase) {
  const CaseId id = open_case(1);
  ASSERT_FALSE(put(stop_soft).error);
  ASSERT_FALSE(name_strategy(0, "work").error);
  replan();
  EXPECT_TRUE(dialed_by(id).empty());
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::none_ready);
  ASSERT_FALSE(put(keep_all).error);
  replan();
  EXPECT_EQ(dialed_by(id), std::vector<CampaignId>{campaign_id});
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
}

TEST_F(StrategyNodeTest, AMovedStageSwitchesModeAndNumberOrderWithoutAReload) {
  const CampaignId mass = add_campaign("mass");
  campaigns.back().settings.mode = DialingMode::predictive;
  restart();
  ASSERT_FALSE(put(by_stage).error);
  for (const std::size_t campaign : {std::size_t{0}, std::size_t{1}}) ASSERT_FALSE(name_strategy(campaign, "work").error);
  CaseDraft draft = draft_of(1);
  draft.phones = {phone(1), phone(2, PhoneType::home)};
  ASSERT_EQ(import_draft(draft).created, 1U);
  const CaseId id = disk.case_id_for(draft.keys.front());
  EXPECT_EQ(dialed_by(id), std::vector<CampaignId>{mass});
  draft.debts.front().stage = "late";
  ASSERT_EQ(import_draft(draft).updated, 1U);
  EXPECT_EQ(dialed_by(id), std::vector<CampaignId>{campaign_id});
  (void)invite(id);
  ASSERT_EQ(node->sip.invites.size(), 1U);
  EXPECT_EQ(stored<AttemptReserved>(id).front().number, number(2));
  EXPECT_NE(record(id).plan_reason.find("rule \"personal\""), std::string::npos) << record(id).plan_reason;
}

TEST_F(StrategyNodeTest, ARestartKnowsStrategiesAndTheirHistory) {
  ASSERT_FALSE(put(keep_all).error);
  ASSERT_FALSE(put(stop_soft).error);
  ASSERT_FALSE(name_strategy(0, "work").error);
  restart();
  const CaseId id = open_case(1);
  EXPECT_TRUE(dialed_by(id).empty());
  const auto known = revisions();
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[1].text, stop_soft);
  EXPECT_EQ(known[1].author, "tester");
}

/// The process died between the strategy's commit and the last case that had to hear of it.
TEST_F(StrategyNodeTest, ARestartPlansTheCasesAFormerLifeDidNotReach) {
  ASSERT_FALSE(put(keep_all).error);
  ASSERT_FALSE(name_strategy(0, "work").error);
  replan();
  const CaseId id = open_case(1);
  ASSERT_EQ(dialed_by(id).size(), 1U);
  const TextRevision unheard{"work", 2, "tester", stage.now(), "test.toml", stop_soft};
  ASSERT_TRUE(disk.put_document("strategy", "work.000002", encode_text_revision(unheard)).ok());
  restart();
  replan();
  EXPECT_TRUE(dialed_by(id).empty());
}

TEST_F(StrategyNodeTest, ARollbackIsANewRevisionWithTheOldText) {
  ASSERT_FALSE(put(keep_all).error);
  ASSERT_FALSE(put(stop_soft).error);
  const auto back = [this](std::uint32_t revision) { return ask<msg::Answer>(node->context.campaigns, msg::RollbackStrategy{"work", revision, "tester"}); };
  EXPECT_EQ(back(1).text, "3");
  const auto known = revisions();
  ASSERT_EQ(known.size(), 3U);
  EXPECT_EQ(known[2].text, keep_all);
  EXPECT_EQ(known[2].origin, "rollback to 1");
  EXPECT_EQ(back(3).error.value_or(Error{Errc::denied, ""}).code, Errc::conflict);
  EXPECT_EQ(back(9).error.value_or(Error{Errc::denied, ""}).code, Errc::not_found);
}

TEST_F(StrategyNodeTest, WhatIsWrongIsNotStored) {
  const msg::Answer answer = put("name = \"work\"\n[[rule]]\nname = \"a\"\n[rule.then]\nstp = true\n");
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Errc::invalid_input);
  EXPECT_NE(answer.error->detail.find("test.toml:5:"), std::string::npos) << answer.error->detail;
  EXPECT_TRUE(revisions().empty());
  EXPECT_EQ(name_strategy(0, "work").error.value_or(Error{Errc::denied, ""}).code, Errc::not_found);
}

}  // namespace
}  // namespace dunlin::test
