#pragma once
// Seeded randomness of the peers: the same seed and name give the same throws on every machine. Not for
// secrets. A value type, one thread at a time.
#include <cstdint>
#include <string_view>

namespace dunlin::peer {

/// FNV-1a over the text, started from the seed: names a stream of throws.
constexpr std::uint64_t hash_of(std::uint64_t seed, std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL ^ (seed * 0x9E3779B97F4A7C15ULL);
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3ULL;
  }
  return hash;
}

/// A range of milliseconds, both ends included.
struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// splitmix64.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool happens(double probability) { return uniform() < probability; }
  /// Uniform in [0, bound); 0 for a bound of 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// The mean of two uniform throws: the middle of the range is likelier than its ends, as with people.
  std::int64_t within(Range range) {
    const double place = (uniform() + uniform()) / 2.0;
    return range.low + static_cast<std::int64_t>(place * static_cast<double>(range.high - range.low) + 0.5);
  }

 private:
  std::uint64_t state_;
};

}  // namespace dunlin::peer
