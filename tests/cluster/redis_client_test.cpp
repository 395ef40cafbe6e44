// The door to hiredis against servers that refuse, stay silent, talk nonsense or hang up.
#include "cluster/redis_client.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "cluster/redis_sink.hpp"
#include "tests/cluster/scripted_redis.hpp"

namespace dunlin {
namespace {

using test::ScriptedRedis;

constexpr RedisDeadlines short_deadlines{milliseconds(500), milliseconds(200)};

RedisAddress address_of(const ScriptedRedis& server) { return *parse_redis_address("unix:" + server.path()); }

Result<std::unique_ptr<RedisClient>> connect(const ScriptedRedis& server, const RedisLogin& login = {}) {
  return RedisClient::connect(address_of(server), login, short_deadlines);
}

RedisSink sink_of(const ScriptedRedis& server, const std::string& password = {}) {
  RedisSinkSettings settings;
  settings.address = address_of(server);
  settings.deadlines = short_deadlines;
  return RedisSink(std::move(settings), [password]() -> Result<std::string> { return password; });
}

std::vector<EventEnvelope> two_events() {
  std::vector<EventEnvelope> events(2);
  events[0].type = "call.answered";
  events[1].type = "attempt.finished";
  return events;
}

class RedisClientTest : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
};
using RedisSinkTest = RedisClientTest;

TEST(RedisAddressText, IsHostAndPortOrAUnixSocket) {
  EXPECT_EQ(*parse_redis_address("127.0.0.1:6379"), (RedisAddress{"127.0.0.1", 6379, ""}));
  EXPECT_EQ(*parse_redis_address("[::1]:6379"), (RedisAddress{"::1", 6379, ""}));
  EXPECT_EQ(*parse_redis_address("unix:/run/redis.sock"), (RedisAddress{"", 0, "/run/redis.sock"}));
  for (const char* wrong : {"", "localhost", ":6379", "localhost:", "localhost:x", "localhost:0", "localhost:65536",
                            "localhost:6379x", "unix:", "unix:relative"}) {
    EXPECT_EQ(parse_redis_address(wrong).error().code, Errc::invalid_input) << wrong;
  }
}

TEST(RedisError, RefusalsHaveTheirMeaning) {
  const std::vector<std::pair<const char*, Errc>> cases = {
      {"WRONGPASS invalid username-password pair or user is disabled.", Errc::denied},
      {"NOAUTH Authentication required.", Errc::denied},
      {"NOPERM this user has no permissions to run the 'xadd' command", Errc::denied},
      {"ERR AUTH <password> called without any password configured", Errc::denied},
      {"OOM command not allowed when used memory > 'maxmemory'.", Errc::exhausted},
      {"READONLY You can't write against a read only replica.", Errc::conflict},
      {"MISCONF Redis is configured to save RDB snapshots", Errc::conflict},
      {"LOADING Redis is loading the dataset in memory", Errc::conflict},
      {"WRONGTYPE Operation against a key", Errc::invalid_input}};
  for (const auto& [text, code] : cases) {
    EXPECT_EQ(redis_error(text).code, code) << text;
    EXPECT_NE(redis_error(text).detail.find(text), std::string::npos) << "the server's own words stay";
  }
}

TEST_F(RedisClientTest, NobodyThereIsUnavailable) {
  const auto client = RedisClient::connect({"", 0, "/nonexistent/redis.sock"}, {}, short_deadlines);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().code, Errc::unavailable);
  EXPECT_NE(client.error().detail.find("no connection to Redis"), std::string::npos);
}

TEST_F(RedisClientTest, LogsInBeforeAnythingElse) {
  const ScriptedRedis server({"+OK\r\n", "+PONG\r\n"});
  ASSERT_TRUE(connect(server, {"feeder", "hunter2"}).ok());
  const std::string login = "*3\r\n$4\r\nAUTH\r\n$6\r\nfeeder\r\n$7\r\nhunter2\r\n";
  EXPECT_TRUE(server.heard().starts_with(login + "*1\r\n$4\r\nPING\r\n")) << server.heard();
}

TEST_F(RedisClientTest, AWrongPasswordIsDeniedAndNotRepeatedInTheWords) {
  const ScriptedRedis server({"-WRONGPASS invalid username-password pair\r\n"});
  const auto client = connect(server, {"", "hunter2"});
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().code, Errc::denied);
  EXPECT_EQ(client.error().detail.find("hunter2"), std::string::npos);
  EXPECT_NE(client.error().detail.find("events.password_file"), std::string::npos);
}

TEST_F(RedisClientTest, AFrozenServerIsUnavailableAfterTheDeadline) {
  const ScriptedRedis server({});
  const auto client = connect(server);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().code, Errc::unavailable);
}

TEST_F(RedisClientTest, NonsenseAndHangUpsAreUnavailable) {
  for (const bool closes : {true, false}) {
    const ScriptedRedis server({"+PONG\r\n", closes ? "+QUEU" : "?what\r\n"}, closes);
    const auto client = connect(server);
    ASSERT_TRUE(client.ok());
    const auto replies = (*client)->run({{"MULTI"}, {"EXEC"}});
    ASSERT_FALSE(replies.ok());
    EXPECT_EQ(replies.error().code, Errc::unavailable);
  }
}

TEST_F(RedisClientTest, AnswersComeInOrderWithTheirKinds) {
  const ScriptedRedis server({"+PONG\r\n", "+OK\r\n-OOM no room\r\n$-1\r\n:42\r\n*2\r\n$2\r\nab\r\n*1\r\n:1\r\n"});
  const auto client = connect(server);
  ASSERT_TRUE(client.ok());
  const auto replies = (*client)->run({{"A"}, {"B"}, {"C"}, {"D"}, {"E"}});
  ASSERT_TRUE(replies.ok()) << replies.error().detail;
  EXPECT_EQ((*replies)[0].text, "OK");
  EXPECT_TRUE((*replies)[1].is_error);
  EXPECT_TRUE((*replies)[2].is_nil);
  EXPECT_EQ((*replies)[3].text, "42");
  EXPECT_EQ((*replies)[4].items[0].text, "ab");
  EXPECT_EQ((*replies)[4].items[1].items[0].text, "1");
}

TEST_F(RedisSinkTest, ABatchIsOneTransaction) {
  const ScriptedRedis server({"+PONG\r\n", "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-1\r\n$3\r\n1-2\r\n"});
  RedisSink sink = sink_of(server);
  ASSERT_TRUE(sink.open().ok());
  const Status taken = sink.append(two_events());
  ASSERT_TRUE(taken.ok()) << taken.error().detail;
  sink.close();
  const std::string heard = server.heard();
  EXPECT_LT(heard.find("MULTI"), heard.find("dunlin:ev:default:call"));
  EXPECT_LT(heard.find("dunlin:ev:default:call"), heard.find("dunlin:ev:default:attempt"));
  EXPECT_LT(heard.find("dunlin:ev:default:attempt"), heard.find("EXEC"));
}

TEST_F(RedisSinkTest, TheFirstRefusalOfABatchIsItsError) {
  struct Case {
    const char* answer;
    Errc code;
  };
  const Case cases[] = {
      {"+OK\r\n-OOM command not allowed\r\n-OOM command not allowed\r\n-EXECABORT Transaction discarded\r\n", Errc::exhausted},
      {"+OK\r\n-READONLY You can't write\r\n-READONLY You can't write\r\n-EXECABORT Transaction discarded\r\n", Errc::conflict},
      {"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-1\r\n-WRONGTYPE Operation against a key\r\n", Errc::invalid_input},
      {"+OK\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n", Errc::unavailable},
      {"+OK\r\n+QUEUED\r\n+QUEUED\r\n*1\r\n$3\r\n1-1\r\n", Errc::unavailable}};
  for (const Case& c : cases) {
    const ScriptedRedis server({"+PONG\r\n", c.answer});
    RedisSink sink = sink_of(server);
    ASSERT_TRUE(sink.open().ok());
    const Status taken = sink.append(two_events());
    ASSERT_FALSE(taken.ok()) << c.answer;
    EXPECT_EQ(taken.error().code, c.code) << taken.error().detail;
  }
}

TEST_F(RedisSinkTest, AnUnreadablePasswordFileKeepsItClosed) {
  RedisSink sink({}, []() -> Result<std::string> { return Error{Errc::denied, "secret file x is readable by others"}; });
  EXPECT_EQ(sink.open().error().code, Errc::denied);
}

}  // namespace
}  // namespace dunlin
