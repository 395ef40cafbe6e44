#include "cluster/redis_client.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <hiredis/hiredis.h>

namespace dunlin {
namespace {

constexpr std::string_view unix_prefix = "unix:";
/// Arrays inside arrays: EXEC gives one level; more than this is not an answer to anything we send.
constexpr int max_depth = 4;

timeval timeval_of(Duration duration) {
  timeval value{};
  value.tv_sec = static_cast<time_t>(duration.ms / 1000);
  value.tv_usec = static_cast<suseconds_t>((duration.ms % 1000) * 1000);
  return value;
}

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using OwnedReply = std::unique_ptr<redisReply, ReplyDeleter>;

RedisReply copy_of(const redisReply& reply, int depth = 0) {
  RedisReply copy;
  copy.is_error = reply.type == REDIS_REPLY_ERROR;
  copy.is_nil = reply.type == REDIS_REPLY_NIL;
  if (reply.type == REDIS_REPLY_INTEGER) copy.text = std::to_string(reply.integer);
  if (reply.str) copy.text.assign(reply.str, static_cast<std::size_t>(reply.len));
  if (reply.type != REDIS_REPLY_ARRAY || depth == max_depth) return copy;
  for (std::size_t i = 0; i < reply.elements; ++i) copy.items.push_back(copy_of(*reply.element[i], depth + 1));
  return copy;
}

}  // namespace

Result<RedisAddress> parse_redis_address(std::string_view text) {
  RedisAddress address;
  if (text.starts_with(unix_prefix)) {
    address.unix_path = text.substr(unix_prefix.size());
    if (!address.unix_path.starts_with('/')) return invalid_input("must be host:port or unix:/path/to/redis.sock");
    return address;
  }
  const std::size_t colon = text.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  const bool is_number = !port.empty() && error == std::errc() && end == port.data() + port.size();
  const bool is_port = is_number && address.port > 0 && address.port < 65536;
  if (!is_port || colon == 0) return invalid_input("must be host:port or unix:/path/to/redis.sock");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host;
  return address;
}

Error redis_error(std::string_view text) {
  struct Meaning {
    std::string_view word;
    Errc code;
    std::string_view advice;
  };
  static constexpr std::array<Meaning, 11> meanings{{
      {"WRONGPASS", Errc::denied, "wrong password or user: see events.password_file and events.user"},
      {"NOAUTH", Errc::denied, "it wants a password: see events.password_file"},
      {"NOPERM", Errc::denied, "the user lacks a right"},
      {"ERR invalid password", Errc::denied, "wrong password: see events.password_file"},
      {"ERR AUTH", Errc::denied, "it has no password set, but events.password_file names one"},
      {"ERR Client sent AUTH", Errc::denied, "it has no password set, but events.password_file names one"},
      {"OOM", Errc::exhausted, "it is out of memory: raise maxmemory or lower events.max_length"},
      {"READONLY", Errc::conflict, "it is a read-only replica: events.redis must name the primary"},
      {"MISCONF", Errc::conflict, "it cannot write its own files and refuses writes"},
      {"LOADING", Errc::conflict, "it is still loading its data"},
      {"MASTERDOWN", Errc::conflict, "it is a replica without its primary"},
  }};
  for (const Meaning& meaning : meanings) {
    if (!text.starts_with(meaning.word)) continue;
    return {meaning.code, "Redis: " + std::string(meaning.advice) + " (" + std::string(text) + ")"};
  }
  return {Errc::invalid_input, "Redis refuses: " + std::string(text)};
}

/// Owns the hiredis context.
class RedisClient::Context {
 public:
  explicit Context(redisContext* context) : context_(context) {}

  Error broken(const char* what) const {
    const bool has_reason = context_ && context_->err != 0 && context_->errstr[0] != 0;
    return {Errc::unavailable, std::string(what) + (has_reason ? std::string(": ") + context_->errstr : "")};
  }
  bool is_good() const { return context_ && context_->err == 0; }
  void set_timeout(Duration timeout) { redisSetTimeout(context_.get(), timeval_of(timeout)); }

  void append(const RedisCommand& command) {
    std::vector<const char*> words;
    std::vector<std::size_t> lengths;
    for (const std::string& word : command) {
      words.push_back(word.data());
      lengths.push_back(word.size());
    }
    redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(), lengths.data());
  }
  Result<RedisReply> next() {
    void* raw = nullptr;
    const int got = redisGetReply(context_.get(), &raw);
    const OwnedReply reply(static_cast<redisReply*>(raw));
    if (got != REDIS_OK || !reply) return broken("Redis does not answer");
    return copy_of(*reply);
  }

 private:
  struct Closer {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  std::unique_ptr<redisContext, Closer> context_;
};

RedisClient::RedisClient(std::unique_ptr<Context> context) : context_(std::move(context)) {}
RedisClient::~RedisClient() = default;

Result<std::unique_ptr<RedisClient>> RedisClient::connect(const RedisAddress& address, const RedisLogin& login,
                                                          RedisDeadlines deadlines) {
  const timeval limit = timeval_of(deadlines.connect);
  const bool is_unix = !address.unix_path.empty();
  auto context = std::make_unique<Context>(is_unix ? redisConnectUnixWithTimeout(address.unix_path.c_str(), limit)
                                                   : redisConnectWithTimeout(address.host.c_str(), address.port, limit));
  if (!context->is_good()) return context->broken("no connection to Redis");
  context->set_timeout(deadlines.command);
  std::unique_ptr<RedisClient> client(new RedisClient(std::move(context)));
  if (!login.password.empty()) {
    RedisCommand command{"AUTH"};
    if (!login.user.empty()) command.push_back(login.user);
    command.push_back(login.password);
    const Status known = client->expect(command);
    if (!known) return known.error();
  }
  const Status alive = client->expect({"PING"});
  if (!alive) return alive.error();
  return client;
}

Result<std::vector<RedisReply>> RedisClient::run(const std::vector<RedisCommand>& commands) {
  for (const RedisCommand& command : commands) context_->append(command);
  std::vector<RedisReply> replies;
  for (std::size_t n = 0; n < commands.size(); ++n) {
    auto reply = context_->next();
    if (!reply) return reply.error();
    replies.push_back(std::move(*reply));
  }
  return replies;
}

Status RedisClient::expect(const RedisCommand& command) {
  const auto replies = run({command});
  if (!replies) return replies.error();
  if (replies->front().is_error) return redis_error(replies->front().text);
  return Done{};
}

}  // namespace dunlin
