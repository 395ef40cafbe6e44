#pragma once
// The words in which the law is told: channels, results of contacts, counterparties and facts about a person or a
// contact. Law packs and history name them; no number or hour of any law is here. Pure values, any thread.
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace dunlin {

/// How a person is contacted.
enum class Channel : std::uint8_t {
  call,           ///< A human operator speaks.
  robot_call,     ///< A voice agent that listens and answers (AIA). Shares the pool of talks.
  voice_message,  ///< One-way recorded voice, nobody listens. Shares the pool of messages.
  sms,
  email,
  messenger,
  gosuslugi,      ///< A message through the state services portal.
  visit,          ///< Personal meeting.
  post,           ///< Paper mail.
};
inline constexpr std::size_t channel_count = static_cast<std::size_t>(Channel::post) + 1;

/// How one contact ended (GEN-10): frequency rules of different countries differ on exactly these.
enum class ContactResult : std::uint8_t {
  in_flight,        ///< Reserved or ringing; counts and blocks until settled.
  talked,
  answered_hangup,  ///< A person answered and hung up before a talk.
  abandoned,        ///< A person answered and no agent came.
  rejected,
  no_answer,
  busy,
  not_in_service,
  network_failure,  ///< Trunk or network error; did not ring as far as known.
  amd_machine,      ///< Judged a machine, nothing said.
  voicemail_msg,
  voicemail_nomsg,
  played_oneway,
  sent,
  delivered,
  undelivered,
  met,
  not_home,
  inbound,             ///< The person called or wrote and was served.
  inbound_unanswered,  ///< The person called and reached nobody.
  unknown,             ///< Nobody can say what happened: counts as a contact wherever anything counts.
  not_sent,            ///< Certainly never left: counts nowhere.
};
inline constexpr std::size_t contact_result_count = static_cast<std::size_t>(ContactResult::not_sent) + 1;

/// Who is at the other end, seen from the debt.
enum class Counterparty : std::uint8_t {
  debtor,
  guarantor,       ///< Any provider of security: guarantor, pledgor.
  relative,        ///< Family, relatives, cohabitants.
  third_party,     ///< Neighbours, colleagues, employers, anybody else who is known.
  representative,  ///< The debtor's representative or attorney.
  unknown,         ///< Nobody knows whose number it is.
};
inline constexpr std::size_t counterparty_count = static_cast<std::size_t>(Counterparty::unknown) + 1;

/// Facts that are true or not at the instant of the contact. What is not listed is in good order.
enum class Fact : std::uint8_t {
  // About the person.
  bankrupt, incapacitated, inpatient, disabled_group1, minor, emancipated, no_documents, refused, represented, cease,
  dispute_unverified, breathing_space, deceased, credit_holiday, hold, spouse, mobile, landline, wrong_number,
  workplace_prohibited, work_email, mass_optout, no_notice, other_holder,
  // Consents.
  consent, direct_consent, consent_debtor, consent_third_party, revoked,
  // About the contact that is wanted.
  reply_to_inbound, location_info, autodial, predictive, agent_guaranteed, foreign_messenger, foreign_number,
  cli_hidden, cli_not_contracted, no_label, no_identification, no_sender_identity, no_aia_disclosure,
  no_optout_notice, no_recording, calendar_missing,
};
inline constexpr std::size_t fact_count = static_cast<std::size_t>(Fact::calendar_missing) + 1;

/// Facts that begin at a date (the person's own calendar).
enum class FactDate : std::uint8_t { bankrupt_from, arrears_from, refused_at, judgment_in_force, direct_consent_at };
inline constexpr std::size_t fact_date_count = static_cast<std::size_t>(FactDate::direct_consent_at) + 1;

/// Measured shares of abandoned calls of the campaign, in thousandths of a percent (3 % = 3000).
enum class FactRate : std::uint8_t { abandoned_24h, abandoned_30d };
inline constexpr std::size_t fact_rate_count = static_cast<std::size_t>(FactRate::abandoned_30d) + 1;
/// By FactRate; unset = not measured.
using FactRates = std::array<std::optional<int>, fact_rate_count>;

/// Who contacts: some channels are closed to some organisations.
enum class Organisation : std::uint8_t { unknown, bank, microfinance, agency, other_creditor };
inline constexpr std::size_t organisation_count = static_cast<std::size_t>(Organisation::other_creditor) + 1;

/// A set of enumerators with names that read as claims: `facts.has(Fact::bankrupt)`.
template <class E, std::size_t N>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  EnumSet& add(E value) { bits_.set(static_cast<std::size_t>(value)); return *this; }
  EnumSet& remove(E value) { bits_.reset(static_cast<std::size_t>(value)); return *this; }
  bool has(E value) const { return bits_.test(static_cast<std::size_t>(value)); }
  bool has_any(const EnumSet& other) const { return (bits_ & other.bits_).any(); }
  bool has_all(const EnumSet& other) const { return (bits_ & other.bits_) == other.bits_; }
  bool is_empty() const { return bits_.none(); }
  EnumSet operator|(const EnumSet& other) const { EnumSet both; both.bits_ = bits_ | other.bits_; return both; }
  bool operator==(const EnumSet& other) const { return bits_ == other.bits_; }

 private:
  std::bitset<N> bits_;
};
using ChannelSet = EnumSet<Channel, channel_count>;
using ResultSet = EnumSet<ContactResult, contact_result_count>;
using CounterpartySet = EnumSet<Counterparty, counterparty_count>;
using FactSet = EnumSet<Fact, fact_count>;
using OrganisationSet = EnumSet<Organisation, organisation_count>;

std::string_view to_string(Channel channel);
std::string_view to_string(ContactResult result);
std::string_view to_string(Counterparty counterparty);
std::string_view to_string(Fact fact);
std::string_view to_string(FactDate date);
std::string_view to_string(FactRate rate);
std::string_view to_string(Organisation organisation);
std::optional<Channel> parse_channel(std::string_view name);
std::optional<ContactResult> parse_contact_result(std::string_view name);
std::optional<Counterparty> parse_counterparty(std::string_view name);
std::optional<Fact> parse_fact(std::string_view name);
std::optional<FactDate> parse_fact_date(std::string_view name);
std::optional<FactRate> parse_fact_rate(std::string_view name);
std::optional<Organisation> parse_organisation(std::string_view name);

/// Key of a debt, a number or another person inside one history: FNV-1a of its text, 0 for an empty one.
std::uint64_t contact_key(std::string_view text);

}  // namespace dunlin
