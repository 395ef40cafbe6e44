#include <gtest/gtest.h>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/phone_number.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {
namespace {

TEST(Money, ReadsTheNotationsOfBankFiles) {
  const struct { const char* text; std::int64_t minor; } rows[] = {
      {"12345,67", 1234567}, {"12 345.67", 1234567}, {"1.234,56", 123456}, {"1,234.5", 123450}, {"0", 0}, {"-5", -500}, {"12\xC2\xA0""000,00", 1200000}, {"1.234.567", 123456700}};
  for (const auto& row : rows) {
    const auto money = parse_money(row.text, Currency::rub);
    ASSERT_TRUE(money.ok()) << row.text;
    EXPECT_EQ(money->minor, row.minor) << row.text;
  }
}

TEST(Money, RefusesTextAndThreeDecimals) {
  for (const char* text : {"", "abc", "12,3456", "1.23.4", "--1", ","}) EXPECT_FALSE(parse_money(text, Currency::rub).ok()) << text;
}

TEST(Ids, ParseOnlyWhatTheyPrint) {
  const CaseId id(0xA1);
  EXPECT_EQ(id.str(), "case_00000000000000a1");
  EXPECT_EQ(CaseId::parse(id.str())->value(), 0xA1u);
  EXPECT_FALSE(CaseId::parse("att_00000000000000a1").ok());
  EXPECT_FALSE(CaseId::parse("case_a1").ok());
}

TEST(PhoneNumber, MaskHidesTheMiddle) {
  EXPECT_EQ(PhoneNumber::from_e164("+79120001122")->masked(), "+7912***1122");
  EXPECT_FALSE(PhoneNumber::from_e164("79120001122").ok());
}

TEST(Outcome, NamesAreUniqueAndParse) {
  for (int i = 0; i < outcome_count; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    EXPECT_EQ(parse_outcome(to_string(outcome)).value(), outcome);
  }
}

}  // namespace
}  // namespace dunlin
