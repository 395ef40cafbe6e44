#include "cluster/event_mapping.hpp"

#include <algorithm>

namespace dunlin {
namespace {

using Fields = nlohmann::ordered_json;

std::string_view name_of(AnsweredBy answer) {
  switch (answer) {
    case AnsweredBy::unclassified: return "unclassified";
    case AnsweredBy::human: return "human";
    case AnsweredBy::machine: return "machine";
    case AnsweredBy::fax: return "fax";
    case AnsweredBy::call_screening: return "call_screening";
    case AnsweredBy::announcement: return "announcement";
    case AnsweredBy::silence: return "silence";
  }
  return "unclassified";
}

std::string_view name_of(SettledBy by) {
  switch (by) {
    case SettledBy::edge: return "edge";
    case SettledBy::recovery: return "recovery";
    case SettledBy::reconciliation: return "reconciliation";
  }
  return "edge";
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::allow: return "allow";
    case Verdict::deny_until: return "deny_until";
    case Verdict::deny: return "deny";
  }
  return "deny";
}

/// Somebody picked up whom an agent should talk to, as far as anybody can tell.
bool is_person(AnsweredBy answer) { return answer == AnsweredBy::human || answer == AnsweredBy::unclassified; }

void put_time(Fields& data, const char* name, const std::optional<UtcTime>& time) {
  if (time) data[name] = format_utc(*time);
}

void put_times(Fields& data, const AttemptTimes& times) {
  put_time(data, "invited_at", times.invited_at);
  put_time(data, "ringing_at", times.ringing_at);
  put_time(data, "answered_at", times.answered_at);
  put_time(data, "bridged_at", times.bridged_at);
  put_time(data, "ended_at", times.ended_at);
}

void put_cause(Fields& data, const SettledCause& cause) {
  data["sip_status"] = cause.sip_status;
  data["q850"] = cause.q850;
}

template <class Identifier>
void put_id(Fields& data, const char* name, Identifier id) {
  if (id.is_set()) data[name] = id.str();
}

Fields rules_of(const Decision& decision) {
  Fields rules = Fields::array();
  for (const RuleFinding& finding : decision.findings) {
    Fields rule = {{"rule", finding.rule_id}, {"facts", finding.reason}};
    put_time(rule, "until", finding.until);
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// One overload a fact: a new kind of fact does not compile until somebody says what the world may hear of it.
class Mapper {
 public:
  Mapper(const StoredEvent& stored, CampaignId campaign) : stored_(stored), campaign_(campaign) {}
  std::vector<EventEnvelope> take() { return std::move(events_); }

  void operator()(const CaseOpened& e) { about_case("case.opened", {{"key_kind", to_string(e.key.kind)}}); }
  void operator()(const RowImported& e) {
    about_case("case.imported", {{"import", e.import.str()}, {"is_new", stored_.version <= 2}, {"debts", e.draft.debts.size()},
                                 {"numbers", e.draft.phones.size()}, {"restrictions", e.draft.restrictions.size()}});
  }
  void operator()(const ImportUndone& e) { about_case("case.import_undone", {{"import", e.import.str()}}); }
  void operator()(const PaymentRecorded& e) { about_case("payment.recorded", {{"paid_at", format_utc(e.payment.paid_at)}}); }
  void operator()(const DebtClosed& e) { about_case("case.debt_closed", {{"reason", e.reason}}); }
  void operator()(const StageChanged& e) { about_case("case.stage_changed", {{"stage", e.stage}}); }
  void operator()(const PlanChanged& e) {
    Fields data = {{"reason", e.reason}};
    put_time(data, "rest_until", e.rest_until);
    put_id(data, "finished_campaign", e.finished_campaign);
    if (!e.rows.empty()) {
      const auto first = [](const DueRow& a, const DueRow& b) { return a.due_at < b.due_at; };
      data["next_at"] = format_utc(std::min_element(e.rows.begin(), e.rows.end(), first)->due_at);
    }
    about_case("case.planned", std::move(data));
  }
  void operator()(const AttemptReserved& e) {
    Fields data = {{"number", e.number.masked()}, {"party", to_string(e.role)}, {"trunk", e.trunk}, {"manual", e.is_manual},
                   {"clock_shifted", e.is_clock_shifted}, {"rule_set", e.proof.rule_set_version}};
    put_id(data, "agent", e.agent);
    about_attempt("attempt.planned", e.attempt, std::move(data));
  }
  void operator()(const AttemptDenied& e) {
    Fields data = {{"party", to_string(e.role)}, {"verdict", name_of(e.decision.verdict)}};
    if (e.number.is_set()) data["number"] = e.number.masked();
    put_time(data, "until", e.decision.until);
    data["rules"] = rules_of(e.decision);
    about_case("attempt.blocked", std::move(data));
  }
  void operator()(const SecondLegCommitted& e) {
    Fields data = {{"trunk", e.trunk}};
    put_cause(data, e.first_leg_cause);
    about_attempt("attempt.second_leg", e.attempt, std::move(data));
  }
  void operator()(const AttemptAnswered& e) {
    about_call(is_person(e.answer) ? "call.answered" : "call.amd", e.attempt,
               {{"answer", name_of(e.answer)}, {"answered_at", format_utc(e.answered_at)},
                {"confidence", e.confidence_permille / 1000.0}, {"decision_ms", e.decision_ms}});
  }
  void operator()(const AgentBridged& e) {
    about_call("call.bridged", e.attempt, {{"agent", e.agent.str()}, {"bridged_at", format_utc(e.bridged_at)}});
  }
  void operator()(const AttemptSettled& e) {
    Fields data = {{"outcome", to_string(e.outcome)}, {"by", name_of(e.by)}, {"answer", name_of(e.answer)}, {"legs", e.legs}};
    put_cause(data, e.cause);
    put_times(data, e.times);
    put_id(data, "agent", e.agent);
    if (!e.recording_id.empty()) data["recording"] = e.recording_id;
    about_attempt("attempt.finished", e.attempt, data);
    if (!e.times.answered_at) return;
    Fields call = {{"outcome", to_string(e.outcome)}};
    put_times(call, e.times);
    about_call(e.outcome == Outcome::abandoned ? "call.abandoned" : "call.ended", e.attempt, std::move(call));
  }
  void operator()(const DispositionSet& e) {
    Fields data = {{"outcome", to_string(e.outcome)}, {"promised", e.promise.has_value()}, {"callback", e.callback.has_value()}};
    put_id(data, "agent", e.agent);
    about_attempt("disposition.set", e.attempt, std::move(data));
    const char* reached = type_of_contact(e.outcome);
    if (reached) about_attempt(reached, e.attempt, {{"outcome", to_string(e.outcome)}});
  }
  void operator()(const DispositionMissed& e) { about_attempt("disposition.missed", e.attempt, {{"agent", e.agent.str()}}); }
  void operator()(const AttemptReconciled& e) {
    Fields data = {{"outcome", to_string(e.outcome)}, {"by", name_of(e.by)}};
    put_cause(data, e.cause);
    put_times(data, e.times);
    about_attempt("attempt.reconciled", e.attempt, std::move(data));
  }
  void operator()(const CallControlled& e) {
    Fields data = {{"number", e.number}, {"act", to_string(e.act)}, {"at", format_utc(e.at)}, {"media_ms", e.media_ms}};
    put_id(data, "by", e.by);
    put_id(data, "agent", e.agent);
    about_call("call.controlled", e.attempt, std::move(data));
  }
  void operator()(const PromiseMade& e) {
    Fields data = {{"promise", e.promise.number}, {"date", format_date(e.promise.date)},
                   {"check_at", format_utc(e.promise.check_at)}};
    put_id(data, "attempt", e.promise.attempt);
    about_case("promise.created", std::move(data));
  }
  void operator()(const PromiseKept& e) { about_case("promise.kept", {{"promise", e.number}}); }
  void operator()(const PromiseBroken& e) { about_case("promise.broken", {{"promise", e.number}}); }
  void operator()(const CallbackAsked& e) {
    Fields data = {{"at", format_utc(e.callback.at)}};
    put_id(data, "agent", e.callback.agent);
    put_id(data, "attempt", e.attempt);
    about_case("callback.asked", std::move(data));
  }
  void operator()(const CallbackCancelled& e) { about_case("callback.cancelled", {{"reason", e.reason}}); }
  void operator()(const RestrictionSet& e) {
    about_case("case.restricted", {{"restriction", e.flag.name}, {"from", format_utc(e.flag.effective_from)}});
  }
  void operator()(const RestrictionCleared& e) { about_case("case.restriction_cleared", {{"restriction", e.name}}); }
  void operator()(const PhoneBlocked& e) {
    about_case("case.number_blocked", {{"number", e.number.masked()}, {"reason", e.reason}});
  }
  void operator()(const PhoneUnblocked& e) { about_case("case.number_unblocked", {{"number", e.number.masked()}}); }
  void operator()(const ConsentChanged& e) {
    about_case("case.consent_changed", {{"number", e.number.masked()}, {"debtor_consents", e.debtor_consent_at.has_value()},
                                        {"owner_consents", e.owner_consent_at.has_value()}});
  }
  void operator()(const ContactRecorded& e) {
    about_case("contact.recorded", {{"channel", to_string(e.contact.channel)}, {"result", to_string(e.contact.result)},
                                    {"party", to_string(e.contact.role)}, {"by_debtor", e.contact.is_by_debtor},
                                    {"at", format_utc(e.contact.at)}});
  }
  void operator()(const CaseMerged& e) { about_case("case.merged", {{"absorbed", e.absorbed.str()}}); }
  void operator()(const CaseAliased& e) { about_case("case.aliased", {{"into", e.into.str()}}); }
  void operator()(const NoteAdded&) { about_case("case.note_added", Fields::object()); }
  void operator()(const UnknownEvent& e) { about_case("case.other", {{"event_type", e.type}}); }

 private:
  /// Whom the agent reached; null when the outcome says nothing about that.
  static const char* type_of_contact(Outcome outcome) {
    if (traits(outcome).right_party) return "contact.identified";
    const bool is_third = outcome == Outcome::third_party_message_left || outcome == Outcome::third_party_refused ||
                          outcome == Outcome::third_party_asks_to_stop || outcome == Outcome::guarantor_contact;
    if (is_third) return "contact.third_party";
    return outcome == Outcome::hung_up_at_identification ? "contact.refused" : nullptr;
  }

  void about_case(std::string_view type, Fields data) { add(type, stored_.case_id.str(), std::move(data)); }
  void about_attempt(std::string_view type, AttemptId attempt, Fields data) { add(type, attempt.str(), std::move(data)); }
  void about_call(std::string_view type, AttemptId attempt, Fields data) {
    data["attempt"] = attempt.str();
    add(type, CallId(attempt.value()).str(), std::move(data));
  }
  /// The first event carries the plain position, further ones of the same fact a suffix.
  void add(std::string_view type, std::string subject, Fields data) {
    EventEnvelope event;
    event.partition = std::to_string(stored_.shard);
    event.id = event.partition + "-" + std::to_string(stored_.sequence);
    if (!events_.empty()) event.id += "." + std::to_string(events_.size());
    event.type = type;
    event.subject = std::move(subject);
    event.time = stored_.at;
    if (campaign_.is_set()) event.campaign = campaign_.str();
    event.case_id = stored_.case_id.str();
    event.sequence = stored_.sequence;
    event.data = Fields{{"case", stored_.case_id.str()}};
    event.data.update(data);
    events_.push_back(std::move(event));
  }

  const StoredEvent& stored_;
  CampaignId campaign_;
  std::vector<EventEnvelope> events_;
};

struct AttemptReader {
  AttemptId operator()(const AttemptReserved& e) const { return e.attempt; }
  AttemptId operator()(const SecondLegCommitted& e) const { return e.attempt; }
  AttemptId operator()(const AttemptAnswered& e) const { return e.attempt; }
  AttemptId operator()(const AgentBridged& e) const { return e.attempt; }
  AttemptId operator()(const AttemptSettled& e) const { return e.attempt; }
  AttemptId operator()(const DispositionSet& e) const { return e.attempt; }
  AttemptId operator()(const DispositionMissed& e) const { return e.attempt; }
  AttemptId operator()(const AttemptReconciled& e) const { return e.attempt; }
  AttemptId operator()(const CallControlled& e) const { return e.attempt; }
  AttemptId operator()(const PromiseMade& e) const { return e.promise.attempt; }
  AttemptId operator()(const CallbackAsked& e) const { return e.attempt; }
  template <class AboutTheCaseAlone>
  AttemptId operator()(const AboutTheCaseAlone&) const {
    return {};
  }
};

}  // namespace

AttemptId attempt_of(const CaseEvent& event) { return std::visit(AttemptReader{}, event); }

std::vector<EventEnvelope> envelopes_of(const StoredEvent& stored, const CaseEvent& event, CampaignId campaign) {
  Mapper mapper(stored, campaign);
  std::visit(mapper, event);
  return mapper.take();
}

std::vector<std::string_view> case_event_types() {
  return {"attempt.blocked", "attempt.finished", "attempt.planned", "attempt.reconciled", "attempt.second_leg", "call.abandoned",
          "call.amd", "call.answered", "call.bridged", "call.controlled", "call.ended", "callback.asked", "callback.cancelled", "case.aliased",
          "case.consent_changed", "case.debt_closed", "case.import_undone", "case.imported", "case.merged", "case.note_added",
          "case.number_blocked", "case.number_unblocked", "case.opened", "case.other", "case.planned", "case.restricted",
          "case.restriction_cleared", "case.stage_changed", "contact.identified", "contact.recorded", "contact.refused",
          "contact.third_party", "disposition.missed", "disposition.set", "payment.recorded", "promise.broken", "promise.created",
          "promise.kept"};
}

}  // namespace dunlin
