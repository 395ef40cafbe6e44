// libFuzzer: no bytes make the SDP parser read past its end, and what it accepts it can write and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sip/sdp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = dunlin::parse_sdp({reinterpret_cast<const char*>(data), size});
  if (!body) return 0;
  const auto again = dunlin::parse_sdp(dunlin::write_sdp(body->audio));
  if (!again || again->audio.codecs != body->audio.codecs) std::abort();
  static_cast<void>(dunlin::write_sdp_answer(body->audio, *body));
  return 0;
}
