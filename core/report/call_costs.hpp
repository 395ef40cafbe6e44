#pragma once
// What the calls of a campaign have cost so far, by the prices it was told: fees of attempts and minutes, and the same per talk
// with a debtor and per kept promise. Counts what the campaign's counters count. Pure, any thread.
#include <optional>

#include "core/dialing/call_prices.hpp"
#include "core/report/live_counters.hpp"

namespace dunlin {

/// In units of the prices' currency.
struct CallCosts {
  double fees = 0;
  std::optional<double> per_contact{};       ///< Unset without one.
  std::optional<double> per_kept_promise{};
};
CallCosts costs_of(const CallPrices& prices, const LiveCounters& counters);

/// What became of the talks the counters saw.
TalkResults talks_of(const LiveCounters& counters);

}  // namespace dunlin
