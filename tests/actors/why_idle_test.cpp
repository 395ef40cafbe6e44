// What `campaign why-idle` says of a live campaign's trunks.
#include <algorithm>

#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

class WhyIdleActorTest : public ActorTest {
 protected:
  /// The campaign goes out by these trunks of the node's "a" and "b".
  void start_over(const std::vector<TrunkShare>& trunks) {
    campaigns.front().settings.trunks = trunks;
    EXPECT_TRUE(disk.put_document("campaign", campaigns.front().settings.id.str(), encode_campaign(campaigns.front())).ok());
    start();
  }
  std::vector<std::string> reasons() { return ask<msg::CampaignView>(node->context.campaigns, msg::GetCampaign{"north"}).idle_reasons_en; }
  bool says(const std::string& reason) {
    const auto all = reasons();
    return std::find(all.begin(), all.end(), reason) != all.end();
  }
};

TEST_F(WhyIdleActorTest, SpeaksOfTheCampaignsOwnTrunksOnly) {
  start_over({{"b", 1}});
  node->sip.tell_trunk_health("a", false);
  stage.pass(seconds(3));
  for (const std::string& reason : reasons()) EXPECT_EQ(reason.find("down"), std::string::npos) << reason;
  node->sip.tell_trunk_health("a", true);
  node->sip.tell_trunk_health("b", false);
  stage.pass(seconds(3));
  EXPECT_TRUE(says("Every trunk of the campaign is down: b.")) << "the other trunk is of no use to it";
}

TEST_F(WhyIdleActorTest, NamesATrunkThatTheSettingsDoNotHave) {
  start_over({{"b", 1}, {"gone", 2}});
  stage.pass(seconds(3));
  EXPECT_TRUE(says("The settings of this node have no such trunks of the campaign: gone."));
}

TEST_F(WhyIdleActorTest, ClaimsNothingBeforeItHasLooked) {
  settings.tick_ms = 60'000;
  start_over({{"b", 1}});
  EXPECT_TRUE(says("The campaign has only begun: its list and trunks are being read, ask again in a second."));
  EXPECT_FALSE(says("The campaign's list is empty."));
  EXPECT_FALSE(says("The campaign has no trunk."));
}

}  // namespace
}  // namespace dunlin::test
