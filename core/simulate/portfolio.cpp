#include "core/simulate/portfolio.hpp"

#include <array>
#include <cmath>
#include <string>

#include "core/base/check.hpp"
#include "core/base/rng.hpp"

namespace dunlin {
namespace {

struct ZoneShare {
  const char* name;
  double share;   ///< Of the country's people, roughly.
};
constexpr std::array<ZoneShare, 11> zone_shares{{{"Europe/Kaliningrad", 0.01},
                                                 {"Europe/Moscow", 0.56},
                                                 {"Europe/Samara", 0.06},
                                                 {"Asia/Yekaterinburg", 0.16},
                                                 {"Asia/Omsk", 0.02},
                                                 {"Asia/Krasnoyarsk", 0.09},
                                                 {"Asia/Irkutsk", 0.03},
                                                 {"Asia/Yakutsk", 0.02},
                                                 {"Asia/Vladivostok", 0.03},
                                                 {"Asia/Magadan", 0.01},
                                                 {"Asia/Kamchatka", 0.01}}};

const char* drawn_zone(Rng& lots) {
  double u = lots.uniform();
  for (const ZoneShare& zone : zone_shares) {
    if (u < zone.share) return zone.name;
    u -= zone.share;
  }
  return "Europe/Moscow";
}

ContactPhone synthetic_phone(const char* prefix, std::size_t person, PhoneType type, PartyRole owner) {
  std::string digits = std::to_string(person % 10'000'000);
  digits.insert(0, 7 - digits.size(), '0');
  ContactPhone phone;
  const auto number = PhoneNumber::from_e164(prefix + digits);
  DUNLIN_CHECK(number.ok());
  phone.number = *number;
  phone.type = type;
  phone.owner = owner;
  return phone;
}

Debt synthetic_debt(const PortfolioOptions& options, std::size_t person, Rng& lots) {
  Debt debt;
  if (!options.debt_of.debts.empty()) debt = options.debt_of.debts.front();
  debt.external_id = "S-" + std::to_string(person);
  debt.creditor = "synthetic";
  const auto width = static_cast<std::uint64_t>(options.dpd_to - options.dpd_from + 1);
  debt.days_past_due = options.dpd_from + static_cast<int>(lots.below(width));
  const auto overdue = static_cast<std::int64_t>(std::exp(9.0 + 1.0 * (lots.uniform() * 2 - 1)) * 100);
  debt.overdue = Money{overdue, debt.overdue.currency};
  debt.balance = Money{overdue * 4, debt.overdue.currency};
  return debt;
}

}  // namespace

std::vector<SyntheticCase> synthetic_portfolio(const PortfolioOptions& options) {
  Rng lots(options.seed ^ 0x5EEDBA5EULL);
  std::vector<SyntheticCase> cases;
  cases.reserve(options.cases);
  for (std::size_t person = 0; person < options.cases; ++person) {
    SyntheticCase one;
    // Spread over all bits and never zero: the multiplier is odd, so no two persons meet.
    one.id = CaseId((person + 1) * 0x9E3779B97F4A7C15ULL);
    CaseDraft& draft = one.draft;
    draft.keys = {PersonKey{PersonKeyKind::source_client, "synthetic|" + std::to_string(person)}};
    draft.name = PersonName{"Synthetic Person " + std::to_string(person)};
    draft.zones = {drawn_zone(lots)};
    draft.phones = {synthetic_phone("+7900", person, PhoneType::mobile, PartyRole::debtor)};
    if (lots.uniform() < 0.30) draft.phones.push_back(synthetic_phone("+7901", person, PhoneType::home, PartyRole::debtor));
    if (lots.uniform() < 0.25) draft.phones.push_back(synthetic_phone("+7902", person, PhoneType::work, PartyRole::debtor));
    if (!options.debt_of.language.empty()) draft.language = options.debt_of.language;
    draft.debts = {synthetic_debt(options, person, lots)};
    cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace dunlin
