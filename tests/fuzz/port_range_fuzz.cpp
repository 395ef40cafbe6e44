// libFuzzer: whatever is written as a range of ports, what is accepted lies within bounds and reads the same again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/port_range.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto range = dunlin::parse_port_range({reinterpret_cast<const char*>(data), size});
  if (!range) return 0;
  if (range->first < 1024 || range->last < range->first || range->pairs() < 1 || !range->contains(range->first_even())) std::abort();
  const auto again = dunlin::parse_port_range(range->str());
  if (!again || *again != *range) std::abort();
  return 0;
}
