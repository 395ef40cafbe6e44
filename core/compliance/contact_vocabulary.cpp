#include "core/compliance/contact_vocabulary.hpp"

namespace dunlin {
namespace {

template <class E>
struct Named {
  E value;
  std::string_view name;
};

template <class E, std::size_t N>
std::string_view name_of(const Named<E> (&table)[N], E value) {
  return table[static_cast<std::size_t>(value)].name;
}

template <class E, std::size_t N>
std::optional<E> value_of(const Named<E> (&table)[N], std::string_view name) {
  for (const auto& entry : table) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

/// The tables are indexed by value, so their order must be the enumerators' order.
template <class E, std::size_t N>
constexpr bool is_in_order(const Named<E> (&table)[N]) {
  for (std::size_t i = 0; i < N; ++i) {
    if (static_cast<std::size_t>(table[i].value) != i) return false;
  }
  return true;
}

constexpr Named<Channel> channels[] = {
    {Channel::call, "call"},           {Channel::robot_call, "robot_call"}, {Channel::voice_message, "voice_message"},
    {Channel::sms, "sms"},             {Channel::email, "email"},           {Channel::messenger, "messenger"},
    {Channel::gosuslugi, "gosuslugi"}, {Channel::visit, "visit"},           {Channel::post, "post"},
};
static_assert(std::size(channels) == channel_count && is_in_order(channels));

constexpr Named<ContactResult> results[] = {
    {ContactResult::in_flight, "in_flight"},
    {ContactResult::talked, "talked"},
    {ContactResult::answered_hangup, "answered_hangup"},
    {ContactResult::abandoned, "abandoned"},
    {ContactResult::rejected, "rejected"},
    {ContactResult::no_answer, "no_answer"},
    {ContactResult::busy, "busy"},
    {ContactResult::not_in_service, "not_in_service"},
    {ContactResult::network_failure, "network_failure"},
    {ContactResult::amd_machine, "amd_machine"},
    {ContactResult::voicemail_msg, "voicemail_msg"},
    {ContactResult::voicemail_nomsg, "voicemail_nomsg"},
    {ContactResult::played_oneway, "played_oneway"},
    {ContactResult::sent, "sent"},
    {ContactResult::delivered, "delivered"},
    {ContactResult::undelivered, "undelivered"},
    {ContactResult::met, "met"},
    {ContactResult::not_home, "not_home"},
    {ContactResult::inbound, "inbound"},
    {ContactResult::inbound_unanswered, "inbound_unanswered"},
    {ContactResult::unknown, "unknown"},
    {ContactResult::not_sent, "not_sent"},
};
static_assert(std::size(results) == contact_result_count && is_in_order(results));

constexpr Named<Counterparty> counterparties[] = {
    {Counterparty::debtor, "debtor"},           {Counterparty::guarantor, "guarantor"},
    {Counterparty::relative, "relative"},       {Counterparty::third_party, "third_party"},
    {Counterparty::representative, "representative"}, {Counterparty::unknown, "unknown"},
};
static_assert(std::size(counterparties) == counterparty_count && is_in_order(counterparties));

constexpr Named<Fact> facts[] = {
    {Fact::bankrupt, "bankrupt"},
    {Fact::incapacitated, "incapacitated"},
    {Fact::inpatient, "inpatient"},
    {Fact::disabled_group1, "disabled_group1"},
    {Fact::minor, "minor"},
    {Fact::emancipated, "emancipated"},
    {Fact::no_documents, "no_documents"},
    {Fact::refused, "refused"},
    {Fact::represented, "represented"},
    {Fact::cease, "cease"},
    {Fact::dispute_unverified, "dispute_unverified"},
    {Fact::breathing_space, "breathing_space"},
    {Fact::deceased, "deceased"},
    {Fact::credit_holiday, "credit_holiday"},
    {Fact::hold, "hold"},
    {Fact::spouse, "spouse"},
    {Fact::mobile, "mobile"},
    {Fact::landline, "landline"},
    {Fact::wrong_number, "wrong_number"},
    {Fact::workplace_prohibited, "workplace_prohibited"},
    {Fact::work_email, "work_email"},
    {Fact::mass_optout, "mass_optout"},
    {Fact::no_notice, "no_notice"},
    {Fact::other_holder, "other_holder"},
    {Fact::consent, "consent"},
    {Fact::direct_consent, "direct_consent"},
    {Fact::consent_debtor, "consent_debtor"},
    {Fact::consent_third_party, "consent_third_party"},
    {Fact::revoked, "revoked"},
    {Fact::reply_to_inbound, "reply_to_inbound"},
    {Fact::location_info, "location_info"},
    {Fact::autodial, "autodial"},
    {Fact::predictive, "predictive"},
    {Fact::agent_guaranteed, "agent_guaranteed"},
    {Fact::foreign_messenger, "foreign_messenger"},
    {Fact::foreign_number, "foreign_number"},
    {Fact::cli_hidden, "cli_hidden"},
    {Fact::cli_not_contracted, "cli_not_contracted"},
    {Fact::no_label, "no_label"},
    {Fact::no_identification, "no_identification"},
    {Fact::no_sender_identity, "no_sender_identity"},
    {Fact::no_aia_disclosure, "no_aia_disclosure"},
    {Fact::no_optout_notice, "no_optout_notice"},
    {Fact::no_recording, "no_recording"},
    {Fact::calendar_missing, "calendar_missing"},
};
static_assert(std::size(facts) == fact_count && is_in_order(facts));

constexpr Named<FactDate> fact_dates[] = {
    {FactDate::bankrupt_from, "bankrupt_from"},
    {FactDate::arrears_from, "arrears_from"},
    {FactDate::refused_at, "refused_at"},
    {FactDate::judgment_in_force, "judgment_in_force"},
    {FactDate::direct_consent_at, "direct_consent_at"},
};
static_assert(std::size(fact_dates) == fact_date_count && is_in_order(fact_dates));

constexpr Named<FactRate> fact_rates[] = {
    {FactRate::abandoned_24h, "acr_24h"},
    {FactRate::abandoned_30d, "abandon_rate_30d"},
};
static_assert(std::size(fact_rates) == fact_rate_count && is_in_order(fact_rates));

constexpr Named<Organisation> organisations[] = {
    {Organisation::unknown, "unknown"},
    {Organisation::bank, "bank"},
    {Organisation::microfinance, "microfinance"},
    {Organisation::agency, "agency"},
    {Organisation::other_creditor, "other_creditor"},
};
static_assert(std::size(organisations) == organisation_count && is_in_order(organisations));

}  // namespace

std::string_view to_string(Channel channel) { return name_of(channels, channel); }
std::string_view to_string(ContactResult result) { return name_of(results, result); }
std::string_view to_string(Counterparty counterparty) { return name_of(counterparties, counterparty); }
std::string_view to_string(Fact fact) { return name_of(facts, fact); }
std::string_view to_string(FactDate date) { return name_of(fact_dates, date); }
std::string_view to_string(FactRate rate) { return name_of(fact_rates, rate); }
std::string_view to_string(Organisation organisation) { return name_of(organisations, organisation); }
std::optional<Channel> parse_channel(std::string_view name) { return value_of(channels, name); }
std::optional<ContactResult> parse_contact_result(std::string_view name) { return value_of(results, name); }
std::optional<Counterparty> parse_counterparty(std::string_view name) { return value_of(counterparties, name); }
std::optional<Fact> parse_fact(std::string_view name) { return value_of(facts, name); }
std::optional<FactDate> parse_fact_date(std::string_view name) { return value_of(fact_dates, name); }
std::optional<FactRate> parse_fact_rate(std::string_view name) { return value_of(fact_rates, name); }
std::optional<Organisation> parse_organisation(std::string_view name) { return value_of(organisations, name); }

std::uint64_t contact_key(std::string_view text) {
  if (text.empty()) return 0;
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace dunlin
