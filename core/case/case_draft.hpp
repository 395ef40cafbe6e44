#pragma once
// What one imported row says about one person: validated, typed, not yet applied to a case. Pure values.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/money.hpp"
#include "core/base/phone_number.hpp"
#include "core/base/time.hpp"

namespace dunlin {

enum class PhoneType : std::uint8_t { mobile, home, work, other };
/// Whose number it is. A third party (relative, other) needs both consents (230-FZ art. 4 parts 5-8); a guarantor is
/// treated like the debtor (art. 4 part 10).
enum class PartyRole : std::uint8_t { debtor, guarantor, relative, work, other };
std::string_view to_string(PhoneType type);
std::string_view to_string(PartyRole role);
Result<PhoneType> parse_phone_type(std::string_view name);
Result<PartyRole> parse_party_role(std::string_view name);

struct ContactPhone {
  PhoneNumber number;
  PhoneType type = PhoneType::mobile;
  PartyRole owner = PartyRole::debtor;
  std::string owner_name;                     ///< Of a relative or guarantor; empty for the debtor.
  std::optional<UtcTime> debtor_consent_at;   ///< The debtor's written consent to contact this third party.
  std::optional<UtcTime> owner_consent_at;    ///< The third party's own consent.
  bool is_blocked = false;                    ///< Wrong number, invalid, asked to stop.
  bool operator==(const ContactPhone&) const = default;
};

struct Debt {
  std::string external_id;                    ///< Contract id: identifies the debt, never the person.
  std::string portfolio;
  std::string creditor;
  std::string product;
  Money balance;
  Money overdue;
  int days_past_due = 0;
  std::string stage;                          ///< "soft", "hard", … free text of the portfolio.
  std::optional<CivilDate> arrears_since;
  bool is_closed = false;                     ///< Paid or withdrawn: nothing to collect.
  bool operator==(const Debt&) const = default;
};

/// How a person is recognised, strongest first. The key text is personal data.
enum class PersonKeyKind : std::uint8_t { inn, passport, snils, name_birth, source_client };
std::string_view to_string(PersonKeyKind kind);

struct PersonKey {
  PersonKeyKind kind = PersonKeyKind::source_client;
  std::string value;                          ///< Normalised text: "7707083893", "ИВАНОВ ИВАН ИВАНОВИЧ|1980-01-31", "bank1|42".
  auto operator<=>(const PersonKey&) const = default;
};

struct PersonName {
  std::string full;                           ///< As given, single spaces.
  bool operator==(const PersonName&) const = default;
};

/// Restrictions known of a person; law packs refer to them by name ("bankrupt", "refusal", …).
struct RestrictionFlag {
  std::string name;
  UtcTime effective_from;
  std::string document_id;                    ///< Basis; clearing a flag needs one too.
  bool operator==(const RestrictionFlag&) const = default;
};

struct CaseDraft {
  std::vector<PersonKey> keys;                ///< All keys of the row, strongest first; keys.front() makes the CaseId.
  PersonName name;
  std::optional<CivilDate> birth_date;
  std::vector<std::string> regions;           ///< Residence, registration, stay: names or codes of RU regions as given.
  std::vector<std::string> zones;             ///< IANA names when a column gave them.
  std::vector<ContactPhone> phones;
  std::vector<Debt> debts;
  std::vector<RestrictionFlag> restrictions;
  std::string language = "ru";
  bool operator==(const CaseDraft&) const = default;
};

}  // namespace dunlin
