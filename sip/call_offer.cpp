// Offers within a dialog, both ways, and the session timer: the second half of Call.
#include "sip/call.hpp"

namespace dunlin {
namespace {

constexpr int most_offer_tries = 4;

bool is_same_media(const MediaDescription& a, const MediaDescription& b) {
  return a.session_id == b.session_id && a.session_version == b.session_version && a.address == b.address &&
         a.port == b.port && a.direction == b.direction && a.codecs == b.codecs && a.crypto == b.crypto;
}

}  // namespace

// --- The far end offers -------------------------------------------------------------------------------------------

bool Call::on_offer(nta_incoming_t* request, const sip_t* sip) {
  peer_allows_update_ = peer_allows_update_ || nta::allows(sip, sip_method_update);
  if (own_offer_) {
    reply(request, {491, "", ""});  // Glare, RFC 3261 14.2.
    return false;
  }
  if (pending_offer_ || unacked_) {
    reply(request, {500, "Retry-After: " + std::to_string(random_below(10)) + "\r\n", ""});
    return false;
  }
  nta::adopt_target(leg_.get(), sip);
  if (!nta::has_body(sip)) return answer_at_once(request, sip);
  auto body = nta::body_of(sip);
  if (!body || (route_.requires_srtp && !body->audio.is_secure())) {
    // T.38, video only, unknown codecs: the dialog goes on as it is (RFC 3261 14.2).
    reply(request, {488, "", ""});
    return false;
  }
  if (is_same_media(body->audio, remote_)) {
    pending_body_ = std::move(*body);
    return answer_at_once(request, sip);
  }
  return keep_for_answer(request, sip, std::move(*body));
}

/// A session refresh: the same media again, or an empty UPDATE, or an INVITE that wants our offer.
bool Call::answer_at_once(nta_incoming_t* request, const sip_t* sip) {
  const bool is_invite = sip->sip_request->rq_method == sip_method_invite;
  const bool has_offer = nta::has_body(sip);
  nta::Reply answer;
  answer.headers = agree_session_timer(sip, office_.now());
  if (has_offer) answer.body = write_sdp_answer(local_, pending_body_);
  else if (is_invite) answer.body = write_sdp(local_);
  reply(request, std::move(answer));
  if (!is_invite) return false;
  expects_answer_in_ack_ = !has_offer;
  await_ack(request);
  return true;
}

bool Call::keep_for_answer(nta_incoming_t* request, const sip_t* sip, SdpBody body) {
  pending_offer_.reset(request);
  pending_body_ = std::move(body);
  pending_headers_ = agree_session_timer(sip, office_.now());
  pending_deadline_ = office_.now() + sip_limits::reoffer_wait;
  if (sip->sip_request->rq_method == sip_method_invite) reply(request, {100, "", ""});
  office_.emit(LegReoffered{leg_id_, pending_body_.audio, is_hold(pending_body_.audio), true});
  return true;
}

void Call::accept_offer(MediaDescription description) {
  description.session_id = local_.session_id;
  description.session_version = local_.session_version + 1;
  local_ = std::move(description);
  remote_ = pending_body_.audio;
  reply(pending_offer_.get(), {200, pending_headers_, write_sdp_answer(local_, pending_body_)});
  auto* request = pending_offer_.release();
  if (nta_incoming_method(request) == sip_method_invite) {
    expects_answer_in_ack_ = false;
    await_ack(request);
  } else {
    nta_incoming_destroy(request);
  }
}

void Call::answer(int status, MediaDescription description) {
  if (pending_offer_ && status == 200) accept_offer(std::move(description));
}

void Call::reject(int status) {
  if (!pending_offer_) return;
  reply(pending_offer_.get(), {status, "", ""});
  pending_offer_.reset();
}

void Call::on_ack(const sip_t* sip) {
  unacked_.reset();
  if (!expects_answer_in_ack_) return;
  expects_answer_in_ack_ = false;
  const auto body = nta::body_of(sip);
  if (!body) return;
  const auto agreed = accept_answer(local_, body->audio);
  if (!agreed) return;
  remote_ = body->audio;
  office_.emit(LegReoffered{leg_id_, *agreed, is_hold(*agreed), false});
}

// --- We offer -----------------------------------------------------------------------------------------------------

void Call::re_offer(MediaDescription description) {
  if (state_ != DialogState::established) return;
  description.session_id = local_.session_id;
  // Only the latest wish counts: an older one that never left is replaced.
  next_offer_ = std::move(description);
  own_offer_tries_ = 0;
  if (has_offer_under_way() || unacked_) return;
  offering_ = std::move(next_offer_);
  next_offer_.reset();
  send_own_offer();
}

/// A re-INVITE with the offer, or an UPDATE that only refreshes.
nta::Request Call::own_offer_request() const {
  auto request = make_request(is_update_refresh_ ? nta::method_update : nta::method_invite);
  request.headers = common_headers() + "Supported: timer\r\n";
  if (timer_.is_running()) {
    request.headers += "Session-Expires: " + std::to_string(timer_.interval().ms / 1000) + ";refresher=" +
                       (timer_.refreshes() ? "uac" : "uas") + "\r\n";
  }
  if (!is_update_refresh_) request.body = write_sdp(*offering_);
  return request;
}

void Call::send_own_offer() {
  offering_->session_version = local_.session_version + 1;
  auth_.start_request();
  is_update_refresh_ = false;
  own_offer_ = send(own_offer_request());
}

void Call::refresh_session() {
  if (has_offer_under_way()) return;  // The re-INVITE under way refreshes as well.
  own_offer_tries_ = 0;
  if (!peer_allows_update_) {
    offering_ = local_;
    send_own_offer();
    return;
  }
  auth_.start_request();
  is_update_refresh_ = true;
  own_offer_ = send(own_offer_request());
}

void Call::on_own_offer_reply(const sip_t* sip) {
  const int status = nta::status_of(sip);
  const bool is_invite = !is_update_refresh_;
  if (status < 300) {
    if (is_invite) {
      auto ack = make_request(nta::method_invite);
      trace(TraceDirection::out, "ACK");
      nta::send_ack(leg_.get(), own_offer_.get(), ack);
    }
    on_own_offer_accepted(sip);
    return;
  }
  retry_own_offer(sip, office_.now());
}

void Call::on_own_offer_accepted(const sip_t* sip) {
  take_session_timer(sip, office_.now());
  // The reply dies with its request, so the request outlives this function's reading.
  const auto done = std::move(own_offer_);
  if (is_update_refresh_ || state_ != DialogState::established) return;
  const auto body = nta::body_of(sip);
  if (!body) return;
  const auto agreed = accept_answer(*offering_, body->audio);
  if (!agreed) return;
  const bool is_news = !is_same_media(body->audio, remote_) || !is_same_media(*offering_, local_);
  local_ = *offering_;
  remote_ = body->audio;
  if (is_news) office_.emit(LegReoffered{leg_id_, *agreed, is_hold(*agreed), false});
}

void Call::retry_own_offer(const sip_t* sip, MonoTime now) {
  const int status = nta::status_of(sip);
  const char* method = is_update_refresh_ ? "UPDATE" : "INVITE";
  const auto done = std::move(own_offer_);  // Keeps the reply readable.
  if ((status == 401 || status == 407) && ++own_offer_tries_ < most_offer_tries) {
    const auto header = auth_.answer(sip, method, nta::uri_text(nta_outgoing_request_uri(done.get())));
    if (header) {
      auto request = own_offer_request();
      request.headers += *header;
      own_offer_ = send(request);
      return;
    }
  }
  if (is_update_refresh_ && (status == 405 || status == 501)) {
    // It had named UPDATE in Allow, and something on the way does not pass it: re-INVITE refreshes as well.
    peer_allows_update_ = false;
    refresh_session();
    return;
  }
  if (status == 481 || status == 408) {
    // RFC 3261 12.2.1.2: the far end knows no such dialog any more.
    EndCause cause = local_end();
    cause.origin = nta_sip_is_internal(sip) ? EndOrigin::timeout : EndOrigin::remote;
    cause.sip_status = status;
    cause.text = nta::reason_text(sip);
    send_bye("");
    end(std::move(cause));
    return;
  }
  if (status == 491 && !is_update_refresh_ && ++own_offer_tries_ < most_offer_tries && !next_offer_) {
    // The owner of the Call-ID waits 2.1 to 4 s, the other side up to 2 s (RFC 3261 14.1).
    const bool owns_call_id = nta_leg_get_rseq(leg_.get()) == 0;
    retry_offer_at_ = now + milliseconds(owns_call_id ? 2100 + random_below(190) * 10 : random_below(200) * 10);
    next_offer_ = std::move(offering_);
    return;
  }
  // Refused: the media stay as they were; whoever asked hears what is in force.
  if (!is_update_refresh_) office_.emit(LegReoffered{leg_id_, remote_, is_hold(remote_), false});
}

// --- Session timer ------------------------------------------------------------------------------------------------

std::string Call::agree_session_timer(const sip_t* request, MonoTime now) {
  const auto asked = nta::session_expires_of(request);
  if (!asked || asked->seconds < 90) return "";
  const bool refreshes = asked->refresher == "uas";
  timer_.agree(seconds(asked->seconds), refreshes, now);
  return "Require: timer\r\nSession-Expires: " + std::to_string(asked->seconds) + ";refresher=" +
         (refreshes ? "uas" : "uac") + "\r\n";
}

void Call::take_session_timer(const sip_t* reply, MonoTime now) {
  peer_allows_update_ = peer_allows_update_ || nta::allows(reply, sip_method_update);
  const auto agreed = nta::session_expires_of(reply);
  if (!agreed || agreed->seconds < 90) {
    timer_.stop();
    return;
  }
  timer_.agree(seconds(agreed->seconds), agreed->refresher != "uas", now);
}

}  // namespace dunlin
