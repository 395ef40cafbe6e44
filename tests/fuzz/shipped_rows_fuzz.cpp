// The rows of a shared journal's batch over arbitrary bytes. What decodes must encode back to the same bytes when its rows
// come in key order, each key once, as a store writes them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "storage/shipped_rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto shipped = dunlin::decode_shipped(7, bytes);
  if (!shipped) return 0;
  dunlin::StagedRows rows;
  std::string_view last;
  for (const auto& row : shipped->rows) {
    if (row.key <= last) return 0;
    last = row.key;
    if (row.is_erased) rows.erase(row.key);
    else rows.put(row.key, row.value);
  }
  if (dunlin::encode_shipped(shipped->keys, rows) != bytes) std::abort();
  return 0;
}
