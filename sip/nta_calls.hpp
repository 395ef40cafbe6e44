#pragma once
// The few things we ask of nta, with its untyped tag lists kept behind them. SIP thread only.
// Header lines are given as text ("Name: value\r\n..."); callers pass nothing from outside that is_token or
// header_safe() has not cleaned.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "sip/address.hpp"
#include "sip/digest.hpp"
#include "sip/sdp.hpp"
#include "sip/sofia.hpp"

namespace dunlin::nta {

struct Method {
  sip_method_t kind;
  const char* name;
};
inline constexpr Method method_invite{sip_method_invite, "INVITE"};
inline constexpr Method method_bye{sip_method_bye, "BYE"};
inline constexpr Method method_options{sip_method_options, "OPTIONS"};
inline constexpr Method method_registration{sip_method_register, "REGISTER"};
inline constexpr Method method_update{sip_method_update, "UPDATE"};

struct LegNames {
  std::string call_id;
  std::string from;  ///< Name-addr without tag.
  std::string to;
};
LegPtr make_leg(nta_agent_t* agent, LegHandler& handler, const LegNames& names);
/// The dialog of an INVITE we received; also gives the transaction its To tag.
LegPtr make_server_leg(nta_agent_t* agent, LegHandler& handler, nta_incoming_t* invite, const sip_t* sip);

struct Request {
  Method method = method_options;
  std::string next_hop;     ///< URI, empty = the dialog's route or the request URI.
  std::string request_uri;  ///< Empty = the dialog's target.
  std::string headers;
  std::string body;         ///< SDP, empty = none.
  tport_t* connection = nullptr;
};
OutgoingPtr send(nta_leg_t* leg, ReplyHandler& handler, const Request& request);
/// ACK to a 2xx: Sofia repeats it for every repeated 2xx and hangs up second answers of other forks.
void send_ack(nta_leg_t* leg, const nta_outgoing_t* invite, const Request& request);
OutgoingPtr send_prack(nta_leg_t* leg, nta_outgoing_t* invite, ReplyHandler& handler, const sip_t* reply, const Request& request);
/// CANCEL now, or as soon as a provisional reply allows it. `headers` holds Reason.
void send_cancel(nta_outgoing_t* invite, const std::string& headers);

/// The reply's dialog: remote tag, route set, target.
void adopt_dialog(nta_leg_t* leg, const sip_t* reply);
void adopt_target(nta_leg_t* leg, const sip_t* request);

struct Reply {
  int status = 200;
  std::string headers;
  std::string body;
};
void reply(nta_incoming_t* request, const Reply& reply);
/// Answers a message without a transaction and forgets it.
void reply_stateless(nta_agent_t* agent, msg_t* msg, int status);
/// 420 without a transaction, naming in Unsupported all that the request requires.
void refuse_extensions(nta_agent_t* agent, msg_t* msg, const sip_t* sip);

// --- Reading ---
bool is_sip_uri(const url_t* url);  ///< Of the schemes sip and sips.
Result<SdpBody> body_of(const sip_t* sip);
bool has_body(const sip_t* sip);
int status_of(const sip_t* sip);
int q850_of(const sip_t* sip);
std::string reason_text(const sip_t* sip);
bool allows(const sip_t* sip, sip_method_t method);
bool requires_reliable(const sip_t* sip);
std::string to_tag_of(const sip_t* sip);
std::string user_of(const url_t* url);
std::string uri_text(const url_t* url);
struct SessionExpires {
  long seconds = 0;
  std::string refresher;
};
std::optional<SessionExpires> session_expires_of(const sip_t* sip);
long min_se_of(const sip_t* sip);
/// The first Digest challenge or credentials of this list; nullopt = none.
std::optional<DigestParameters> digest_of(const msg_auth_t* list);
/// Printable ASCII without quotes, angle brackets or line ends, cut to `longest`.
std::string header_safe(std::string_view text, std::size_t longest);

struct Peer {
  IpBytes ip{};
  std::string address;  ///< "192.0.2.1"
  std::uint16_t port = 0;
};
Peer peer_of(msg_t* msg);
Peer peer_of(nta_incoming_t* request);

}  // namespace dunlin::nta
