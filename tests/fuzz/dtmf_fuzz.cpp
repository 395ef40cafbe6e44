// RFC 4733 payloads: parse and feed the receiver with changing timestamps.
#include "media/dtmf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dunlin;
  DtmfReceiver receiver;
  for (std::size_t at = 0; at + telephone_event_size <= size; at += telephone_event_size) {
    const auto event = parse_telephone_event({data + at, telephone_event_size});
    if (!event) __builtin_trap();
    const auto digit = receiver.on_event(*event, {event->duration * 257u});
    if (digit && !event_of(*digit)) __builtin_trap();
  }
  return 0;
}
