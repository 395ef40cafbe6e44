// Every row decoder over arbitrary bytes; the second pass repairs the checksum so that the payloads are reached.
// What decodes must encode back to the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "storage/crc32c.hpp"
#include "storage/record_codec.hpp"

namespace {

template <class Row>
void require_same(const dunlin::Result<Row>& row, std::string_view bytes) {
  if (row && dunlin::encode(*row) != bytes) std::abort();
}

void decode_all(std::string_view bytes) {
  require_same(dunlin::decode_event_row(bytes), bytes);
  require_same(dunlin::decode_commit_row(bytes), bytes);
  const auto events = dunlin::decode_events(bytes);
  if (events && dunlin::encode_events(*events) != bytes) std::abort();
  require_same(dunlin::decode_head_row(bytes), bytes);
  require_same(dunlin::decode_view_row(bytes), bytes);
  require_same(dunlin::decode_due_rows(bytes), bytes);
  require_same(dunlin::decode_document_row(bytes), bytes);
  require_same(dunlin::decode_case_key_row(bytes), bytes);
  require_same(dunlin::decode_meta_row(bytes), bytes);
  require_same(dunlin::decode_case_lookups_row(bytes), bytes);
  if (bytes.size() > 8) require_same(dunlin::decode_event_run(bytes), bytes);  // Eight bytes are the former form.
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  decode_all(bytes);
  const auto checksum = dunlin::crc32c(bytes);
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((checksum >> shift) & 0xff));
  decode_all(bytes);
  return 0;
}
