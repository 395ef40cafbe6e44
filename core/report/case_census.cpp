#include "core/report/case_census.hpp"

#include <optional>
#include <set>

namespace dunlin {
namespace {

constexpr const char* no_number_rule = "no_number";

/// Sooner is better; a denial that time does not heal is the worst.
bool is_better(const Decision& a, const Decision& b) {
  if (a.is_allowed() != b.is_allowed()) return a.is_allowed();
  if (a.until.has_value() != b.until.has_value()) return a.until.has_value();
  return a.until && *a.until < *b.until;
}

std::optional<Decision> best_decision(const CaseRecord& record, const ContactGate& gate, const CensusQuestion& question) {
  std::optional<Decision> best;
  for (const ContactPhone& phone : record.phones) {
    if (phone.is_blocked) continue;
    Decision decision = gate.judge({record, phone, Channel::call, question.at, AttemptId(), question.is_clock_shifted, false, std::nullopt});
    const bool is_allowed = decision.is_allowed();
    if (!best || is_better(decision, *best)) best = std::move(decision);
    if (is_allowed) break;
  }
  return best;
}

void count_zone(CaseCensus& census, const CaseRecord& record, const Decision* decision) {
  if (record.regions.empty() && record.zones.empty()) {
    ++census.without_place;
    return;
  }
  const bool is_one = decision != nullptr && decision->zones.size() == 1;
  ++census.per_zone[is_one ? decision->zones.front() : "several zones"];
}

void count_denial(CaseCensus& census, const ContactGate& gate, const Decision& decision, UtcTime at) {
  const bool is_today = decision.until && *decision.until < gate.end_of_day(decision.zones, at);
  ++(is_today ? census.callable_today : census.denied);
  std::set<std::string> rules;
  for (const RuleFinding& finding : decision.findings) rules.insert(finding.rule_id);
  for (const std::string& rule : rules) ++census.denied_by_rule[rule];
}

}  // namespace

void count_case(CaseCensus& census, const CaseRecord& record, const ContactGate& gate, const CensusQuestion& question) {
  if (record.alias_of.is_set() || !record.is_opened()) return;
  ++census.cases;
  if (!record.has_open_debt()) {
    ++census.closed;
    return;
  }
  const auto decision = best_decision(record, gate, question);
  count_zone(census, record, decision ? &*decision : nullptr);
  if (!decision) {
    ++census.denied;
    ++census.denied_by_rule[no_number_rule];
  } else if (decision->is_allowed()) {
    ++census.callable_now;
  } else {
    count_denial(census, gate, *decision, question.at);
  }
}

void add(CaseCensus& census, const CaseCensus& other) {
  census.cases += other.cases;
  census.closed += other.closed;
  census.without_place += other.without_place;
  census.callable_now += other.callable_now;
  census.callable_today += other.callable_today;
  census.denied += other.denied;
  for (const auto& [zone, count] : other.per_zone) census.per_zone[zone] += count;
  for (const auto& [rule, count] : other.denied_by_rule) census.denied_by_rule[rule] += count;
}

}  // namespace dunlin
