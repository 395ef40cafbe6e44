// A piece of a shard's copy over arbitrary bytes. What decodes must encode back to the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "storage/copied_rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto copied = dunlin::decode_copied(7, bytes);
  if (!copied) return 0;
  auto again = dunlin::begin_copied(copied->part);
  for (const auto& row : copied->rows) dunlin::add_copied(again, row.key, row.value);
  if (again != bytes) std::abort();
  return 0;
}
