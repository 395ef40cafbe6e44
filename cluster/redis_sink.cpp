#include "cluster/redis_sink.hpp"

#include "core/base/check.hpp"

namespace dunlin {
namespace {

/// The first refusal says why; EXECABORT only says that there was one.
Status all_accepted(const std::vector<RedisReply>& replies) {
  for (const RedisReply& reply : replies) {
    if (reply.is_error) return redis_error(reply.text);
    const Status inner = all_accepted(reply.items);
    if (!inner) return inner;
  }
  return Done{};
}

}  // namespace

RedisCommand xadd_of(const EventEnvelope& event, const RedisSinkSettings& settings) {
  const RedisNames& names = settings.names;
  return {"XADD", names.stream(event.type), "MAXLEN", "~", std::to_string(settings.max_length), "*",
          "ce", to_line(cloud_event(event, {names.tenant})), "id", event.id, "type", full_type(event.type),
          "subject", event.subject, "time", format_utc(event.time)};
}

Status RedisSink::open() {
  auto password = read_password_();
  if (!password) return password.error();
  auto client = RedisClient::connect(settings_.address, {settings_.user, *password}, settings_.deadlines);
  if (!client) return client.error();
  client_ = std::move(*client);
  return Done{};
}

Status RedisSink::append(const std::vector<EventEnvelope>& events) {
  DUNLIN_CHECK(client_ != nullptr);
  std::vector<RedisCommand> commands{{"MULTI"}};
  for (const EventEnvelope& event : events) commands.push_back(xadd_of(event, settings_));
  commands.push_back({"EXEC"});
  const auto replies = client_->run(commands);
  if (!replies) return replies.error();
  const Status accepted = all_accepted(*replies);
  if (!accepted) return accepted;
  if (replies->back().items.size() != events.size()) return Error{Errc::unavailable, "Redis did not carry out the batch"};
  return Done{};
}

Status RedisSink::publish(const std::vector<LiveHint>& hints) {
  DUNLIN_CHECK(client_ != nullptr);
  std::vector<RedisCommand> commands;
  for (const LiveHint& hint : hints) commands.push_back({"PUBLISH", settings_.names.channel(hint.topic), hint.payload});
  const auto replies = client_->run(commands);
  if (!replies) return replies.error();
  return all_accepted(*replies);
}

Status RedisSink::ping() {
  DUNLIN_CHECK(client_ != nullptr);
  return client_->expect({"PING"});
}

}  // namespace dunlin
