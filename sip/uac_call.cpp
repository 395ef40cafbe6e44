#include "sip/uac_call.hpp"

namespace dunlin {
namespace {

std::string reason_header(int q850) {
  return q850 == 0 ? "" : "Reason: Q.850;cause=" + std::to_string(q850) + "\r\n";
}

/// The far end's offer as if it had been an answer: only what we chose of it is left.
MediaDescription as_agreed(MediaDescription offered, const MediaDescription& chosen) {
  std::erase_if(offered.codecs, [&](const CodecChoice& one) { return one.codec != chosen.codecs.front().codec; });
  const auto is_refused = [&](const CryptoKey& key) { return !chosen.is_secure() || key.tag != chosen.crypto.front().tag; };
  std::erase_if(offered.crypto, is_refused);
  offered.is_best_effort = chosen.is_best_effort;
  return offered;
}

}  // namespace

UacCall::UacCall(const SipOffice& office, LegId leg, CallRoute route, InvitePlan plan, DialPermit permit)
    : Call(office, leg, std::move(route)), plan_(std::move(plan)), permit_expires_at_(permit.expires_at()) {}

UacCall::UacCall(const SipOffice& office, LegId leg, CallRoute route, InvitePlan plan, StationPermit permit)
    : Call(office, leg, std::move(route)), plan_(std::move(plan)) {
  plan_.request_uri = permit.contact_uri();
}

void UacCall::start(MonoTime now) {
  // The last check before the wire, in the thread that sends (attempt protocol R4).
  if (permit_expires_at_ && now >= *permit_expires_at_) return end_not_sent("permit expired");
  if (plan_.offer.session_id == 0) plan_.offer.session_id = leg_id_.value();
  if (plan_.offer.session_version == 0) plan_.offer.session_version = 1;
  local_ = plan_.offer;
  leg_ = nta::make_leg(route_.endpoint->agent(), *this, {plan_.call_id, plan_.from, plan_.to});
  session_seconds_ = route_.session_expires.ms / 1000;
  ring_deadline_ = now + plan_.ring_timeout;
  if (!leg_ || !send_invite("")) return end_not_sent("the INVITE could not be built");
  office_.emit(InviteSent{leg_id_, office_.now()});
}

void UacCall::end_not_sent(const std::string& why) {
  EndCause cause = local_end();
  cause.origin = EndOrigin::not_sent;
  cause.text = why;
  end(std::move(cause));
  state_ = DialogState::over;
}

std::string UacCall::invite_headers() const {
  std::string headers = common_headers() + plan_.identity_headers;
  std::string supported;
  if (session_seconds_ >= 90) {
    supported = "timer";
    headers += "Session-Expires: " + std::to_string(session_seconds_) + "\r\nMin-SE: 90\r\n";
  }
  if (plan_.reliability == Reliability::supported) supported += supported.empty() ? "100rel" : ", 100rel";
  if (plan_.reliability == Reliability::required) headers += "Require: 100rel\r\n";
  if (!supported.empty()) headers += "Supported: " + supported + "\r\n";
  return headers;
}

bool UacCall::send_invite(const std::string& extra_headers) {
  auto request = make_request(nta::method_invite);
  request.next_hop = route_.next_hop;
  request.request_uri = plan_.request_uri;
  request.headers = invite_headers() + extra_headers;
  request.body = write_sdp(plan_.offer);
  invite_ = send(request);
  invite_sent_at_ = office_.now();
  return invite_ != nullptr;
}

// --- Replies ------------------------------------------------------------------------------------------------------

void UacCall::on_call_reply(nta_outgoing_t* request, const sip_t* sip) {
  if (request == prack_.get()) return;
  const int status = nta::status_of(sip);
  if (nta_outgoing_method(request) != sip_method_invite || has_ended() || state_ == DialogState::established) return;
  if (status < 200) on_provisional(request, sip);
  else if (status < 300) on_success(request, sip);
  else on_failure(sip);
}

void UacCall::on_provisional(nta_outgoing_t* request, const sip_t* sip) {
  const int status = nta::status_of(sip);
  if (status >= 180 && status <= 183) facts_.had_18x = true;
  if (state_ == DialogState::starting) state_ = DialogState::ringing;
  peer_allows_update_ = peer_allows_update_ || nta::allows(sip, sip_method_update);
  LegProgress progress{leg_id_, status, std::nullopt};
  // After an UPDATE the first answer, said again, is old news.
  if (const auto body = nta::body_of(sip); body && !was_updated_early_) {
    const auto agreed = accept_answer(plan_.offer, body->audio);
    if (agreed && (agreed->is_secure() || !route_.requires_srtp)) {
      progress.early = *agreed;
      early_answer_ = *agreed;
      remote_ = body->audio;
    }
  }
  if (nta::requires_reliable(sip)) acknowledge_provisional(request, sip);
  if (state_ != DialogState::cancelling) office_.emit(std::move(progress));
}

void UacCall::acknowledge_provisional(nta_outgoing_t* request, const sip_t* sip) {
  const auto tag = nta::to_tag_of(sip);
  if (tag.empty() || plan_.reliability == Reliability::off) return;
  if (early_tag_.empty()) {
    early_tag_ = tag;
    nta::adopt_dialog(leg_.get(), sip);
    // From here on the transaction belongs to this early dialog; Sofia wants it marked so before it makes a PRACK.
    const auto on_reply = [](nta_outgoing_magic_t* magic, nta_outgoing_t* orq, const sip_t* reply) {
      if (reply != nullptr) magic->on_reply(orq, reply);
      return 0;
    };
    auto* tagged = nta_outgoing_tagged(request, on_reply, static_cast<ReplyHandler*>(this), tag.c_str(), sip->sip_rseq);
    if (tagged != nullptr) invite_.reset(tagged);
  } else if (tag != early_tag_) {
    return;  // Another fork's reliable reply: not ours to confirm; its 2xx would be hung up.
  }
  trace(TraceDirection::out, "PRACK");
  prack_ = nta::send_prack(leg_.get(), invite_.get(), *this, sip, make_request(nta::method_options));
}

void UacCall::on_success(nta_outgoing_t* request, const sip_t* sip) {
  facts_.was_answered = true;
  nta::adopt_dialog(leg_.get(), sip);
  trace(TraceDirection::out, "ACK");
  nta::send_ack(leg_.get(), request, make_request(nta::method_invite));
  if (state_ == DialogState::cancelling) {
    // The 200 crossed our CANCEL: it was answered, and we hang up (RFC 3261 9.1).
    send_bye("");
    EndCause cause = local_end();
    cause.origin = cancel_origin_;
    cause.sip_status = 200;
    cause.text = cancel_text_;
    end(std::move(cause));
    return;
  }
  establish(office_.now());
  take_session_timer(sip, office_.now());
  take_answer(sip);
}

void UacCall::take_answer(const sip_t* sip) {
  Result<MediaDescription> agreed = Error{Errc::invalid_input, "no answer in the 2xx"};
  if (was_updated_early_) {
    // Media were agreed twice by now; what the 2xx repeats is the first agreement (RFC 3261 13.2.1).
    agreed = *early_answer_;
  } else if (const auto body = nta::body_of(sip)) {
    agreed = accept_answer(plan_.offer, body->audio);
    remote_ = body->audio;
  } else if (early_answer_ && body.error().code == Errc::not_found) {
    agreed = *early_answer_;
  }
  if (agreed && route_.requires_srtp && !agreed->is_secure()) agreed = invalid_input("the answer is not secure");
  if (agreed) {
    office_.emit(LegAnswered{leg_id_, *agreed});
    return;
  }
  send_bye("Reason: SIP;cause=488\r\n");
  EndCause cause = local_end();
  cause.sip_status = 200;
  cause.text = agreed.error().detail;
  end(std::move(cause));
}

bool UacCall::send_again(const sip_t* sip) {
  const int status = nta::status_of(sip);
  if (state_ == DialogState::cancelling || ++resends_ > sip_limits::max_replies_to_one_invite) return false;
  if (status == 401 || status == 407) {
    const auto header = auth_.answer(sip, "INVITE", plan_.request_uri);
    if (!header) return false;
    state_ = DialogState::starting;
    return send_invite(*header);
  }
  const long wanted = nta::min_se_of(sip);
  if (status != 422 || wanted <= session_seconds_ || wanted > 86'400) return false;
  session_seconds_ = wanted;
  state_ = DialogState::starting;
  return send_invite("");
}

/// The carrier's next host gets the INVITE only when it is certain that the last one rings nobody: a 503 of its own, or a
/// single datagram that its machine sent back (ICMP). Silence proves nothing (the phone may ring), nor does a lost
/// connection. No 18x came, so no dialog of the last host exists.
bool UacCall::try_next_hop(const sip_t* sip) {
  const bool is_own = nta_sip_is_internal(sip) != 0;
  if (is_own && state_ == DialogState::starting && route_.on_dead_hop) route_.on_dead_hop(route_.next_hop);
  if (state_ == DialogState::cancelling || facts_.had_18x || route_.spare_hops.empty() || nta::status_of(sip) != 503) return false;
  const bool is_udp = route_.endpoint->settings().transport == SipTransport::udp;
  const bool was_sent_once = office_.now() - invite_sent_at_ < sip_limits::one_datagram;
  if (is_own && !(is_udp && was_sent_once && state_ == DialogState::starting)) return false;
  if (permit_expires_at_ && office_.now() >= *permit_expires_at_) return false;
  route_.next_hop = route_.spare_hops.front();
  route_.spare_hops.erase(route_.spare_hops.begin());
  state_ = DialogState::starting;
  auth_.start_request();
  return send_invite("");
}

void UacCall::on_failure(const sip_t* sip) {
  // The reply dies with its request, so the request outlives this function's reading.
  const auto done = std::move(invite_);
  if (send_again(sip) || try_next_hop(sip)) return;
  const bool is_own = nta_sip_is_internal(sip) != 0;
  const int status = nta::status_of(sip);
  EndCause cause = local_end();
  cause.origin = EndOrigin::remote;
  if (is_own) {
    cause.origin = status == 408 ? EndOrigin::timeout : EndOrigin::transport;
  } else if (state_ == DialogState::cancelling) {
    cause.origin = cancel_origin_;
  }
  cause.sip_status = is_own ? 0 : status;
  cause.q850 = nta::q850_of(sip);
  cause.text = state_ == DialogState::cancelling && !cancel_text_.empty() ? cancel_text_ : nta::reason_text(sip);
  end(std::move(cause));
  state_ = DialogState::over;
}

// --- Giving up ----------------------------------------------------------------------------------------------------

void UacCall::cancel(EndOrigin origin, const std::string& text, int q850) {
  if (state_ != DialogState::starting && state_ != DialogState::ringing) return;
  state_ = DialogState::cancelling;
  cancel_origin_ = origin;
  cancel_text_ = text;
  cancel_deadline_ = office_.now() + sip_limits::cancel_wait;
  trace(TraceDirection::out, "CANCEL");
  nta::send_cancel(invite_.get(), reason_header(q850));
}

void UacCall::hang_up(int q850) {
  if (state_ == DialogState::starting || state_ == DialogState::ringing) {
    cancel(EndOrigin::local, "", q850);
  } else if (state_ == DialogState::established) {
    send_bye(reason_header(q850));
    EndCause cause = local_end();
    cause.q850 = q850;
    end(std::move(cause));
  }
}

void UacCall::on_stall() {
  if (!facts_.had_18x) cancel(EndOrigin::timeout, "stalled before ringing", 0);
}

void UacCall::on_tick(MonoTime now) {
  if ((state_ == DialogState::starting || state_ == DialogState::ringing) && now >= ring_deadline_) {
    // Not even a 100 came: Timer B is longer than most rings, so this is where a silent host shows.
    if (state_ == DialogState::starting && route_.on_dead_hop) route_.on_dead_hop(route_.next_hop);
    // Once the far end confirms the CANCEL no doubt is left: nobody answered.
    cancel(EndOrigin::local, "ring timeout", 0);
  } else if (state_ == DialogState::cancelling && now >= cancel_deadline_) {
    EndCause cause = local_end();
    cause.origin = EndOrigin::timeout;
    cause.text = "no final reply to CANCEL";
    end(std::move(cause));
    state_ = DialogState::over;
  }
  Call::on_tick(now);
}

void UacCall::on_early_bye(const sip_t*) { cancel(EndOrigin::remote, "BYE before answer", 0); }

void UacCall::on_early_update(nta_incoming_t* request, const sip_t* sip) {
  if (!nta::has_body(sip)) return reply(request, {200, "", ""});
  // Our own offer is still open (RFC 3311 5.2): what came unreliably was a preview, no answer (RFC 3261 13.2.1).
  if (!early_answer_ || early_tag_.empty()) return reply(request, {491, "", ""});
  const auto body = nta::body_of(sip);
  auto chosen = body ? choose_answer(body->audio, plan_.offer) : Result<MediaDescription>(body.error());
  if (!chosen) return reply(request, {488, "", ""});
  chosen->session_version = local_.session_version + 1;
  local_ = *chosen;
  remote_ = body->audio;
  early_answer_ = as_agreed(body->audio, local_);
  was_updated_early_ = true;
  reply(request, {200, "", write_sdp_answer(local_, *body)});
  if (state_ != DialogState::cancelling) office_.emit(LegProgress{leg_id_, 183, *early_answer_});
}

}  // namespace dunlin
