// libFuzzer: digest parameters, addresses and CIDRs from the wire never break their readers, and no answer to a
// challenge carries a line end into a header.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sip/address.hpp"
#include "sip/digest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(dunlin::parse_host_port(text));
  static_cast<void>(dunlin::parse_cidr(text));
  std::vector<std::string_view> parameters;
  while (!text.empty()) {
    const auto comma = text.find(',');
    parameters.push_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  const auto digest = dunlin::read_digest(parameters);
  if (!digest) return 0;
  const auto answer = dunlin::answer_challenge(*digest, {"user", "password", "c0ffee"}, "INVITE", "sip:x");
  if (answer && answer->find_first_of("\r\n") != std::string::npos) std::abort();
  return 0;
}
