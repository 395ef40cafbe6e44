#include <algorithm>

#include "core/compliance/judgement.hpp"

namespace dunlin {
namespace {

std::string names_of(const FactSet& wanted, const Question& question) {
  std::string text;
  for (std::size_t i = 0; i < fact_count; ++i) {
    const Fact fact = static_cast<Fact>(i);
    if (!wanted.has(fact) || !question.facts.has(fact)) continue;
    if (!text.empty()) text += ' ';
    text += to_string(fact);
  }
  return text;
}

std::string reason_if(const Question& question, std::string text) {
  return question.wants_reasons ? std::move(text) : std::string();
}

bool is_flagged(const FlagRule& rule, const Question& question, const Moment& moment) {
  if (rule.from_date) {
    const CivilDate from = question.query.person.date(*rule.from_date);
    if (from.is_set() && moment.local.day >= days_from_civil(from)) return true;
  }
  const bool has_condition = !rule.all.is_empty() || !rule.any.is_empty() || !rule.implied_channels.is_empty();
  if (!has_condition || !question.facts.has_all(rule.all)) return false;
  if (rule.any.is_empty() && rule.implied_channels.is_empty()) return true;
  return question.facts.has_any(rule.any) || rule.implied_channels.has(question.query.channel);
}

int last_day_of(int year, int month) {
  const CivilDate next = month == 12 ? CivilDate{year + 1, 1, 1} : CivilDate{year, month + 1, 1};
  return civil_from_days(days_from_civil(next) - 1).day;
}

}  // namespace

CivilDate add_months(CivilDate date, int months) {
  const int index = date.year * 12 + date.month - 1 + months;
  const int year = index / 12;
  const int month = index % 12 + 1;
  return {year, month, std::min(date.day, last_day_of(year, month))};
}

std::optional<Denial> judge_flag(const FlagRule& rule, const Question& question, const Moment& moment) {
  if (!is_flagged(rule, question, moment) || question.facts.has_any(rule.unless)) return std::nullopt;
  return Denial{std::nullopt, reason_if(question, "facts=" + names_of(rule.all | rule.any, question))};
}

std::optional<Denial> judge_organisation(const OrganisationRule& rule, const Question& question) {
  if (!rule.organisations.has(question.query.organisation) || !question.facts.has_all(rule.all)) return std::nullopt;
  std::string text = "organisation=";
  text += to_string(question.query.organisation);
  return Denial{std::nullopt, reason_if(question, text + " facts=" + names_of(rule.all, question))};
}

std::optional<Denial> judge_third_party(const ThirdPartyRule& rule, const Question& question) {
  const FactSet& facts = question.facts;
  if (facts.has_any(rule.silent_facts) || facts.has_any(rule.open_facts)) return std::nullopt;
  const bool has_consents = !rule.consents.is_empty() && facts.has_all(rule.consents);
  if (has_consents && !facts.has(Fact::revoked)) return std::nullopt;
  return Denial{std::nullopt, reason_if(question, has_consents ? "a consent was withdrawn" : "consents are missing")};
}

std::optional<Denial> judge_refusal(const RefusalRule& rule, const Question& question, const Moment& moment) {
  const PersonFacts& person = question.query.person;
  const CivilDate refused = person.date(FactDate::refused_at);
  const CivilDate arrears = person.date(FactDate::arrears_from);
  if (!question.facts.has(Fact::refused) && !refused.is_set()) return std::nullopt;
  if (refused.is_set()) {
    if (moment.local.day < days_from_civil(refused)) return std::nullopt;
    const bool is_early = arrears.is_set() && refused < add_months(arrears, rule.months_after_arrears);
    if (is_early) return std::nullopt;
  }
  const CivilDate judgment = person.date(FactDate::judgment_in_force);
  std::optional<UtcTime> until;
  if (judgment.is_set()) {
    const std::int64_t suspended_from = days_from_civil(judgment);
    const std::int64_t resumes = days_from_civil(add_months(judgment, rule.suspended_months));
    if (moment.local.day >= suspended_from && moment.local.day < resumes) return std::nullopt;
    if (moment.local.day < suspended_from) until = moment.zone.day_start(suspended_from);
  }
  return Denial{until, reason_if(question, refused.is_set() ? "refused_at=" + format_date(refused) : "refused")};
}

std::optional<Denial> judge_medium(const Question& question) {
  if (!question.query.person.opted_out.has(question.query.channel)) return std::nullopt;
  return Denial{std::nullopt, reason_if(question, "opted_out=" + std::string(to_string(question.query.channel)))};
}

std::optional<Denial> judge_consent(const ConsentRule& rule, const Question& question) {
  const FactSet& facts = question.facts;
  if (facts.has_any(rule.unless) || facts.has_any(rule.consents)) return std::nullopt;
  const bool is_conditional = !rule.only_when.is_empty() || !rule.implied_channels.is_empty();
  const bool applies = facts.has_any(rule.only_when) || rule.implied_channels.has(question.query.channel);
  if (is_conditional && !applies) return std::nullopt;
  return Denial{std::nullopt, reason_if(question, "consent is missing")};
}

std::optional<Denial> judge_abandon_limit(const AbandonLimit& rule, const Question& question) {
  const auto& rate = question.query.rates[static_cast<std::size_t>(rule.rate)];
  if (!rate || *rate <= rule.limit || !question.facts.has_all(rule.all)) return std::nullopt;
  return Denial{std::nullopt, reason_if(question, "abandoned_milli_percent=" + std::to_string(*rate) +
                                                      " limit=" + std::to_string(rule.limit))};
}

std::optional<Denial> judge_ring_time(const RingTime& rule, const Question& question) {
  const auto& ring_s = question.query.ring_timeout_s;
  if (!ring_s || *ring_s >= rule.seconds) return std::nullopt;
  return Denial{std::nullopt, reason_if(question, "ring_s=" + std::to_string(*ring_s) +
                                                      " least=" + std::to_string(rule.seconds))};
}

}  // namespace dunlin
