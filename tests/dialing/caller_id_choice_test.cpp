#include "core/dialing/caller_id_choice.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

std::vector<PhoneNumber> numbers_of(const std::vector<std::string>& texts) {
  std::vector<PhoneNumber> numbers;
  for (const std::string& text : texts) numbers.push_back(*PhoneNumber::from_e164(text));
  return numbers;
}

/// A number plan as the regulator's ranges make one: mobile ranges have a region, some ranges have two, most have none.
std::vector<std::string> plan(const PhoneNumber& number) {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> ranges{
      {"+7343", {"RU-SVE"}}, {"+7912", {"RU-SVE"}},  {"+7351", {"RU-CHE"}}, {"+7919", {"RU-CHE"}},           {"+7495", {"RU-MOW"}},
      {"+7498", {"RU-MOS"}}, {"+7916", {"RU-MOW", "RU-MOS"}}, {"+7812", {"RU-SPE"}}, {"+7717", {"KZ-AST"}}};
  for (const auto& [digits, regions] : ranges) {
    if (number.e164().starts_with(digits)) return regions;
  }
  return {};
}

std::string shown(const std::vector<std::string>& of_trunk, const std::vector<std::string>& of_campaign, const std::string& debtor,
                  const NumberRegions& regions_of = plan) {
  return choose_caller_id({numbers_of(of_trunk), numbers_of(of_campaign)}, *PhoneNumber::from_e164(debtor), regions_of).e164();
}

TEST(CallerIdChoice, ShowsANumberOfTheDebtorsRegion) {
  const std::vector<std::string> trunk{"+74950000001", "+73430000001", "+79120000001", "+73510000001", "+74980000001"};
  struct Row {
    std::string debtor, expected, why;
  };
  for (const Row& row : {Row{"+73432223344", "+73430000001", "a fixed line of the region, the nearest by its digits"},
                         Row{"+79121112233", "+79120000001", "a mobile number: of two numbers of the region the nearest"},
                         Row{"+79191112233", "+73510000001", "a mobile number of another range whose region has only a fixed line"},
                         Row{"+79161112233", "+74950000001", "a range of two regions: the first of either"},
                         Row{"+74982223344", "+74980000001", "not the neighbour of the same two digits"},
                         Row{"+78122223344", "+74950000001", "a region without a number of ours: the first"},
                         Row{"+79001112233", "+74950000001", "no region known, nothing in common: the first"},
                         Row{"+78002223344", "+74950000001", "a number of no place"},
                         Row{"+77172223344", "+74950000001", "another country under the same country code"},
                         Row{"+998712223344", "+74950000001", "another country"}}) {
    EXPECT_EQ(shown(trunk, {}, row.debtor), row.expected) << row.why;
  }
}

TEST(CallerIdChoice, WithoutARegionTheLeadingDigitsSpeak) {
  const std::vector<std::string> trunk{"+74950000001", "+73430000001", "+79120000001", "+73432000001"};
  const auto nobody = [](const PhoneNumber&) { return std::vector<std::string>(); };
  for (const NumberRegions& unknown : {NumberRegions(nobody), NumberRegions()}) {
    EXPECT_EQ(shown(trunk, {}, "+79123334455", unknown), "+79120000001");
    EXPECT_EQ(shown(trunk, {}, "+73432223344", unknown), "+73432000001") << "the nearest of several";
    EXPECT_EQ(shown(trunk, {}, "+73439223344", unknown), "+73430000001") << "the first of equals";
    EXPECT_EQ(shown(trunk, {}, "+73952223344", unknown), "+74950000001") << "only the country is common";
    EXPECT_EQ(shown(trunk, {}, "+998712223344", unknown), "+74950000001");
  }
}

TEST(CallerIdChoice, TheCampaignsPoolNarrowsTheTrunks) {
  const std::vector<std::string> trunk{"+74950000001", "+73430000001", "+73510000001"};
  struct Row {
    std::vector<std::string> pool;
    std::string debtor, expected, why;
  };
  for (const Row& row : {Row{{"+74950000001"}, "+73432223344", "+74950000001", "a campaign of one number shows it everywhere"},
                         Row{{"+73510000001", "+74950000001"}, "+74952223344", "+74950000001", "of its pool, by region"},
                         Row{{"+73510000001", "+74950000001"}, "+73432223344", "+73510000001", "never another of the trunk: the first of its pool"},
                         Row{{"+78120000001", "+73510000001"}, "+78122223344", "+73510000001", "the trunk must have it"},
                         Row{{"+78120000001"}, "+73432223344", "+73430000001", "none of its pool is the trunk's: the trunk's by region"}}) {
    EXPECT_EQ(shown(trunk, row.pool, row.debtor), row.expected) << row.why;
  }
}

TEST(CallerIdChoice, WithoutAWrittenContractTheCampaignsPoolGoesOut) {
  EXPECT_EQ(shown({}, {"+78120000009"}, "+79123334455"), "+78120000009");
  EXPECT_EQ(shown({}, {"+78120000009", "+73430000009"}, "+79123334455"), "+73430000009");
  EXPECT_EQ(shown({}, {}, "+79123334455"), "");
}

// 137-FZ (RU-CLI-01), 230-FZ art. 7 part 9 (RU-CLI-02): what the gate is told of the number.
TEST(CallerIdChoice, TheLawIsToldWhetherTheNumberHasAContract) {
  const auto own = numbers_of({"+74950000001"});
  const auto company = numbers_of({"+73430000001", "+78120000001"});
  const PhoneNumber bare = *PhoneNumber::from_e164("+79990000001");
  EXPECT_EQ(judge_caller_id(own.front(), {own, {}}, {}), ShownNumber::contracted);
  EXPECT_EQ(judge_caller_id(company.back(), {{}, {company.back()}}, company), ShownNumber::contracted) << "by a contract with another carrier";
  EXPECT_EQ(judge_caller_id(bare, {{}, {bare}}, company), ShownNumber::not_contracted);
  EXPECT_EQ(judge_caller_id(bare, {{}, {bare}}, {}), ShownNumber::not_contracted) << "no contract at all is written down";
  EXPECT_EQ(judge_caller_id(PhoneNumber(), {}, company), ShownNumber::hidden);
}

TEST(CallerIds, AreOneNumberOrSeveral) {
  EXPECT_EQ(*parse_caller_ids("+74950000001"), numbers_of({"+74950000001"}));
  EXPECT_EQ(*parse_caller_ids("+74950000001,+73430000001"), numbers_of({"+74950000001", "+73430000001"}));
  std::string many = "+74950000001";
  for (int i = 0; i < 100; ++i) many += ",+7343" + std::to_string(1'000'000 + i);
  struct Row {
    std::string text, fault;
  };
  for (const Row& row : {Row{"", "\"\" is not in E.164"}, Row{"8495", "\"8495\" is not in E.164"}, Row{"+74950000001,", "\"\" is not in E.164"},
                         Row{"+74950000001, +73430000001", "\" +73430000001\" is not in E.164"},
                         Row{"+74950000001,+74950000001", "\"+74950000001\" is named twice"}, Row{many, "at most 100 numbers"}}) {
    const auto numbers = parse_caller_ids(row.text);
    ASSERT_FALSE(numbers.ok()) << row.text;
    EXPECT_EQ(numbers.error().detail.find(row.fault), 0U) << numbers.error().detail;
  }
}

}  // namespace
}  // namespace dunlin
