#include "core/dialogue/flow_check.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/dialogue/flow_fixture.hpp"

namespace dunlin::test {
namespace {

namespace fs = flow_step;

template <class Act>
Act& act_of(Flow& flow, FlowIndex index) {
  return std::get<Act>(flow.steps[index].act);
}

std::string findings_of(const Flow& flow) {
  std::string text;
  for (const FlowFinding& finding : check_flow(flow)) text += std::to_string(finding.line) + " " + finding.place + ": " + finding.what + "\n";
  return text;
}

TEST(FlowCheck, AGoodFlowHasNoFindings) { EXPECT_EQ(findings_of(pay_flow()), ""); }

TEST(FlowCheck, EachFaultIsNamedWithItsStep) {
  struct Row {
    std::function<void(Flow&)> spoil;
    const char* expected;
  };
  const Row rows[] = {
      {[](Flow& f) { f.name = "Pay now"; }, "flow: name: 1 to 64 of a-z"},
      {[](Flow& f) { f.steps.clear(); }, "flow: at least one [[step]]"},
      {[](Flow& f) { f.most_steps = 0; }, "most_steps: must lie between 1 and 1000"},
      {[](Flow& f) { f.steps[at_debt].name = "who"; }, "4 step \"who\": another step has this name"},
      {[](Flow& f) { act_of<fs::Say>(f, at_debt).next = 99; }, "step \"debt\": leads to a step that is not there"},
      {[](Flow& f) { act_of<fs::Menu>(f, at_who).choices.pop_back(); }, "3 step \"stranger\": is unreachable"},
      {[](Flow& f) { act_of<fs::Menu>(f, at_menu).choices[0].keys = "10"; }, "step \"menu\": choice: key 0 is taken twice"},
      {[](Flow& f) { act_of<fs::Menu>(f, at_menu).choices[0].keys = "a"; }, "choice: keys are of 0123456789*#"},
      {[](Flow& f) { act_of<fs::Menu>(f, at_menu).choices[0].keys.clear(); }, "choice: keys is empty"},
      {[](Flow& f) { act_of<fs::Menu>(f, at_menu).patience.wait = minutes(2); }, "wait: must lie between 1s and 60s"},
      {[](Flow& f) { act_of<fs::Menu>(f, at_menu).patience.repeats = 6; }, "repeats: at most 5"},
      {[](Flow& f) { act_of<fs::Say>(f, at_debt).text.clear(); }, "step \"debt\": text: says nothing"},
      {[](Flow& f) { act_of<fs::Say>(f, at_debt).text = flow_text(std::string(2'001, 'a')); }, "longer than 2000 bytes"},
      {[](Flow& f) { act_of<fs::AskAmount>(f, at_sum).least = 0; }, "least: must lie between 1 and 1000000"},
      {[](Flow& f) { act_of<fs::AskDate>(f, at_day).within_days = 400; }, "within_days: must lie between 1 and 365"},
      {[](Flow& f) { act_of<fs::Transfer>(f, at_transfer).wait = hours(1); }, "wait: must lie between 1s and 5m"},
      {[](Flow& f) { act_of<fs::Callback>(f, at_callback).after = days(15); }, "after: must lie between 5m and 14d"},
      {[](Flow& f) { act_of<fs::End>(f, at_end).outcome = Outcome::busy; }, "\"busy\" is the network's word"},
      {[](Flow& f) { act_of<fs::End>(f, at_end).outcome = Outcome::rpc_promise; }, "a promise or callback step brings this outcome"},
      {[](Flow& f) { act_of<fs::Say>(f, at_debt).next = at_debt; }, "step \"debt\": closes a loop back to \"debt\" in which nothing waits"},
      {[](Flow& f) { act_of<fs::Say>(f, at_thanks).next = at_thanks; }, "step \"thanks\": is a dead end"},
  };
  for (const Row& row : rows) {
    Flow flow = pay_flow();
    row.spoil(flow);
    EXPECT_NE(findings_of(flow).find(row.expected), std::string::npos) << row.expected << "\n" << findings_of(flow);
  }
}

TEST(FlowCheck, WhatTheLawWantsToldComesFirst) {
  const std::pair<FlowDuty, const char*> rows[] = {{FlowDuty::caller, "told who calls"}, {FlowDuty::robot, "a robot speaks"}, {FlowDuty::recording, "the call is recorded"}};
  for (const auto& [duty, expected] : rows) {
    Flow flow = pay_flow();
    auto& tells = act_of<fs::Say>(flow, at_greeting).tells;
    tells.erase(std::find(tells.begin(), tells.end(), duty));
    EXPECT_NE(findings_of(flow).find(std::string("2 step \"who\": comes before it is ")), std::string::npos) << findings_of(flow);
    EXPECT_NE(findings_of(flow).find(expected), std::string::npos) << findings_of(flow);
  }
}

TEST(FlowCheck, ADutyOnOneWayOnlyIsNotFulfilled) {
  Flow flow = pay_flow();
  flow.steps.push_back({"fork", fs::Branch{{{StrategyCondition{}, at_greeting}}, at_who}, 20});
  act_of<fs::Branch>(flow, flow.steps.size() - 1).cases[0].when.stages = {"soft"};
  std::swap(flow.steps[0], flow.steps.back());
  for (FlowStep& step : flow.steps) {
    if (auto* branch = std::get_if<fs::Branch>(&step.act)) branch->cases[0].next = flow.steps.size() - 1;
  }
  EXPECT_NE(findings_of(flow).find("step \"who\": comes before it is told who calls"), std::string::npos) << findings_of(flow);
}

TEST(FlowCheck, WhatTheLawWantsToldIsNotCutShort) {
  Flow flow = pay_flow();
  act_of<fs::Say>(flow, at_greeting).has_barge_in = true;
  EXPECT_NE(findings_of(flow).find("is not cut short by a key"), std::string::npos);
}

TEST(FlowCheck, NoWordOfTheDebtBeforeThePersonIsConfirmed) {
  Flow flow = pay_flow();
  act_of<fs::Menu>(flow, at_who).choices[0].confirms_person = false;
  const std::string findings = findings_of(flow);
  EXPECT_NE(findings.find("step \"debt\": speaks {overdue} before the person is confirmed"), std::string::npos) << findings;
  EXPECT_NE(findings.find("step \"promise\": takes a promise before the person is confirmed"), std::string::npos) << findings;
  Flow around = pay_flow();
  act_of<fs::Menu>(around, at_who).choices[1].next = at_debt;
  EXPECT_NE(findings_of(around).find("step \"debt\": speaks {overdue} before"), std::string::npos);
}

TEST(FlowCheck, ADateIsKnownBeforeItIsPromisedOrSpoken) {
  Flow flow = pay_flow();
  act_of<fs::Promise>(flow, at_promise).in_days.reset();
  EXPECT_EQ(findings_of(flow), "");
  act_of<fs::AskDate>(flow, at_day).patience.otherwise = at_promise;
  EXPECT_NE(findings_of(flow).find("step \"promise\": has no date on some way"), std::string::npos) << findings_of(flow);
  Flow spoken = pay_flow();
  act_of<fs::Say>(spoken, at_refused).text = flow_text("Not by {date}.");
  EXPECT_EQ(findings_of(spoken), "");
  act_of<fs::Say>(spoken, at_later).text = flow_text("Until {date}.");
  EXPECT_NE(findings_of(spoken).find("step \"later\": speaks {date} where none is known"), std::string::npos) << findings_of(spoken);
}

TEST(FlowCheck, WhoTalksToARobotMayAskForAHuman) {
  Flow flow = pay_flow();
  flow.steps[at_transfer].act = fs::End{};
  flow.steps[at_callback].act = fs::Message{"later", at_later};
  EXPECT_NE(findings_of(flow).find("no way to a human"), std::string::npos) << findings_of(flow);
}

TEST(FlowCheck, CasesOfABranchThatNothingReachesAreNamed) {
  Flow flow = pay_flow();
  StrategyCondition wide;
  wide.dpd = {std::nullopt, 30};
  StrategyCondition narrow;
  narrow.dpd = {std::nullopt, 7};
  flow.steps[at_debt].act = fs::Branch{{{wide, at_menu}, {narrow, at_sum}, {StrategyCondition{}, at_sum}}, at_menu};
  const std::string findings = findings_of(flow);
  EXPECT_NE(findings.find("step \"debt\": rule \"case 2\": is unreachable: rule \"case 1\""), std::string::npos) << findings;
  EXPECT_NE(findings.find("case 3: has no condition"), std::string::npos) << findings;
}

TEST(FlowText, PhrasesAndValuesAreTakenApart) {
  const auto parts = parse_flow_text("You owe {overdue:accusative}, {name}. Pay.", "debt");
  ASSERT_TRUE(parts.ok());
  ASSERT_EQ(parts->size(), 4U);
  EXPECT_EQ((*parts)[0].phrase, "You owe");
  EXPECT_EQ((*parts)[0].fragment, "debt.1");
  EXPECT_EQ((*parts)[1].value, FlowValue::overdue);
  EXPECT_EQ((*parts)[1].form, SpokenCase::accusative);
  EXPECT_EQ((*parts)[2].value, FlowValue::name);
  EXPECT_EQ((*parts)[3].phrase, "Pay.");
  EXPECT_EQ((*parts)[3].fragment, "debt.2");
  for (const char* wrong : {"{overdu}", "{overdue", "overdue}", "{}", "{name:accusative}", "{overdue:genitive}"}) {
    EXPECT_FALSE(parse_flow_text(wrong, "t").ok()) << wrong;
  }
}

}  // namespace
}  // namespace dunlin::test
