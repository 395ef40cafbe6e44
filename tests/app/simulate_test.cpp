// The words of `dunlin simulate`, and what its reports say.
#include <gtest/gtest.h>

#include <filesystem>

#include "app/cli/simulate_options.hpp"
#include "app/cli/simulate_report.hpp"
#include "app/cli/simulate_steps.hpp"

namespace dunlin {
namespace {

LocalContext no_folder() { return {std::filesystem::path("/nonexistent/dunlin-data"), "table", false}; }

constexpr UtcTime monday_noon{1'795'435'200'000};   // 2026-11-23 12:00 UTC.

TEST(SimulateWords, DefaultsArePlayableAndPlayTomorrow) {
  const auto options = parse_simulate_options({"simulate"});
  ASSERT_TRUE(options.ok());
  const auto plans = make_simulate_plans(*options, no_folder(), monday_noon);
  ASSERT_TRUE(plans.ok()) << plans.error().detail;
  EXPECT_EQ(plans->first.day, (CivilDate{2026, 11, 24}));
  EXPECT_EQ(plans->first.agents, 20);
  EXPECT_EQ(plans->first.synthetic_cases, 5000u);
  EXPECT_FALSE(plans->second);
}

TEST(SimulateWords, WrongWordsAreNamed) {
  struct Row {
    std::vector<std::string> words;
    const char* expected;
  };
  const Row rows[] = {{{"simulate", "--agnets", "5"}, "did you mean --agents?"},
                      {{"simulate", "--agents"}, "--agents needs a value"},
                      {{"simulate", "--agents", "-1"}, "--agents must be a whole number from 0 to 1000"},
                      {{"simulate", "--seeds", "0"}, "--seeds must be"},
                      {{"simulate", "--day", "tomorrow"}, "--day must be a date"},
                      {{"simulate", "--story", "S-1,,S-2"}, "--story: a name is missing"},
                      {{"simulate", "--lang", "it"}, "--lang must be ru or en"}};
  for (const Row& row : rows) {
    const auto options = parse_simulate_options(row.words);
    ASSERT_FALSE(options.ok());
    EXPECT_NE(options.error().detail.find(row.expected), std::string::npos) << options.error().detail;
  }
}

TEST(SimulateSteps, AStoryIsToldAndAStrangerIsNamed) {
  const auto options = parse_simulate_options({"simulate", "--cases", "20", "--agents", "2"});
  ASSERT_TRUE(options.ok());
  const auto plans = make_simulate_plans(*options, no_folder(), monday_noon);
  ASSERT_TRUE(plans.ok()) << plans.error().detail;
  SimulatedSteps told(plans->first, 1, {{"S-3", "S-0"}, "", false});
  SimulatedSteps lost(plans->first, 1, {{"S-3", "S-20"}, "", false});
  ASSERT_TRUE(run_what_if(plans->first, 1, &told).ok());
  ASSERT_TRUE(run_what_if(plans->first, 1, &lost).ok());
  EXPECT_TRUE(told.finish().ok());
  EXPECT_LT(told.stories().find("S-3 "), told.stories().find("S-0 ")) << told.stories();
  EXPECT_NE(told.stories().find("attempt reserved"), std::string::npos) << told.stories();
  const Status status = lost.finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Errc::not_found);
  EXPECT_NE(status.error().detail.find("S-20"), std::string::npos);
}

TEST(SimulateSteps, AWitnessChangesNothingAndAJournalMustBeWritable) {
  const auto options = parse_simulate_options({"simulate", "--cases", "20", "--agents", "2"});
  ASSERT_TRUE(options.ok());
  const auto plans = make_simulate_plans(*options, no_folder(), monday_noon);
  ASSERT_TRUE(plans.ok());
  SimulatedSteps steps(plans->first, 1, {{}, "/nonexistent/week.jsonl", false});
  const auto watched = run_what_if(plans->first, 1, &steps);
  const auto alone = run_what_if(plans->first, 1);
  ASSERT_TRUE(watched.ok() && alone.ok());
  EXPECT_TRUE(*watched == *alone);
  EXPECT_EQ(steps.finish().error().code, Errc::unavailable);
}

TEST(SimulateWords, TheOtherSideIsAFileOrAListOfChanges) {
  const auto file = parse_simulate_change("old.toml");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->strategy, "old.toml");
  const auto list = parse_simulate_change("mode=predictive,agents=25,strategy=none");
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->mode, "predictive");
  EXPECT_EQ(list->agents, 25);
  EXPECT_EQ(list->strategy, "none");
  EXPECT_EQ(parse_simulate_change("costs=unweighed")->costs, "unweighed");
  EXPECT_FALSE(parse_simulate_change("speed=3").ok());
  EXPECT_FALSE(parse_simulate_change("mode=").ok());
  EXPECT_FALSE(parse_simulate_change("agents=many").ok());
}

TEST(SimulateWords, WhatIsNotThereIsNotFound) {
  const std::vector<std::vector<std::string>> questions{{"simulate", "--campaign", "soft"}, {"simulate", "--cases", "history"},
                                                        {"simulate", "--line", "/nonexistent/line.toml"}, {"simulate", "--strategy", "/nonexistent/s.toml"}};
  for (const auto& words : questions) {
    const auto options = parse_simulate_options(words);
    ASSERT_TRUE(options.ok());
    const auto plans = make_simulate_plans(*options, no_folder(), monday_noon);
    ASSERT_FALSE(plans.ok());
    EXPECT_EQ(plans.error().code, Errc::not_found) << plans.error().detail;
  }
}

TEST(SimulateWords, ARunningNodeKeepsItsHistory) {
  LocalContext context = no_folder();
  context.is_node_up = true;
  const auto options = parse_simulate_options({"simulate", "--cases", "history"});
  ASSERT_TRUE(options.ok());
  const auto plans = make_simulate_plans(*options, context, monday_noon);
  ASSERT_FALSE(plans.ok());
  EXPECT_EQ(plans.error().code, Errc::conflict);
}

/// Two small days, the second with one agent more; the campaign's name tries to be markup.
SimulateResult small_result(bool is_russian) {
  const auto options = parse_simulate_options({"simulate", "--agents", "2", "--cases", "60", "--against", "agents=3"});
  auto plans = make_simulate_plans(*options, no_folder(), monday_noon);
  EXPECT_TRUE(plans.ok());
  SimulateResult result;
  result.is_russian = is_russian;
  plans->first.campaign.name = "<b>&soft";
  result.first.plan = plans->first;
  result.second = SimulatedSide{*plans->second, {}};
  for (SimulatedSide* side : {&result.first, &*result.second}) {
    side->plan.line.work_from_s = 12 * 3600;
    side->plan.line.work_to_s = 13 * 3600;
    for (const std::uint64_t seed : {1, 2}) side->days.push_back(*run_what_if(side->plan, seed));
  }
  return result;
}

TEST(SimulateReport, ThePageNeedsNothingFromOutside) {
  for (const bool is_russian : {false, true}) {
    const std::string html = simulate_html(small_result(is_russian));
    EXPECT_EQ(html.find("http"), std::string::npos);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("<b>&soft"), std::string::npos);
    EXPECT_NE(html.find("&lt;b&gt;&amp;soft"), std::string::npos);
    EXPECT_NE(html.find("<svg"), std::string::npos);
    EXPECT_NE(html.find(is_russian ? "обещаний" : "promises"), std::string::npos);
  }
}

TEST(SimulateReport, TheJsonHasEveryFigureAndTheComparison) {
  const auto report = simulate_json(small_result(false));
  for (int i = 0; i < what_if_metric_count; ++i) {
    const std::string name(to_string(static_cast<WhatIfMetric>(i)));
    ASSERT_TRUE(report["metrics"].contains(name)) << name;
    EXPECT_TRUE(report["metrics"][name]["ci95"].is_number()) << name;
  }
  EXPECT_EQ(report["seeds"], nlohmann::ordered_json({1, 2}));
  EXPECT_EQ(report["against"]["plan"]["agents"], 3);
  EXPECT_EQ(report["comparison"].size(), static_cast<std::size_t>(what_if_metric_count));
  EXPECT_TRUE(report["violations"].empty());
}

TEST(SimulateReport, AViolationNamesItsSeed) {
  SimulateResult result = small_result(false);
  result.first.days[1].violations = {"forbidden attempt, RU-HRS-WD"};
  EXPECT_NE(simulate_text(result).find("seed 2: forbidden attempt, RU-HRS-WD"), std::string::npos);
  EXPECT_EQ(simulate_json(result)["violations"][0]["seed"], 2);
}

}  // namespace
}  // namespace dunlin
