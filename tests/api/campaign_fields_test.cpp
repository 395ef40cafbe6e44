#include "api/campaign_fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/line_loader.hpp"

namespace dunlin {
namespace {

std::string value_of(const CampaignSettings& settings, const std::string& key) {
  for (const CampaignFieldView& field : campaign_fields(settings)) {
    if (field.key == key) return field.value;
  }
  return "no such field";
}

TEST(CampaignFields, EveryFieldTakesBackWhatItShows) {
  CampaignSettings settings;
  settings.name = "soft";
  settings.trunks = {{"a", 1}, {"b", 3}, {"reserve", 0}};
  settings.filter.portfolios = {"nov", "dec"};
  settings.filter.dpd_from = 30;
  settings.caller_id = "+74950000001";
  settings.rank = RankRule::highest_dpd;
  CampaignSettings copy;
  copy.name = "soft";
  for (const CampaignFieldView& field : campaign_fields(settings)) {
    const Status written = set_campaign_field(copy, field.key + "=" + field.value);
    EXPECT_TRUE(written.ok()) << field.key << ": " << (written.ok() ? "" : written.error().detail);
    EXPECT_FALSE(field.effect.empty()) << field.key;
  }
  EXPECT_EQ(copy, settings);
}

TEST(CampaignFields, SetsOneValueAndNothingElse) {
  CampaignSettings settings;
  const CampaignSettings before = settings;
  ASSERT_TRUE(set_campaign_field(settings, "wrap_up_seconds=30").ok());
  EXPECT_EQ(settings.wrap_up_seconds, 30U);
  settings.wrap_up_seconds = before.wrap_up_seconds;
  EXPECT_EQ(settings, before);
  ASSERT_TRUE(set_campaign_field(settings, "trunks=a:2,b").ok());
  EXPECT_EQ(value_of(settings, "trunks"), "a:2,b:1");
  ASSERT_TRUE(set_campaign_field(settings, "dpd_from=").ok()) << "an empty bound does not restrict";
}

TEST(CampaignFields, TrunksReadTheSameInAFileAndOnTheCommandLine) {
  const auto file = parse_campaign_file("c.toml", "trunks = [\"one:3\", \"two\", \"spare:0\"]\n", CampaignSettings());
  ASSERT_TRUE(file.ok()) << file.error().detail;
  EXPECT_EQ(value_of(file->settings, "trunks"), "one:3,two:1,spare:0");
  CampaignSettings typed;
  ASSERT_TRUE(set_campaign_field(typed, "trunks=" + value_of(file->settings, "trunks")).ok());
  EXPECT_EQ(typed.trunks, file->settings.trunks);
}

TEST(CampaignFields, RefusesWithTheReason) {
  CampaignSettings settings;
  struct Row { const char* assignment; const char* sentence; };
  for (const Row& row : {Row{"wrap_up_second=30", "no setting \"wrap_up_second\"; did you mean wrap_up_seconds?"},
                         Row{"script_id=a", "no setting \"script_id\"; `campaign show NAME --settings` lists them"},
                         Row{"announcement_id=a", "no setting \"announcement_id\"; `campaign show NAME --settings` lists them"},
                         Row{"wrap_up_seconds=soon", "wrap_up_seconds must be a whole number from 0 to 3600"},
                         Row{"wrap_up_seconds", "\"wrap_up_seconds\" is not key=value"}, Row{"records_calls=true", "records_calls must be yes or no"},
                         Row{"trunks=a:-1", "trunks must be NAME or NAME:WEIGHT, weight 0 to 1000; 0 is a reserve for when the others cannot"},
                         Row{"trunks=:2", "trunks must be NAME or NAME:WEIGHT, weight 0 to 1000; 0 is a reserve for when the others cannot"},
                         Row{"trunks=a:1001", "trunks must be NAME or NAME:WEIGHT, weight 0 to 1000; 0 is a reserve for when the others cannot"},
                         Row{"weight=1001", "weight must be a whole number from 0 to 1000"},
                         Row{"guaranteed_agents=-1", "guaranteed_agents must be a whole number from 0 to 10000"},
                         Row{"cost_per_attempt=1,5", "cost_per_attempt must be an amount such as 1.5 with at most four decimals"},
                         Row{"value_per_promise_kept=400001", "value_per_promise_kept must be an amount from 0 to 400000"},
                         Row{"price_currency=BTC", "price_currency must be RUB, USD, EUR, KZT or GBP"},
                         Row{"target_idle_s=601", "target_idle_s must be a whole number from 0 to 600"},
                         Row{"mode=preview", "mode preview is not dialed by this version: no agent would be shown the card before the call; allowed: progressive, predictive, agentless"},
                         Row{"rank=random", "rank must be oldest_first, highest_overdue, highest_dpd or freshest_dpd"}}) {
    const Status written = set_campaign_field(settings, row.assignment);
    ASSERT_FALSE(written.ok()) << row.assignment;
    EXPECT_EQ(written.error().detail, row.sentence);
  }
}

}  // namespace
}  // namespace dunlin
