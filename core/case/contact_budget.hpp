#pragma once
// What the law still leaves of contacts with one person, by channel: the counters of the gate itself and the first
// instant a contact is possible again, hours and every other rule included. 230-FZ art. 7 part 3 items 1-3 and part 5
// count talks, messages and meetings apart. Pure, any thread.
#include <optional>
#include <vector>

#include "core/case/policy_gate.hpp"

namespace dunlin {

struct ChannelBudget {
  Channel channel = Channel::call;
  ContactBudget budget;
  Decision decision;                 ///< At the instant asked for.
  std::optional<UtcTime> next_at;    ///< That instant when it is allowed; unset: time alone does not heal it.
};

/// Talks, messages and meetings, in this order. The question's channel is ignored.
std::vector<ChannelBudget> contact_budget(const PolicyGate& gate, const GateQuestion& question);

}  // namespace dunlin
