// Any bytes: a trunk test document decodes or is refused, and what decodes encodes to the same bytes.
#include <cstdint>
#include <cstdlib>

#include "core/call/trunk_test.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto test = dunlin::decode_trunk_test(bytes);
  if (test && dunlin::encode(*test) != bytes) std::abort();
  return 0;
}
