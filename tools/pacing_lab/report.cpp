#include "tools/pacing_lab/report.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace dunlin::lab {
namespace {

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto k =
      std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(k), values.end());
  return values[k];
}

double share(std::int64_t part, std::int64_t rest) {
  return part + rest > 0 ? static_cast<double>(part) / static_cast<double>(part + rest) : 0;
}

double worst_half_hour(const Measures& m) {
  constexpr std::size_t minutes = 30;
  constexpr int enough = 30;
  double worst = 0;
  for (std::size_t from = 0; from + minutes <= m.connected_by_minute.size(); ++from) {
    int connected = 0;
    int abandoned = 0;
    for (std::size_t i = from; i < from + minutes; ++i) {
      connected += m.connected_by_minute[i];
      abandoned += m.abandoned_by_minute[i];
    }
    if (connected + abandoned >= enough) worst = std::max(worst, share(abandoned, connected));
  }
  return worst;
}

double rounded(double x, double step) {
  const double scale = std::round(1 / step);
  return std::round(x * scale) / scale;
}

}  // namespace

Report make_report(const Scenario& scenario, std::uint64_t seed, Measures m) {
  const double worked_s = std::max(1.0, m.talk_s + m.wrap_s + m.ready_s);
  const double hours = worked_s / 3600;
  const double ticks = static_cast<double>(std::max<std::int64_t>(1, m.ticks));
  Report r;
  r.scenario = scenario.name;
  r.seed = seed;
  r.target_abandon = scenario.target_abandon;
  r.occupancy = (m.talk_s + m.wrap_s) / worked_s;
  r.abandon_rate = share(m.persons_abandoned, m.persons_connected);
  r.abandon_worst30 = worst_half_hour(m);
  r.abandon_strict = share(m.persons_abandoned + m.persons_judged_machine, m.persons_connected);
  const auto lost = static_cast<double>(m.persons_abandoned + m.machines_abandoned);
  const auto answered = lost + static_cast<double>(m.persons_connected + m.machines_connected);
  r.beyond_budget = lost - scenario.target_abandon * answered;
  r.idle_p50_s = quantile(m.idle_s, 0.5);
  r.idle_p95_s = quantile(m.idle_s, 0.95);
  r.dials = m.dials;
  r.abandoned = m.persons_abandoned;
  r.connected = m.persons_connected;
  r.dials_per_agent_hour = static_cast<double>(m.dials) / hours;
  r.contacts_per_agent_hour = static_cast<double>(m.persons_connected) / hours;
  r.right_party_per_agent_hour = static_cast<double>(m.right_party) / hours;
  r.channels_mean = m.channel_s / scenario.length_s;
  r.channels_used = r.channels_mean / scenario.channels();
  r.starts_used = static_cast<double>(m.dials) / (scenario.calls_per_second() * scenario.length_s);
  const auto most = std::max_element(m.limit_ticks.begin(), m.limit_ticks.end());
  r.limit = to_string(static_cast<PacingLimit>(most - m.limit_ticks.begin()));
  r.limit_share = static_cast<double>(*most) / ticks;
  r.decision_mean_us = m.decision_s / ticks * 1e6;
  r.decision_max_us = m.longest_decision_s * 1e6;
  return r;
}

std::string to_json(const Report& r) {
  const nlohmann::ordered_json json{{"scenario", r.scenario},
                                    {"policy", r.policy},
                                    {"seed", r.seed},
                                    {"target", r.target_abandon},
                                    {"occupancy", rounded(r.occupancy, 1e-4)},
                                    {"abandon_rate", rounded(r.abandon_rate, 1e-4)},
                                    {"abandon_worst30", rounded(r.abandon_worst30, 1e-4)},
                                    {"abandon_strict", rounded(r.abandon_strict, 1e-4)},
                                    {"beyond_budget", rounded(r.beyond_budget, 1e-2)},
                                    {"idle_p50_s", rounded(r.idle_p50_s, 0.01)},
                                    {"idle_p95_s", rounded(r.idle_p95_s, 0.01)},
                                    {"dials", r.dials},
                                    {"connected", r.connected},
                                    {"abandoned", r.abandoned},
                                    {"dials_per_agent_hour", rounded(r.dials_per_agent_hour, 0.01)},
                                    {"contacts_per_agent_hour", rounded(r.contacts_per_agent_hour, 0.01)},
                                    {"rpc_per_agent_hour", rounded(r.right_party_per_agent_hour, 0.01)},
                                    {"channels_mean", rounded(r.channels_mean, 0.01)},
                                    {"channels_used", rounded(r.channels_used, 1e-4)},
                                    {"starts_used", rounded(r.starts_used, 1e-4)},
                                    {"limit", r.limit},
                                    {"limit_share", rounded(r.limit_share, 1e-4)},
                                    {"decide_mean_us", rounded(r.decision_mean_us, 0.1)},
                                    {"decide_max_us", rounded(r.decision_max_us, 0.1)}};
  return json.dump();
}

}  // namespace dunlin::lab
