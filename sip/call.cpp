#include "sip/call.hpp"

#include <charconv>

namespace dunlin {
namespace {

std::string method_name(const sip_t* sip) { return sip->sip_request->rq_method_name; }

/// Signal=5 / Duration=160 of application/dtmf-relay.
std::optional<DtmfInfo> dtmf_of(LegId leg, const sip_t* sip) {
  if (!nta::has_body(sip) || !sip->sip_content_type || !sip->sip_content_type->c_type) return std::nullopt;
  if (strcasecmp(sip->sip_content_type->c_type, "application/dtmf-relay") != 0) return std::nullopt;
  const std::string_view body(sip->sip_payload->pl_data, sip->sip_payload->pl_len);
  const auto value_of = [body](std::string_view name) {
    const auto at = body.find(name);
    auto rest = at == std::string_view::npos ? std::string_view() : body.substr(at + name.size());
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '=')) rest.remove_prefix(1);
    return rest;
  };
  const auto signal = value_of("Signal");
  if (signal.empty() || std::string_view("0123456789*#ABCD").find(signal.front()) == std::string_view::npos) return std::nullopt;
  const auto duration = value_of("Duration");
  int length = 160;
  std::from_chars(duration.data(), duration.data() + duration.size(), length);
  return DtmfInfo{leg, signal.front(), milliseconds(std::clamp(length, 0, 6000))};
}

}  // namespace

Call::Call(const SipOffice& office, LegId leg, CallRoute route)
    : office_(office), leg_id_(leg), route_(std::move(route)), auth_(route_.credentials) {}

void Call::trace(TraceDirection direction, std::string summary, int status) {
  if (++traced_ > sip_limits::max_trace_lines) return;
  office_.emit(SipTraceLine{leg_id_, office_.now(), direction, std::move(summary), status});
}

nta::Request Call::make_request(nta::Method method) const {
  nta::Request request;
  request.method = method;
  request.connection = connection_.get();
  return request;
}

OutgoingPtr Call::send(const nta::Request& request) {
  trace(TraceDirection::out, request.method.name);
  return nta::send(leg_.get(), *this, request);
}

void Call::reply(nta_incoming_t* request, nta::Reply reply) {
  trace(TraceDirection::out, nta_incoming_method_name(request), reply.status);
  if (reply.status != 100) reply.headers += common_headers();
  nta::reply(request, reply);
}

std::string Call::common_headers() const {
  return "Contact: <" + route_.endpoint->contact_uri() +
         ">\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO\r\n";
}

bool Call::is_connection_lost() const {
  return connection_ && (tport_is_closed(connection_.get()) || tport_is_shutdown(connection_.get()));
}

void Call::establish(MonoTime now) {
  state_ = DialogState::established;
  facts_.was_answered = true;
  options_due_ = now + sip_limits::liveness_every;
}

void Call::end(EndCause cause) {
  if (has_ended_) return;
  has_ended_ = true;
  cause.had_18x = facts_.had_18x;
  cause.was_answered = facts_.was_answered;
  pending_offer_.reset();
  office_.emit(LegEnded{leg_id_, std::move(cause)});
}

void Call::send_bye(const std::string& reason_header) {
  state_ = DialogState::ending;
  timer_.stop();
  options_.reset();
  bye_deadline_ = office_.now() + sip_limits::bye_wait;
  auth_.start_request();
  auto request = make_request(nta::method_bye);
  request.headers = reason_header;
  bye_ = is_connection_lost() ? nullptr : send(request);
  if (!bye_) state_ = DialogState::over;
}

void Call::lose_transport(const std::string& why) {
  EndCause cause = local_end();
  cause.origin = EndOrigin::transport;
  cause.text = why;
  end(std::move(cause));
  state_ = DialogState::over;
}

// --- Requests of the far end --------------------------------------------------------------------------------------

bool Call::on_request(nta_incoming_t* request, const sip_t* sip) {
  const auto method = sip->sip_request->rq_method;
  trace(TraceDirection::in, method_name(sip));
  if (method == sip_method_ack) {
    on_ack(sip);
    return false;
  }
  if (method == sip_method_bye) {
    on_bye(request, sip);
    return false;
  }
  if (state_ == DialogState::ending || state_ == DialogState::over) {
    reply(request, {481, "", ""});
  } else if (method == sip_method_options) {
    reply(request, {200, "Accept: application/sdp\r\n", ""});
  } else if (method == sip_method_info) {
    on_info(request, sip);
  } else if (method == sip_method_invite || method == sip_method_update) {
    if (state_ == DialogState::established) return on_offer(request, sip);
    if (method == sip_method_invite) reply(request, {491, "", ""});
    else on_early_update(request, sip);
  } else if (method == sip_method_refer) {
    // Nobody outside may move our calls about (toll fraud).
    reply(request, {603, "", ""});
  } else {
    reply(request, {405, "", ""});
  }
  return false;
}

void Call::on_early_update(nta_incoming_t* request, const sip_t*) { reply(request, {500, "Retry-After: 3\r\n", ""}); }

void Call::on_bye(nta_incoming_t* request, const sip_t* sip) {
  reply(request, {200, "", ""});
  const bool was_early = state_ != DialogState::established && state_ != DialogState::ending;
  if (was_early) {
    on_early_bye(sip);
    return;
  }
  EndCause cause = local_end();
  cause.origin = EndOrigin::remote;
  cause.q850 = nta::q850_of(sip);
  cause.text = nta::reason_text(sip);
  end(std::move(cause));
  state_ = DialogState::over;
}

void Call::on_info(nta_incoming_t* request, const sip_t* sip) {
  const auto dtmf = dtmf_of(leg_id_, sip);
  if (!dtmf && nta::has_body(sip)) {
    reply(request, {415, "Accept: application/dtmf-relay\r\n", ""});
    return;
  }
  reply(request, {200, "", ""});
  if (dtmf) office_.emit(*dtmf);
}

void Call::on_ack_or_cancel(nta_incoming_t*, const sip_t* sip) {
  if (sip == nullptr) {
    // RFC 3261 13.3.1.4: no ACK within 64*T1: the dialog is confirmed all the same and must be ended.
    unacked_.reset();
    EndCause cause = local_end();
    cause.origin = EndOrigin::timeout;
    cause.text = "no ACK";
    if (state_ == DialogState::established) send_bye("");
    end(std::move(cause));
    return;
  }
  if (sip->sip_request->rq_method == sip_method_ack) {
    trace(TraceDirection::in, "ACK");
    on_ack(sip);
  }
}

void Call::await_ack(nta_incoming_t* request) {
  unacked_.reset(request);
  nta_incoming_bind(request,
                    [](nta_incoming_magic_t* magic, nta_incoming_t* irq, const sip_t* sip) {
                      magic->on_ack_or_cancel(irq, sip);
                      return 0;
                    },
                    this);
}

// --- Our requests' replies ----------------------------------------------------------------------------------------

void Call::on_reply(nta_outgoing_t* request, const sip_t* sip) {
  const int status = nta::status_of(sip);
  trace(TraceDirection::in, nta_outgoing_method_name(request), status);
  if (request == bye_.get()) {
    if (status >= 200) on_bye_reply(sip);
  } else if (request == options_.get()) {
    if (status >= 200) on_options_reply(sip);
  } else if (request == own_offer_.get()) {
    if (status >= 200) on_own_offer_reply(sip);
  } else {
    on_call_reply(request, sip);
  }
}

void Call::on_call_reply(nta_outgoing_t*, const sip_t*) {}

void Call::on_bye_reply(const sip_t* sip) {
  const int status = nta::status_of(sip);
  if (status == 401 || status == 407) {
    const auto header = auth_.answer(sip, "BYE", nta::uri_text(nta_outgoing_request_uri(bye_.get())));
    if (header) {
      auto request = make_request(nta::method_bye);
      request.headers = *header;
      bye_ = send(request);
      if (bye_) return;
    }
  }
  state_ = DialogState::over;
}

void Call::on_options_reply(const sip_t* sip) {
  const int status = nta::status_of(sip);
  const bool is_unanswered = nta_sip_is_internal(sip) != 0 && (status == 408 || status == 503);
  const bool is_gone = status == 481 || is_unanswered;
  options_.reset();
  if (!is_gone || state_ != DialogState::established) return;
  EndCause cause = local_end();
  cause.origin = EndOrigin::timeout;
  cause.text = "no answer to OPTIONS";
  send_bye("");
  end(std::move(cause));
}

void Call::check_liveness(MonoTime now) {
  if (options_ && now >= options_deadline_) {
    EndCause cause = local_end();
    cause.origin = EndOrigin::timeout;
    cause.text = "no answer to OPTIONS";
    send_bye("");
    end(std::move(cause));
    return;
  }
  if (now >= options_due_) send_options(now);
}

void Call::send_options(MonoTime now) {
  if (options_) return;
  options_due_ = now + sip_limits::liveness_every;
  options_deadline_ = now + sip_limits::liveness_wait;
  options_ = send(make_request(nta::method_options));
}

void Call::probe(MonoTime now) {
  if (state_ == DialogState::established && !is_connection_lost()) send_options(now);
}

void Call::on_tick(MonoTime now) {
  if (state_ == DialogState::ending && now >= bye_deadline_) state_ = DialogState::over;
  if (is_connection_lost() && state_ != DialogState::over) {
    lose_transport("connection lost");
    return;
  }
  if (state_ != DialogState::established) return;
  if (pending_offer_ && now >= pending_deadline_) {
    reply(pending_offer_.get(), {500, "", ""});
    pending_offer_.reset();
  }
  if (next_offer_ && !has_offer_under_way() && now >= retry_offer_at_) {
    offering_ = std::move(next_offer_);
    next_offer_.reset();
    send_own_offer();
  }
  const auto due = timer_.due(now);
  if (due == SessionTimer::Due::refresh) refresh_session();
  if (due == SessionTimer::Due::expired) {
    EndCause cause = local_end();
    cause.origin = EndOrigin::timeout;
    cause.text = "session timer expired";
    send_bye("Reason: SIP;cause=408;text=\"session timer expired\"\r\n");
    end(std::move(cause));
    return;
  }
  if (route_.checks_liveness || options_) check_liveness(now);
}

}  // namespace dunlin
