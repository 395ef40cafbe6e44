#include "api/pace_text.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

PacingDecision forecast_decision() {
  PacingDecision d;
  d.at_s = 104;
  d.dials = 2;
  d.is_progressive = false;
  d.agents_ready = 3;
  d.agents_talking = 7;
  d.agents_wrapping = 2;
  d.calls_in_flight = 9;
  d.list_available = 812;
  d.channels_free = 31;
  d.horizon_s = 30;
  d.expected_live = 4.06;
  d.expected_free = 5;
  d.answer_rate = 0.27;
  d.abandon_rate = 0.016;
  d.budget_left = 2.4;
  return d;
}

std::vector<PacingDecision> four_decisions() {
  PacingDecision first = forecast_decision();
  first.at_s = 103.4;
  first.dials = 0;
  first.limit = PacingLimit::budget;
  return {first, forecast_decision(), forecast_decision(), forecast_decision()};
}

TEST(PaceText, SaysWhatWasSeenExpectedAndWhatBoundIt) {
  EXPECT_EQ(pace_text(four_decisions(), TextLanguage::english),
            "Decisions: 4 in 0.6 s, calls asked for: 6.\n\nThe last decision, calls: 2\n"
            "  agents: idle 3, talking 7, wrapping up 2; calls on the way 9; in the list 812; free lines 31\n"
            "  within 30 s: 4.1 persons expected, 5.0 agents free; a new call is answered by a person with a chance of 27 %\n"
            "  1.6 % of those who answered were abandoned; the budget bears 2.4 more (below zero: overdrawn)\n"
            "  why not more: one more call would too likely find its person without an agent\n"
            "\nWhat limited all these decisions:\n"
            "   75 %  one more call would too likely find its person without an agent\n"
            "   25 %  the abandon budget cannot bear one more: one line per idle agent\n");
}

TEST(PaceText, SpeaksRussian) {
  const std::string text = pace_text(four_decisions(), TextLanguage::russian);
  EXPECT_NE(text.find("Решений: 4 за 0.6 с, запрошено звонков: 6."), std::string::npos) << text;
  EXPECT_NE(text.find("операторы: свободны 3, говорят 7, заполняют 2; звонков в пути 9"), std::string::npos) << text;
  EXPECT_NE(text.find("   25 %  бюджет брошенных не выдержит ещё одного"), std::string::npos) << text;
}

TEST(PaceText, APolicyWithoutAForecastShowsNone) {
  PacingDecision plain;
  plain.agents_ready = 1;
  const std::string text = pace_text({plain}, TextLanguage::english);
  EXPECT_EQ(text.find("within"), std::string::npos) << text;
  EXPECT_NE(text.find("why not more: one line per idle agent"), std::string::npos) << text;
}

TEST(PaceText, EachDoubtIsNamed) {
  PacingDecision jumped;
  jumped.limit = PacingLimit::doubt;
  jumped.doubt = PacingDoubt::clock_jumped;
  PacingDecision failing = jumped;
  failing.doubt = PacingDoubt::calls_fail;
  const std::string text = pace_text({jumped, failing, failing, failing}, TextLanguage::english);
  EXPECT_NE(text.find("   25 %  "), std::string::npos) << text;
  EXPECT_NE(text.find("   75 %  "), std::string::npos) << text;
}

TEST(PaceText, NoDecisionIsSaid) {
  EXPECT_EQ(pace_text({}, TextLanguage::english), "No decision yet: the campaign has not run, or has only just begun to.\n");
}

TEST(PaceText, EveryLimitAndDoubtHasWords) {
  for (const TextLanguage language : {TextLanguage::russian, TextLanguage::english}) {
    for (std::size_t limit = 0; limit < pacing_limits; ++limit) {
      PacingDecision d;
      d.limit = static_cast<PacingLimit>(limit);
      EXPECT_FALSE(pace_limit_text(d, language).empty()) << limit;
    }
    for (int doubt = 1; doubt <= static_cast<int>(PacingDoubt::nobody_answers); ++doubt) {
      PacingDecision d;
      d.limit = PacingLimit::doubt;
      d.doubt = static_cast<PacingDoubt>(doubt);
      EXPECT_NE(pace_limit_text(d, language), pace_limit_text(PacingDecision(), language)) << doubt;
      EXPECT_FALSE(pace_limit_text(d, language).empty()) << doubt;
    }
  }
}

}  // namespace
}  // namespace dunlin
