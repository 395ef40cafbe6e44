#include "sip/trunk.hpp"

#include <algorithm>

#include "sip/number_format.hpp"

namespace dunlin {
namespace {

std::string uri_of(const HostPort& address, SipTransport transport) {
  std::string uri = address.str();
  if (transport != SipTransport::udp) uri += ";transport=" + std::string(transport_name(transport));
  return uri;
}

using HeardUntil = std::map<std::string, MonoTime>;

HeardUntil::const_iterator longest_unseen(const HeardUntil& rows) {
  return std::min_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
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
  // A name's addresses are let in once they are known (allow_targets).
  if (settings.allowed_sources.empty()) {
    if (hop->is_numeric) sources.push_back(hop->host);
    // A proxy need not stay in the path: then the carrier itself speaks in the dialog.
    if (address->is_numeric) sources.push_back(address->host);
  }
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

bool Trunk::needs_resolver(const TrunkSettings& settings) {
  const auto hop = parse_host_port(settings.outbound_proxy.empty() ? settings.address : settings.outbound_proxy);
  return hop && !hop->is_numeric;
}

Result<std::unique_ptr<Trunk>> Trunk::make(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint, sres_resolver_s* resolver) {
  const auto address = parse_host_port(settings.address);
  if (!address) return invalid_input("trunk " + settings.name + ": " + address.error().detail);
  std::optional<HostPort> proxy;
  if (!settings.outbound_proxy.empty()) {
    const auto parsed = parse_host_port(settings.outbound_proxy);
    if (!parsed) return invalid_input("trunk " + settings.name + ": " + parsed.error().detail);
    proxy = *parsed;
  }
  return std::unique_ptr<Trunk>(new Trunk(office, std::move(settings), endpoint, *address, proxy, resolver));
}

Trunk::Trunk(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint, HostPort address, std::optional<HostPort> proxy,
             sres_resolver_s* resolver)
    : office_(office), settings_(std::move(settings)), endpoint_(endpoint), address_(std::move(address)),
      proxy_(std::move(proxy)), auth_(credentials()), resolver_(resolver) {
  probe_due_ = register_due_ = lookup_due_ = sent_at_ = office_.now();
  if (hop().is_numeric) targets_.replace({{hop(), 0, 0}});
}

std::optional<Credentials> Trunk::credentials() const {
  if (!settings_.login) return std::nullopt;
  const auto& login = *settings_.login;
  return Credentials{login.auth_user.empty() ? login.user : login.auth_user, login.password};
}

std::string Trunk::domain() const { return settings_.domain.empty() ? address_.uri_host() : settings_.domain; }

std::string Trunk::hop_uri(const HostPort& target) const {
  const auto transport = ";transport=" + std::string(transport_name(settings_.transport));
  // The certificate is checked against the name in the URI; a numeric address goes beside it (RFC 5922 4).
  const std::string name = !settings_.domain.empty() ? settings_.domain : hop().is_numeric ? "" : hop().host;
  if (settings_.transport == SipTransport::tls && !name.empty()) {
    const auto port = target.port == 0 ? "" : ":" + std::to_string(target.port);
    return "sip:" + name + port + transport + ";maddr=" + target.uri_host();
  }
  return "sip:" + target.str() + transport;
}

std::vector<HostPort> Trunk::ordered_targets() const { return targets_.in_order(office_.now(), random_below); }

std::string Trunk::why_unreachable() const {
  if (!targets_.is_empty()) return "";
  return lookup_problem_.empty() ? hop().host + ": its address is still being looked up" : lookup_problem_;
}

std::string Trunk::address_of_record() const {
  const auto& login = *settings_.login;
  return "sip:" + login.user + "@" + (login.domain.empty() ? domain() : login.domain);
}

std::unique_ptr<UacCall> Trunk::make_call(const TrunkCall& call, DialPermit permit) {
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
  for (const HostPort& target : ordered_targets()) route.spare_hops.push_back(hop_uri(target));
  if (!route.spare_hops.empty()) {
    route.next_hop = route.spare_hops.front();
    route.spare_hops.erase(route.spare_hops.begin());
  }
  route.on_dead_hop = [this](const std::string& hop) { on_dead_hop(hop); };
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
  look_up_when_due(now);
  if (targets_.is_empty()) return;
  if (does_register()) {
    // Timer F takes 32 s: a silent or untrusted carrier is called down before that.
    const bool is_overdue = register_ && now - sent_at_ > sip_limits::liveness_wait;
    if (is_overdue && (!is_known_ || is_up_)) set_state(false, nullptr);
    if (!register_ && now >= register_due_) send_register(settings_.login->expires, "");
    return;
  }
  if (settings_.options_interval.ms == 0) {
    if (!is_known_ || !is_up_) set_state(true, nullptr);
    return;
  }
  watch_probes(now);
  if (now < probe_due_) return;
  probe_due_ = now + settings_.options_interval;
  for (const SipTarget& target : targets_.targets()) {
    const bool is_asked = std::any_of(probes_.begin(), probes_.end(), [&](const Probe& probe) { return probe.target == target.address; });
    if (!is_asked) send_probe(target.address, now);
  }
}

/// A connection that TLS refuses is silence to us: Sofia does not tell the two apart.
std::string Trunk::silence() const {
  return settings_.transport == SipTransport::tls ? "no answer, or a certificate that is not trusted (ca_file, name, dates)" : "no answer";
}

void Trunk::watch_probes(MonoTime now) {
  for (const Probe& probe : probes_) {
    if (now - probe.sent_at <= sip_limits::liveness_wait || !targets_.is_in_use(probe.target)) continue;
    targets_.mark(probe.target, TargetHealth::down, silence());
    tell_targets(now - probe.sent_at, 0);
  }
}

void Trunk::send_probe(const HostPort& target, MonoTime now) {
  const auto address = "sip:" + uri_of(address_, settings_.transport);
  const auto us = "<sip:" + std::string("dunlin@") + domain() + ">";
  const auto call_id = random_token(12) + "@" + office_.installation_suffix;
  Probe probe{target, nta::make_leg(endpoint_.agent(), *this, {call_id, us, "<" + address + ">"}), nullptr, now};
  nta::Request request;
  request.method = nta::method_options;
  request.next_hop = hop_uri(target);
  request.request_uri = address;
  request.headers = "Contact: <" + endpoint_.contact_uri() + ">\r\nAccept: application/sdp\r\n";
  probe.request = nta::send(probe.leg.get(), *this, request);
  if (probe.request) {
    probes_.push_back(std::move(probe));
    return;
  }
  targets_.mark(target, TargetHealth::down, silence());
  tell_targets({}, 0);
}

bool Trunk::on_request(nta_incoming_t*, const sip_t*) { return false; }

void Trunk::on_reply(nta_outgoing_t* request, const sip_t* sip) {
  if (nta::status_of(sip) < 200) return;
  if (request == register_.get()) return on_register_reply(sip);
  const auto found = std::find_if(probes_.begin(), probes_.end(), [&](const Probe& probe) { return probe.request.get() == request; });
  if (found == probes_.end()) return;
  // The reply dies with its request, so the request outlives this function's reading.
  const Probe done = std::move(*found);
  probes_.erase(found);
  // Any answer of its own shows a living carrier, except that it cannot serve (503) or timed out behind (408).
  const bool is_own = nta_sip_is_internal(sip) != 0;
  const int status = nta::status_of(sip);
  const bool is_up = !is_own && status != 503 && status != 408;
  targets_.mark(done.target, is_up ? TargetHealth::up : TargetHealth::down, is_own ? silence() : cause_of(status, sip));
  tell_targets(office_.now() - done.sent_at, is_own ? 0 : status);
}

/// Up as soon as one target answers; down when all are. Until then more is to come.
void Trunk::tell_targets(Duration latency, int sip_status) {
  const bool is_up = targets_.has_up();
  if (is_up || targets_.are_all_down(office_.now())) tell(is_up, latency, sip_status, targets_.causes());
}

void Trunk::tell(bool is_up, Duration latency, int sip_status, std::string cause) {
  // One carrier's wording may change from probe to probe; of several targets another may have died.
  const bool is_single = targets_.targets().size() < 2;
  const bool is_same = is_known_ && is_up == is_up_ && (is_single ? is_up : cause == told_cause_);
  if (is_same) return;
  is_known_ = true;
  is_up_ = is_up;
  told_cause_ = cause;
  office_.emit(TrunkState{settings_.name, is_up, latency, sip_status, std::move(cause)});
}

void Trunk::set_state(bool is_up, const sip_t* sip) {
  const Duration latency = office_.now() - sent_at_;
  if (sip == nullptr || nta_sip_is_internal(sip)) return tell(is_up, latency, 0, is_up ? "not probed" : silence());
  tell(is_up, latency, nta::status_of(sip), cause_of(nta::status_of(sip), sip));
}

/// An INVITE or REGISTER without any answer: other requests go elsewhere until a probe or time says otherwise.
void Trunk::on_dead_hop(const std::string& hop) {
  if (targets_.targets().size() < 2) return;
  for (const SipTarget& target : targets_.targets()) {
    if (hop_uri(target.address) != hop) continue;
    const bool is_probed = !does_register() && settings_.options_interval.ms > 0;
    targets_.mark(target.address, TargetHealth::down, silence(), is_probed ? MonoTime{INT64_MAX} : office_.now() + sip_limits::target_rest);
    if (is_probed) tell_targets({}, 0);
    return;
  }
}

// --- The name -----------------------------------------------------------------------------------------------------

void Trunk::look_up_when_due(MonoTime now) {
  if (hop().is_numeric) return;
  if (lookup_) {
    if (targets_.is_empty() && now - lookup_started_ > sip_limits::liveness_wait && (!is_known_ || is_up_)) {
      tell(false, {}, 0, hop().host + ": no name server answers");
    }
    return;
  }
  if (now < lookup_due_) return;
  lookup_due_ = now + sip_limits::lookup_retry;
  lookup_started_ = now;
  lookup_ = std::make_unique<NameLookup>(resolver_, LookupQuestion{hop(), settings_.transport, endpoint_.is_ipv6()},
                                         [this](LookupAnswer answer) { on_lookup(std::move(answer)); });
  if (!lookup_->start()) on_lookup({{}, {}, hop().host + ": no name server can be reached"});
}

void Trunk::on_lookup(LookupAnswer answer) {
  const auto done = std::move(lookup_);
  const auto now = office_.now();
  lookup_problem_ = answer.problem;
  if (answer.targets.empty()) {
    lookup_due_ = now + sip_limits::lookup_retry;
    // What was found before is still the best guess.
    if (targets_.is_empty()) tell(false, {}, 0, lookup_problem_);
    return;
  }
  lookup_due_ = now + (answer.is_partial ? std::min(answer.life, sip_limits::lookup_retry) : answer.life);
  if (answer.is_partial) keep_known(answer.targets);
  targets_.replace(std::move(answer.targets));
  allow_targets();
  if (!targets_.has_up()) probe_due_ = now;
}

/// Servers that could not be asked for one host say nothing about it.
void Trunk::keep_known(std::vector<SipTarget>& found) const {
  for (const SipTarget& known : targets_.targets()) {
    const bool is_found = std::any_of(found.begin(), found.end(), [&known](const SipTarget& target) { return target.address == known.address; });
    if (!is_found) found.push_back(known);
  }
}

/// An address that the name no longer leads to may still carry a call that began over it: it is heard as long as one may last.
void Trunk::allow_targets() {
  // Who may speak to us is then the operator's word alone.
  if (!settings_.allowed_sources.empty()) return;
  const auto now = office_.now();
  for (const SipTarget& target : targets_.targets()) heard_until_[target.address.host] = now + sip_limits::former_target_life;
  std::erase_if(heard_until_, [now](const auto& row) { return row.second < now; });
  while (heard_until_.size() > sip_limits::max_heard_addresses) heard_until_.erase(longest_unseen(heard_until_));
  std::vector<Cidr> sources;
  for (const auto& [host, until] : heard_until_) {
    if (const auto source = parse_cidr(host)) sources.push_back(*source);
  }
  const Status allowed = endpoint_.allow(settings_.name, std::move(sources));
  if (!allowed) tell(false, {}, 0, allowed.error().detail);
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
  // The answer to a challenge goes where the challenge came from.
  if (extra_headers.empty()) register_target_ = ordered_targets().front();
  nta::Request request;
  request.method = nta::method_registration;
  request.next_hop = hop_uri(register_target_);
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
    const bool is_dead = nta_sip_is_internal(sip) != 0;
    if (is_dead) on_dead_hop(hop_uri(register_target_));
    // Refused: try again at a pace that does not look like a brute force to the carrier.
    register_due_ = now + (status == 403 || status == 401 ? minutes(5) : seconds(30));
    const bool has_another = targets_.targets().size() > 1 && !targets_.are_all_down(now);
    if (is_dead && has_another) register_due_ = now;
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
  if (does_register() && is_up_ && !targets_.is_empty()) send_register(seconds(0), "");
}

}  // namespace dunlin
