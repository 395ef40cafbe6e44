#include "core/dialing/why_idle.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace dunlin {
namespace {

IdleSnapshot healthy() {
  IdleSnapshot s;
  s.at = UtcTime{1'700'000'000'000};
  s.activity = CampaignActivity::running;
  s.agents_logged_in = 3;
  s.agents_with_skill = 3;
  s.agents_ready = 2;
  s.agents_in_call = 1;
  s.skill = "soft";
  s.list_total = 100;
  s.list_ready = 50;
  s.trunks = {{"north", true, 10, 1}};
  return s;
}

TEST(WhyIdle, FindsNothingWhenNothingStandsInTheWay) { EXPECT_TRUE(why_idle(healthy(), "en").empty()); }

TEST(WhyIdle, AFlowNeedsNoAgentsButItsSpeech) {
  IdleSnapshot s = healthy();
  s.agents_logged_in = s.agents_with_skill = s.agents_ready = s.agents_in_call = 0;
  s.has_flow = true;
  EXPECT_TRUE(why_idle(s, "en").empty());
  s.flow_fault_en = "The speech is being made.";
  ASSERT_EQ(why_idle(s, "en").size(), 1U);
  EXPECT_EQ(why_idle(s, "en").front().code, "flow_not_ready");
  EXPECT_TRUE(why_idle(s, "en").front().is_blocking);
}

struct Row {
  std::string code;
  bool is_blocking;
  std::function<void(IdleSnapshot&)> spoil;
};

TEST(WhyIdle, NamesEachReasonInBothLanguages) {
  const std::vector<Row> rows{
      {"campaign_draft", true, [](IdleSnapshot& s) { s.activity = CampaignActivity::draft; }},
      {"campaign_paused", true, [](IdleSnapshot& s) { s.activity = CampaignActivity::paused; }},
      {"campaign_stopped", true, [](IdleSnapshot& s) { s.activity = CampaignActivity::stopped; }},
      {"campaign_finished", true, [](IdleSnapshot& s) { s.activity = CampaignActivity::finished; }},
      {"campaign_hours", true, [](IdleSnapshot& s) { s.hours_open_at = s.at + hours(3); }},
      {"node_draining", true, [](IdleSnapshot& s) { s.is_node_draining = true; }},
      {"law_pack_expired", true, [](IdleSnapshot& s) { s.is_law_pack_expired = true; }},
      {"clock_in_doubt", true, [](IdleSnapshot& s) { s.is_clock_believed = false; }},
      {"journal_unavailable", true, [](IdleSnapshot& s) { s.is_journal_writable = false; }},
      {"no_room_to_record", true, [](IdleSnapshot& s) { s.has_room_to_record = false; }},
      {"no_agents", true, [](IdleSnapshot& s) { s.agents_logged_in = 0; }},
      {"no_agents_with_skill", true, [](IdleSnapshot& s) { s.agents_with_skill = 0; }},
      {"agents_for_others", false, [](IdleSnapshot& s) { s.agents_for_others = s.agents_ready; }},
      {"no_ready_agents", false, [](IdleSnapshot& s) { s.agents_ready = 0; }},
      {"no_ready_agents", true, [](IdleSnapshot& s) { s.agents_ready = s.agents_in_call = 0; }},
      {"list_empty", true, [](IdleSnapshot& s) { s.list_total = s.list_ready = 0; }},
      {"list_done", true, [](IdleSnapshot& s) { s.list_ready = 0; }},
      {"list_waiting", true, [](IdleSnapshot& s) { s.list_ready = 0, s.list_waiting = 9; }},
      {"denied_by_rules", true, [](IdleSnapshot& s) { s.list_ready = 0, s.denied = {{"RU-FRQ-C1", 100}}; }},
      {"no_trunk", true, [](IdleSnapshot& s) { s.trunks.clear(); }},
      {"trunks_down", true, [](IdleSnapshot& s) { s.trunks[0].is_up = false; }},
      {"trunk_down", false, [](IdleSnapshot& s) { s.trunks.push_back({"south", false, 10, 0}); }},
      {"trunk_unknown", false, [](IdleSnapshot& s) { s.unknown_trunks = {"west"}; }},
      {"trunk_unknown", true, [](IdleSnapshot& s) { s.trunks.clear(), s.unknown_trunks = {"west"}; }},
      {"not_surveyed", true, [](IdleSnapshot& s) { s.is_surveyed = false, s.list_total = 0, s.trunks.clear(); }},
      {"no_channels", true, [](IdleSnapshot& s) { s.trunks[0].channels_in_use = 10; }},
      {"call_rate", false, [](IdleSnapshot& s) { s.start_tokens = 0.2; }},
      {"abandon_budget", false, [](IdleSnapshot& s) { s.abandon_rate = 0.035; }},
      {"enough_in_flight", false, [](IdleSnapshot& s) { s.calls_in_flight = 4; }},
  };
  for (const Row& row : rows) {
    IdleSnapshot s = healthy();
    row.spoil(s);
    const auto english = why_idle(s, "en");
    const auto russian = why_idle(s, "ru");
    ASSERT_FALSE(english.empty()) << row.code;
    EXPECT_EQ(english.front().code, row.code);
    EXPECT_EQ(english.front().is_blocking, row.is_blocking) << row.code;
    ASSERT_EQ(russian.size(), english.size());
    EXPECT_NE(russian.front().text, english.front().text) << row.code;
    EXPECT_FALSE(russian.front().text.empty()) << row.code;
  }
}

TEST(WhyIdle, PutsBlockingReasonsFirst) {
  IdleSnapshot s = healthy();
  s.agents_ready = 0;
  s.trunks.clear();
  const auto reasons = why_idle(s, "en");
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_EQ(reasons[0].code, "no_trunk");
  EXPECT_EQ(reasons[1].code, "no_ready_agents");
}

TEST(WhyIdle, NamesEveryTrunkThatIsDown) {
  IdleSnapshot s = healthy();
  s.trunks = {{"north", false, 10, 0}, {"south", false, 10, 0}};
  EXPECT_EQ(why_idle(s, "en").front().text, "Every trunk of the campaign is down: north, south.");
}

TEST(WhyIdle, ListsTheMostCommonRulesFirst) {
  IdleSnapshot s = healthy();
  s.list_ready = 0;
  s.denied = {{"RU-FRQ-C1", 3}, {"campaign-hours", 90}};
  EXPECT_NE(why_idle(s, "en").front().text.find("campaign-hours 90, RU-FRQ-C1 3"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
