#include "core/dialing/call_prices.hpp"

namespace dunlin {
namespace {

constexpr std::size_t most_decimals = 4;
constexpr std::size_t most_digits = 6;
// Before a portfolio has shown its own: every third talk brings a promise, somewhat less than half of them are kept.
constexpr double usual_weight = 50;
constexpr double usual_promises = 0.35;
constexpr double usual_kept = 0.45;

bool are_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

std::uint32_t number_of(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char digit : digits) value = value * 10 + static_cast<std::uint32_t>(digit - '0');
  return value;
}

}  // namespace

Result<std::uint32_t> parse_price(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view units = text.substr(0, point);
  const std::string_view parts = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const bool is_number = !units.empty() && are_digits(units) && are_digits(parts) && (point == std::string_view::npos || !parts.empty());
  if (!is_number || parts.size() > most_decimals) return invalid_input("must be an amount such as 1.5 with at most four decimals");
  std::string padded(parts);
  padded.resize(most_decimals, '0');
  const bool is_in_range = units.size() <= most_digits && number_of(units) <= most_price / price_parts;
  const std::uint32_t price = is_in_range ? number_of(units) * price_parts + number_of(padded) : most_price + 1;
  if (price > most_price) return invalid_input("must be an amount from 0 to " + std::to_string(most_price / price_parts));
  return price;
}

std::string format_price(std::uint32_t price) {
  std::string parts = std::to_string(price % price_parts + price_parts).substr(1);
  while (!parts.empty() && parts.back() == '0') parts.pop_back();
  return std::to_string(price / price_parts) + (parts.empty() ? "" : "." + parts);
}

double kept_per_contact(const TalkResults& results) {
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  const double promises = (number(results.promises) + usual_weight * usual_promises) / (number(results.contacts) + usual_weight);
  const double kept = (number(results.kept) + usual_weight * usual_kept) / (number(results.kept + results.broken) + usual_weight);
  return promises * kept;
}

double value_of_contact(const CallPrices& prices, double kept_per_contact) {
  return in_units(prices.rpc_value) + kept_per_contact * in_units(prices.kept_value);
}

}  // namespace dunlin
