#include "core/report/abandon_shares.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t whole_in_milli_percent = 100'000;
constexpr std::int64_t hours_per_day = 24;

std::int64_t hour_of(UtcTime at) { return at.ms <= 0 ? 0 : at.ms / hours(1).ms; }

}  // namespace

void AbandonShares::add(UtcTime at, bool is_abandoned) {
  const std::int64_t number = hour_of(at);
  Hour& hour = hours_[static_cast<std::size_t>(number % hours_kept)];
  if (hour.number > number) return;  // Older than everything kept.
  if (hour.number != number) hour = {number, 0, 0};
  ++hour.live;
  if (is_abandoned) ++hour.abandoned;
}

std::optional<int> AbandonShares::share(std::int64_t first_hour, std::int64_t last_hour) const {
  std::int64_t live = 0;
  std::int64_t abandoned = 0;
  for (const Hour& hour : hours_) {
    if (hour.number < first_hour || hour.number > last_hour) continue;
    live += hour.live;
    abandoned += hour.abandoned;
  }
  if (live == 0) return std::nullopt;
  return static_cast<int>((abandoned * whole_in_milli_percent + live - 1) / live);
}

FactRates AbandonShares::rates(UtcTime now) const {
  const std::int64_t last = hour_of(now);
  FactRates rates{};
  rates[static_cast<std::size_t>(FactRate::abandoned_24h)] = share(last - hours_per_day + 1, last);
  rates[static_cast<std::size_t>(FactRate::abandoned_30d)] = share(last - hours_kept + 2, last);
  return rates;
}

}  // namespace dunlin
