// Any bytes as a document of the cluster or as the head of its changes: refused or read, and what is read is written back
// the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.hpp"
#include "core/cluster/shared_document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto document = dunlin::decode_shared_document(bytes)) DUNLIN_CHECK(dunlin::encode(*document) == bytes);
  if (const auto head = dunlin::decode_document_head(bytes)) DUNLIN_CHECK(dunlin::encode(*head) == bytes);
  return 0;
}
