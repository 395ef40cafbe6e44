#pragma once
// What the event bus needs of the house and of the server, as interfaces: where events are read, where the position in
// them is kept, and where they go. Implemented by app/ over the store and by cluster/redis_sink; tests use their own.
#include <string>
#include <vector>

#include "cluster/event_envelope.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// One ordered feed: a shard of the history, or the node's own facts.
using Partition = std::uint16_t;

struct EventPage {
  std::vector<EventEnvelope> events;
  std::uint64_t next_after = 0;   ///< Position to go on from; may pass what has nothing to say (an erased person).
  bool is_at_end = true;
};

/// Thread safe; a call reads the disk and may block for milliseconds.
class EventSource {
 public:
  virtual ~EventSource() = default;
  virtual Partition partition_count() const = 0;
  /// What follows `after`, in order, at most `limit` facts. Errc::corrupt names a damaged row.
  virtual Result<EventPage> read(Partition partition, std::uint64_t after, std::size_t limit) = 0;
  /// Position of the last fact.
  virtual Result<std::uint64_t> head(Partition partition) = 0;
};

struct CursorMove {
  Partition partition = 0;
  std::uint64_t position = 0;
};

/// How far the world has been told. Thread safe.
class CursorStore {
 public:
  virtual ~CursorStore() = default;
  virtual Result<std::uint64_t> load(Partition partition) = 0;
  virtual Status save(const std::vector<CursorMove>& moves) = 0;
};

/// News that may be lost.
struct LiveHint {
  std::string topic;
  std::string payload;   ///< JSON.
};

/// The server that takes events. One thread. After any error the bus closes it and opens it again later.
/// Errors: unavailable (no connection, no answer in time), denied (wrong password, missing right), exhausted (the
/// server has no memory), conflict (it does not take writes now). The detail is for the operator.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual Status open() = 0;
  virtual void close() = 0;
  /// All of it, or an error: then any part may have arrived and all of it is sent again.
  virtual Status append(const std::vector<EventEnvelope>& events) = 0;
  virtual Status publish(const std::vector<LiveHint>& hints) = 0;
  virtual Status ping() = 0;
};

}  // namespace dunlin
