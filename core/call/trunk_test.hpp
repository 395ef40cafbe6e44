#pragma once
// One test call over a trunk to a number configured for it: what was reserved and what came of it. A document of its own
// kind ("trunk_test", id = attempt), never an event of a case: it is no contact with anybody. Pure values, any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

namespace trunk_test_limits {
inline constexpr Duration ring = seconds(30);
inline constexpr Duration talk = seconds(8);      ///< One whole RTCP interval of five seconds lies in it.
inline constexpr Duration longest = seconds(90);  ///< Ring, talk, BYE and its retransmissions.
inline constexpr std::size_t kept = 200;          ///< Stored tests; the oldest goes.
}  // namespace trunk_test_limits

struct TrunkTest {
  static constexpr std::string_view document_kind = "trunk_test";

  AttemptId attempt;
  std::string trunk;
  std::string masked_number;
  UtcTime reserved_at;
  std::string result;              ///< "answered", or why not ("busy", "failed", …); empty = never heard of again.
  std::uint16_t sip_status = 0;
  std::uint16_t q850 = 0;
  std::string cause;               ///< Reason phrase or our own word; no personal data.
  std::uint32_t ring_after_ms = 0; ///< INVITE to the first 18x; 0 = none came.
  std::uint32_t answer_after_ms = 0;
  std::uint32_t talk_ms = 0;
  bool was_heard = false;          ///< The far end's RTP or RTCP arrived and went on.
  std::uint32_t mos_permille = 0;  ///< 1000..4500, ITU-T G.107; 0 = not measured.
  std::uint32_t loss_permille = 0;
  std::uint32_t jitter_us = 0;
  std::uint32_t rtt_us = 0;
  bool operator==(const TrunkTest&) const = default;
};

/// Versioned like everything stored; damaged bytes are Errc::corrupt.
std::string encode(const TrunkTest& test);
Result<TrunkTest> decode_trunk_test(std::string_view bytes);

}  // namespace dunlin
