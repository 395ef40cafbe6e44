#pragma once
// Everything about events of one node: the feed over the store, the node's own facts, live hints, and the bus to Redis
// when one is configured. Built after the store, started before the actors, stopped before the store closes.
// Parts say their own thread rules; the object is built and destroyed on the main thread.
#include <memory>

#include "app/event_feed.hpp"
#include "cluster/event_bus.hpp"
#include "config/settings.hpp"

namespace dunlin {

/// Live hints into the bus; nowhere without Redis.
class BusLiveFeed final : public LiveFeed {
 public:
  explicit BusLiveFeed(const Clock& clock) : clock_(clock) {}
  void connect(EventBus* bus) { bus_ = bus; }
  void hint(std::string_view topic, std::vector<Field> fields) override;

 private:
  const Clock& clock_;
  EventBus* bus_ = nullptr;   ///< Set before the actors start.
};

class EventWiring {
 public:
  /// Errors: corrupt (a node fact's number), invalid_input (the address of Redis).
  static Result<std::unique_ptr<EventWiring>> open(Store& store, const NodeSettings& settings, const Clock& clock,
                                                   std::uint64_t seed);
  ~EventWiring();

  /// Ends the bus' thread; what is not told yet waits for the next start.
  void stop();

  LiveFeed& live() { return live_; }
  NodeFactLog& facts() { return *facts_; }
  Result<EventAnswer> find(const EventQuery& query) { return find_events(source_, {tenant_}, query); }

  /// "off", "connected", "waiting since … (cause)", each with the backlog.
  std::string health() const;
  /// What an operator must look at; empty = nothing.
  std::string problem() const;
  /// Prometheus lines; none without Redis.
  std::string metrics() const;

 private:
  EventWiring(Store& store, const NodeSettings& settings, const Clock& clock, std::unique_ptr<StoredFactLog> facts);
  Status start_bus(Store& store, const NodeSettings& settings, std::uint64_t seed);

  const Clock& clock_;
  const std::string tenant_;
  std::unique_ptr<StoredFactLog> facts_;
  StoreEventSource source_;
  StoreCursors cursors_;
  BusLiveFeed live_;
  std::shared_ptr<EventBus> bus_;   ///< Shared with the journal's listener, which outlives the wiring.
};

/// Short names of everything the feed can tell, sorted.
std::vector<std::string> all_event_types();

}  // namespace dunlin
