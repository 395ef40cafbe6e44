#pragma once
// Short ways to say a query and a history in the tests of the gate.
#include <string>
#include <vector>

#include "core/compliance/contact_policy.hpp"
#include "tests/compliance/law_table.hpp"

namespace dunlin {

inline UtcTime utc(const std::string& text) { return parse_utc(text).value(); }

inline ContactQuery query_at(const std::string& at, const std::string& pack, std::vector<std::string> zones) {
  ContactQuery query;
  query.at = utc(at);
  query.person.jurisdictions = {pack};
  query.person.zones = std::move(zones);
  return query;
}

/// A call to a person in Moscow on Wednesday, 4 March 2026 at the given wall time.
inline ContactQuery moscow_call(const std::string& wall) {
  return query_at("2026-03-04T" + wall + "+03:00", "RU", {"Europe/Moscow"});
}

inline ContactFact fact_at(const std::string& at, Channel channel, ContactResult result) {
  ContactFact fact;
  fact.at = utc(at);
  fact.channel = channel;
  fact.result = result;
  return fact;
}

inline ContactHistory history_of(const std::vector<ContactFact>& facts) {
  ContactHistory history;
  for (const ContactFact& fact : facts) history.append(fact);
  return history;
}

/// The law alone: every operator option sleeps.
inline ContactPolicy law_only() { return {test_rules(), OperatorOptions()}; }

inline std::string rules_of(const Decision& decision) {
  std::string text;
  for (const RuleFinding& finding : decision.findings) text += (text.empty() ? "" : " ") + finding.rule_id;
  return text;
}

inline std::string until_of(const Decision& decision) { return decision.until ? format_utc(*decision.until) : ""; }

}  // namespace dunlin
