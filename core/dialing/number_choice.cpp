#include "core/dialing/number_choice.hpp"

#include <algorithm>

#include "core/dialing/answer_worth.hpp"

namespace dunlin {
namespace {

constexpr Duration day = days(1);

/// When a cap of `limit` attempts in 24 hours lets the next one happen. Unset number = the whole case.
UtcTime cap_free_at(const CaseRecord& record, const PhoneNumber& number, std::uint32_t limit, UtcTime now) {
  std::vector<UtcTime> recent;
  for (const AttemptRow& row : record.attempts) {
    if (row.reserved_at <= now - day || !uses_cap(row)) continue;
    if (!number.is_set() || row.number == number) recent.push_back(row.reserved_at);
  }
  if (recent.size() < limit) return now;
  return recent[recent.size() - limit] + day;
}

std::optional<std::size_t> place_in_order(const std::vector<NumberRule>& order, const ContactPhone& phone) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i].owner == phone.owner && order[i].type == phone.type) return i;
  }
  return std::nullopt;
}

/// The debtor and a provider of security are asked by law alone; everybody else needs both consents (230-FZ art. 4).
bool has_needed_consents(const ContactPhone& phone) {
  switch (phone.owner) {
    case PartyRole::debtor:
    case PartyRole::guarantor: return true;
    case PartyRole::relative:
    case PartyRole::work:
    case PartyRole::other: return phone.debtor_consent_at && phone.owner_consent_at;
  }
  return false;
}

/// How often today's outcomes of the number said "another number first".
std::size_t turns_taken(const CaseRecord& record, const CampaignSettings& settings, const PhoneNumber& number, UtcTime now) {
  std::size_t turns = 0;
  for (const AttemptRow& row : record.attempts) {
    if (row.number != number || row.reserved_at <= now - day || !row.outcome) continue;
    const RetryRule* rule = find_retry_rule(settings, *row.outcome);
    if (rule != nullptr && rule->prefers_next_number) ++turns;
  }
  return turns;
}

/// What puts one number before another: where prices are told what an attempt brings beyond its cost, else its chance.
double pull_of(const CampaignSettings& settings, const AnswerOdds& odds, const CaseRecord& record, const ContactPhone& phone, UtcTime at) {
  if (settings.prices.weighs_attempts()) return worth_of(settings.prices, odds, record, phone, at).net();
  return odds.forecast(record, phone, at).right_party;
}

struct Candidate {
  const ContactPhone* phone = nullptr;
  bool is_asked_for = false;  ///< The callback's number.
  std::size_t turns = 0;
  double odds = 0;            ///< Of reaching the debtor, or what it brings beyond its cost; 0 for all when nobody asks.
  std::size_t place = 0;
};

}  // namespace

bool uses_cap(const AttemptRow& row) {
  return row.outcome != Outcome::not_sent && row.outcome != Outcome::failed && row.outcome != Outcome::blocked_by_law;
}

std::vector<NumberRule> effective_number_order(const CampaignSettings& settings) {
  if (!settings.number_order.empty()) return settings.number_order;
  std::vector<NumberRule> order;
  for (const PartyRole owner : {PartyRole::debtor, PartyRole::guarantor}) {
    for (const PhoneType type : {PhoneType::mobile, PhoneType::home, PhoneType::other, PhoneType::work}) {
      order.push_back({owner, type});
    }
  }
  return order;
}

bool is_dialable(const CaseRecord& record, const CampaignSettings& settings, const ContactPhone& phone) {
  if (phone.is_blocked || !has_needed_consents(phone)) return false;
  if (!place_in_order(effective_number_order(settings), phone)) return false;
  const NumberStats* stats = record.find_stats(phone.number);
  return stats == nullptr || stats->attempts < settings.max_attempts_per_number;
}

std::vector<const ContactPhone*> numbers_to_try(const CaseRecord& record, const CampaignSettings& settings, UtcTime now,
                                                const AnswerOdds* odds) {
  const bool is_by_odds = odds != nullptr && settings.number_choice == NumberChoice::best_odds;
  std::vector<const ContactPhone*> numbers;
  if (record.totals.attempts >= settings.max_attempts_per_case) return numbers;
  if (cap_free_at(record, PhoneNumber(), settings.max_attempts_per_case_day, now) > now) return numbers;
  const std::vector<NumberRule> order = effective_number_order(settings);
  std::vector<Candidate> candidates;
  for (const ContactPhone& phone : record.phones) {
    if (!is_dialable(record, settings, phone)) continue;
    if (cap_free_at(record, phone.number, settings.max_attempts_per_number_day, now) > now) continue;
    const bool is_asked_for = record.callback && record.callback->number == phone.number;
    const double chance = is_by_odds ? pull_of(settings, *odds, record, phone, now) : 0;
    candidates.push_back({&phone, is_asked_for, turns_taken(record, settings, phone.number, now), chance, *place_in_order(order, phone)});
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.is_asked_for != b.is_asked_for) return a.is_asked_for;
    if (a.turns != b.turns) return a.turns < b.turns;
    if (a.odds != b.odds) return a.odds > b.odds;
    return a.place < b.place;
  });
  for (const Candidate& candidate : candidates) numbers.push_back(candidate.phone);
  return numbers;
}

UtcTime caps_free_at(const CaseRecord& record, const CampaignSettings& settings, UtcTime now) {
  std::optional<UtcTime> number_free;
  for (const ContactPhone& phone : record.phones) {
    if (!is_dialable(record, settings, phone)) continue;
    const UtcTime free = cap_free_at(record, phone.number, settings.max_attempts_per_number_day, now);
    if (!number_free || free < *number_free) number_free = free;
  }
  const UtcTime case_free = cap_free_at(record, PhoneNumber(), settings.max_attempts_per_case_day, now);
  return std::max(case_free, number_free.value_or(now));
}

}  // namespace dunlin
