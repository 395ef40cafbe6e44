// A kept rule set of any bytes: read or refused; what is read is written back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/rule_archive.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto files = dunlin::unarchive_rule_files(bytes);
  if (!files.ok()) return 0;
  const auto again = dunlin::unarchive_rule_files(dunlin::archive_rule_files(*files));
  if (!again.ok() || again->size() != files->size()) __builtin_trap();
  return 0;
}
