// A flow file of any bytes: refused with a finding, or a flow that its own check finds nothing wrong with and that a machine
// walks to one end by keys taken from the same bytes.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "config/flow_loader.hpp"
#include "core/dialogue/flow_check.hpp"
#include "core/dialogue/flow_machine.hpp"

namespace {

int count_finishes(const dunlin::FlowEffects& effects) {
  int count = 0;
  for (const auto& effect : effects) count += std::holds_alternative<dunlin::flow_effect::Finish>(effect) ? 1 : 0;
  return count;
}

void walk(const dunlin::Flow& flow, std::string_view keys) {
  dunlin::CaseRecord record;
  record.debts.resize(1);
  record.debts[0].overdue.minor = 12'345;
  const auto card = dunlin::flow_card(flow, {}, record, dunlin::UtcTime{1'795'521'600'000}, nullptr);
  dunlin::FlowMachine machine(std::make_shared<const dunlin::Flow>(flow), card);
  int finishes = count_finishes(machine.on_start());
  for (const char key : keys) {
    finishes += count_finishes(machine.on_key(key));
    finishes += count_finishes(key % 2 == 0 ? machine.on_promise_recorded() : machine.on_no_agent());
    machine.check_invariants();
  }
  finishes += count_finishes(machine.on_hang_up());
  if (finishes != 1 || !machine.is_ended()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto flow = dunlin::parse_flow("fuzz.toml", text);
  if (!flow.ok()) {
    if (flow.error().detail.empty()) __builtin_trap();
    return 0;
  }
  if (!dunlin::check_flow(*flow).empty()) __builtin_trap();
  walk(*flow, text.substr(0, 400));
  return 0;
}
