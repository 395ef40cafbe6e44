#include "core/case/law_replay.hpp"

#include "core/case/case_fold.hpp"
#include "core/case/event_codec.hpp"
#include "core/case/gate_inputs.hpp"
#include "core/case/policy_gate.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {
namespace {

/// The question an event answered, as far as the event tells it.
struct AskedQuestion {
  const Decision* decision = nullptr;
  PhoneNumber number;
  AttemptId own_attempt;
  bool is_manual = false;
  bool is_clock_shifted = false;
};

std::optional<AskedQuestion> question_of(const CaseRecord& record, const CaseEvent& event) {
  if (const auto* e = std::get_if<AttemptReserved>(&event)) {
    return AskedQuestion{&e->proof, e->number, AttemptId(), e->is_manual, e->is_clock_shifted};
  }
  if (const auto* e = std::get_if<AttemptDenied>(&event)) {
    return AskedQuestion{&e->decision, e->number, AttemptId(), e->is_manual, e->decision.clock_shifted};
  }
  if (const auto* e = std::get_if<SecondLegCommitted>(&event)) {
    const AttemptRow* row = record.find_attempt(e->attempt);
    const bool is_known = row != nullptr;
    return AskedQuestion{&e->proof, is_known ? row->number : PhoneNumber(), e->attempt, is_known && row->is_manual,
                         e->proof.clock_shifted};
  }
  return std::nullopt;
}

std::string verdict_text(const Decision& decision) {
  std::string text = decision.is_allowed() ? "allow" : "deny";
  for (const RuleFinding& finding : decision.findings) text += " " + finding.rule_id;
  return decision.until ? text + " until " + format_utc(*decision.until) : text;
}

/// The first thing in which two decisions differ; empty when none.
std::string difference_of(const Decision& stored, const Decision& now) {
  if (stored == now) return {};
  const std::string was = verdict_text(stored);
  const std::string is = verdict_text(now);
  if (was != is) return "stored: " + was + "; decided again: " + is;
  if (stored.history_length != now.history_length) {
    return "history had " + std::to_string(stored.history_length) + " contacts, has " + std::to_string(now.history_length);
  }
  if (stored.zones != now.zones) return "the person's zones differ";
  if (stored.findings != now.findings) return "the facts named by the rules differ";
  return "the stored record of the decision differs";
}

ReplayedDecision judge_again(const CaseRecord& record, const AskedQuestion& asked, const PolicyOfVersion& policy_of) {
  ReplayedDecision replayed;
  replayed.stored = *asked.decision;
  const auto differs = [&replayed](std::string what) {
    replayed.result = ReplayResult::differs;
    replayed.difference = std::move(what);
    return replayed;
  };
  if (asked.decision->inputs.empty()) {
    replayed.result = ReplayResult::no_inputs;
    return replayed;
  }
  const auto policy = policy_of(asked.decision->rule_set_version);
  if (policy == nullptr) {
    replayed.result = ReplayResult::no_rules;
    return replayed;
  }
  const auto inputs = read_gate_inputs(asked.decision->inputs);
  if (!inputs) return differs(inputs.error().detail);
  if (inputs->facts.has(Fact::autodial) == asked.is_manual) return differs("who dialed differs from the attempt");
  const ContactPhone* phone = asked.number.is_set() ? record.find_phone(asked.number) : nullptr;
  if (phone == nullptr) return differs("the number was not one of the person's");
  PolicyGateOptions options;
  options.organisation = inputs->organisation;
  options.jurisdictions = inputs->jurisdictions;
  ContactQuery query = contact_query({record, *phone, inputs->channel, asked.decision->at, asked.own_attempt,
                                      asked.is_clock_shifted, asked.is_manual, inputs->ring_timeout_s, false, inputs->rates},
                                     options);
  query.facts = inputs->facts;
  const bool has_address = !is_placed_by_number(record);
  if (!has_address) query.person.regions = inputs->number_regions;
  Decision now = policy->decide(query, contact_history(record, asked.own_attempt));
  GateInputs again = inputs_of(query);
  if (!has_address) again.number_regions = query.person.regions;
  now.inputs = write_gate_inputs(again);
  // Zone data is the machine's and renewed over the years: by itself it is no difference, but it may explain one.
  const std::string zone_data_here = now.tzdata_version;
  now.tzdata_version = asked.decision->tzdata_version;
  std::string what = difference_of(*asked.decision, now);
  if (what.empty()) return replayed;
  if (zone_data_here != now.tzdata_version) what += " (zone data was " + now.tzdata_version + ", here " + zone_data_here + ")";
  return differs(std::move(what));
}

}  // namespace

Result<ReplayScope> parse_replay_scope(const std::optional<std::string>& since, const std::optional<std::string>& only_case) {
  ReplayScope scope;
  if (since) {
    const auto at = parse_utc(*since);
    if (!at) return at.error();
    scope.since = *at;
  }
  if (only_case) {
    const auto id = CaseId::parse(*only_case);
    if (!id) return id.error();
    scope.only_case = *id;
  }
  return scope;
}

const Decision* decision_in(const CaseEvent& event) {
  if (const auto* reserved = std::get_if<AttemptReserved>(&event)) return &reserved->proof;
  if (const auto* denied = std::get_if<AttemptDenied>(&event)) return &denied->decision;
  if (const auto* second = std::get_if<SecondLegCommitted>(&event)) return &second->proof;
  return nullptr;
}

Status replay_case(const std::vector<StoredEvent>& history, UtcTime since, const PolicyOfVersion& policy_of,
                   const std::function<void(const ReplayedDecision&)>& visit) {
  CaseRecord record;
  for (const StoredEvent& stored : history) {
    if (stored.version != record.version + 1) return Error{Errc::corrupt, "a version is missing"};
    const auto event = decode(stored.type, stored.body);
    if (!event) return event.error();
    const auto asked = question_of(record, *event);
    if (asked && asked->decision->at >= since) {
      ReplayedDecision replayed = judge_again(record, *asked, policy_of);
      replayed.case_id = stored.case_id;
      replayed.version = stored.version;
      replayed.event = event_name(stored.type);
      visit(replayed);
    }
    fold(record, *event, stored.at);
  }
  return Done{};
}

}  // namespace dunlin
