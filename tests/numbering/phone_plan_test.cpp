#include "numbering/phone_plan.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

struct NumberCase {
  std::string text;
  std::string e164;
};

TEST(PhonePlan, ReadsWhatPeopleWrite) {
  const PhonePlan plan;
  const std::vector<NumberCase> cases{{"89120001122", "+79120001122"},
                                      {"8 (912) 000-11-22", "+79120001122"},
                                      {"+7 912 000 11 22", "+79120001122"},
                                      {"79120001122", "+79120001122"},
                                      {"9120001122", "+79120001122"},
                                      {"8-343-200-11-22", "+73432001122"},
                                      {"8\xC2\xA0"
                                       "912\xC2\xA0"
                                       "000.11.22",
                                       "+79120001122"},
                                      {"+7 701 200 11 22", "+77012001122"},
                                      {"+49 30 901820", "+4930901820"},
                                      {"8 10 49 30 901820", "+4930901820"},
                                      {"+1 650 253 0000", "+16502530000"},
                                      {"8 495 123-45-67 доб. 12", "+74951234567"},
                                      {"тел. 8 912 000-11-22", "+79120001122"}};
  for (const auto& c : cases) {
    const auto number = plan.parse(c.text, "RU");
    ASSERT_TRUE(number.ok()) << c.text << ": " << number.error().detail;
    EXPECT_EQ(number->e164(), c.e164) << c.text;
  }
}

TEST(PhonePlan, RefusesWhatCannotBeDialed) {
  const PhonePlan plan;
  for (const char* bad : {"", "нет", "912", "8912000112", "891200011223", "00000000000", "9999999999",
                          "89120000000", "+7 012 345 67 89", "8 212 345 67 89", "7,91E+10"}) {
    EXPECT_FALSE(plan.parse(bad, "RU").ok()) << bad;
  }
  EXPECT_FALSE(plan.parse(std::string(5000, '8'), "RU").ok());
}

TEST(PhonePlan, ErrorsDoNotRepeatTheNumber) {
  const PhonePlan plan;
  for (const char* bad : {"8912000112", "891200011223", "9999999999"}) {
    EXPECT_EQ(plan.parse(bad, "RU").error().detail.find(bad), std::string::npos);
  }
}

TEST(PhonePlan, ReadsNumbersOfOtherDefaultRegions) {
  const PhonePlan plan;
  EXPECT_EQ(plan.parse("(650) 253-0000", "US")->e164(), "+16502530000");
  EXPECT_EQ(plan.parse("+7 912 000 11 22", "US")->e164(), "+79120001122");
}

TEST(PhonePlan, KnowsTheCountryOfForeignNumbers) {
  const PhonePlan plan;
  EXPECT_EQ(plan.home_of(*PhoneNumber::from_e164("+4930901820")).country, "DE");
  EXPECT_EQ(plan.home_of(*PhoneNumber::from_e164("+77012001122")).country, "KZ");
  const auto home = plan.home_of(*PhoneNumber::from_e164("+79120001122"));
  EXPECT_EQ(home.country, "RU");
  EXPECT_EQ(home.zones, nullptr);
}

}  // namespace
}  // namespace dunlin
