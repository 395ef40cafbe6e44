#include "api/campaign_numbers.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

NodeSettings node_of_three() {
  NodeSettings node;
  for (const auto& [name, numbers] : std::vector<std::pair<const char*, std::vector<std::string>>>{
           {"north", {"+78120000001", "+74950000001"}}, {"south", {"+74950000001", "+78630000001"}}, {"bare", {}}}) {
    TrunkOptions trunk;
    trunk.name = name;
    trunk.caller_ids = numbers;
    node.trunks.push_back(trunk);
  }
  return node;
}

CampaignSettings campaign_over(std::vector<TrunkShare> trunks, const std::string& caller_id) {
  CampaignSettings campaign;
  campaign.trunks = std::move(trunks);
  campaign.caller_id = caller_id;
  return campaign;
}

TEST(CampaignNumbers, AreThoseOfItsTrunksEachOnce) {
  const auto numbers = numbers_of_trunks(campaign_over({{"south", 1}, {"north", 0}, {"unknown", 1}}, ""), node_of_three());
  EXPECT_EQ(numbers, (std::vector<std::string>{"+74950000001", "+78630000001", "+78120000001"}));
}

TEST(CampaignNumbers, ANumberOfNoTrunkIsRefusedWithThoseAllowed) {
  const NodeSettings node = node_of_three();
  EXPECT_TRUE(check_caller_id(campaign_over({{"north", 1}, {"south", 1}}, "+78630000001"), node).ok());
  const Status refused = check_caller_id(campaign_over({{"north", 1}}, "+78630000001"), node);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().detail, "caller_id +78630000001 is of no trunk of the campaign: allowed are +78120000001, +74950000001 (caller_ids of [[trunk]])");
}

TEST(CampaignTrunks, AreThoseOfTheSettingsUnlessAnotherNodeMayHaveThem) {
  NodeSettings node = node_of_three();
  EXPECT_TRUE(check_trunks(campaign_over({{"north", 1}, {"bare", 0}}, ""), node).ok());
  const Status refused = check_trunks(campaign_over({{"north", 1}, {"west", 1}}, ""), node);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().detail, "trunks: no trunk west; there are north, south, bare");
  node.cluster.name = "c";
  EXPECT_TRUE(check_trunks(campaign_over({{"west", 1}}, ""), node).ok());
}

TEST(CampaignNumbers, EveryNumberOfAPoolMustBeAllowed) {
  const NodeSettings node = node_of_three();
  EXPECT_TRUE(check_caller_id(campaign_over({{"north", 1}, {"south", 1}}, "+78630000001,+74950000001"), node).ok());
  const Status refused = check_caller_id(campaign_over({{"north", 1}}, "+74950000001,+78630000001"), node);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().detail.find("caller_id +78630000001 is of no trunk"), std::string::npos) << refused.error().detail;
  const Status unread = check_caller_id(campaign_over({{"north", 1}}, "+74950000001;+78630000001"), node);
  ASSERT_FALSE(unread.ok());
  EXPECT_NE(unread.error().detail.find("is not in E.164"), std::string::npos) << unread.error().detail;
}

// 137-FZ: what is nowhere written down as contracted is not shown.
TEST(CampaignNumbers, OverATrunkWithoutAListAnotherContractMustHaveTheNumber) {
  const NodeSettings node = node_of_three();
  EXPECT_TRUE(check_caller_id(campaign_over({{"bare", 1}}, "+78630000001"), node).ok());
  const Status refused = check_caller_id(campaign_over({{"bare", 1}}, "+79990000001"), node);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().detail, "caller_id +79990000001 is in no caller_ids of [[trunk]]: a number without a contract may not be shown");
  EXPECT_TRUE(check_caller_id(campaign_over({{"bare", 1}, {"of another node", 1}}, "+79990000001"), node).ok());
}

}  // namespace
}  // namespace dunlin
