// The envelope is a contract: consumers parse exactly this.
#include "cluster/event_envelope.hpp"

#include <gtest/gtest.h>

#include "cluster/redis_sink.hpp"

namespace dunlin {
namespace {

EventEnvelope example() {
  EventEnvelope event;
  event.id = "12-345";
  event.type = "call.answered";
  event.subject = "call_00000000000000a1";
  event.time = *parse_utc("2026-11-24T08:00:01.500Z");
  event.campaign = "camp_0000000000000005";
  event.sequence = 345;
  event.partition = "12";
  event.data = {{"case", "case_00000000000000c0"}, {"answer", "human"}};
  return event;
}

TEST(EventEnvelope, IsACloudEvent) {
  EXPECT_EQ(to_line(cloud_event(example(), {"bank"})),
            R"({"specversion":"1.0","id":"12-345","source":"/dunlin/bank","type":"ru.dunlin.call.answered.v1",)"
            R"("subject":"call_00000000000000a1","time":"2026-11-24T08:00:01.500Z","datacontenttype":"application/json",)"
            R"("tenant":"bank","campaign":"camp_0000000000000005","partitionkey":"12","sequence":"00000000000000000345",)"
            R"("data":{"case":"case_00000000000000c0","answer":"human"}})");
}

TEST(EventEnvelope, HasNoCampaignWhenTheFactHasNone) {
  EventEnvelope event = example();
  event.campaign.clear();
  EXPECT_FALSE(cloud_event(event, {"bank"}).contains("campaign"));
}

TEST(EventEnvelope, BrokenUtf8IsReplacedNotThrown) {
  EventEnvelope event = example();
  event.data["reason"] = "\xff\xfe";
  EXPECT_TRUE(nlohmann::json::accept(to_line(cloud_event(event, {"bank"}))));
}

TEST(EventEnvelope, PatternsMatchShortAndFullNames) {
  struct Case {
    const char* pattern;
    bool is_match;
  };
  const Case cases[] = {{"call.answered", true}, {"call.*", true}, {"*", true}, {"*.answered", true}, {"c*l.*ed", true},
                        {"ru.dunlin.call.*", true}, {"ru.dunlin.call.answered.v1", true}, {"call", false}, {"", false},
                        {"call.answered.x", false}, {"attempt.*", false}, {"*x*", false}, {"**answered", true}};
  for (const Case& c : cases) EXPECT_EQ(matches_type(c.pattern, "call.answered"), c.is_match) << c.pattern;
}

TEST(EventEnvelope, GoesToTheStreamOfItsFamilyWithFlatFields) {
  RedisSinkSettings settings;
  settings.names = {"dunlin", "bank"};
  settings.max_length = 5000;
  const RedisCommand expected = {"XADD", "dunlin:ev:bank:call", "MAXLEN", "~", "5000", "*",
                                 "ce", to_line(cloud_event(example(), {"bank"})), "id", "12-345",
                                 "type", "ru.dunlin.call.answered.v1", "subject", "call_00000000000000a1", "time", "2026-11-24T08:00:01.500Z"};
  EXPECT_EQ(xadd_of(example(), settings), expected);
  EXPECT_EQ(settings.names.channel("agent"), "dunlin:live:bank:agent");
}

}  // namespace
}  // namespace dunlin
