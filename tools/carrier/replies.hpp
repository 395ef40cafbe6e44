#pragma once
// Reason phrases and the log line of a reply, shared by calls and the server. Event loop thread only.
#include <string_view>

#include "tools/peer/json_log.hpp"
#include "tools/peer/sip_message.hpp"

namespace dunlin::carrier {

std::string_view reason_of(int status);
void log_reply(peer::JsonLog& log, const peer::SipMessage& request, int status, bool is_retransmission);

}  // namespace dunlin::carrier
