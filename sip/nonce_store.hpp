#pragma once
// Digest nonces: each is random, bound to the source address and the account's algorithm, lives 60 s and is spent by its
// first use. Bounded: at the limit the oldest challenge is forgotten, which costs that client one more round trip.
// Lives in the SIP thread; not thread safe. RFC 7616 5.4 (nonce lifetime), 5.12.
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "core/base/time.hpp"

namespace dunlin {

class NonceStore {
 public:
  explicit NonceStore(std::array<std::uint8_t, 32> key) : key_(key) {}

  std::string make(const std::string& source_address, MonoTime now);

  enum class Use : std::uint8_t { good, stale, unknown };
  /// Spends the nonce. stale: ours, but too old; unknown: not ours, from elsewhere or already used.
  Use spend(const std::string& nonce, const std::string& source_address, MonoTime now);

  std::size_t size() const { return live_.size(); }

 private:
  void trim(MonoTime now);

  struct Entry {
    std::string source_address;
    MonoTime made_at;
  };
  std::array<std::uint8_t, 32> key_;
  std::uint64_t counter_ = 0;
  std::unordered_map<std::string, Entry> live_;
  std::deque<std::string> order_;
};

}  // namespace dunlin
