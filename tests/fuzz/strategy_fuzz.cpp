// A strategy file of any bytes: refused with a finding, or a strategy that its own check finds nothing wrong with.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/strategy_loader.hpp"
#include "core/dialing/strategy_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto strategy = dunlin::parse_strategy("fuzz.toml", text);
  if (!strategy.ok()) {
    if (strategy.error().detail.empty()) __builtin_trap();
    return 0;
  }
  if (!dunlin::check_strategy(*strategy).empty()) __builtin_trap();
  return 0;
}
