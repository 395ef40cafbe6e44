// Any bytes as a register in text form: reading ends, in rows or in an error; every row is of a later line.
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
  std::uint64_t last = 0;
  while (true) {
    const auto row = (*reader)->next();
    if (!row || !*row) return 0;
    if ((*row)->cells.size() > options.limits.columns) __builtin_trap();
    if ((*row)->line <= last) __builtin_trap();
    last = (*row)->line;
    // A row whose quote stays open has its own line and nothing of the next.
    for (const auto& cell : (*row)->cells) {
      if ((*row)->has_open_quote && cell.text.find_first_of("\r\n") != std::string::npos) __builtin_trap();
    }
  }
}
