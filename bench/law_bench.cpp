// What one decision of the gate costs, and that the cost does not follow the length of the history: the median of a
// history of 10 000 events against the median of 100 events, measured turn by turn in the same run.
//   law_bench [rounds]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "config/rule_loader.hpp"
#include "core/compliance/contact_policy.hpp"

namespace {

using namespace dunlin;

constexpr std::int64_t spacing_hours = 11;  // About twice a day: more than the operator's caps let through.

/// A person called twice a day for as long as the history reaches, talked to every tenth time.
ContactHistory history_of(int events, UtcTime now) {
  ContactHistory history;
  for (int i = 1; i <= events; ++i) {
    ContactFact fact;
    fact.at = now - hours(spacing_hours * i);
    fact.result = i % 10 == 0 ? ContactResult::talked : ContactResult::no_answer;
    history.append(fact);
  }
  return history;
}

double cost_us(const ContactPolicy& policy, const ContactQuery& query, const ContactHistory& history) {
  const auto begin = std::chrono::steady_clock::now();
  const Decision decision = policy.decide(query, history);
  const auto end = std::chrono::steady_clock::now();
  if (decision.findings.empty()) std::abort();  // The result is used, so that nothing is optimised away.
  return std::chrono::duration<double, std::micro>(end - begin).count();
}

double quantile(std::vector<double> costs, double share) {
  std::sort(costs.begin(), costs.end());
  return costs[static_cast<std::size_t>(share * static_cast<double>(costs.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const auto rules = load_rule_set();
  if (!rules.ok() || rounds < 1) {
    std::fprintf(stderr, "law_bench: %s\n", rules.ok() ? "rounds must be positive" : rules.error().detail.c_str());
    return 1;
  }
  ContactQuery query;
  query.at = parse_utc("2026-03-04T09:00:00Z").value();
  query.person.jurisdictions = {"RU"};
  query.person.zones = {"Asia/Yekaterinburg"};
  const ContactPolicy law(*rules, OperatorOptions());
  const ContactPolicy strict(*rules);
  std::printf("policy,events,p50_us,p99_us\n");
  for (const auto& [name, policy] : {std::pair{"law", &law}, std::pair{"operator", &strict}}) {
    const std::vector<int> lengths{100, 500, 10'000};
    std::vector<ContactHistory> histories;
    for (const int events : lengths) histories.push_back(history_of(events, query.at));
    std::vector<std::vector<double>> costs(lengths.size());
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < lengths.size(); ++i) costs[i].push_back(cost_us(*policy, query, histories[i]));
    }
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      std::printf("%s,%d,%.1f,%.1f\n", name, lengths[i], quantile(costs[i], 0.5), quantile(costs[i], 0.99));
    }
    std::printf("%s: 10000 events cost %.2f times 100 events\n", name, quantile(costs[2], 0.5) / quantile(costs[0], 0.5));
  }
  return 0;
}
