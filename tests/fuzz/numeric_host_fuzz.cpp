// libFuzzer: whatever an operator writes as a public address, what reaches a carrier's SDP is an address or nothing.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/numeric_host.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string host = dunlin::numeric_host(text);
  if (dunlin::is_numeric_address(text) && !dunlin::is_network(text)) std::abort();
  if (dunlin::is_any_address(text) && !dunlin::is_numeric_address(text)) std::abort();
  if (host.find_first_not_of("0123456789abcdefABCDEF.:") != std::string::npos) std::abort();
  if (!host.empty() && text.find(host) == std::string_view::npos) std::abort();
  const bool is_v6 = host.find(':') != std::string::npos;
  if (!host.empty() && dunlin::numeric_host(is_v6 ? "[" + host + "]:5060" : host + ":5060") != host) std::abort();
  return 0;
}
