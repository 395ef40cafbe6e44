#include "sip/sip_loop.hpp"

#include <algorithm>

namespace dunlin {
namespace {

bool is_same_place(const EndpointSettings& a, const EndpointSettings& b) {
  return a.transport == b.transport && a.bind == b.bind;
}

bool is_compatible(const EndpointSettings& a, const EndpointSettings& b) {
  return a.advertised == b.advertised && a.certificate_folder == b.certificate_folder && a.ca_file == b.ca_file;
}

bool is_equal(const Cidr& a, const Cidr& b) { return a.network == b.network && a.prefix == b.prefix; }

/// Trunks on one socket: whoever one of them allows may knock.
void merge_sources(EndpointSettings& into, const EndpointSettings& from) {
  auto& list = into.admission.allowed;
  for (const auto& cidr : from.admission.allowed) {
    const bool has = std::any_of(list.begin(), list.end(), [&cidr](const Cidr& known) { return is_equal(known, cidr); });
    if (!has) list.push_back(cidr);
  }
}

}  // namespace

SipLoop::~SipLoop() = default;

Status SipLoop::open(su_root_t* root, const SipStackSettings& settings) {
  // All trunks of a socket are known before it opens, because its filter is one list.
  std::vector<EndpointSettings> wanted;
  for (const auto& trunk : settings.trunks) {
    auto endpoint = Trunk::endpoint_settings(trunk);
    if (!endpoint) return endpoint.error();
    const auto known = std::find_if(wanted.begin(), wanted.end(), [&](const auto& e) { return is_same_place(e, *endpoint); });
    if (known == wanted.end()) {
      wanted.push_back(std::move(*endpoint));
    } else if (is_compatible(*known, *endpoint)) {
      merge_sources(*known, *endpoint);
    } else {
      return invalid_input("trunk " + trunk.name +
                           ": shares a bind with another trunk, but not its advertised address or certificate");
    }
  }
  for (auto& endpoint : wanted) {
    const auto bind = endpoint.bind;
    auto opened = Endpoint::open(root, std::move(endpoint), office_.clock);
    if (!opened) return Error{opened.error().code, "trunk.local_bind = \"" + bind + "\": " + opened.error().detail};
    (*opened)->set_handler([this](Endpoint& from, msg_t* msg, sip_t* sip) { on_trunk_stray(from, msg, sip); });
    endpoints_.push_back(std::move(*opened));
  }
  if (std::any_of(settings.trunks.begin(), settings.trunks.end(), &Trunk::needs_resolver)) {
    auto resolver = open_resolver(root);
    if (!resolver) return resolver.error();
    resolver_ = std::move(*resolver);
  }
  for (const auto& trunk : settings.trunks) {
    const auto status = open_trunk(trunk);
    if (!status) return status.error();
  }
  if (!settings.agents) return Done{};
  auto agents = AgentEdge::open(root, office_, calls_, *settings.agents, settings.first_incoming_leg);
  if (!agents) return agents.error();
  agents_ = std::move(*agents);
  return Done{};
}

Status SipLoop::open_trunk(const TrunkSettings& settings) {
  const auto wanted = Trunk::endpoint_settings(settings);
  if (!wanted) return wanted.error();
  const auto endpoint = std::find_if(endpoints_.begin(), endpoints_.end(),
                                     [&](const auto& e) { return is_same_place(e->settings(), *wanted); });
  if (endpoint == endpoints_.end()) return Error{Errc::not_found, "no endpoint for trunk " + settings.name};
  auto trunk = Trunk::make(office_, settings, **endpoint, resolver_.get());
  if (!trunk) return trunk.error();
  if (!trunks_.emplace(settings.name, std::move(*trunk)).second) return invalid_input("two trunks are named " + settings.name);
  return Done{};
}

void SipLoop::on_trunk_stray(Endpoint& endpoint, msg_t* msg, sip_t* sip) {
  const auto method = sip->sip_request->rq_method;
  if (method == sip_method_ack) return nta_msg_discard(endpoint.agent(), msg);
  const bool is_in_dialog = sip->sip_to != nullptr && sip->sip_to->a_tag != nullptr;
  if (is_in_dialog) return nta::reply_stateless(endpoint.agent(), msg, 481);
  // What a request must have understood comes before what it wants (RFC 3261 8.2.2).
  if (!nta::is_sip_uri(sip->sip_request->rq_url)) return nta::reply_stateless(endpoint.agent(), msg, 416);
  if (sip->sip_require != nullptr) return nta::refuse_extensions(endpoint.agent(), msg, sip);
  if (method == sip_method_options) return nta::reply_stateless(endpoint.agent(), msg, 200);
  // We only call out: a carrier that sends us a call is told that nobody is here.
  nta::reply_stateless(endpoint.agent(), msg, method == sip_method_invite ? 480 : method == sip_method_unknown ? 501 : 405);
}

// --- Commands -----------------------------------------------------------------------------------------------------

void SipLoop::perform(SipCommand command) {
  std::visit([this](auto&& one) { on(std::move(one)); }, std::move(command));
}

void SipLoop::refuse(LegId leg, const std::string& why) {
  EndCause cause = local_end();
  cause.origin = EndOrigin::not_sent;
  cause.text = why;
  office_.emit(LegEnded{leg, std::move(cause)});
}

void SipLoop::on(PlaceTrunkCall command) {
  const auto leg = command.call.leg;
  const auto trunk = trunks_.find(command.call.trunk);
  if (trunk == trunks_.end()) return refuse(leg, "no such trunk");
  if (is_draining_) return refuse(leg, "draining");
  if (calls_.is_full() || calls_.has(leg)) return refuse(leg, calls_.has(leg) ? "the leg exists" : "too many calls");
  if (const auto why = trunk->second->why_unreachable(); !why.empty()) return refuse(leg, why);
  auto call = trunk->second->make_call(command.call, std::move(command.permit));
  call->start(office_.now());
  calls_.add(std::move(call));
}

void SipLoop::on(StationCall command) {
  if (!agents_) return refuse(command.leg, "no agent edge");
  if (is_draining_) return refuse(command.leg, "draining");
  if (calls_.is_full() || calls_.has(command.leg)) return refuse(command.leg, "too many calls");
  auto call = agents_->make_call(command, office_.now());
  if (!call) return refuse(command.leg, call.error().detail);
  (*call)->start(office_.now());
  calls_.add(std::move(*call));
}

void SipLoop::on(AnswerLeg command) {
  if (auto* call = calls_.find(command.leg)) call->answer(command.status, std::move(command.description));
}

void SipLoop::on(RejectLeg command) {
  if (auto* call = calls_.find(command.leg)) call->reject(command.status);
}

void SipLoop::on(HangUpLeg command) {
  if (auto* call = calls_.find(command.leg)) call->hang_up(command.q850);
}

void SipLoop::on(ReOfferLeg command) {
  if (auto* call = calls_.find(command.leg)) call->re_offer(std::move(command.description));
}

void SipLoop::on(ProbeLeg command) {
  if (auto* call = calls_.find(command.leg)) call->probe(office_.now());
}

void SipLoop::on(SetAccounts command) {
  if (agents_) agents_->set_accounts(std::move(command.accounts));
}

void SipLoop::on(ProbeTrunk command) {
  const auto trunk = trunks_.find(command.name);
  if (trunk != trunks_.end()) trunk->second->probe(office_.now());
}

void SipLoop::on(Drain) {
  is_draining_ = true;
  if (agents_) agents_->set_draining();
  calls_.hang_up_all(16);
  for (auto& [name, trunk] : trunks_) trunk->unregister();
}

void SipLoop::tick() {
  const auto now = office_.now();
  if (has_ticked_ && now - last_tick_ > sip_limits::stall) calls_.stall();
  has_ticked_ = true;
  calls_.tick(now);
  if (!is_draining_) {
    for (auto& [name, trunk] : trunks_) trunk->on_tick(now);
  }
  if (agents_) agents_->on_tick(now);
  last_tick_ = office_.now();
}

}  // namespace dunlin
