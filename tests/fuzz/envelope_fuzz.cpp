// Any bytes as an envelope, a refusal or a hello of another node: refused or read, and what is read is written back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.hpp"
#include "core/cluster/envelope.hpp"
#include "core/cluster/link_hello.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto envelope = dunlin::decode_envelope(bytes)) {
    DUNLIN_CHECK(*dunlin::encode(*envelope) == bytes);
    (void)dunlin::read_refusal(*envelope);
  }
  dunlin::Envelope refusal;
  refusal.type = dunlin::refusal_type;
  refusal.body = bytes;
  (void)dunlin::read_refusal(refusal);
  if (const auto hello = dunlin::decode_link_hello(bytes)) {
    const auto again = dunlin::decode_link_hello(dunlin::encode(*hello));
    DUNLIN_CHECK(again.ok() && *again == *hello);
    (void)dunlin::check_hello(*hello, *hello, "");
  }
  return 0;
}
