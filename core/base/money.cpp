#include "core/base/money.hpp"

#include <array>
#include <cstdlib>
#include <limits>

namespace dunlin {
namespace {

struct CurrencyName {
  Currency currency;
  std::string_view code;
};
constexpr std::array<CurrencyName, 5> currency_names{{{Currency::rub, "RUB"}, {Currency::usd, "USD"}, {Currency::eur, "EUR"}, {Currency::kzt, "KZT"}, {Currency::gbp, "GBP"}}};

Error bad_money(std::string_view text) {
  return invalid_input("amount must look like 12345,67, got \"" + std::string(text.substr(0, 40)) + "\"");
}

/// Drops spaces of every kind (also U+00A0, U+2009, U+202F in UTF-8) that group the digits.
std::string without_spaces(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\xC2\xA0")) { i += 1; continue; }
    if (rest.starts_with("\xE2\x80\x89") || rest.starts_with("\xE2\x80\xAF")) { i += 2; continue; }
    if (text[i] != ' ' && text[i] != '\'') out += text[i];
  }
  return out;
}

}  // namespace

std::string_view to_string(Currency currency) {
  for (const auto& name : currency_names) {
    if (name.currency == currency) return name.code;
  }
  return "???";
}

Result<Currency> parse_currency(std::string_view iso_code) {
  for (const auto& name : currency_names) {
    if (name.code == iso_code) return name.currency;
  }
  return invalid_input("unknown currency \"" + std::string(iso_code.substr(0, 8)) + "\"; known: RUB, USD, EUR, KZT, GBP");
}

std::string format_money(Money money) {
  const bool is_negative = money.minor < 0;
  const auto magnitude = is_negative ? 0ULL - static_cast<unsigned long long>(money.minor) : static_cast<unsigned long long>(money.minor);
  std::string cents = std::to_string(magnitude % 100);
  if (cents.size() < 2) cents.insert(cents.begin(), '0');
  return (is_negative ? "-" : "") + std::to_string(magnitude / 100) + "." + cents + " " + std::string(to_string(money.currency));
}

Result<Money> parse_money(std::string_view text, Currency currency) {
  const std::string compact = without_spaces(text);
  const bool is_negative = compact.starts_with('-');
  const std::string_view digits = std::string_view(compact).substr(is_negative ? 1 : 0);
  const std::size_t last_mark = digits.find_last_of(",.");
  const bool has_decimals = last_mark != std::string_view::npos && digits.size() - last_mark - 1 <= 2;
  std::int64_t minor = 0;
  int decimals = 0;
  bool has_digit = false;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[i];
    if (c == ',' || c == '.') {
      // A mark before the last one groups thousands: exactly three digits must follow it.
      const bool is_decimal_mark = has_decimals && i == last_mark;
      const std::size_t next = digits.find_first_of(",.", i + 1);
      const std::size_t group = (next == std::string_view::npos ? digits.size() : next) - i - 1;
      if (!is_decimal_mark && (group != 3 || i == 0)) return bad_money(text);
      continue;
    }
    if (c < '0' || c > '9' || minor > std::numeric_limits<std::int64_t>::max() / 1000) return bad_money(text);
    minor = minor * 10 + (c - '0');
    has_digit = true;
    if (has_decimals && i > last_mark) ++decimals;
  }
  if (!has_digit) return bad_money(text);
  for (; decimals < 2; ++decimals) minor *= 10;
  return Money{is_negative ? -minor : minor, currency};
}

}  // namespace dunlin
