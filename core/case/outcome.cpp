#include "core/case/outcome.hpp"

#include <array>
#include <string>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr OutcomeTraits system_outcome(std::string_view name) {
  OutcomeTraits t;
  t.name = name;
  return t;
}

constexpr OutcomeTraits human_outcome(std::string_view name) {
  OutcomeTraits t = system_outcome(name);
  t.human_answered = true;
  t.counts_as_contact = true;
  return t;
}

constexpr OutcomeTraits agent_outcome(std::string_view name) {
  OutcomeTraits t = human_outcome(name);
  t.is_agent_disposition = true;
  return t;
}

constexpr OutcomeTraits right_party(std::string_view name) {
  OutcomeTraits t = agent_outcome(name);
  t.right_party = true;
  return t;
}

constexpr OutcomeTraits stopping(OutcomeTraits t) {
  t.stops_contact = true;
  t.is_final = true;
  return t;
}

constexpr OutcomeTraits removing_number(OutcomeTraits t) {
  t.removes_number = true;
  return t;
}

constexpr OutcomeTraits with_callback(OutcomeTraits t) {
  t.wants_callback = true;
  return t;
}

constexpr OutcomeTraits counted(OutcomeTraits t) {
  t.counts_as_contact = true;
  return t;
}

constexpr OutcomeTraits of_machine(OutcomeTraits t) {
  t.human_answered = false;
  t.counts_as_contact = false;
  return t;
}

constexpr std::array<OutcomeTraits, outcome_count> table{{
    system_outcome("no_answer"),
    system_outcome("busy"),
    system_outcome("rejected"),
    removing_number(system_outcome("invalid_number")),
    system_outcome("network_announcement"),
    system_outcome("machine"),
    system_outcome("machine_message_left"),
    system_outcome("fax"),
    system_outcome("call_screening"),
    human_outcome("abandoned"),
    human_outcome("hung_up_before_agent"),
    system_outcome("blocked_by_law"),
    system_outcome("failed"),
    system_outcome("not_sent"),
    counted(system_outcome("unknown_after_failure")),
    human_outcome("answered"),
    right_party("rpc_promise"),
    right_party("rpc_refusal"),
    right_party("rpc_dispute"),
    right_party("rpc_hardship"),
    right_party("rpc_already_paid"),
    with_callback(right_party("rpc_callback")),
    agent_outcome("third_party_message_left"),
    agent_outcome("third_party_refused"),
    removing_number(agent_outcome("third_party_asks_to_stop")),
    agent_outcome("guarantor_contact"),
    removing_number(agent_outcome("wrong_number")),
    stopping(agent_outcome("deceased")),
    stopping(agent_outcome("bankrupt")),
    stopping(agent_outcome("represented")),
    stopping(agent_outcome("cease_request")),
    agent_outcome("hung_up_at_identification"),
    agent_outcome("language_barrier"),
    of_machine(agent_outcome("agent_machine")),
}};

}  // namespace

const OutcomeTraits& traits(Outcome outcome) {
  const auto index = static_cast<std::size_t>(outcome);
  DUNLIN_CHECK(index < table.size());
  return table[index];
}

Result<Outcome> parse_outcome(std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name) return static_cast<Outcome>(i);
  }
  return invalid_input("unknown outcome \"" + std::string(name.substr(0, 40)) + "\"");
}

}  // namespace dunlin
