#pragma once
// What the line said, as an outcome: SIP status (RFC 3261, 8197, 8688), Q.850 cause and whether it had rung. Rule R7 of
// docs/attempt-protocol.md: a final refusal is no contact; silence or a lost transport may have rung and is unknown.
// Pure, any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/case/outcome.hpp"

namespace dunlin {

/// Who ended a leg.
enum class EndOrigin : std::uint8_t {
  remote,     ///< Final response, BYE or CANCEL-less end by the far side.
  local,      ///< Our own CANCEL or BYE took effect.
  timeout,    ///< No final reply: timer B, session timer, no media.
  transport,  ///< The connection or the edge was lost.
  not_sent,   ///< The INVITE never left: permit expired, refused before sending.
};
std::string_view to_string(EndOrigin origin);

/// How one leg ended.
struct EndCause {
  EndOrigin origin = EndOrigin::remote;
  int sip_status = 0;      ///< 0 = none; 200 = a BYE after an answer.
  int q850 = 0;            ///< Reason header (RFC 3326), 0 = none.
  std::string text;        ///< Reason phrase for people; bounded by the SIP layer, no personal data.
  bool had_18x = false;    ///< 180-183 was seen on this leg.
  bool was_answered = false;  ///< A 2xx was seen, even one that crossed our CANCEL.
  bool operator==(const EndCause&) const = default;
};

/// Outcome of a leg that ended before it was answered.
Outcome outcome_of_unanswered(const EndCause& cause);

/// R6: a second leg is lawful only after a final failure that cannot have rung and whose cause is the network's.
bool may_have_second_leg(const EndCause& cause);

}  // namespace dunlin
