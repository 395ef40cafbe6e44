#include "api/pacing_command.hpp"

#include <cmath>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "api/pacing_lines.hpp"
#include "core/dialing/pacing_predictive.hpp"

namespace dunlin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_line = 16 * 1024 * 1024;
constexpr std::size_t most_items = 100'000;  // Agents, calls or events of one tick.

template <class T, std::size_t N>
Result<T> parse_name(const std::array<PacingName<T>, N>& table, const Json& json) {
  if (!json.is_string()) return invalid_input("a name must be a string");
  const auto& text = json.get_ref<const std::string&>();
  for (const auto& row : table) {
    if (row.name == text) return row.value;
  }
  return invalid_input("unknown name \"" + text.substr(0, 40) + "\"");
}

/// A finite number under a key, or the default when the key is absent.
Result<double> number_or(const Json& object, const char* key, double otherwise) {
  const auto it = object.find(key);
  if (it == object.end()) return otherwise;
  if (!it->is_number()) return invalid_input(std::string("\"") + key + "\" must be a number");
  const double value = it->get<double>();
  if (!std::isfinite(value) || std::abs(value) > 1e15) return invalid_input(std::string("\"") + key + "\" is out of range");
  return value;
}

/// Reads numbers one after another and remembers the first error, so that a reader stays one line a field.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}
  double number(const char* key, double otherwise) {
    auto value = number_or(object_, key, otherwise);
    if (!value) {
      if (error_.empty()) error_ = value.error().detail;
      return otherwise;
    }
    return *value;
  }
  int whole(const char* key, int otherwise) {
    const double value = number(key, otherwise);
    if (value < -2e9 || value > 2e9) {
      if (error_.empty()) error_ = std::string("\"") + key + "\" is out of range";
      return otherwise;
    }
    return static_cast<int>(value);
  }
  /// Ids keep all their 64 bits: a number of JSON as double would merge neighbours.
  std::uint64_t id(const char* key) {
    const auto it = object_.find(key);
    if (it != object_.end() && it->is_number_unsigned()) return it->get<std::uint64_t>();
    return static_cast<std::uint64_t>(std::max(0.0, number(key, 0)));
  }
  const std::string& error() const { return error_; }

 private:
  const Json& object_;
  std::string error_;
};

Status read_costs(const Json& config, PacingConfig& c) {
  Fields f(config);
  c.target_idle_s = f.number("target_idle_s", 0);
  if (!f.error().empty()) return invalid_input(f.error());
  if (c.target_idle_s < 0) return invalid_input("target_idle_s must not be negative");
  const auto it = config.find("prices");
  if (it == config.end()) return Done{};
  if (!it->is_object()) return invalid_input("\"prices\" must be an object");
  Fields prices(*it);
  c.prices = {prices.number("attempt", 0), prices.number("minute", 0), prices.number("agent_hour", 0), prices.number("contact_value", 0)};
  if (!prices.error().empty()) return invalid_input(prices.error());
  if (std::min({c.prices.attempt, c.prices.minute, c.prices.agent_hour, c.prices.contact_value}) < 0) return invalid_input("prices must not be negative");
  return Done{};
}

Result<PacingConfig> read_config(const Json& message) {
  const auto it = message.find("config");
  if (it == message.end() || !it->is_object()) return invalid_input("\"" + message.value("type", "message") + "\" needs an object \"config\"");
  PacingConfig c;
  Fields f(*it);
  c.target_abandon = f.number("target_abandon", c.target_abandon);
  c.wait_limit_s = f.number("wait_limit_s", c.wait_limit_s);
  c.tick_s = f.number("tick_s", c.tick_s);
  c.shift_s = f.number("shift_s", c.shift_s);
  c.ring_timeout_s = f.number("ring_timeout_s", c.ring_timeout_s);
  c.max_channels = f.whole("max_channels", c.max_channels);
  c.max_cps = f.number("max_cps", c.max_cps);
  c.segments = f.whole("segments", c.segments);
  if (!f.error().empty()) return invalid_input(f.error());
  if (!(c.target_abandon > 0) || c.target_abandon > 1) return invalid_input("target_abandon must be in (0, 1]");
  if (c.wait_limit_s < 0 || c.tick_s <= 0 || c.shift_s <= 0) return invalid_input("times must be positive");
  if (c.segments < 1 || c.segments > 64) return invalid_input("segments must be 1 to 64");
  const auto clock = it->find("wait_clock");
  if (clock != it->end() && *clock == "answer") c.wait_clock = WaitClock::answer;
  const auto detection = it->find("detection");
  if (detection != it->end() && detection->is_boolean()) c.has_detection = detection->get<bool>();
  if (const Status costs = read_costs(*it, c); !costs) return costs.error();
  return c;
}

const Json& array_or_empty(const Json& object, const char* key) {
  static const Json empty = Json::array();
  const auto it = object.find(key);
  return it != object.end() && it->is_array() ? *it : empty;
}

bool are_numbers(const Json& row, std::initializer_list<std::size_t> places) {
  for (const std::size_t i : places) {
    if (!row[i].is_number() || !std::isfinite(row[i].get<double>())) return false;
  }
  return true;
}

Result<PacingAgent> read_agent(const Json& row) {
  if (!row.is_array() || row.size() < 4 || !are_numbers(row, {0, 2, 3})) return invalid_input("bad row in \"agents\"");
  const auto state = parse_name(pacing_agent_names, row[1]);
  if (!state) return state.error();
  return PacingAgent{row[0].get<std::uint64_t>(), *state, std::max(0.0, row[2].get<double>()),
                     std::max(0.0, row[3].get<double>())};
}

Result<PacingCall> read_call(const Json& row) {
  if (!row.is_array() || row.size() < 5 || !are_numbers(row, {0, 2, 3, 4})) return invalid_input("bad row in \"calls\"");
  const auto phase = parse_name(pacing_phase_names, row[1]);
  if (!phase) return phase.error();
  return PacingCall{row[0].get<std::uint64_t>(), *phase, std::max(0.0, row[2].get<double>()),
                    std::max(0.0, row[3].get<double>()), row[4].get<int>()};
}

Result<PacingEvent> read_event(const Json& row) {
  if (!row.is_object() || !row.contains("e")) return invalid_input("bad row in \"events\"");
  const auto kind = parse_name(pacing_event_names, row["e"]);
  if (!kind) return kind.error();
  PacingEvent e;
  e.kind = *kind;
  Fields f(row);
  e.at_s = f.number("t", 0);
  e.call = f.id("call");
  e.agent = f.id("agent");
  e.segment = f.whole("seg", 0);
  e.age_s = std::max(0.0, f.number("age", 0));
  e.wait_s = f.number("wait", 0);
  if (!f.error().empty()) return invalid_input(f.error());
  const auto result = row.find("result");
  if (result != row.end()) {
    const auto parsed = parse_name(pacing_result_names, *result);
    if (!parsed) return parsed.error();
    e.result = *parsed;
  }
  return e;
}

template <class T, class Read>
Result<std::vector<T>> read_rows(const Json& rows, Read read) {
  std::vector<T> items;
  items.reserve(rows.size());
  for (const Json& row : rows) {
    auto item = read(row);
    if (!item) return item.error();
    items.push_back(*item);
  }
  return items;
}

Result<PacingTotals> read_totals(const Json& tick) {
  PacingTotals totals;
  const auto it = tick.find("totals");
  if (it == tick.end()) return totals;
  if (!it->is_object()) return invalid_input("\"totals\" must be an object");
  Fields f(*it);
  totals.dialed = f.whole("dialed", 0);
  totals.live = f.whole("live", 0);
  totals.connected = f.whole("connected", 0);
  totals.abandoned = f.whole("abandoned", 0);
  if (!f.error().empty()) return invalid_input(f.error());
  return totals;
}

Result<PacingInput> read_tick(const Json& tick) {
  for (const char* key : {"agents", "calls", "events"}) {
    const auto rows = tick.find(key);
    if (rows != tick.end() && rows->size() > most_items) return invalid_input(std::string("too many rows in \"") + key + "\"");
  }
  PacingInput in;
  Fields f(tick);
  in.at_s = f.number("t", -1);
  in.as_of_s = f.number("as_of", in.at_s);
  in.granted = f.whole("granted", 0);
  in.channels_free = f.whole("channels_free", 0);
  // Without it the caller cuts to its start rate; what is not granted is asked for again.
  in.start_tokens = f.number("start_tokens", -1);
  in.list_available = f.whole("list_available", 0);
  if (in.at_s < 0) return invalid_input("\"tick\" needs \"t\"");
  if (!f.error().empty()) return invalid_input(f.error());
  for (const Json& segment : array_or_empty(tick, "next_segments")) {
    if (segment.is_number_integer()) in.next_segments.push_back(segment.get<int>());
  }
  auto totals = read_totals(tick);
  if (!totals) return totals.error();
  auto agents = read_rows<PacingAgent>(array_or_empty(tick, "agents"), read_agent);
  if (!agents) return agents.error();
  auto calls = read_rows<PacingCall>(array_or_empty(tick, "calls"), read_call);
  if (!calls) return calls.error();
  auto events = read_rows<PacingEvent>(array_or_empty(tick, "events"), read_event);
  if (!events) return events.error();
  in.totals = *totals;
  in.agents = std::move(*agents);
  in.calls = std::move(*calls);
  in.events = std::move(*events);
  return in;
}

}  // namespace

Result<PacingPolicyKind> parse_pacing_policy(std::string_view name) {
  if (name == "predictive") return PacingPolicyKind::predictive;
  if (name == "progressive") return PacingPolicyKind::progressive;
  return invalid_input("unknown policy \"" + std::string(name.substr(0, 40)) + "\": predictive or progressive");
}

std::unique_ptr<PacingPolicy> make_pacing_policy(PacingPolicyKind kind, const PacingConfig& config) {
  switch (kind) {
    case PacingPolicyKind::progressive: return std::make_unique<ProgressivePacing>(config);
    case PacingPolicyKind::predictive: break;
  }
  return std::make_unique<PredictivePacing>(config);
}

Result<std::string> PacingCommand::on_line(std::string_view line) {
  if (line.size() > longest_line) return invalid_input("the line is too long");
  const Json message = Json::parse(line, nullptr, false);
  if (!message.is_object()) return invalid_input("a line must be one JSON object");
  const auto type_field = message.find("type");
  const std::string type = type_field != message.end() && type_field->is_string() ? type_field->get<std::string>() : "";
  if (type == "hello") {
    if (Fields(message).whole("protocol", 1) != 1) return invalid_input("only protocol 1 is spoken here");
    const auto config = read_config(message);
    if (!config) return config.error();
    policy_ = make_pacing_policy(kind_, *config);
    return ready_line(policy_->name());
  }
  if (!policy_) return invalid_input("the first line must be \"hello\"");
  if (type == "end") {
    is_finished_ = true;
    return Json{{"type", "bye"}, {"info", {{"policy", policy_->name()}, {"ticks", ticks_}}}}.dump();
  }
  if (type == "config") {
    const auto config = read_config(message);
    if (!config) return config.error();
    policy_->reconfigure(*config);
    return ready_line(policy_->name());
  }
  if (type != "tick") return invalid_input("unknown type \"" + type.substr(0, 40) + "\"");
  const auto input = read_tick(message);
  if (!input) return input.error();
  if (input->at_s < last_at_s_) return invalid_input("\"t\" must not go back");
  last_at_s_ = input->at_s;
  ++ticks_;
  return decision_line(policy_->decide(*input));
}

int run_pacing_command(std::istream& in, std::ostream& out, std::ostream& errors, PacingPolicyKind kind) {
  PacingCommand command(kind);
  std::string line;
  while (!command.is_finished() && std::getline(in, line)) {
    const auto answer = command.on_line(line);
    if (!answer) {
      errors << "dunlin pacing: " << answer.error().detail << "\n";
      return 1;
    }
    out << *answer << std::endl;
  }
  return 0;
}

}  // namespace dunlin
