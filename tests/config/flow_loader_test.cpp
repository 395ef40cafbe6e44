#include "config/flow_loader.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

constexpr const char* flow_example = DUNLIN_SOURCE_DIR "/config/flows/payment_reminder.toml";

/// Every kind of step with every field.
constexpr const char* every_step = R"(name = "full"
language = "en"
currency = "EUR"
most_steps = 50
[[step]]
name = "hello"
kind = "play"
recording = "hello_male"
text = "A robot of the bank calls, recorded."
tells = ["caller", "robot", "recording"]
next = "who"
[[step]]
name = "who"
kind = "menu"
text = "Are you {name}?"
wait = "4s"
repeats = 3
otherwise = "done"
[[step.choice]]
keys = "15"
confirms_person = true
next = "debt"
[[step]]
name = "debt"
kind = "say"
text = "You owe {overdue:accusative}."
barge_in = true
next = "fork"
[[step]]
name = "fork"
kind = "branch"
otherwise = "sum"
[[step.case]]
next = "agent"
[step.case.when]
stage = ["hard", "legal"]
overdue_from = 1000
[[step]]
name = "sum"
kind = "ask_amount"
text = "How much?"
least = 20
wait = "8s"
repeats = 0
otherwise = "agent"
next = "day"
[[step]]
name = "day"
kind = "ask_date"
text = "When?"
within_days = 10
otherwise = "agent"
next = "promise"
[[step]]
name = "promise"
kind = "promise"
in_days = 3
next = "sms"
refused = "agent"
[[step]]
name = "sms"
kind = "message"
template = "promise_noted"
next = "done"
[[step]]
name = "agent"
kind = "transfer"
skill = "senior"
wait = "45s"
nobody = "callback"
[[step]]
name = "callback"
kind = "callback"
after = "1d"
next = "done"
[[step]]
name = "done"
kind = "end"
outcome = "rpc_dispute"
)";

std::string flow_faults_of(const std::string& text) {
  const auto flow = parse_flow("f.toml", text);
  return flow ? "" : flow.error().detail;
}

/// The full file with one text replaced by another.
std::string spoilt(const std::string& what, const std::string& by) {
  std::string text = every_step;
  const std::size_t place = text.find(what);
  EXPECT_NE(place, std::string::npos) << what;
  return text.replace(place, what.size(), by);
}

template <class Act>
Act act_at(const Flow& flow, FlowIndex index) {
  return std::get<Act>(flow.steps.at(index).act);
}

TEST(FlowLoader, TheShippedExampleLoads) {
  const auto text = read_flow_text(flow_example);
  ASSERT_TRUE(text.ok());
  const auto flow = parse_flow("payment_reminder.toml", *text);
  ASSERT_TRUE(flow.ok()) << flow.error().detail;
  EXPECT_EQ(flow->name, "payment_reminder");
  EXPECT_EQ(flow->steps.size(), 18U);
}

TEST(FlowLoader, EveryFieldArrives) {
  const auto flow = parse_flow("f.toml", every_step);
  ASSERT_TRUE(flow.ok()) << flow.error().detail;
  EXPECT_EQ(flow->language, SpokenLanguage::en);
  EXPECT_EQ(flow->currency, Currency::eur);
  EXPECT_EQ(flow->most_steps, 50U);
  EXPECT_EQ(flow->steps[1].line, 12);
  const FlowText recorded{{"A robot of the bank calls, recorded.", "hello_male", std::nullopt, SpokenCase::nominative}};
  EXPECT_EQ(act_at<flow_step::Say>(*flow, 0), (flow_step::Say{recorded, {FlowDuty::caller, FlowDuty::robot, FlowDuty::recording}, false, 1}));
  const auto menu = act_at<flow_step::Menu>(*flow, 1);
  EXPECT_EQ(menu.choices, (std::vector<flow_step::Choice>{{"15", true, 2}}));
  EXPECT_EQ(menu.patience, (FlowPatience{seconds(4), 3, 10}));
  EXPECT_TRUE(act_at<flow_step::Say>(*flow, 2).has_barge_in);
  const auto branch = act_at<flow_step::Branch>(*flow, 3);
  ASSERT_EQ(branch.cases.size(), 1U);
  EXPECT_EQ(branch.cases[0].when.stages, (std::vector<std::string>{"hard", "legal"}));
  EXPECT_EQ(branch.cases[0].when.overdue.from, 1'000'00);
  EXPECT_EQ(branch.cases[0].next, 8U);
  EXPECT_EQ(branch.otherwise, 4U);
  const auto sum = act_at<flow_step::AskAmount>(*flow, 4);
  EXPECT_EQ(sum.least, 20);
  EXPECT_EQ(sum.patience, (FlowPatience{seconds(8), 0, 8}));
  EXPECT_EQ(act_at<flow_step::AskDate>(*flow, 5).within_days, 10U);
  EXPECT_EQ(act_at<flow_step::Promise>(*flow, 6), (flow_step::Promise{3, 7, 8}));
  EXPECT_EQ(act_at<flow_step::Message>(*flow, 7), (flow_step::Message{"promise_noted", 10}));
  EXPECT_EQ(act_at<flow_step::Transfer>(*flow, 8), (flow_step::Transfer{"senior", seconds(45), 9}));
  EXPECT_EQ(act_at<flow_step::Callback>(*flow, 9), (flow_step::Callback{days(1), 10}));
  EXPECT_EQ(act_at<flow_step::End>(*flow, 10), (flow_step::End{Outcome::rpc_dispute}));
}

TEST(FlowLoader, FaultsNameFileLineFieldAndWhatIsAllowed) {
  struct Row {
    const char* what;
    const char* by;
    const char* expected;
  };
  const Row rows[] = {
      {"most_steps = 50", "most_step = 50", "f.toml:4: flow, field most_step: is not known here; did you mean most_steps?"},
      {"language = \"en\"", "language = \"de\"", "f.toml:2: flow, field language: \"de\" is not known"},
      {"kind = \"menu\"", "kind = \"meny\"", "f.toml:14: step, field kind: \"meny\" is not known; did you mean menu? allowed: say, play, menu"},
      {"kind = \"menu\"", "", "step, field kind: is missing; allowed: say, play, menu"},
      {"name = \"who\"", "", "step, field name: is missing"},
      {"next = \"fork\"", "next = \"frok\"", "f.toml:28: step \"debt\", field next: there is no step \"frok\"; did you mean fork? allowed: hello, who"},
      {"next = \"fork\"", "", "step \"debt\", field next: is missing"},
      {"otherwise = \"sum\"", "", "step \"fork\", field otherwise: is missing"},
      {"{name}", "{nam}", "step \"who\", field text: {nam}: allowed are name, creditor"},
      {"barge_in = true", "barge_in = 1", "step \"debt\", field barge_in: true or false is needed"},
      {"barge_in = true", "skill = \"x\"", "step \"debt\", field skill: is not known here"},
      {"wait = \"4s\"", "wait = \"soon\"", "step \"who\", field wait: a time like \"90s\""},
      {"confirms_person = true", "confirm = true", "step \"who\" choice, field confirm: is not known here; allowed: keys, confirms_person"},
      {"overdue_from = 1000", "overdu_from = 1000", "step \"fork\" case when, field overdu_from: is not known here; did you mean overdue_from?"},
      {"overdue_from = 1000", "group = \"A\"", "field group: only strategies have groups"},
      {"[step.case.when]\nstage = [\"hard\", \"legal\"]\noverdue_from = 1000", "", "step \"fork\" case, field when: is missing"},
      {"\"robot\", \"recording\"", "\"robott\"", "step \"hello\", field tells: \"robott\" is not known; did you mean robot?"},
      {"calls, recorded", "calls {name}", "step \"hello\", field text: a recording speaks no values"},
      {"outcome = \"rpc_dispute\"", "outcome = \"rpc_disputed\"", "field outcome: \"rpc_disputed\" is not known; did you mean rpc_dispute?"},
  };
  for (const Row& row : rows) {
    const std::string faults = flow_faults_of(spoilt(row.what, row.by));
    EXPECT_NE(faults.find(row.expected), std::string::npos) << row.what << " -> " << row.by << "\n" << faults;
  }
}

TEST(FlowLoader, EveryStepTellsItsFaultAtOnce) {
  std::string text = spoilt("least = 20", "least = 0");
  text.replace(text.find("within_days = 10"), 16, "within_days = 0 ");
  const std::string faults = flow_faults_of(text);
  EXPECT_NE(faults.find("step \"sum\", field least: must lie between 1 and 1000000"), std::string::npos) << faults;
  EXPECT_NE(faults.find("step \"day\", field within_days: must lie between 1 and 365"), std::string::npos) << faults;
}

TEST(FlowLoader, WhatIsWrongWithTheWholeNamesTheLineOfTheStep) {
  struct Row {
    const char* what;
    const char* by;
    const char* expected;
  };
  const Row rows[] = {
      {"tells = [\"caller\", \"robot\", \"recording\"]", "", "f.toml:5: step \"hello\": comes before it is told who calls"},
      {"confirms_person = true", "", "step \"debt\": speaks {overdue} before the person is confirmed"},
      {"next = \"fork\"", "next = \"debt\"", "step \"fork\": is unreachable: no way leads to it"},
      {"next = \"fork\"", "next = \"debt\"", "closes a loop back to \"debt\" in which nothing waits for the person"},
      {"recording = \"hello_male\"", "recording = \"../hello\"", "step \"hello\": recording: 1 to 100 of a-z, 0-9"},
      {"after = \"1d\"", "after = \"30d\"", "step \"callback\": after: must lie between 5m and 14d"},
  };
  for (const Row& row : rows) {
    const std::string faults = flow_faults_of(spoilt(row.what, row.by));
    EXPECT_NE(faults.find(row.expected), std::string::npos) << row.what << " -> " << row.by << "\n" << faults;
  }
}

TEST(FlowLoader, FilesThatAreNoFlowsAreRefused) {
  EXPECT_NE(flow_faults_of("name = \"f\"\n").find("at least one [[step]] is needed"), std::string::npos);
  EXPECT_EQ(flow_faults_of("name = \n").rfind("f.toml:1:", 0), 0U);
  const auto large = parse_flow("f.toml", std::string(most_flow_bytes + 1, '#'));
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, Errc::exhausted);
  EXPECT_EQ(read_flow_text("/nonexistent/flow.toml").error().code, Errc::not_found);
}

}  // namespace
}  // namespace dunlin
