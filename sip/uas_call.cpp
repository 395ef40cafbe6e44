#include "sip/uas_call.hpp"

namespace dunlin {

UasCall::UasCall(const SipOffice& office, LegId leg, CallRoute route) : Call(office, leg, std::move(route)) {}

void UasCall::start(IncomingPtr invite, const sip_t* sip) {
  invite_ = std::move(invite);
  trace(TraceDirection::in, "INVITE");
  EndCause refused = local_end();
  refused.origin = EndOrigin::local;
  if (sip->sip_replaces != nullptr || sip->sip_contact == nullptr) return refuse(403, refused);
  auto body = nta::body_of(sip);
  if (!body || (route_.requires_srtp && !body->audio.is_secure())) {
    refused.text = body ? "the offer is not secure" : body.error().detail;
    return refuse(488, refused);
  }
  leg_ = nta::make_server_leg(route_.endpoint->agent(), *this, invite_.get(), sip);
  if (!leg_) return refuse(500, refused);
  nta_incoming_bind(invite_.get(),
                    [](nta_incoming_magic_t* magic, nta_incoming_t* irq, const sip_t* s) {
                      magic->on_ack_or_cancel(irq, s);
                      return 0;
                    },
                    static_cast<AckHandler*>(this));
  offered_ = std::move(*body);
  remote_ = offered_.audio;
  peer_allows_update_ = nta::allows(sip, sip_method_update);
  timer_headers_ = agree_session_timer(sip, office_.now());
  reply(invite_.get(), {100, "", ""});
  office_.emit(IncomingAgentCall{leg_id_, route_.agent_user, remote_});
}

void UasCall::refuse(int status, EndCause cause) {
  reply(invite_.get(), {status, "", ""});
  invite_.reset();
  cause.sip_status = status;
  end(std::move(cause));
  state_ = DialogState::over;
}

void UasCall::answer(int status, MediaDescription description) {
  if (!invite_) return Call::answer(status, std::move(description));
  if (status < 200) {
    state_ = DialogState::ringing;
    reply(invite_.get(), {status, "", status == 183 ? write_sdp_answer(description, offered_) : ""});
    return;
  }
  local_ = std::move(description);
  if (local_.session_id == 0) local_.session_id = leg_id_.value();
  if (local_.session_version == 0) local_.session_version = 1;
  reply(invite_.get(), {200, timer_headers_ + "Supported: timer\r\n", write_sdp_answer(local_, offered_)});
  establish(office_.now());
  await_ack(invite_.release());
}

void UasCall::reject(int status) {
  if (!invite_) return Call::reject(status);
  refuse(status, {});
}

void UasCall::hang_up(int q850) {
  const auto reason = q850 == 0 ? "" : "Reason: Q.850;cause=" + std::to_string(q850) + "\r\n";
  EndCause cause = local_end();
  cause.q850 = q850;
  if (invite_) {
    refuse(480, std::move(cause));
  } else if (state_ == DialogState::established) {
    send_bye(reason);
    end(std::move(cause));
  }
}

void UasCall::on_ack_or_cancel(nta_incoming_t* request, const sip_t* sip) {
  const bool is_cancel = sip != nullptr && sip->sip_request->rq_method == sip_method_cancel;
  if (invite_ && (is_cancel || sip == nullptr)) {
    EndCause cause = local_end();
    cause.origin = sip ? EndOrigin::remote : EndOrigin::timeout;
    if (sip) cause.q850 = nta::q850_of(sip);
    trace(TraceDirection::in, "CANCEL");
    return refuse(487, std::move(cause));
  }
  Call::on_ack_or_cancel(request, sip);
}

void UasCall::on_early_bye(const sip_t* sip) {
  EndCause cause = local_end();
  cause.origin = EndOrigin::remote;
  cause.q850 = nta::q850_of(sip);
  if (invite_) refuse(487, std::move(cause));
}

}  // namespace dunlin
