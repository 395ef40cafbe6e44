#include "core/case/policy_gate.hpp"

#include <algorithm>
#include <array>

#include "core/case/gate_inputs.hpp"
#include "core/case/home_zone.hpp"
#include "core/case/told_times.hpp"
#include "core/compliance/outcome_mapping.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {
namespace {

/// A flag that begins "today" holds from the first place on earth where that day begins.
constexpr Duration eastmost_offset = hours(14);

/// Words of import files beside the engine's own.
struct FlagAlias {
  std::string_view name;
  Fact fact;
};
constexpr std::array<FlagAlias, 4> aliases{{{"refusal", Fact::refused},
                                            {"representative", Fact::represented},
                                            {"cease_request", Fact::cease},
                                            {"bankruptcy", Fact::bankrupt}}};

Fact fact_of(const std::string& flag) {
  if (const auto fact = parse_fact(flag)) return *fact;
  for (const FlagAlias& alias : aliases) {
    if (alias.name == flag) return alias.fact;
  }
  return Fact::hold;
}

CivilDate date_of(UtcTime time) {
  const std::int64_t day_ms = days(1).ms;
  const std::int64_t day = time.ms >= 0 ? time.ms / day_ms : -((-time.ms + day_ms - 1) / day_ms);
  return civil_from_days(day);
}

void add_flags(PersonFacts& person, const CaseRecord& record, UtcTime at) {
  for (const RestrictionFlag& flag : record.restrictions) {
    const UtcTime day_begins{days(days_from_civil(date_of(flag.effective_from))).ms};
    if (day_begins > at + eastmost_offset) continue;
    if (const auto told = parse_told(flag.name)) {
      person.stated_times = stricter_of(person.stated_times, told->times);
      person.opted_out = person.opted_out | told->opted_out;
      continue;
    }
    const Fact fact = fact_of(flag.name);
    person.facts.add(fact);
    if (fact == Fact::refused) person.set_date(FactDate::refused_at, date_of(flag.effective_from));
    if (fact == Fact::bankrupt) person.set_date(FactDate::bankrupt_from, date_of(flag.effective_from));
  }
  std::optional<CivilDate> arrears;
  for (const Debt& debt : record.debts) {
    if (debt.is_closed || !debt.arrears_since) continue;
    if (!arrears || *debt.arrears_since < *arrears) arrears = debt.arrears_since;
  }
  // The oldest arrears: a refusal counts from the earliest day any of the debts allows it.
  if (arrears) person.set_date(FactDate::arrears_from, *arrears);
}

Counterparty counterparty_of(PartyRole role) {
  switch (role) {
    case PartyRole::debtor: return Counterparty::debtor;
    case PartyRole::guarantor: return Counterparty::guarantor;
    case PartyRole::relative: return Counterparty::relative;
    case PartyRole::work:
    case PartyRole::other: return Counterparty::third_party;
  }
  return Counterparty::unknown;
}

std::uint64_t party_key(const CaseRecord& record, PartyRole role, const PhoneNumber& number) {
  if (role == PartyRole::debtor) return 0;
  const ContactPhone* phone = number.is_set() ? record.find_phone(number) : nullptr;
  const bool is_named = phone != nullptr && phone->owner == role && !phone->owner_name.empty();
  return contact_key(is_named ? "name:" + phone->owner_name : number.e164());
}

/// Keys of numbers, the last one remembered: a person has few numbers and many attempts.
class NumberKeys {
 public:
  std::uint64_t key_of(const PhoneNumber& number) {
    if (!(number == last_) || key_ == 0) key_ = contact_key(number.e164());
    last_ = number;
    return key_;
  }

 private:
  PhoneNumber last_;
  std::uint64_t key_ = 0;
};

ContactFact fact_of_attempt(const CaseRecord& record, const AttemptRow& row, NumberKeys& numbers) {
  ContactFact fact;
  fact.at = row.times.invited_at.value_or(row.reserved_at);
  fact.channel = Channel::call;
  fact.result = law_result(row);
  fact.attempt = row.attempt.value();
  fact.party = party_key(record, row.role, row.number);
  fact.number = numbers.key_of(row.number);
  return fact;
}

ContactFact fact_of_contact(const CaseRecord& record, const OtherContact& contact) {
  ContactFact fact;
  fact.at = contact.at;
  fact.channel = contact.channel;
  fact.result = contact.result;
  fact.debt = contact_key(contact.debt_external_id);
  fact.party = party_key(record, contact.role, contact.number);
  fact.number = contact_key(contact.number.e164());
  fact.on_person_initiative = contact.is_by_debtor;
  return fact;
}

void add_shown_number(FactSet& facts, ShownNumber shown) {
  switch (shown) {
    case ShownNumber::not_chosen:
    case ShownNumber::contracted: return;
    case ShownNumber::not_contracted: facts.add(Fact::cli_not_contracted); return;
    case ShownNumber::hidden: facts.add(Fact::cli_hidden); return;
  }
}

}  // namespace

ContactResult law_result(const AttemptRow& row) {
  const auto outcome = row.final_outcome();
  if (!row.outcome || !outcome) return ContactResult::in_flight;
  const ContactResult result = contact_result_of(*outcome);
  switch (row.status) {
    case ContactStatus::reserved: return ContactResult::in_flight;
    case ContactStatus::unknown: return ContactResult::unknown;
    case ContactStatus::no_contact: return result;
    case ContactStatus::contact: break;
  }
  const bool is_talk = result == ContactResult::talked || result == ContactResult::answered_hangup ||
                       result == ContactResult::abandoned;
  return is_talk ? result : ContactResult::answered_hangup;
}

ContactHistory contact_history(const CaseRecord& record, AttemptId except) {
  ContactHistory history;
  NumberKeys numbers;
  for (const AttemptRow& row : record.attempts) {
    if (row.attempt != except) history.append(fact_of_attempt(record, row, numbers));
  }
  for (const OtherContact& contact : record.contacts) history.append(fact_of_contact(record, contact));
  return history;
}

bool is_placed_by_number(const CaseRecord& record) { return record.zones.empty() && record.regions.empty(); }

ContactQuery contact_query(const GateQuestion& question, const PolicyGateOptions& options) {
  ContactQuery query;
  query.at = question.at;
  query.channel = question.channel;
  query.counterparty = counterparty_of(question.phone.owner);
  query.person.jurisdictions = options.jurisdictions;
  query.person.zones = question.record.zones;
  query.person.regions = question.record.regions;
  query.person.phone_e164 = question.phone.number.e164();
  if (options.number_regions && is_placed_by_number(question.record)) {
    query.person.regions = options.number_regions(question.phone.number);
  }
  add_flags(query.person, question.record, question.at);
  if (question.phone.type == PhoneType::mobile) query.person.facts.add(Fact::mobile);
  if (question.phone.type == PhoneType::home) query.person.facts.add(Fact::landline);
  if (question.phone.is_blocked) query.person.facts.add(Fact::wrong_number);
  if (question.phone.debtor_consent_at && *question.phone.debtor_consent_at <= question.at) {
    query.person.facts.add(Fact::consent_debtor);
  }
  if (question.phone.owner_consent_at && *question.phone.owner_consent_at <= question.at) {
    query.person.facts.add(Fact::consent_third_party);
  }
  query.facts = options.contact_facts;
  add_shown_number(query.facts, question.shown);
  // Who dials by hand is the agent of the call; a campaign only expects one to be ready.
  query.facts.add(question.is_manual ? Fact::agent_guaranteed : Fact::autodial);
  if (question.is_predictive) query.facts.add(Fact::predictive);
  query.rates = question.rates;
  query.organisation = options.organisation;
  query.party = party_key(question.record, question.phone.owner, question.phone.number);
  query.number = contact_key(question.phone.number.e164());
  query.ring_timeout_s = question.ring_timeout_s;
  query.clock_shifted = question.is_clock_shifted;
  return query;
}

PolicyGate::PolicyGate(std::shared_ptr<const ContactPolicy> policy, PolicyGateOptions options)
    : policy_(std::move(policy)), options_(std::move(options)) {}

Decision PolicyGate::judge(const GateQuestion& question) const {
  const ContactQuery query = contact_query(question, options_);
  Decision decision = policy_->decide(query, contact_history(question.record, question.own_attempt));
  GateInputs inputs = inputs_of(query);
  if (is_placed_by_number(question.record)) inputs.number_regions = query.person.regions;
  decision.inputs = write_gate_inputs(inputs);
  return decision;
}

UtcTime PolicyGate::end_of_day(const std::vector<std::string>& zones, UtcTime at) const {
  std::optional<UtcTime> end;
  for (const std::string& name : zones) {
    const ZoneTable* zone = policy_->rules().zones == nullptr ? nullptr : policy_->rules().zones->find(name);
    if (zone == nullptr) continue;
    const UtcTime ends = zone->day_start(zone->local(at).day + 1);
    if (!end || ends < *end) end = ends;
  }
  return end.value_or(at + days(1));
}

std::vector<std::string> PolicyGate::regions_of(const PhoneNumber& number) const {
  if (options_.number_regions) {
    auto regions = options_.number_regions(number);
    if (!regions.empty()) return regions;
  }
  const std::string_view region = region_of_prefix(policy_->rules(), number.e164());
  return region.empty() ? std::vector<std::string>() : std::vector<std::string>{std::string(region)};
}

std::vector<LocalTime> PolicyGate::walls(const CaseRecord& record, UtcTime at) const {
  std::vector<LocalTime> walls;
  const Candidates candidates = places_of(record, policy_->rules(), options_);
  for (const ZoneTable* zone : candidates.zones) walls.push_back(zone->local(at));
  if (walls.empty()) walls.push_back(utc_wall(at));
  return walls;
}

ContactBudget PolicyGate::budget(const GateQuestion& question) const {
  return policy_->budget(contact_query(question, options_), contact_history(question.record, question.own_attempt));
}

}  // namespace dunlin
