// Any bytes as a register in text form: reading ends, in rows or in an error.
#include <cstddef>
#include <cstdint>
#include <string>

#include "gateways/table_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dunlin::TableOptions options;
  options.limits.cell_bytes = 4096;
  options.limits.columns = 64;
  auto reader = dunlin::open_table_bytes(std::string(reinterpret_cast<const char*>(data), size), options);
  if (!reader) return 0;
  while (true) {
    const auto row = (*reader)->next();
    if (!row || !*row) return 0;
    if ((*row)->cells.size() > options.limits.columns) __builtin_trap();
  }
}
