#include "config/line_loader.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(LineLoader, AnEmptyFileIsTheDefaults) {
  const auto model = parse_line_model("line.toml", "");
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(*model, LineModel());
}

TEST(LineLoader, AGivenFieldReplacesItsDefault) {
  const auto model = parse_line_model("line.toml", "[work]\nzone = \"Asia/Omsk\"\nfrom = 10:00:00\nto = 18:30:00\nbudget_window_s = 14400\n"
                                                   "[line]\nmachines_at_once = 0\nmachine_ring_s = 16\n[numbers.home]\nanswers = 0.5\n"
                                                   "[talk]\npromise_s = 200\nspread = 0.2\n[agents]\nlate_s = 0\n[robot]\nsilent = 0.5\n[price]\nattempt = 1\nminute = 0.75\ncurrency = \"EUR\"\n");
  ASSERT_TRUE(model.ok()) << model.error().detail;
  EXPECT_EQ(model->zone, "Asia/Omsk");
  EXPECT_EQ(model->work_to_s, 18 * 3600 + 1800);
  EXPECT_DOUBLE_EQ(model->budget_window_s, 14400);
  EXPECT_DOUBLE_EQ(model->machines_at_once, 0);
  EXPECT_DOUBLE_EQ(model->machine_ring_s, 16);
  EXPECT_DOUBLE_EQ(model->numbers[1].answers, 0.5);
  EXPECT_DOUBLE_EQ(model->numbers[0].answers, LineModel().numbers[0].answers);
  EXPECT_DOUBLE_EQ(model->times.talk_s[3], 200);
  EXPECT_DOUBLE_EQ(model->times.talk_spread, 0.2);
  EXPECT_DOUBLE_EQ(model->times.wrap_spread, LineTimes().wrap_spread);
  EXPECT_DOUBLE_EQ(model->agent_late_s, 0);
  EXPECT_DOUBLE_EQ(model->robot.silent, 0.5);
  EXPECT_DOUBLE_EQ(model->robot.hangs_up, LineRobot().hangs_up);
  EXPECT_DOUBLE_EQ(model->price_minute, 0.75);
}

TEST(LineLoader, AFaultNamesFileLineAndField) {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {"[numbers.mobile]\nanswers = 1.5\n", "line.toml:2: [numbers.mobile], field answers: must be a number from 0 to 1"},
      {"[numbers.mobile]\n\nanswrs = 0.5\n", "line.toml:3: [numbers.mobile], field answrs: is not known here; did you mean answers?"},
      {"[work]\nfrom = 20:00:00\nto = 08:00:00\n", "line.toml:3: [work], field to: must be later than from"},
      {"[people]\nhour_factors = [1, 2]\n", "line.toml:2: [people], field hour_factors: must be a list of 24 numbers"},
      {"[outcomes]\npromises = 0.9\ncallbacks = 0.9\n", "line.toml:2: [outcomes], field promises: promises, callbacks"},
      {"[talk]\nright_s = \"long\"\n", "line.toml:2: [talk], field right_s: must be a number from 1 to 3600"},
      {"[robot]\ncharacters_per_s = 0\n", "line.toml:2: [robot], field characters_per_s: must be a number from 1 to 100"},
      {"[line]\nmachine_ring_s = 1\n", "line.toml:2: [line], field machine_ring_s: must be a number from 3.5 to 60"},
      {"[work]\nbudget_window_s = -1\n", "line.toml:2: [work], field budget_window_s: must be a number from 0 to 86400"},
      {"talk = 3\n", "line.toml:1: line file, field talk: must be a table"},
      {"[numbers.mobile\n", "line.toml:1"},
  };
  for (const Row& row : rows) {
    const auto model = parse_line_model("line.toml", row.text);
    ASSERT_FALSE(model.ok()) << row.text;
    EXPECT_NE(model.error().detail.find(row.expected), std::string::npos) << model.error().detail;
  }
}

TEST(LineLoader, AllTablesAreReadBeforeTheAnswer) {
  const auto model = parse_line_model("line.toml", "[line]\nchannels = -1\n[price]\nminute = -1\n");
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.error().detail.find("line.toml:2"), std::string::npos);
  EXPECT_NE(model.error().detail.find("line.toml:4"), std::string::npos);
}

TEST(LineLoader, ACampaignFileChangesWhatItNames) {
  CampaignSettings defaults;
  defaults.wrap_up_seconds = 45;
  const auto read = parse_campaign_file("c.toml", "name = \"soft\"\nmode = \"predictive\"\nportfolio = \"nov\"\ndpd_to = 30\nstrategy = \"s.toml\"\nflow = \"f.toml\"\n", defaults);
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->settings.mode, DialingMode::predictive);
  EXPECT_EQ(read->settings.filter.portfolios, std::vector<std::string>{"nov"});
  EXPECT_EQ(read->settings.filter.dpd_to, 30);
  EXPECT_FALSE(read->settings.filter.dpd_from);
  EXPECT_EQ(read->settings.wrap_up_seconds, 45u);
  EXPECT_EQ(read->strategy_file, "s.toml");
  EXPECT_EQ(read->flow_file, "f.toml");
}

TEST(LineLoader, ACampaignFileOrdersNumbersAndRetries) {
  const auto read = parse_campaign_file("c.toml", R"(number_order = ["debtor.work", "guarantor.mobile"]
skill = "soft"
priority = -5
weight = 3
guaranteed_agents = 2
trunks = ["one", "two:3", "spare:0"]
caller_id = "+74950000001"
records_calls = false
[[retry]]
outcome = ["busy", "no_answer"]
delay = "15m"
growth_percent = 200
[[retry]]
outcome = "machine"
kind = "stop"
)", CampaignSettings());
  ASSERT_TRUE(read.ok()) << read.error().detail;
  const CampaignSettings& settings = read->settings;
  EXPECT_EQ(settings.number_order, (std::vector<NumberRule>{{PartyRole::debtor, PhoneType::work}, {PartyRole::guarantor, PhoneType::mobile}}));
  EXPECT_EQ(settings.retry.size(), default_retry_rules().size()) << "replaced, not added";
  const auto rule_of = [&settings](Outcome outcome) {
    return *std::find_if(settings.retry.begin(), settings.retry.end(), [outcome](const RetryRule& rule) { return rule.outcome == outcome; });
  };
  EXPECT_EQ(rule_of(Outcome::busy).first_delay, minutes(15));
  EXPECT_EQ(rule_of(Outcome::no_answer).growth_percent, 200u);
  EXPECT_EQ(rule_of(Outcome::machine).kind, RetryKind::stop_case);
  EXPECT_EQ(settings.skill, "soft");
  EXPECT_EQ(settings.priority, -5);
  EXPECT_EQ(settings.weight, 3u);
  EXPECT_EQ(settings.guaranteed_agents, 2u);
  EXPECT_EQ(settings.trunks, (std::vector<TrunkShare>{{"one", 1}, {"two", 3}, {"spare", 0}}));
  EXPECT_EQ(settings.caller_id, "+74950000001");
  EXPECT_FALSE(settings.records_calls);
}

TEST(LineLoader, ACampaignFileTellsPrices) {
  const auto read = parse_campaign_file("c.toml", R"(cost_per_attempt = 1.5
cost_per_minute = "0.0125"
agent_hour = 450
value_per_rpc = 12
value_per_promise_kept = 300
price_currency = "USD"
target_idle_s = 20
)", CampaignSettings());
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->settings.prices, (CallPrices{Currency::usd, 15'000, 125, 4'500'000, 120'000, 3'000'000}));
  EXPECT_EQ(read->settings.target_idle_s, 20U);
  const auto fault_of = [](const std::string& text) { return parse_campaign_file("c.toml", text, CampaignSettings()).error().detail; };
  for (const char* text : {"cost_per_attempt = -1\n", "cost_per_attempt = 0.00001\n", "agent_hour = 1.00005\n", "cost_per_attempt = nan\n", "agent_hour = 400001\n", "value_per_rpc = \"much\"\n", "value_per_rpc = true\n",
                           "cost_per_minute = \"0.00001\"\n", "price_currency = \"BTC\"\n", "target_idle_s = 601\n"}) {
    EXPECT_NE(fault_of(text).find("c.toml:1"), std::string::npos) << text << fault_of(text);
    EXPECT_NE(fault_of(text).find(std::string(text).substr(0, std::string(text).find(' '))), std::string::npos) << fault_of(text);
  }
}

TEST(LineLoader, FaultsOfRetriesAndNumbersNameTheirLine) {
  const auto faults_of = [](const std::string& text) { return parse_campaign_file("c.toml", text, CampaignSettings()).error().detail; };
  EXPECT_NE(faults_of("number_order = [\"debtor.mobil\"]\n").find("c.toml:1: campaign, field number_order: \"debtor.mobil\" is not known; did you mean debtor.mobile?"), std::string::npos)
      << faults_of("number_order = [\"debtor.mobil\"]\n");
  EXPECT_NE(faults_of("name = \"c\"\n[[retry]]\noutcome = \"busy\"\n").find("c.toml:2: retry, field delay: is missing"), std::string::npos)
      << faults_of("name = \"c\"\n[[retry]]\noutcome = \"busy\"\n");
  EXPECT_NE(faults_of("retry = 5\n").find("c.toml:1"), std::string::npos);
  EXPECT_NE(faults_of("weight = 1001\n").find("weight"), std::string::npos);
}

TEST(LineLoader, ACampaignFileMayHaveSeveralNumbersToShow) {
  const auto read = parse_campaign_file("c.toml", "caller_id = [\"+74950000001\", \"+73430000001\"]\n", CampaignSettings());
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->settings.caller_id, "+74950000001,+73430000001");
  const auto bad = parse_campaign_file("c.toml", "name = \"c\"\ncaller_id = [\"+74950000001\", \"84950000002\"]\n", CampaignSettings());
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().detail, "c.toml:2: campaign, field caller_id: \"84950000002\" is not in E.164, like +74950000001");
}

TEST(LineLoader, TrunksOfACampaignFileHaveWeights) {
  CampaignSettings before;
  before.trunks = {{"old", 7}};
  EXPECT_EQ(parse_campaign_file("c.toml", "name = \"c\"\n", before)->settings.trunks, before.trunks) << "not named, not touched";
  EXPECT_EQ(parse_campaign_file("c.toml", "trunks = \"one:3\"\n", before)->settings.trunks, (std::vector<TrunkShare>{{"one", 3}}));
  const std::string allowed = "must be NAME or NAME:WEIGHT, weight 0 to 1000; 0 is a reserve for when the others cannot";
  struct Row {
    std::string trunks, fault;
  };
  for (const Row& row : {Row{"[\"one\", \"two:-1\"]", "\"two:-1\" " + allowed}, Row{"[\"one:1001\"]", "\"one:1001\" " + allowed},
                         Row{"[\"one:\"]", "\"one:\" " + allowed}, Row{"[\":3\"]", "\":3\" " + allowed}, Row{"[\"one:2:3\"]", "\"one:2:3\" " + allowed},
                         Row{"[\"one:2.5\"]", "\"one:2.5\" " + allowed}, Row{"[\"one\", 3]", "every item must be a text"},
                         Row{"[\"one:2\", \"one:1\"]", "\"one\" is named twice"}, Row{"[]", "1 to 16"},
                         Row{"[\"one:0\", \"two:0\"]", "one weight at least above 0; a trunk of weight 0 is a reserve"}}) {
    const auto read = parse_campaign_file("c.toml", "name = \"c\"\ntrunks = " + row.trunks + "\n", before);
    ASSERT_FALSE(read.ok()) << row.trunks;
    EXPECT_EQ(read.error().detail, "c.toml:2: campaign, field trunks: " + row.fault);
  }
}

TEST(LineLoader, ACampaignFileWithAFaultNamesItsLine) {
  const auto read = parse_campaign_file("c.toml", "name = \"soft\"\nmode = \"fast\"\n", CampaignSettings());
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().detail, "c.toml:2: campaign, field mode: allowed: progressive, predictive, agentless");
}

}  // namespace
}  // namespace dunlin
