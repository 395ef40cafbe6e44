#include "sip/trunk.hpp"

#include "sip/number_format.hpp"

namespace dunlin {
namespace {

std::string uri_of(const HostPort& address, SipTransport transport) {
  std::string uri = address.str();
  if (transport != SipTransport::udp) uri += ";transport=" + std::string(transport_name(transport));
  return uri;
}

}  // namespace

Result<EndpointSettings> Trunk::endpoint_settings(const TrunkSettings& settings) {
  const auto fail = [&](const Error& error) { return invalid_input("trunk " + settings.name + ": " + error.detail); };
  const auto address = parse_host_port(settings.address);
  if (!address) return fail(address.error());
  const auto hop = settings.outbound_proxy.empty() ? address : parse_host_port(settings.outbound_proxy);
  if (!hop) return fail(hop.error());
  EndpointSettings endpoint;
  endpoint.transport = settings.transport;
  endpoint.bind = settings.local_bind;
  endpoint.advertised = settings.advertised_address;
  auto sources = settings.allowed_sources;
  if (sources.empty() && hop->is_numeric) {
    sources.push_back(hop->host);
    // A proxy need not stay in the path: then the carrier itself speaks in the dialog.
    if (address->is_numeric) sources.push_back(address->host);
  }
  if (sources.empty()) return fail(invalid_input(std::string("allowed_sources is empty and ") + (settings.outbound_proxy.empty() ? "address" : "outbound_proxy") + " is a name"));
  auto cidrs = parse_cidrs(sources);
  if (!cidrs) return fail(cidrs.error());
  endpoint.admission.allowed = std::move(*cidrs);
  endpoint.admission.requests_per_second = 200;
  if (settings.transport == SipTransport::tls) {
    endpoint.certificate_folder = settings.client_certificate_folder;
    endpoint.ca_file = settings.ca_file;
    endpoint.verifies_peer = true;
  }
  return endpoint;
}

Result<std::unique_ptr<Trunk>> Trunk::make(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint) {
  const auto address = parse_host_port(settings.address);
  if (!address) return invalid_input("trunk " + settings.name + ": " + address.error().detail);
  std::optional<HostPort> proxy;
  if (!settings.outbound_proxy.empty()) {
    const auto parsed = parse_host_port(settings.outbound_proxy);
    if (!parsed) return invalid_input("trunk " + settings.name + ": " + parsed.error().detail);
    proxy = *parsed;
  }
  return std::unique_ptr<Trunk>(new Trunk(office, std::move(settings), endpoint, *address, proxy));
}

Trunk::Trunk(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint, HostPort address, std::optional<HostPort> proxy)
    : office_(office), settings_(std::move(settings)), endpoint_(endpoint), address_(std::move(address)),
      proxy_(std::move(proxy)), auth_(credentials()) {
  probe_due_ = register_due_ = office_.now();
}

std::optional<Credentials> Trunk::credentials() const {
  if (!settings_.login) return std::nullopt;
  const auto& login = *settings_.login;
  return Credentials{login.auth_user.empty() ? login.user : login.auth_user, login.password};
}

std::string Trunk::domain() const { return settings_.domain.empty() ? address_.uri_host() : settings_.domain; }

std::string Trunk::next_hop() const {
  const auto& hop = proxy_ ? *proxy_ : address_;
  const auto transport = ";transport=" + std::string(transport_name(settings_.transport));
  // The certificate is checked against the name in the URI; a numeric address goes beside it (RFC 5922 4).
  if (settings_.transport == SipTransport::tls && hop.is_numeric && !settings_.domain.empty()) {
    const auto port = hop.port == 0 ? "" : ":" + std::to_string(hop.port);
    return "sip:" + settings_.domain + port + transport + ";maddr=" + hop.uri_host();
  }
  return "sip:" + hop.str() + transport;
}

std::string Trunk::address_of_record() const {
  const auto& login = *settings_.login;
  return "sip:" + login.user + "@" + (login.domain.empty() ? domain() : login.domain);
}

std::unique_ptr<UacCall> Trunk::make_call(const TrunkCall& call, DialPermit permit) const {
  const auto caller = format_number(call.caller_id, settings_.number_format, "");
  const auto name = nta::header_safe(call.caller_name, 64);
  const auto display = name.empty() ? "" : "\"" + name + "\" ";
  const auto identity = display + "<sip:" + caller + "@" + domain() + ">";
  InvitePlan plan;
  plan.call_id = permit.attempt().str() + "-" + std::to_string(permit.leg_number()) + "@" + office_.installation_suffix;
  plan.request_uri = "sip:" + format_number(call.to, settings_.number_format, settings_.number_prefix) + "@" +
                     uri_of(address_, settings_.transport);
  plan.to = "<sip:" + format_number(call.to, settings_.number_format, settings_.number_prefix) + "@" + domain() + ">";
  const bool is_from = settings_.caller_id_header == CallerIdHeader::from;
  plan.from = is_from || !settings_.login ? identity : "<" + address_of_record() + ">";
  if (settings_.caller_id_header == CallerIdHeader::p_asserted_identity) {
    plan.identity_headers = "P-Asserted-Identity: " + identity + "\r\n";
  }
  if (settings_.caller_id_header == CallerIdHeader::remote_party_id) {
    plan.identity_headers = "Remote-Party-ID: " + identity + ";party=calling;privacy=off;screen=yes\r\n";
  }
  plan.reliability = settings_.reliability;
  plan.offer = call.offer;
  plan.ring_timeout = call.ring_timeout;
  CallRoute route;
  route.endpoint = &endpoint_;
  route.next_hop = next_hop();
  route.credentials = credentials();
  route.session_expires = settings_.session_expires;
  route.requires_srtp = settings_.requires_srtp;
  return std::make_unique<UacCall>(office_, call.leg, std::move(route), std::move(plan), std::move(permit));
}

// --- Health -------------------------------------------------------------------------------------------------------

void Trunk::probe(MonoTime now) {
  if (does_register()) register_due_ = now;
  else probe_due_ = now;
  on_tick(now);
}

void Trunk::on_tick(MonoTime now) {
  // Timer F takes 32 s: a silent or untrusted carrier is called down before that.
  const bool is_waiting = probe_ != nullptr || register_ != nullptr;
  if (is_waiting && now - sent_at_ > sip_limits::liveness_wait && (!is_known_ || is_up_)) set_state(false, nullptr);
  if (does_register()) {
    if (!register_ && now >= register_due_) send_register(settings_.login->expires, "");
    return;
  }
  if (settings_.options_interval.ms == 0) {
    if (!is_known_) set_state(true, nullptr);
    return;
  }
  if (probe_ || now < probe_due_) return;
  probe_due_ = now + settings_.options_interval;
  sent_at_ = now;
  const auto target = "sip:" + uri_of(address_, settings_.transport);
  const auto us = "<sip:" + std::string("dunlin@") + domain() + ">";
  const auto call_id = random_token(12) + "@" + office_.installation_suffix;
  probe_leg_ = nta::make_leg(endpoint_.agent(), *this, {call_id, us, "<" + target + ">"});
  nta::Request request;
  request.method = nta::method_options;
  request.next_hop = next_hop();
  request.request_uri = target;
  request.headers = "Contact: <" + endpoint_.contact_uri() + ">\r\nAccept: application/sdp\r\n";
  probe_ = nta::send(probe_leg_.get(), *this, request);
  if (!probe_) set_state(false, nullptr);
}

bool Trunk::on_request(nta_incoming_t*, const sip_t*) { return false; }

void Trunk::on_reply(nta_outgoing_t* request, const sip_t* sip) {
  if (nta::status_of(sip) < 200) return;
  if (request == register_.get()) return on_register_reply(sip);
  if (request != probe_.get()) return;
  // Any answer of its own shows a living carrier, except that it cannot serve (503) or timed out behind (408).
  const int status = nta::status_of(sip);
  const bool is_up = !nta_sip_is_internal(sip) && status != 503 && status != 408;
  // The reply dies with its request, so the request outlives this function's reading.
  const auto done = std::move(probe_);
  set_state(is_up, sip);
}

void Trunk::set_state(bool is_up, const sip_t* sip) {
  if (is_known_ && is_up == is_up_ && is_up) return;
  is_known_ = true;
  is_up_ = is_up;
  TrunkState state{settings_.name, is_up, office_.now() - sent_at_, 0, ""};
  if (sip == nullptr || nta_sip_is_internal(sip)) state.cause = is_up ? "not probed" : "no answer";
  else state.sip_status = nta::status_of(sip), state.cause = cause_of(state.sip_status, sip);
  office_.emit(std::move(state));
}

/// In words an operator can act on; the carrier's own phrase stays in it.
std::string Trunk::cause_of(int status, const sip_t* sip) const {
  const auto said = std::to_string(status) + " " + nta::reason_text(sip);
  if (!does_register() || (status != 401 && status != 403 && status != 407)) return said;
  return "the carrier refuses the login (" + said + "): check register_user and password_file of this trunk";
}

// --- Registration -------------------------------------------------------------------------------------------------

bool Trunk::send_register(Duration expires, const std::string& extra_headers) {
  if (extra_headers.empty()) auth_.start_request();
  const auto record = "<" + address_of_record() + ">";
  if (!register_leg_) {
    const auto call_id = random_token(12) + "@" + office_.installation_suffix;
    register_leg_ = nta::make_leg(endpoint_.agent(), *this, {call_id, record, record});
  }
  sent_at_ = office_.now();
  nta::Request request;
  request.method = nta::method_registration;
  request.next_hop = next_hop();
  request.request_uri = "sip:" + (settings_.login->domain.empty() ? domain() : settings_.login->domain);
  request.headers = "Contact: <" + endpoint_.contact_uri(settings_.login->user) + ">\r\nExpires: " +
                    std::to_string(expires.ms / 1000) + "\r\n" + extra_headers;
  granted_ = expires;
  register_due_ = office_.now() + seconds(30);
  register_ = nta::send(register_leg_.get(), *this, request);
  if (!register_) set_state(false, nullptr);
  return register_ != nullptr;
}

void Trunk::on_register_reply(const sip_t* sip) {
  const int status = nta::status_of(sip);
  const auto now = office_.now();
  const auto done = std::move(register_);  // Keeps the reply readable.
  if (status == 401 || status == 407) {
    const auto header = auth_.answer(sip, "REGISTER", nta::uri_text(nta_outgoing_request_uri(done.get())));
    if (header && send_register(granted_, *header)) return;
  }
  if (status == 423 && sip->sip_min_expires != nullptr && sip->sip_min_expires->me_delta < 86'400) {
    send_register(seconds(static_cast<std::int64_t>(sip->sip_min_expires->me_delta)), "");
    return;
  }
  if (status >= 300) {
    // Refused: try again at a pace that does not look like a brute force to the carrier.
    register_due_ = now + (status == 403 || status == 401 ? minutes(5) : seconds(30));
    set_state(false, sip);
    return;
  }
  Duration granted = granted_;
  if (sip->sip_contact && sip->sip_contact->m_expires) granted = seconds(std::max(30, std::atoi(sip->sip_contact->m_expires)));
  else if (sip->sip_expires) granted = seconds(std::max<std::int64_t>(30, static_cast<std::int64_t>(sip->sip_expires->ex_delta)));
  register_due_ = now + Duration{granted.ms * 3 / 4};
  set_state(true, sip);
}

void Trunk::unregister() {
  if (does_register() && is_up_) send_register(seconds(0), "");
}

}  // namespace dunlin
