#pragma once
// What a decision rested on beside the case's own history: channel, facts of the contact, who contacts, packs that always
// apply, ring time, abandon shares. Stored with the decision as one line of words, so that it can be repeated years later
// and read by an inspector: "channel=call organisation=agency packs=RU facts=autodial ring_s=25". Pure, any thread.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/compliance/contact_policy.hpp"

namespace dunlin {

struct GateInputs {
  Channel channel = Channel::call;
  Organisation organisation = Organisation::unknown;
  std::vector<std::string> jurisdictions;
  std::vector<std::string> number_regions;  ///< What the number plan said, when no address was known.
  FactSet facts;                        ///< Of the contact, not of the person.
  std::optional<int> ring_timeout_s;
  FactRates rates{};
  bool operator==(const GateInputs&) const = default;
};

GateInputs inputs_of(const ContactQuery& query);
std::string write_gate_inputs(const GateInputs& inputs);
/// corrupt for anything write_gate_inputs() does not write.
Result<GateInputs> read_gate_inputs(std::string_view text);

}  // namespace dunlin
