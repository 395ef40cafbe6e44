// RTP and SRTP-side parsing plus the jitter buffer: no input may crash, read past its end or grow without
// bound.
#include "media/jitter_buffer.hpp"
#include "media/rtp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dunlin;
  static JitterBuffer buffer(JitterBuffer::Options{});
  static std::int64_t now_ms = 0;
  const auto packet = parse_rtp({data, size});
  if (!packet) return 0;
  if (packet->payload_offset + packet->payload.size() > size) __builtin_trap();
  now_ms += 7;
  buffer.put(*packet, now_ms);
  const auto taken = buffer.take(now_ms);
  if (taken.payload.size() > 640) __builtin_trap();
  return 0;
}
