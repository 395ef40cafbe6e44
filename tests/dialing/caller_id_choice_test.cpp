#include "core/dialing/caller_id_choice.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

PhoneNumber shown_of(const std::vector<std::string>& of_trunk, const std::string& of_campaign, const std::string& debtor) {
  std::vector<PhoneNumber> numbers;
  for (const std::string& text : of_trunk) numbers.push_back(*PhoneNumber::from_e164(text));
  const auto wanted = PhoneNumber::from_e164(of_campaign);
  return choose_caller_id(numbers, wanted ? *wanted : PhoneNumber(), *PhoneNumber::from_e164(debtor));
}

TEST(CallerIdChoice, ShowsANumberOfTheTrunkThatTakesTheCall) {
  const std::vector<std::string> numbers{"+74950000001", "+73430000001", "+79120000001", "+73432000001"};
  struct Row {
    std::string of_campaign, debtor, shown;
  };
  for (const Row& row : {Row{"+73430000001", "+79123334455", "+73430000001"},   // The campaign's own, wherever the debtor is.
                         Row{"+78120000009", "+79123334455", "+79120000001"},   // Else of the debtor's code,
                         Row{"+78120000009", "+73432223344", "+73432000001"},   // the nearest of several,
                         Row{"+78120000009", "+73439223344", "+73430000001"},   // the first of equals,
                         Row{"+78120000009", "+73952223344", "+74950000001"},   // the first when only the country is common,
                         Row{"", "+998712223344", "+74950000001"}}) {           // and for another country.
    EXPECT_EQ(shown_of(numbers, row.of_campaign, row.debtor).e164(), row.shown) << row.of_campaign << " " << row.debtor;
  }
}

TEST(CallerIdChoice, WithoutAContractTheCampaignsNumberGoesOut) {
  EXPECT_EQ(shown_of({}, "+78120000009", "+79123334455").e164(), "+78120000009");
  EXPECT_FALSE(shown_of({}, "", "+79123334455").is_set());
}

}  // namespace
}  // namespace dunlin
