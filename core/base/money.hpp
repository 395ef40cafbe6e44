#pragma once
// Money in minor units (kopecks, cents) with its currency. Pure, any thread.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

enum class Currency : std::uint8_t { rub, usd, eur, kzt, gbp };

std::string_view to_string(Currency currency);
Result<Currency> parse_currency(std::string_view iso_code);

struct Money {
  std::int64_t minor = 0;
  Currency currency = Currency::rub;
  auto operator<=>(const Money&) const = default;
};

/// "12345.67 RUB".
std::string format_money(Money money);

/// Takes "12345,67", "12 345.67", "1.234,56" and a thin or no-break space as separator; more than two decimals is an error.
Result<Money> parse_money(std::string_view text, Currency currency);

}  // namespace dunlin
