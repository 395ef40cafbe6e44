#pragma once
// What dialing costs and what it brings, as a campaign's administrator tells it: data of the campaign, in one currency. Who
// asks it: the plan of a case (core/dialing/answer_worth), pacing (core/dialing/pacing_worth) and the reports. Nothing told
// means nothing weighed: everybody dials as without prices. Pure values, any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/money.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// Prices are whole ten-thousandths of the currency's unit, because minutes are sold by fractions of a cent.
inline constexpr std::uint32_t price_parts = 10'000;
inline constexpr std::uint32_t most_price = 400'000 * price_parts;

struct CallPrices {
  Currency currency = Currency::rub;
  std::uint32_t attempt = 0;          ///< Each attempt that was sent to a trunk.
  std::uint32_t minute = 0;           ///< Of a line, from the pick-up to the end.
  std::uint32_t agent_hour = 0;       ///< Of one agent's presence.
  std::uint32_t rpc_value = 0;        ///< A talk with the debtor.
  std::uint32_t kept_value = 0;       ///< A promise that is kept, beside the talk it was given in.
  bool operator==(const CallPrices&) const = default;

  bool has_fees() const { return attempt > 0 || minute > 0; }
  bool has_values() const { return rpc_value > 0 || kept_value > 0; }
  /// Whether an attempt can be held against what it brings.
  bool weighs_attempts() const { return has_fees() && has_values(); }
};

/// In units of the currency.
inline double in_units(std::uint32_t price) { return static_cast<double>(price) / price_parts; }
/// "1.5", "0.0125": digits, a point, at most four decimals. Errc::invalid_input says what is wrong; 0 takes the price away.
Result<std::uint32_t> parse_price(std::string_view text);
/// The shortest text that reads back the same.
std::string format_price(std::uint32_t price);

/// What became of the talks with debtors.
struct TalkResults {
  std::uint64_t contacts = 0;
  std::uint64_t promises = 0;
  std::uint64_t kept = 0;
  std::uint64_t broken = 0;
};
/// Kept promises to expect of one such talk. Promises that are still open say nothing; few talks say little.
double kept_per_contact(const TalkResults& results);
/// What one such talk is worth, in units.
double value_of_contact(const CallPrices& prices, double kept_per_contact);

}  // namespace dunlin
