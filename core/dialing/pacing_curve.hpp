#pragma once
// Arithmetic shared by the pacing models: a probability as a function of the seconds ahead. Pure; pacing actor only.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace dunlin {

/// Seconds ahead that a decision looks at: 1..pacing_horizon_s.
inline constexpr int pacing_horizon_s = 30;
/// Columns of a forecast row: the horizon, the longest event lag (10 s) and the wait allowance fit in.
inline constexpr int pacing_columns = 46;

/// Value at s = 0, 1, 2 … seconds ahead.
using PacingRow = std::array<float, pacing_columns>;

/// Sums over the horizon: expected count and variance of independent yes-or-no events at s = 1..pacing_horizon_s.
struct PacingCurve {
  std::array<double, pacing_horizon_s + 1> mean{};
  std::array<double, pacing_horizon_s + 1> variance{};
};

/// Reads a row at a fractional time, held at its end.
inline float row_at(const PacingRow& row, double s) {
  const double x = std::clamp(s, 0.0, static_cast<double>(pacing_columns - 1));
  const auto i = std::min(static_cast<std::size_t>(x), row.size() - 2);
  const auto f = static_cast<float>(x - static_cast<double>(i));
  return row[i] * (1.0F - f) + row[i + 1] * f;
}

/// Mixture of two neighbouring rows, shifted by `shift_s` seconds: how a row is read between whole ages and late events.
inline PacingRow blend(const PacingRow& low, const PacingRow& high, double fraction, double shift_s) {
  const auto f = static_cast<float>(fraction);
  const auto whole = static_cast<std::size_t>(std::clamp(shift_s, 0.0, 12.0));
  const auto g = static_cast<float>(std::clamp(shift_s, 0.0, 12.0) - static_cast<double>(whole));
  PacingRow mixed;
  for (std::size_t s = 0; s < mixed.size(); ++s) mixed[s] = low[s] * (1.0F - f) + high[s] * f;
  if (whole == 0 && g == 0.0F) return mixed;
  // Straight loops: a decision for a thousand agents reads thousands of rows.
  constexpr std::size_t last = pacing_columns - 1;
  PacingRow out;
  for (std::size_t s = 0; s + whole < last; ++s) out[s] = mixed[s + whole] * (1.0F - g) + mixed[s + whole + 1] * g;
  for (std::size_t s = last - whole; s <= last; ++s) out[s] = mixed[last];
  return out;
}

inline void add_row(const PacingRow& row, PacingCurve& curve) {
  for (std::size_t s = 1; s <= pacing_horizon_s; ++s) {
    const double p = row[s];
    curve.mean[s] += p;
    curve.variance[s] += p * (1.0 - p);
  }
}

/// Probability of an event in one second from its rate.
inline double chance_of_rate(double rate_per_s) { return 1.0 - std::exp(-rate_per_s); }

}  // namespace dunlin
