// What one decision of the gate costs, and that the cost does not follow the length of the history: allowed and denied
// decisions against histories of 10 to 10 000 events, measured turn by turn in the same run, and the whole gate (facts of
// a case read and indexed, judged, proof written) with 500. Counts what an allowed decision takes from the heap against what
// its proof holds. Exit code 1 when a claim of docs/law.md does not hold here.
//   law_bench [rounds]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <vector>

#include "config/rule_loader.hpp"
#include "core/case/policy_gate.hpp"
#include "core/compliance/contact_policy.hpp"
#include "tests/support/counted_heap.hpp"

namespace {

using namespace dunlin;

constexpr double most_p99_us = 20;
constexpr double most_growth = 2;
constexpr double most_zones = 11;
constexpr int spacing_hours = 30;  // Not twice a day, so that the law's counters are asked and allow.
constexpr int claim_events = 500;

ContactResult result_of(int i) { return i % 10 == 0 ? ContactResult::talked : ContactResult::no_answer; }

/// A person called every 30 hours for as long as the history reaches, talked to every tenth time.
ContactHistory history_of(int events, UtcTime now) {
  ContactHistory history;
  for (int i = events; i >= 1; --i) {
    ContactFact fact;
    fact.at = now - hours(spacing_hours * i);
    fact.result = result_of(i);
    history.append(fact);
  }
  return history;
}

CaseRecord case_of(int events, UtcTime now) {
  CaseRecord record;
  record.id = CaseId(1);
  record.zones = {"Asia/Yekaterinburg"};
  ContactPhone phone;
  phone.number = PhoneNumber::from_e164("+79220000001").value();
  record.phones.push_back(phone);
  for (int i = events; i >= 1; --i) {
    AttemptRow row;
    row.attempt = AttemptId(static_cast<std::uint64_t>(i));
    row.number = phone.number;
    row.reserved_at = now - hours(spacing_hours * i);
    row.outcome = i % 10 == 0 ? Outcome::answered : Outcome::no_answer;
    row.status = i % 10 == 0 ? ContactStatus::contact : ContactStatus::no_contact;
    record.attempts.push_back(row);
  }
  return record;
}

double quantile(std::vector<double> costs, double share) {
  std::sort(costs.begin(), costs.end());
  return costs[static_cast<std::size_t>(share * static_cast<double>(costs.size() - 1))];
}

/// Time of this thread on its core: what others do to the machine meanwhile is not the decision's cost.
double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

template <class Decide>
double cost_us(const Decide& decide, Verdict expected) {
  const double begin = cpu_us();
  const Decision decision = decide();
  const double end = cpu_us();
  if (decision.verdict != expected) {
    std::fprintf(stderr, "law_bench: an unexpected verdict: %s\n", decision.findings.empty() ? "" : decision.findings[0].reason.c_str());
    std::exit(1);
  }
  return end - begin;
}

struct Wanted {
  const char* name;
  ContactQuery query;
  Verdict expected;
  UtcTime newest;               ///< The histories end 30 hours before it.
  double most_p99_us;
};

/// One kind of decision over all lengths; false when a claim does not hold.
bool measure(const ContactPolicy& policy, const Wanted& wanted, int rounds) {
  const std::vector<int> lengths{10, 100, claim_events, 1'000, 10'000};
  std::vector<ContactHistory> histories;
  for (const int events : lengths) histories.push_back(history_of(events, wanted.newest));
  std::map<int, std::vector<double>> costs;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      costs[lengths[i]].push_back(cost_us([&] { return policy.decide(wanted.query, histories[i]); }, wanted.expected));
    }
  }
  for (const int events : lengths) std::printf("%s,%d,%.2f,%.2f\n", wanted.name, events, quantile(costs[events], 0.5), quantile(costs[events], 0.99));
  const double growth = quantile(costs[10'000], 0.5) / quantile(costs[100], 0.5);
  const double p99 = quantile(costs[claim_events], 0.99);
  std::printf("# %s: 10000 events cost %.2f times 100 events (at most %.0f), p99 of %d events %.2f us (at most %.0f)\n", wanted.name, growth,
              most_growth, claim_events, p99, wanted.most_p99_us);
  return growth <= most_growth && p99 <= wanted.most_p99_us;
}

void measure_gate(const std::shared_ptr<const RuleSet>& rules, UtcTime now, int rounds) {
  PolicyGateOptions options;
  options.jurisdictions = {"RU"};
  const PolicyGate gate(std::make_shared<const ContactPolicy>(rules), options);
  std::vector<double> costs;
  const CaseRecord record = case_of(claim_events, now);
  const GateQuestion question{record, record.phones.front(), Channel::call, now, {}, false, false, 40};
  for (int round = 0; round < rounds; ++round) costs.push_back(cost_us([&] { return gate.judge(question); }, Verdict::allow));
  std::printf("gate with its index made anew,%d,%.2f,%.2f\n", claim_events, quantile(costs, 0.5), quantile(costs, 0.99));
}

/// What the decision takes from the heap against what a copy of its proof takes.
bool count_allocations(const ContactPolicy& policy, const ContactQuery& query, UtcTime newest) {
  const ContactHistory history = history_of(claim_events, newest);
  const std::size_t before = test::allocations;
  const Decision decision = policy.decide(query, history);
  const std::size_t decided = test::allocations - before;
  const Decision proof = decision;
  const std::size_t kept = test::allocations - before - decided;
  std::printf("# allowed decision: %zu allocations, its proof holds %zu\n", decided, kept);
  return proof.is_allowed() && decided <= kept;
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
  ContactQuery unplaced = query;
  unplaced.person.zones.clear();
  const ContactPolicy law(*rules);
  std::printf("decision,events,p50_us,p99_us\n");
  bool holds = measure(law, {"allowed", query, Verdict::allow, query.at, most_p99_us}, rounds);
  holds = measure(law, {"denied", query, Verdict::deny_until, query.at + hours(spacing_hours - 1), most_p99_us}, rounds) && holds;
  // A person of whom no place is known: the decision is eleven decisions.
  holds = measure(law, {"allowed in eleven zones", unplaced, Verdict::allow, query.at, most_zones * most_p99_us}, rounds) && holds;
  measure_gate(*rules, query.at, rounds);
  holds = count_allocations(law, query, query.at) && holds;
  return holds ? 0 : 1;
}
