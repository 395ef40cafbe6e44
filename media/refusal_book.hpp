#pragma once
// What one leg refused, by reason, and when somebody was last told of it. Runs in the leg's media worker, on the packet path:
// plain counters, no lock, no allocation. Times are the worker's monotonic microseconds.
#include <array>
#include <cstdint>
#include <optional>

#include "media/udp_socket.hpp"

namespace dunlin {

enum class RefusalReason : std::uint8_t {
  not_authentic,  ///< SRTP that our key does not open: another key, or plain RTP where SRTP was agreed.
  replayed,       ///< SRTP that was here before, or is too old to tell (RFC 3711 §3.3.2).
  stranger,       ///< From an address or port that is not the far end's.
  malformed,      ///< Neither RTP nor RTCP.
};
constexpr std::size_t refusal_reason_count = 4;

class RefusalBook {
 public:
  /// Fewer are the late packets of a changed agreement, and nobody's trouble: half a second of sound.
  static constexpr std::uint64_t worth_telling = 25;
  static constexpr std::int64_t told_every_us = 60'000'000;

  struct Due {
    RefusalReason reason = RefusalReason::malformed;
    std::uint64_t count = 0;  ///< Since it was told last.
    UdpAddress from;          ///< Whom the last of them came from.
  };

  /// Before the agreement packets have no reason to be judged by; they count all the same.
  void note_early() { ++total_; }
  void note(RefusalReason reason, const UdpAddress& from) {
    ++total_;
    Page& page = pages_[static_cast<std::size_t>(reason)];
    ++page.untold;
    page.from = from;
  }
  std::uint64_t total() const { return total_; }

  /// The next reason to tell of, which counts as told then. Each at most once in told_every_us.
  std::optional<Due> take_due(std::int64_t now_us) {
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      Page& page = pages_[i];
      if (page.untold < worth_telling || (page.told_at_us && now_us - *page.told_at_us < told_every_us)) continue;
      const Due due{static_cast<RefusalReason>(i), page.untold, page.from};
      page.untold = 0;
      page.told_at_us = now_us;
      return due;
    }
    return std::nullopt;
  }

 private:
  struct Page {
    std::uint64_t untold = 0;
    UdpAddress from;
    std::optional<std::int64_t> told_at_us;
  };
  std::array<Page, refusal_reason_count> pages_;
  std::uint64_t total_ = 0;
};

}  // namespace dunlin
