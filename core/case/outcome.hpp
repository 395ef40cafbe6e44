#pragma once
// Outcomes of an attempt: what the network, the classifier or the agent says happened. Pure, any thread.
// Every attempt ends in exactly one outcome; an agent's disposition may refine the system's one.
#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

enum class Outcome : std::uint8_t {
  // System outcomes: settled by the call machine.
  no_answer,             ///< Rang to the ring timeout; nobody picked up.
  busy,                  ///< 486/600.
  rejected,              ///< 403/603/607/608: the far end declined.
  invalid_number,        ///< 404/410/484/604 or SIT intercept.
  network_announcement,  ///< An operator's announcement instead of a person.
  machine,               ///< Answering machine, no message left.
  machine_message_left,
  fax,
  call_screening,        ///< An assistant asked who calls.
  abandoned,             ///< A live person answered and no agent came within the limit.
  hung_up_before_agent,  ///< A person answered and hung up before the bridge.
  blocked_by_law,        ///< The gate refused; nothing was dialed.
  failed,                ///< Network or trunk failure; certainly did not ring.
  not_sent,              ///< The permit's holder never sent the INVITE.
  unknown_after_failure, ///< May have rung; counts as a contact, never redialed automatically.
  answered,              ///< Bridged to an agent; the agent's disposition is still to come.
  // Agent dispositions (right-party contact first).
  rpc_promise,
  rpc_refusal,
  rpc_dispute,
  rpc_hardship,
  rpc_already_paid,
  rpc_callback,
  third_party_message_left,
  third_party_refused,
  third_party_asks_to_stop,
  guarantor_contact,
  wrong_number,
  deceased,
  bankrupt,
  represented,
  cease_request,
  hung_up_at_identification,
  language_barrier,
  agent_machine,         ///< The agent heard a machine: the classifier's miss.
};
inline constexpr int outcome_count = static_cast<int>(Outcome::agent_machine) + 1;

/// What an outcome means for the case, the counters and the number.
struct OutcomeTraits {
  std::string_view name;          ///< Stable snake_case name used in files, events and the API.
  bool is_agent_disposition = false;
  bool is_final = false;          ///< Ends the work on the case until something changes.
  bool human_answered = false;
  bool right_party = false;
  bool counts_as_contact = false; ///< Counts into the legal pool of talks unless the law pack says otherwise.
  bool wants_callback = false;
  bool removes_number = false;    ///< The number is blocked for this person.
  bool stops_contact = false;     ///< Nothing more may be sent to this person without a review.
};

const OutcomeTraits& traits(Outcome outcome);
inline std::string_view to_string(Outcome outcome) { return traits(outcome).name; }
Result<Outcome> parse_outcome(std::string_view name);

}  // namespace dunlin
