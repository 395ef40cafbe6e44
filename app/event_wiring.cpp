#include "app/event_wiring.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cluster/event_mapping.hpp"
#include "cluster/redis_sink.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

EventBusOptions bus_options(const EventOptions& settings, std::uint64_t seed) {
  EventBusOptions options;
  options.pump.batch_events = limits::event_batch;
  options.pump.poll = limits::event_poll;
  options.pump.ping = seconds(settings.ping_interval_s);
  options.pump.back_off = {limits::event_retry_first, limits::event_retry_longest};
  options.pump.seed = seed;
  options.hints_waiting = limits::live_hints_waiting;
  return options;
}

PasswordReader password_reader(const std::string& file) {
  return [file]() -> Result<std::string> {
    if (file.empty()) return std::string();
    return read_secret_file(file);
  };
}

}  // namespace

void BusLiveFeed::hint(std::string_view topic, std::vector<Field> fields) {
  if (!bus_) return;
  nlohmann::ordered_json document = {{"topic", topic}, {"time", format_utc(clock_.now_utc())}};
  for (const Field& field : fields) std::visit([&](const auto& value) { document[field.name] = value; }, field.value);
  bus_->hint({std::string(topic), to_line(document)});
}

EventWiring::EventWiring(Store& store, const NodeSettings& settings, const Clock& clock, std::unique_ptr<StoredFactLog> facts)
    : clock_(clock),
      tenant_(settings.tenant),
      facts_(std::move(facts)),
      source_(store, *facts_),
      cursors_(store.documents()),
      live_(clock) {}

EventWiring::~EventWiring() { stop(); }

void EventWiring::stop() {
  if (bus_) bus_->stop();
}

Result<std::unique_ptr<EventWiring>> EventWiring::open(Store& store, const NodeSettings& settings, const Clock& clock,
                                                       std::uint64_t seed) {
  auto facts = StoredFactLog::open(store, clock, settings.node_name);
  if (!facts) return facts.error();
  std::unique_ptr<EventWiring> wiring(new EventWiring(store, settings, clock, std::move(*facts)));
  if (settings.events.redis.empty()) return wiring;
  const Status started = wiring->start_bus(store, settings, seed);
  if (!started) return started.error();
  return wiring;
}

Status EventWiring::start_bus(Store& store, const NodeSettings& settings, std::uint64_t seed) {
  const EventOptions& options = settings.events;
  const auto address = parse_redis_address(options.redis);
  if (!address) return Error{address.error().code, "events.redis: " + address.error().detail};
  RedisSinkSettings sink;
  sink.address = *address;
  sink.user = options.user;
  sink.deadlines = {milliseconds(options.connect_timeout_ms), milliseconds(options.command_timeout_ms)};
  sink.names = {options.prefix, settings.tenant};
  sink.max_length = options.max_length;
  auto redis = std::make_unique<RedisSink>(std::move(sink), password_reader(options.password_file));
  bus_ = std::make_shared<EventBus>(source_, cursors_, std::move(redis), clock_, bus_options(options, seed));
  store.listen([bus = bus_](ShardIndex shard, std::uint64_t) { bus->notify(shard); });
  facts_->wake([bus = bus_] { bus->notify(node_facts_partition); });
  facts_->keep_until_told([this] {
    const auto told = cursors_.load(node_facts_partition);
    return told ? *told : 0;
  });
  live_.connect(bus_.get());
  bus_->start();
  log_info("events", "bus_started", "redis={} streams={}:ev:{}:*", options.redis, options.prefix, settings.tenant);
  return Done{};
}

std::string EventWiring::health() const {
  if (!bus_) return "off";
  const EventBusStatus status = bus_->status();
  if (status.pump.is_connected) return fmt::format("connected, backlog {}", status.backlog);
  return fmt::format("waiting since {}, backlog {}", format_utc(status.since), status.backlog);
}

std::string EventWiring::problem() const {
  if (!bus_) return "";
  return bus_->status().pump.cause;
}

std::string EventWiring::metrics() const {
  if (!bus_) return "";
  const EventBusStatus status = bus_->status();
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view kind, std::string_view help, std::uint64_t value) {
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, kind, value);
  };
  add("dunlin_events_connected", "gauge", "1 while Redis takes events.", status.pump.is_connected ? 1 : 0);
  add("dunlin_events_backlog", "gauge", "Facts committed and not yet told to Redis.", status.backlog);
  add("dunlin_events_published_total", "counter", "Events Redis has acknowledged.", status.pump.published_total);
  add("dunlin_events_hints_total", "counter", "Live hints published.", status.pump.hints_total);
  add("dunlin_events_hints_dropped_total", "counter", "Live hints dropped.", status.pump.hints_dropped_total);
  add("dunlin_events_reconnects_total", "counter", "Connections to Redis after the first.", status.pump.reconnects_total);
  return text;
}

std::vector<std::string> all_event_types() {
  std::vector<std::string> types;
  for (const auto& part : {case_event_types(), node_fact_types()}) types.insert(types.end(), part.begin(), part.end());
  std::sort(types.begin(), types.end());
  return types;
}

}  // namespace dunlin
