#include "sip/nta_calls.hpp"

#include <arpa/inet.h>
#include <sofia-sip/msg_addr.h>

#include <cstring>

namespace dunlin::nta {
namespace {

const url_string_t* as_url(const std::string& text) {
  return text.empty() ? nullptr : reinterpret_cast<const url_string_t*>(text.c_str());
}

/// nta's convention: 0 keeps the transaction, a final status is sent unless one was, and ends it.
int on_request(nta_leg_magic_t* handler, nta_leg_t*, nta_incoming_t* request, const sip_t* sip) {
  return handler->on_request(request, sip) ? 0 : 500;
}

int on_reply(nta_outgoing_magic_t* handler, nta_outgoing_t* request, const sip_t* sip) {
  if (sip != nullptr) handler->on_reply(request, sip);
  return 0;
}

Peer peer_of_address(const su_sockaddr_t* address) {
  Peer peer;
  char text[INET6_ADDRSTRLEN] = "";
  if (address->su_family == AF_INET6) {
    inet_ntop(AF_INET6, &address->su_sin6.sin6_addr, text, sizeof text);
    peer.port = ntohs(address->su_sin6.sin6_port);
  } else {
    inet_ntop(AF_INET, &address->su_sin.sin_addr, text, sizeof text);
    peer.port = ntohs(address->su_sin.sin_port);
  }
  peer.address = text;
  if (const auto ip = parse_ip(text)) peer.ip = *ip;
  return peer;
}

}  // namespace

LegPtr make_leg(nta_agent_t* agent, LegHandler& handler, const LegNames& names) {
  LegPtr leg(nta_leg_tcreate(agent, on_request, &handler, SIPTAG_CALL_ID_STR(names.call_id.c_str()),
                             SIPTAG_FROM_STR(names.from.c_str()), SIPTAG_TO_STR(names.to.c_str()), TAG_END()));
  if (leg) nta_leg_tag(leg.get(), nullptr);
  return leg;
}

LegPtr make_server_leg(nta_agent_t* agent, LegHandler& handler, nta_incoming_t* invite, const sip_t* sip) {
  LegPtr leg(nta_leg_tcreate(agent, on_request, &handler, SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_to),
                             SIPTAG_TO(sip->sip_from), NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END()));
  if (!leg) return leg;
  nta_leg_tag(leg.get(), nta_incoming_tag(invite, nullptr));
  nta_leg_server_route(leg.get(), sip->sip_record_route, sip->sip_contact);
  return leg;
}

OutgoingPtr send(nta_leg_t* leg, ReplyHandler& handler, const Request& request) {
  const bool has_sdp = !request.body.empty();
  return OutgoingPtr(nta_outgoing_tcreate(
      leg, on_reply, &handler, as_url(request.next_hop), request.method.kind, request.method.name,
      as_url(request.request_uri), TAG_IF(!request.headers.empty(), SIPTAG_HEADER_STR(request.headers.c_str())),
      TAG_IF(has_sdp, SIPTAG_CONTENT_TYPE_STR("application/sdp")), TAG_IF(has_sdp, SIPTAG_PAYLOAD_STR(request.body.c_str())),
      TAG_IF(request.connection != nullptr, NTATAG_TPORT(request.connection)), TAG_END()));
}

void send_ack(nta_leg_t* leg, const nta_outgoing_t* invite, const Request& request) {
  sip_cseq_t cseq[1];
  sip_cseq_init(cseq);
  cseq->cs_seq = nta_outgoing_cseq(invite);
  cseq->cs_method = sip_method_ack;
  cseq->cs_method_name = "ACK";
  // Sofia keeps a destroyed ACK long enough to repeat it, so nobody has to own it.
  OutgoingPtr ack(nta_outgoing_tcreate(leg, nullptr, nullptr, as_url(request.next_hop), SIP_METHOD_ACK, nullptr,
                                       SIPTAG_CSEQ(cseq),
                                       TAG_IF(!request.headers.empty(), SIPTAG_HEADER_STR(request.headers.c_str())),
                                       TAG_IF(request.connection != nullptr, NTATAG_TPORT(request.connection)), TAG_END()));
}

OutgoingPtr send_prack(nta_leg_t* leg, nta_outgoing_t* invite, ReplyHandler& handler, const sip_t* reply,
                       const Request& request) {
  return OutgoingPtr(nta_outgoing_prack(leg, invite, on_reply, &handler, as_url(request.next_hop), reply,
                                        TAG_IF(request.connection != nullptr, NTATAG_TPORT(request.connection)), TAG_END()));
}

void send_cancel(nta_outgoing_t* invite, const std::string& headers) {
  // Destroying only detaches it: a CANCEL held back until the first provisional reply still leaves then.
  OutgoingPtr cancel(nta_outgoing_tcancel(invite, nullptr, nullptr,
                                          TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())), TAG_END()));
}

void adopt_dialog(nta_leg_t* leg, const sip_t* reply) {
  if (reply->sip_to && reply->sip_to->a_tag) nta_leg_rtag(leg, reply->sip_to->a_tag);
  nta_leg_client_reroute(leg, reply->sip_record_route, reply->sip_contact, 1);
}

void adopt_target(nta_leg_t* leg, const sip_t* request) {
  if (request->sip_contact != nullptr) nta_leg_server_route(leg, nullptr, request->sip_contact);
}

void reply(nta_incoming_t* request, const Reply& reply) {
  const bool has_sdp = !reply.body.empty();
  nta_incoming_treply(request, reply.status, sip_status_phrase(reply.status),
                      TAG_IF(!reply.headers.empty(), SIPTAG_HEADER_STR(reply.headers.c_str())),
                      TAG_IF(has_sdp, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
                      TAG_IF(has_sdp, SIPTAG_PAYLOAD_STR(reply.body.c_str())), TAG_END());
}

void reply_stateless(nta_agent_t* agent, msg_t* msg, int status) {
  // What is served must be named with 405 and with the answer to OPTIONS (RFC 3261 8.2.1, 11.2).
  const bool names_methods = status == 405 || status == 200;
  nta_msg_treply(agent, msg, status, sip_status_phrase(status), TAG_IF(names_methods, SIPTAG_ALLOW_STR("INVITE, ACK, CANCEL, BYE, REGISTER")),
                 TAG_END());
}

void refuse_extensions(nta_agent_t* agent, msg_t* msg, const sip_t* sip) {
  std::string names;
  for (std::size_t i = 0; const char* name = sip->sip_require->k_items ? sip->sip_require->k_items[i] : nullptr; ++i) {
    names += (names.empty() ? "" : ", ") + header_safe(name, 64);
  }
  nta_msg_treply(agent, msg, SIP_420_BAD_EXTENSION, SIPTAG_UNSUPPORTED_STR(names.c_str()), TAG_END());
}

bool is_sip_uri(const url_t* url) { return url->url_type == url_sip || url->url_type == url_sips; }

bool has_body(const sip_t* sip) { return sip->sip_payload != nullptr && sip->sip_payload->pl_len > 0; }

Result<SdpBody> body_of(const sip_t* sip) {
  if (!has_body(sip)) return Error{Errc::not_found, "no body"};
  const auto* type = sip->sip_content_type;
  if (type == nullptr || type->c_type == nullptr || strcasecmp(type->c_type, "application/sdp") != 0) {
    return invalid_input("the body is not application/sdp");
  }
  return parse_sdp({sip->sip_payload->pl_data, sip->sip_payload->pl_len});
}

int status_of(const sip_t* sip) { return sip->sip_status ? sip->sip_status->st_status : 0; }

int q850_of(const sip_t* sip) {
  for (const auto* reason = sip->sip_reason; reason != nullptr; reason = reason->re_next) {
    if (reason->re_protocol && strcasecmp(reason->re_protocol, "Q.850") == 0 && reason->re_cause) {
      const int cause = std::atoi(reason->re_cause);
      return cause >= 0 && cause <= 127 ? cause : 0;
    }
  }
  return 0;
}

std::string reason_text(const sip_t* sip) {
  if (sip->sip_status && sip->sip_status->st_phrase) return header_safe(sip->sip_status->st_phrase, 120);
  if (sip->sip_reason && sip->sip_reason->re_text) return header_safe(sip->sip_reason->re_text, 120);
  return "";
}

bool allows(const sip_t* sip, sip_method_t method) {
  return sip->sip_allow != nullptr && sip_is_allowed(sip->sip_allow, method, nullptr);
}

bool requires_reliable(const sip_t* sip) {
  return sip->sip_rseq != nullptr && sip->sip_require != nullptr && sip_has_feature(sip->sip_require, "100rel");
}

std::string to_tag_of(const sip_t* sip) { return sip->sip_to && sip->sip_to->a_tag ? sip->sip_to->a_tag : ""; }

std::string user_of(const url_t* url) { return url && url->url_user ? url->url_user : ""; }

std::string uri_text(const url_t* url) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  const char* text = url_as_string(home, url);
  std::string result = text ? text : "";
  su_home_deinit(home);
  return result;
}

std::optional<SessionExpires> session_expires_of(const sip_t* sip) {
  if (sip->sip_session_expires == nullptr) return std::nullopt;
  const auto* refresher = sip->sip_session_expires->x_refresher;
  return SessionExpires{static_cast<long>(sip->sip_session_expires->x_delta), refresher ? refresher : ""};
}

long min_se_of(const sip_t* sip) { return sip->sip_min_se ? static_cast<long>(sip->sip_min_se->min_delta) : 0; }

std::optional<DigestParameters> digest_of(const msg_auth_t* list) {
  for (; list != nullptr; list = list->au_next) {
    if (list->au_scheme == nullptr || strcasecmp(list->au_scheme, "Digest") != 0) continue;
    std::vector<std::string_view> parameters;
    for (const msg_param_t* p = list->au_params; p != nullptr && *p != nullptr; ++p) parameters.emplace_back(*p);
    const auto digest = read_digest(parameters);
    if (digest && !digest->nonce.empty()) return *digest;
  }
  return std::nullopt;
}

std::string header_safe(std::string_view text, std::size_t longest) {
  std::string result;
  for (const char c : text) {
    if (result.size() >= longest) break;
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>') result += c;
  }
  return result;
}

Peer peer_of(msg_t* msg) { return peer_of_address(msg_addr(msg)); }

Peer peer_of(nta_incoming_t* request) {
  msg_t* msg = nta_incoming_getrequest(request);
  const auto peer = peer_of_address(msg_addr(msg));
  msg_destroy(msg);
  return peer;
}

}  // namespace dunlin::nta
