#include "tools/carrier/replies.hpp"

#include <array>
#include <utility>

namespace dunlin::carrier {

std::string_view reason_of(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 18> reasons{
      {{100, "Trying"},
       {180, "Ringing"},
       {183, "Session Progress"},
       {200, "OK"},
       {302, "Moved Temporarily"},
       {401, "Unauthorized"},
       {404, "Not Found"},
       {405, "Method Not Allowed"},
       {407, "Proxy Authentication Required"},
       {480, "Temporarily Unavailable"},
       {481, "Call/Transaction Does Not Exist"},
       {482, "Loop Detected"},
       {484, "Address Incomplete"},
       {486, "Busy Here"},
       {487, "Request Terminated"},
       {488, "Not Acceptable Here"},
       {503, "Service Unavailable"},
       {603, "Decline"}}};
  for (const auto& [code, reason] : reasons) {
    if (code == status) return reason;
  }
  return "Answer";
}

void log_reply(peer::JsonLog& log, const peer::SipMessage& request, int status, bool is_retransmission) {
  const auto cseq = request.cseq();
  log.write("reply", {{"call_id", request.header("Call-ID")},
                      {"cseq", cseq.number},
                      {"method", cseq.method},
                      {"status", status},
                      {"is_retransmission", is_retransmission}});
}

}  // namespace dunlin::carrier
