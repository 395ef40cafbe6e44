#include "api/pacing_lines.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace dunlin {
namespace {

using LineJson = nlohmann::json;

template <class T, std::size_t N>
std::string name_in(const std::array<PacingName<T>, N>& table, T value) {
  for (const auto& row : table) {
    if (row.value == value) return std::string(row.name);
  }
  return {};
}

/// What nobody told stays out, so that tapes of campaigns without it are as they were.
void add_costs(LineJson& line, const PacingConfig& c) {
  if (c.target_idle_s > 0) line["target_idle_s"] = c.target_idle_s;
  if (c.prices == PacingPrices{}) return;
  line["prices"] = {{"attempt", c.prices.attempt}, {"minute", c.prices.minute}, {"agent_hour", c.prices.agent_hour}, {"contact_value", c.prices.contact_value}};
}

LineJson json_of(const PacingConfig& c) {
  LineJson line{{"target_abandon", c.target_abandon},
          {"wait_limit_s", c.wait_limit_s},
          {"wait_clock", c.wait_clock == WaitClock::answer ? "answer" : "greeting_end"},
          {"tick_s", c.tick_s},
          {"shift_s", c.shift_s},
          {"ring_timeout_s", c.ring_timeout_s},
          {"max_channels", c.max_channels},
          {"max_cps", c.max_cps},
          {"segments", c.segments},
          {"detection", c.has_detection}};
  add_costs(line, c);
  return line;
}

LineJson json_of(const PacingEvent& e) {
  LineJson j{{"t", e.at_s}, {"e", name_in(pacing_event_names, e.kind)}, {"age", e.age_s}};
  const bool is_of_agent = e.kind >= PacingEventKind::agent_ready;
  if (!is_of_agent) {
    j["call"] = e.call;
    j["seg"] = e.segment;
  }
  const bool names_agent = e.kind == PacingEventKind::connected || e.kind == PacingEventKind::released;
  if (is_of_agent || names_agent) j["agent"] = e.agent;
  if (e.kind == PacingEventKind::connected || e.kind == PacingEventKind::abandoned) j["wait"] = e.wait_s;
  if (e.result != PacingResult::none) j["result"] = name_in(pacing_result_names, e.result);
  return j;
}

double to_four_digits(double x) { return std::round(x * 1e4) / 1e4; }

}  // namespace

std::string ready_line(std::string_view policy) {
  return LineJson{{"type", "ready"}, {"protocol", 1}, {"name", "dunlin " + std::string(policy)}, {"snapshot", true}}.dump();
}

std::string hello_line(const PacingConfig& config) {
  return LineJson{{"type", "hello"}, {"protocol", 1}, {"config", json_of(config)}}.dump();
}

std::string config_line(const PacingConfig& config) { return LineJson{{"type", "config"}, {"config", json_of(config)}}.dump(); }

std::string tick_line(const PacingInput& in) {
  LineJson j{{"type", "tick"}, {"t", in.at_s}, {"as_of", in.as_of_s}, {"granted", in.granted},
             {"channels_free", in.channels_free}, {"list_available", in.list_available}, {"next_segments", in.next_segments}};
  if (in.start_tokens >= 0) j["start_tokens"] = in.start_tokens;
  j["totals"] = {{"dialed", in.totals.dialed}, {"live", in.totals.live}, {"connected", in.totals.connected},
                 {"abandoned", in.totals.abandoned}};
  LineJson agents = LineJson::array();
  for (const PacingAgent& a : in.agents) {
    agents.push_back({a.id, name_in(pacing_agent_names, a.state), a.in_state_s, a.last_talk_s});
  }
  LineJson calls = LineJson::array();
  for (const PacingCall& c : in.calls) {
    calls.push_back({c.id, name_in(pacing_phase_names, c.phase), c.age_s, c.phase_age_s, c.segment});
  }
  LineJson events = LineJson::array();
  for (const PacingEvent& e : in.events) events.push_back(json_of(e));
  j["agents"] = std::move(agents);
  j["calls"] = std::move(calls);
  j["events"] = std::move(events);
  return j.dump();
}

std::string decision_line(const PacingDecision& d) {
  LineJson why{{"limit", to_string(d.limit)},
           {"doubt", to_string(d.doubt)},
           {"progressive", d.is_progressive},
           {"ready", d.agents_ready},
           {"in_flight", d.calls_in_flight},
           {"answer_rate", to_four_digits(d.answer_rate)},
           {"expected_live", to_four_digits(d.expected_live)},
           {"expected_free", to_four_digits(d.expected_free)},
           {"level", to_four_digits(d.level)},
           {"level_window_s", d.level_window_s},
           {"risk", to_four_digits(d.risk)},
           {"risk_bound", to_four_digits(d.risk_bound)},
           {"abandon_rate", to_four_digits(d.abandon_rate)},
           {"budget_left", to_four_digits(d.budget_left)}};
  return LineJson{{"type", "dial"}, {"n", d.dials}, {"why", std::move(why)}}.dump();
}

}  // namespace dunlin
