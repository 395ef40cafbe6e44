// Replica lists from etcd: damage is refused, and what is taken has one spelling only.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/cluster/replica_set.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto set = dunlin::decode_replica_set(text);
  if (set && dunlin::encode(*set) != text) __builtin_trap();
  return 0;
}
