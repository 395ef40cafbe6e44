#pragma once
// Counter-based random numbers: the same (seed, stream, id, k) always gives the same number, so that every
// policy meets the same persons and differences between policies are not luck. Plus the few distributions the
// world needs.
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace dunlin::lab {

/// What a number is used for; part of its key.
enum class Stream : std::uint64_t {
  segment = 1,
  latent,
  invalid,
  answer,
  kind,
  dial_delay,
  ring,
  mode,
  detection,
  verdict,
  hang_up,
  party,
  talk,
  wrap,
  agent,
  pause,
  drift,
  leave,
  failure,
};

inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// Uniform in (0, 1).
inline double uniform(std::uint64_t seed, Stream stream, std::uint64_t id, std::uint64_t k) {
  const std::uint64_t start = mix(seed * 0x2545F4914F6CDD1DULL + 17) ^ static_cast<std::uint64_t>(stream);
  const std::uint64_t bits = mix(mix(mix(start) ^ id) ^ k);
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
}

/// Quantile of the standard normal law (Acklam's rational approximation, error below 1.2e-9), cut at 8.
inline double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  if (p <= 0) return -8;
  if (p >= 1) return 8;
  constexpr double tail = 0.02425;
  if (p < tail || p > 1 - tail) {
    const double q = std::sqrt(-2 * std::log(p < tail ? p : 1 - p));
    const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                     ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    return p < tail ? x : -x;
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

inline double lognormal_quantile(double u, double median, double sigma) {
  return median * std::exp(sigma * normal_quantile(u));
}
inline double exponential_quantile(double u, double mean) {
  return -mean * std::log(1 - u);
}
inline double logistic(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

}  // namespace dunlin::lab
