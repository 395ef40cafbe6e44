#include "core/call/outcome_map.hpp"

#include <algorithm>
#include <array>

namespace dunlin {
namespace {

struct StatusRow {
  int status;
  Outcome outcome;
};

// RFC 3261 §21, RFC 8197 (607), RFC 8688 (608). What is absent falls to the class rules below.
constexpr std::array<StatusRow, 15> status_table{{
    {403, Outcome::rejected},
    {404, Outcome::invalid_number},
    {408, Outcome::no_answer},
    {410, Outcome::invalid_number},
    {480, Outcome::no_answer},
    {484, Outcome::invalid_number},
    {486, Outcome::busy},
    {487, Outcome::no_answer},
    {600, Outcome::busy},
    {603, Outcome::rejected},
    {604, Outcome::invalid_number},
    {607, Outcome::rejected},
    {608, Outcome::rejected},
    {416, Outcome::failed},
    {606, Outcome::failed},
}};

struct CauseRow {
  int q850;
  Outcome outcome;
};

// ITU-T Q.850 §2.2.7. Only causes that say more than a general SIP status; the rest leave the status as it is.
constexpr std::array<CauseRow, 9> cause_table{{
    {1, Outcome::invalid_number},   // unallocated number
    {3, Outcome::failed},           // no route to destination
    {17, Outcome::busy},            // user busy
    {18, Outcome::no_answer},       // no user responding
    {19, Outcome::no_answer},       // alerted, no answer
    {20, Outcome::no_answer},       // subscriber absent
    {21, Outcome::rejected},        // call rejected
    {22, Outcome::invalid_number},  // number changed
    {28, Outcome::invalid_number},  // invalid number format
}};

// Statuses a gateway sends when it has nothing better: there the Q.850 cause decides.
constexpr bool is_general_status(int status) { return status == 480 || status == 487 || (status >= 500 && status < 600); }

Outcome outcome_of_status(int status) {
  const auto* const row = std::find_if(status_table.begin(), status_table.end(),
                                       [status](const StatusRow& r) { return r.status == status; });
  if (row != status_table.end()) return row->outcome;
  if (status >= 600 && status < 700) return Outcome::rejected;
  if (status >= 300 && status < 600) return Outcome::failed;
  return Outcome::unknown_after_failure;  // A success or nothing at all is no refusal: it may have rung.
}

Outcome outcome_of_refusal(const EndCause& cause) {
  Outcome outcome = outcome_of_status(cause.sip_status);
  if (is_general_status(cause.sip_status)) {
    const auto* const row = std::find_if(cause_table.begin(), cause_table.end(),
                                         [&cause](const CauseRow& r) { return r.q850 == cause.q850; });
    if (row != cause_table.end()) outcome = row->outcome;
  }
  // `failed` promises that nothing rang; after an 18x the same refusal only means that nobody picked up.
  if (outcome == Outcome::failed && cause.had_18x) return Outcome::no_answer;
  return outcome;
}

}  // namespace

std::string_view to_string(EndOrigin origin) {
  switch (origin) {
    case EndOrigin::remote: return "remote";
    case EndOrigin::local: return "local";
    case EndOrigin::timeout: return "timeout";
    case EndOrigin::transport: return "transport";
    case EndOrigin::not_sent: return "not_sent";
  }
  return "?";
}

Outcome outcome_of_unanswered(const EndCause& cause) {
  switch (cause.origin) {
    case EndOrigin::not_sent: return Outcome::not_sent;
    case EndOrigin::timeout:
    case EndOrigin::transport: return Outcome::unknown_after_failure;
    case EndOrigin::local: return Outcome::no_answer;
    case EndOrigin::remote: return outcome_of_refusal(cause);
  }
  return Outcome::unknown_after_failure;
}

bool may_have_second_leg(const EndCause& cause) {
  const bool is_network_refusal = cause.sip_status >= 500 && cause.sip_status < 600;
  return cause.origin == EndOrigin::remote && !cause.had_18x && is_network_refusal &&
         outcome_of_unanswered(cause) == Outcome::failed;
}

}  // namespace dunlin
