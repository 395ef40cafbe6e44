#include "sip/agent_edge.hpp"

#include <openssl/rand.h>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

std::array<std::uint8_t, 32> random_key() {
  std::array<std::uint8_t, 32> key{};
  DUNLIN_CHECK(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1);
  return key;
}

std::optional<Duration> expires_of(const sip_t* sip) {
  if (sip->sip_contact && sip->sip_contact->m_expires) return seconds(std::max(0, std::atoi(sip->sip_contact->m_expires)));
  if (sip->sip_expires) return seconds(static_cast<std::int64_t>(sip->sip_expires->ex_delta));
  return std::nullopt;
}

/// The TLS connection a request came over; null over UDP.
TportPtr connection_of(const Endpoint& endpoint, nta_incoming_t* request) {
  if (endpoint.settings().transport != SipTransport::tls) return nullptr;
  msg_t* msg = nta_incoming_getrequest(request);
  TportPtr connection(nta_incoming_transport(endpoint.agent(), request, msg));
  msg_destroy(msg);
  return connection;
}

}  // namespace

std::string mask_contact(const std::string& uri) {
  const auto at = uri.find('@');
  if (uri.rfind("sip", 0) != 0 || at == std::string::npos) return "sip:***";
  const auto end = uri.find(';', at);
  const auto start = uri.find(':') + 1;
  return uri.substr(0, start) + uri.substr(start, 1) + "***" + uri.substr(at, end == std::string::npos ? end : end - at);
}

AgentEdge::AgentEdge(const SipOffice& office, CallTable& calls, AgentEdgeSettings settings, std::uint64_t first_leg)
    : office_(office), calls_(calls), settings_(std::move(settings)), registrar_(settings_, random_key()), next_leg_(first_leg) {}

AgentEdge::~AgentEdge() = default;

Result<std::unique_ptr<AgentEdge>> AgentEdge::open(su_root_t* root, const SipOffice& office, CallTable& calls,
                                                   AgentEdgeSettings settings, std::uint64_t first_leg) {
  std::unique_ptr<AgentEdge> edge(new AgentEdge(office, calls, std::move(settings), first_leg));
  for (const auto transport : {SipTransport::tls, SipTransport::udp}) {
    const bool is_tls = transport == SipTransport::tls;
    if ((is_tls ? edge->settings_.tls_bind : edge->settings_.udp_bind).empty()) continue;
    auto endpoint = edge->open_endpoint(root, transport);
    if (!endpoint) return Error{endpoint.error().code, std::string(is_tls ? "agents.tls_bind: " : "agents.udp_bind: ") + endpoint.error().detail};
    auto* raw = edge.get();
    (*endpoint)->set_handler([raw](Endpoint& from, msg_t* msg, sip_t* sip) { raw->on_stray(from, msg, sip); });
    (is_tls ? edge->tls_ : edge->udp_) = std::move(*endpoint);
  }
  return edge;
}

/// One line a minute: a flood must not become a flood of the log.
void AgentEdge::tell_refused_connection(const IpBytes& source) {
  ++refused_connections_;
  const MonoTime now = office_.now();
  if (refusals_told_at_ && now - *refusals_told_at_ < minutes(1)) return;
  refusals_told_at_ = now;
  office_.emit(SourceBanned{format_ip(source), Duration{}, "too many new connections, " + std::to_string(refused_connections_) + " refused so far"});
}

Result<std::unique_ptr<Endpoint>> AgentEdge::open_endpoint(su_root_t* root, SipTransport transport) {
  EndpointSettings endpoint;
  const bool is_tls = transport == SipTransport::tls;
  endpoint.transport = transport;
  endpoint.bind = is_tls ? settings_.tls_bind : settings_.udp_bind;
  endpoint.advertised = settings_.advertised_address;
  endpoint.certificate_folder = settings_.certificate_folder;
  endpoint.admission.is_open = is_tls;
  endpoint.admission.requests_per_second = settings_.requests_per_second;
  if (is_tls) {
    endpoint.admission.connections_per_second = settings_.connections_per_second;
    endpoint.admission.total_connections_per_second = settings_.total_connections_per_second;
    endpoint.on_refused_connection = [this](const IpBytes& source) { tell_refused_connection(source); };
  }
  auto networks = parse_cidrs(settings_.plain_agent_networks);
  if (!networks) return invalid_input("plain_agent_networks: " + networks.error().detail);
  if (!is_tls) endpoint.admission.allowed = std::move(*networks);
  return Endpoint::open(root, std::move(endpoint), office_.clock);
}

// --- Requests outside dialogs -------------------------------------------------------------------------------------

void AgentEdge::on_stray(Endpoint& endpoint, msg_t* msg, sip_t* sip) {
  const auto method = sip->sip_request->rq_method;
  const bool is_in_dialog = sip->sip_to != nullptr && sip->sip_to->a_tag != nullptr;
  if (is_in_dialog && method != sip_method_ack && method != sip_method_register) {
    return nta::reply_stateless(endpoint.agent(), msg, 481);
  }
  if (method != sip_method_register && method != sip_method_invite) return on_other_method(endpoint, msg, method);
  IncomingPtr request(nta_incoming_create(endpoint.agent(), nullptr, msg, sip, TAG_END()));
  if (!request) return;
  if (method == sip_method_register) on_register(endpoint, std::move(request), sip);
  else on_invite(endpoint, std::move(request), sip);
}

/// A registered phone is told what we serve (RFC 3261 8.2.1, 11.2). To everybody else there is silence: OPTIONS, MESSAGE,
/// SUBSCRIBE tell a scanner nothing.
void AgentEdge::on_other_method(Endpoint& endpoint, msg_t* msg, sip_method_t method) {
  const bool is_known = method != sip_method_ack && registrar_.has_flow(source_of(endpoint, nta::peer_of(msg)).flow);
  if (!is_known) return nta_msg_discard(endpoint.agent(), msg);
  nta::reply_stateless(endpoint.agent(), msg, method == sip_method_options ? 200 : method == sip_method_unknown ? 501 : 405);
}

SipSource AgentEdge::source_of(Endpoint& endpoint, nta_incoming_t* request) const {
  return source_of(endpoint, nta::peer_of(request));
}

SipSource AgentEdge::source_of(Endpoint& endpoint, const nta::Peer& peer) {
  const bool is_tls = endpoint.settings().transport == SipTransport::tls;
  return {peer.address, peer.address + ":" + std::to_string(peer.port) + (is_tls ? ";tls" : ";udp"), is_tls};
}

std::optional<std::string> AgentEdge::authenticate(Endpoint& endpoint, nta_incoming_t* request, const sip_t* sip,
                                                   bool is_register) {
  if (!has_accounts_) {
    nta::reply(request, {503, "Retry-After: 1\r\n", ""});
    return std::nullopt;
  }
  AuthAttempt attempt;
  attempt.method = is_register ? "REGISTER" : "INVITE";
  attempt.claimed_user = nta::user_of(is_register ? sip->sip_to->a_url : sip->sip_from->a_url);
  attempt.credentials = nta::digest_of(sip->sip_authorization);
  attempt.source = source_of(endpoint, request);
  const auto now = office_.now();
  const auto verdict = registrar_.authenticate(attempt, now);
  if (verdict.ban) {
    endpoint.gate().ban(nta::peer_of(request).ip, now + verdict.ban->length);
    office_.emit(*verdict.ban);
  }
  if (verdict.kind == AuthVerdict::Kind::accepted) {
    endpoint.gate().vouch(nta::peer_of(request).ip, now);
    return verdict.user;
  }
  const bool is_challenge = verdict.kind == AuthVerdict::Kind::challenge;
  nta::reply(request, {verdict.status, is_challenge ? "WWW-Authenticate: " + verdict.challenge + "\r\n" : "", ""});
  return std::nullopt;
}

void AgentEdge::on_register(Endpoint& endpoint, IncomingPtr request, const sip_t* sip) {
  const auto user = authenticate(endpoint, request.get(), sip, true);
  if (!user) return;
  RegisterRequest wanted;
  wanted.user = *user;
  wanted.source = source_of(endpoint, request.get());
  wanted.call_id = sip->sip_call_id->i_id;
  wanted.sequence = sip->sip_cseq->cs_seq;
  wanted.expires = expires_of(sip);
  if (sip->sip_contact != nullptr) {
    wanted.is_wildcard = sip->sip_contact->m_url->url_type == url_any;
    if (!wanted.is_wildcard) wanted.contact_uri = nta::uri_text(sip->sip_contact->m_url);
  }
  const auto reply = registrar_.register_contact(wanted, office_.now());
  nta::Reply answer{reply.status, "", ""};
  if (reply.status == 423) answer.headers = "Min-Expires: " + std::to_string(reply.min_expires.ms / 1000) + "\r\n";
  if (reply.status == 200 && !reply.contact_uri.empty()) {
    answer.headers = "Contact: <" + reply.contact_uri + ">;expires=" + std::to_string(reply.expires.ms / 1000) + "\r\n";
  }
  // The transaction lets go of its connection with the reply, so it is taken before.
  auto connection = connection_of(endpoint, request.get());
  const auto peer = nta::peer_of(request.get());
  nta::reply(request.get(), answer);
  if (reply.is_removed) forget(*user, "unregistered");
  if (reply.status != 200 || wanted.contact_uri.empty() || reply.expires.ms == 0 || reply.is_removed) return;
  if (reply.is_new) store_flow(endpoint, peer, std::move(connection), *user);
  if (reply.is_new) {
    office_.emit(AgentRegistered{*user, mask_contact(reply.contact_uri), reply.expires, wanted.source.is_secure});
  }
}

void AgentEdge::store_flow(Endpoint& endpoint, const nta::Peer& peer, TportPtr connection, const std::string& user) {
  Flow flow;
  flow.endpoint = &endpoint;
  flow.ping_due = office_.now() + sip_limits::liveness_every;
  flow.connection = std::move(connection);
  const HostPort address{peer.address, peer.port, true};
  flow.next_hop = "sip:" + address.str() + ";transport=" + std::string(transport_name(endpoint.settings().transport));
  flows_.insert_or_assign(user, std::move(flow));
}

void AgentEdge::on_invite(Endpoint& endpoint, IncomingPtr request, const sip_t* sip) {
  const auto user = authenticate(endpoint, request.get(), sip, false);
  if (!user) return;
  if (is_draining_ || calls_.is_full()) return nta::reply(request.get(), {503, "Retry-After: 30\r\n", ""});
  auto call = std::make_unique<UasCall>(office_, LegId(next_leg_++), route_of(endpoint, *user));
  call->set_connection(connection_of(endpoint, request.get()).get());
  call->start(std::move(request), sip);
  calls_.add(std::move(call));
}

CallRoute AgentEdge::route_of(Endpoint& endpoint, const std::string& user) const {
  CallRoute route;
  route.endpoint = &endpoint;
  route.session_expires = settings_.session_expires;
  route.requires_srtp = endpoint.settings().transport == SipTransport::tls;
  route.checks_liveness = true;
  route.agent_user = user;
  return route;
}

// --- Calls to agents ----------------------------------------------------------------------------------------------

Result<std::unique_ptr<UacCall>> AgentEdge::make_call(const StationCall& call, MonoTime now) {
  auto permit = registrar_.station_permit(call.user, now);
  if (!permit) return permit.error();
  const auto flow = flows_.find(call.user);
  if (flow == flows_.end()) return Error{Errc::not_found, "the agent has no connection"};
  auto& endpoint = *flow->second.endpoint;
  InvitePlan plan;
  plan.call_id = call.leg.str() + "@" + office_.installation_suffix;
  plan.from = "<sip:dunlin@" + endpoint.shown_host() + ">";
  plan.to = "<" + permit->address_of_record() + "@" + endpoint.shown_host() + ">";
  plan.reliability = Reliability::off;
  plan.offer = call.offer;
  plan.ring_timeout = call.ring_timeout;
  auto route = route_of(endpoint, call.user);
  route.next_hop = flow->second.next_hop;
  auto made = std::make_unique<UacCall>(office_, call.leg, std::move(route), std::move(plan), std::move(*permit));
  made->set_connection(flow->second.connection.get());
  return made;
}

// --- Bindings -----------------------------------------------------------------------------------------------------

void AgentEdge::set_accounts(std::vector<SipAccount> accounts) {
  has_accounts_ = true;
  for (const auto& user : registrar_.set_accounts(std::move(accounts))) {
    forget(user, "account changed");
    calls_.hang_up_agent(user);
  }
}

void AgentEdge::forget(const std::string& user, const std::string& reason) {
  registrar_.drop(user);
  flows_.erase(user);
  office_.emit(AgentUnregistered{user, reason});
}

void AgentEdge::on_tick(MonoTime now) {
  for (const auto& user : registrar_.expire(now)) forget(user, "expired");
  std::vector<std::string> lost;
  for (auto& [user, flow] : flows_) {
    const auto* connection = flow.connection.get();
    const bool is_closed = connection != nullptr && (tport_is_closed(connection) || tport_is_shutdown(connection));
    if (is_closed || (flow.ping && now >= flow.ping_deadline)) lost.push_back(user);
    else if (!flow.ping && now >= flow.ping_due) ping(user, flow, now);
  }
  for (const auto& user : lost) forget(user, "connection lost");
}

void AgentEdge::ping(const std::string& user, Flow& flow, MonoTime now) {
  const auto* binding = registrar_.find(user);
  if (binding == nullptr) return;
  flow.ping_due = now + sip_limits::liveness_every;
  flow.ping_deadline = now + sip_limits::liveness_wait;
  const auto us = "<sip:dunlin@" + flow.endpoint->shown_host() + ">";
  const auto call_id = random_token(12) + "@" + office_.installation_suffix;
  flow.leg = nta::make_leg(flow.endpoint->agent(), *this, {call_id, us, "<" + binding->contact_uri + ">"});
  nta::Request request;
  request.method = nta::method_options;
  request.next_hop = flow.next_hop;
  request.request_uri = binding->contact_uri;
  request.headers = "Contact: <" + flow.endpoint->contact_uri() + ">\r\n";
  request.connection = flow.connection.get();
  flow.ping = nta::send(flow.leg.get(), *this, request);
}

bool AgentEdge::on_request(nta_incoming_t*, const sip_t*) { return false; }

void AgentEdge::on_reply(nta_outgoing_t* request, const sip_t* sip) {
  if (nta::status_of(sip) < 200) return;
  // Any answer of the phone's own shows that it lives; an internal one waits for the deadline.
  for (auto& entry : flows_) {
    if (entry.second.ping.get() == request && !nta_sip_is_internal(sip)) entry.second.ping.reset();
  }
}

}  // namespace dunlin
