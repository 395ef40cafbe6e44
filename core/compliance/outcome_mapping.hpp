#pragma once
// From the outcome of an attempt (core/case) to the word the law counts by. Header only: both are plain enums.
#include "core/case/outcome.hpp"
#include "core/compliance/contact_vocabulary.hpp"

namespace dunlin {

/// Phone attempts. Anything a human answered maps to a result that counts as a talk (RU-CNT-01, conservative reading).
constexpr ContactResult contact_result_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::no_answer: return ContactResult::no_answer;
    case Outcome::busy: return ContactResult::busy;
    case Outcome::rejected: return ContactResult::rejected;
    case Outcome::invalid_number: return ContactResult::not_in_service;
    case Outcome::network_announcement: return ContactResult::not_in_service;
    case Outcome::machine:
    case Outcome::fax:
    case Outcome::call_screening:
    case Outcome::agent_machine: return ContactResult::amd_machine;
    case Outcome::machine_message_left: return ContactResult::voicemail_msg;
    case Outcome::abandoned: return ContactResult::abandoned;
    case Outcome::hung_up_before_agent:
    case Outcome::hung_up_at_identification: return ContactResult::answered_hangup;
    case Outcome::blocked_by_law:
    case Outcome::not_sent: return ContactResult::not_sent;
    case Outcome::failed: return ContactResult::network_failure;
    case Outcome::unknown_after_failure: return ContactResult::unknown;
    case Outcome::answered:
    case Outcome::rpc_promise:
    case Outcome::rpc_refusal:
    case Outcome::rpc_dispute:
    case Outcome::rpc_hardship:
    case Outcome::rpc_already_paid:
    case Outcome::rpc_callback:
    case Outcome::third_party_message_left:
    case Outcome::third_party_refused:
    case Outcome::third_party_asks_to_stop:
    case Outcome::guarantor_contact:
    case Outcome::wrong_number:
    case Outcome::deceased:
    case Outcome::bankrupt:
    case Outcome::represented:
    case Outcome::cease_request:
    case Outcome::language_barrier: return ContactResult::talked;
  }
  return ContactResult::unknown;
}

}  // namespace dunlin
