#include "media/refusal_words.hpp"

#include <fmt/format.h>

namespace dunlin {
namespace {

std::string_view name_of(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::not_authentic: return "wrong_key";
    case RefusalReason::replayed: return "replayed";
    case RefusalReason::stranger: return "stranger";
    case RefusalReason::malformed: return "malformed";
  }
  return "unknown";
}

std::string_view advice_of(RefusalReason reason, bool is_agent) {
  switch (reason) {
    case RefusalReason::not_authentic:
      return is_agent ? "the phone sends with another SRTP key than it told, or plain RTP: restart it, check its SRTP setting"
                      : "the carrier sends with another SRTP key than it told, or plain RTP: its end may have restarted in the call; if it is every call, "
                        "ask the carrier, check srtp of this trunk";
    case RefusalReason::replayed:
      return "packets come twice or very late: look for a loop or a doubling in the network; of an attack the talk hears nothing";
    case RefusalReason::stranger:
      return is_agent ? "somebody else sends to this port and is not heard: if the agent is not heard either, the phone's address has changed (NAT): have it "
                        "dial in again; else let only the agents' networks reach the RTP ports"
                      : "somebody else sends to this port and is not heard: if it is the carrier's, it has to name that address in its SDP, or use SRTP "
                        "(srtp of this trunk); else close the RTP ports to it in the firewall";
    case RefusalReason::malformed:
      return "what comes is neither RTP nor RTCP: see who sends it, a port scan or another service; close the RTP ports to it in the firewall";
  }
  return "";
}

}  // namespace

std::string refusal_words(const PacketsRefused& refused) {
  const bool is_agent = refused.role == LegRole::agent;
  const bool is_same_host = refused.from.has_same_address(refused.expected);
  const auto place = [&](const UdpAddress& address) { return is_agent ? address.network() : address.text(); };
  const std::string same_host = is_agent && is_same_host ? fmt::format(" same_host=yes ports={}/{}", refused.from.port(), refused.expected.port()) : "";
  return fmt::format("reason={} count={} from={} expected={}{} do=\"{}\"", name_of(refused.reason), refused.count, place(refused.from),
                     place(refused.expected), same_host, advice_of(refused.reason, is_agent));
}

}  // namespace dunlin
