// Words about comparing copies over arbitrary bytes: what decodes must say the same again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/cluster/digest_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto ask = dunlin::decode_digest_ask(bytes)) {
    const auto again = dunlin::decode_digest_ask(encode(*ask));
    if (!again || *again != *ask) std::abort();
  }
  if (const auto answer = dunlin::decode_digest_answer(bytes)) {
    const auto again = dunlin::decode_digest_answer(encode(*answer));
    if (!again || *again != *answer) std::abort();
  }
  return 0;
}
