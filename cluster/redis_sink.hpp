#pragma once
// Events into Redis: each batch is one MULTI … EXEC of XADDs, so a server that refuses takes none of it and the order
// within a stream is kept; hints are PUBLISHed. The password file is read anew at every open, so it may be rotated.
// Runs on the event bus' thread only.
#include <filesystem>
#include <functional>
#include <memory>

#include "cluster/event_ports.hpp"
#include "cluster/redis_client.hpp"

namespace dunlin {

struct RedisSinkSettings {
  RedisAddress address;
  std::string user;
  RedisDeadlines deadlines;
  RedisNames names;
  std::int64_t max_length = 1'000'000;   ///< Entries kept per stream, approximately.
};

/// Content of the password file; empty = Redis has no password.
using PasswordReader = std::function<Result<std::string>()>;

/// XADD with the envelope and its flat fields. Pure.
RedisCommand xadd_of(const EventEnvelope& event, const RedisSinkSettings& settings);

class RedisSink final : public EventSink {
 public:
  RedisSink(RedisSinkSettings settings, PasswordReader read_password)
      : settings_(std::move(settings)), read_password_(std::move(read_password)) {}

  Status open() override;
  void close() override { client_.reset(); }
  Status append(const std::vector<EventEnvelope>& events) override;
  Status publish(const std::vector<LiveHint>& hints) override;
  Status ping() override;

 private:
  RedisSinkSettings settings_;
  PasswordReader read_password_;
  std::unique_ptr<RedisClient> client_;
};

}  // namespace dunlin
