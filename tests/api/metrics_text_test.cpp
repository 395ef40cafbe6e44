// The exposition format of Prometheus, text version 0.0.4, as its own parser reads it.
#include "api/metrics_text.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace dunlin {
namespace {

DeskViews some_views() {
  DeskViews views;
  msg::CampaignView campaign;
  campaign.campaign.settings.id = CampaignId(3);
  campaign.campaign.settings.name = "soft \"30\"\\";
  campaign.campaign.state = CampaignState::running;
  campaign.counters.answer_to_agent.add(milliseconds(300));
  campaign.counters.dispositions_missed = 4;
  campaign.pace.limit = PacingLimit::channels;
  views.campaigns.push_back(campaign);
  msg::AgentView agent;
  agent.profile.user = "a017";
  agent.state = AgentState::talking;
  views.agents.push_back(agent);
  views.calls.counts.push_back({CampaignId(3), "carrier", Outcome::busy, 7});
  views.trunks.health.push_back({"carrier", true, milliseconds(3), ""});
  TrunkView trunk;
  trunk.name = "carrier";
  trunk.channels = 30;
  views.trunks.budget.push_back(trunk);
  return views;
}

/// What is wrong with the text; empty = nothing.
std::string fault_of(const std::string& text) {
  static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*)");
  static const std::regex type(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|summary|histogram|untyped))");
  static const std::regex sample(R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*",?)*\})? ([-+]?[0-9.e+-]+|NaN|[+-]Inf))re");
  std::set<std::string> families;
  std::set<std::string> samples;
  std::string family, kind;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::smatch found;
    if (std::regex_match(line, found, help)) continue;
    if (std::regex_match(line, found, type)) {
      family = found[1];
      kind = found[2];
      if (!families.insert(family).second) return "family twice: " + family;
      continue;
    }
    if (!std::regex_match(line, found, sample)) return "bad line: " + line;
    const std::string name = found[1];
    const bool is_of_summary = kind == "summary" && (name == family + "_sum" || name == family + "_count");
    if (name != family && !is_of_summary) return "sample outside its family: " + line;
    if (kind == "counter" && !name.ends_with("_total")) return "a counter without _total: " + name;
    if (!samples.insert(found[1].str() + found[2].str()).second) return "sample twice: " + line;
  }
  return text.empty() || text.back() == '\n' ? "" : "no line break at the end";
}

TEST(Metrics, AreValidPrometheusText) {
  const std::string text = desk_metrics(some_views());
  EXPECT_EQ(fault_of(text), "") << text;
  EXPECT_EQ(fault_of(desk_metrics({})), "");
}

TEST(Metrics, TheCheckItselfFindsFaults) {
  EXPECT_NE(fault_of("x{a=\"1} 2\n"), "");
  EXPECT_NE(fault_of("# TYPE a counter\na 1\n"), "");
  EXPECT_NE(fault_of("# TYPE a gauge\na 1\na 2\n"), "");
  EXPECT_NE(fault_of("# TYPE a gauge\nb 1\n"), "");
}

TEST(Metrics, CountCallsByCampaignTrunkAndOutcome) {
  const std::string text = desk_metrics(some_views());
  EXPECT_NE(text.find("dunlin_call_attempts_total{campaign=\"soft \\\"30\\\"\\\\\",trunk=\"carrier\",outcome=\"busy\"} 7\n"), std::string::npos) << text;
  EXPECT_NE(text.find("dunlin_agents{state=\"talking\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("dunlin_agents{state=\"ready\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("dunlin_dispositions_missed_total{campaign=\"soft \\\"30\\\"\\\\\"} 4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("limit=\"channels\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("dunlin_answer_to_agent_seconds_count{campaign="), std::string::npos);
}

TEST(Metrics, HoldNothingOfPersonsOrAgents) { EXPECT_EQ(desk_metrics(some_views()).find("a017"), std::string::npos); }

}  // namespace
}  // namespace dunlin
