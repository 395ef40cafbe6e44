#include "core/report/call_costs.hpp"

namespace dunlin {
namespace {

std::optional<double> fees_per(double fees, std::uint64_t count) {
  if (count == 0) return std::nullopt;
  return fees / static_cast<double>(count);
}

}  // namespace

CallCosts costs_of(const CallPrices& prices, const LiveCounters& counters) {
  CallCosts costs;
  costs.fees = static_cast<double>(counters.charged) * in_units(prices.attempt) + static_cast<double>(counters.line_ms) / 60'000 * in_units(prices.minute);
  costs.per_contact = fees_per(costs.fees, counters.right_party);
  costs.per_kept_promise = fees_per(costs.fees, counters.promises_kept);
  return costs;
}

TalkResults talks_of(const LiveCounters& counters) {
  return {counters.right_party, counters.promises, counters.promises_kept, counters.promises_broken};
}

}  // namespace dunlin
