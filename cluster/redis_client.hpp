#pragma once
// The only door to hiredis 0.14: one blocking connection to one Redis, with a deadline on everything. The connection is
// made, authenticated (AUTH, ACL user optional) and asked (PING) before it is given out; commands go out pipelined and
// the answers come back in order. One thread at a time; the process must ignore SIGPIPE.
// Errors: unavailable (no connection, no answer within the deadline, broken answer), denied (wrong password, missing
// right), exhausted (OOM), conflict (READONLY, MISCONF, LOADING: it takes no writes now), invalid_input (any other
// refusal). After an error of run() the connection is useless: destroy it.
// hiredis 0.14 has no TLS: Redis stands on the same machine, on a unix socket, or behind a TLS tunnel (docs/events.md).
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

struct RedisAddress {
  std::string host;        ///< Empty when a unix socket is used.
  int port = 0;
  std::string unix_path;
  bool operator==(const RedisAddress&) const = default;
};

/// "127.0.0.1:6379", "[::1]:6379" or "unix:/run/redis/redis.sock".
Result<RedisAddress> parse_redis_address(std::string_view text);

struct RedisLogin {
  std::string user;        ///< Empty: the default user.
  std::string password;    ///< Empty: no AUTH is sent.
};

struct RedisDeadlines {
  Duration connect = seconds(2);
  Duration command = seconds(2);   ///< Between two answers; a server that is frozen longer counts as gone.
};

/// An answer; nested for arrays.
struct RedisReply {
  bool is_error = false;
  bool is_nil = false;
  std::string text;        ///< Status, error, string; numbers in decimal.
  std::vector<RedisReply> items;
};

using RedisCommand = std::vector<std::string>;

/// What a server's refusal means for us. Pure.
Error redis_error(std::string_view text);

class RedisClient {
 public:
  static Result<std::unique_ptr<RedisClient>> connect(const RedisAddress& address, const RedisLogin& login,
                                                      RedisDeadlines deadlines);
  ~RedisClient();

  /// Sends all and waits for all answers. A refusal of one command is an answer with is_error, not an error of run().
  Result<std::vector<RedisReply>> run(const std::vector<RedisCommand>& commands);
  /// One command whose refusal is an error.
  Status expect(const RedisCommand& command);

 private:
  class Context;
  explicit RedisClient(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

}  // namespace dunlin
