// STUN: no bytes make the parser read past their end, and no message passes for authentic by chance.
#include <vector>

#include "media/stun.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dunlin;
  const std::vector<std::uint8_t> exact(data, data + size);  // A read behind it is seen by the sanitizer.
  const auto message = parse_stun(exact);
  if (!message) return 0;
  if (has_integrity(*message, exact, "a password nobody has")) __builtin_trap();
  std::array<std::uint8_t, max_stun_response> response{};
  const auto from = message->mapped_address.value_or(*UdpAddress::parse("192.0.2.1", 32853));
  const auto again = parse_stun(write_stun_success(message->transaction, from, "secret", response));
  if (!again || again->transaction != message->transaction || !(again->mapped_address == from)) __builtin_trap();
  return 0;
}
