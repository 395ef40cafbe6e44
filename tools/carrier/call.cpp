#include "tools/carrier/call.hpp"

#include <algorithm>

#include "tools/carrier/replies.hpp"
#include "tools/peer/clock.hpp"

namespace dunlin::carrier {
namespace {

constexpr std::int64_t t1_ms = 500;
constexpr std::int64_t t2_ms = 4000;
constexpr std::int64_t linger_ms = 32'000;  ///< 64*T1: how long a retransmission may still come.

std::string target_of(const peer::SipMessage& request) {
  const auto contacts = request.list("Contact");
  return std::string(
      peer::uri_of(contacts.empty() ? request.header("From") : std::string_view(contacts.front())));
}

}  // namespace

Call::Call(Surroundings& around, peer::SipMessage invite, const Origin& origin, CallPlan plan,
           std::function<void()> on_gone)
    : around_(around),
      invite_(std::move(invite)),
      origin_(origin),
      plan_(std::move(plan)),
      on_gone_(std::move(on_gone)),
      local_tag_(peer::random_hex(12)),
      call_id_(invite_.header("Call-ID")),
      invite_cseq_(invite_.cseq().number),
      remote_target_(target_of(invite_)),
      invited_at_(peer::wall_ms()) {}

Call::~Call() {
  for (const Timer timer : {step_, resend_, gone_}) around_.loop.cancel(timer);
  if (!leg_) return;
  around_.media.remove(leg_);
  around_.ports.give_back(leg_->port());
}

void Call::schedule(Timer& timer, std::int64_t delay_ms, Task task) {
  around_.loop.cancel(timer);
  timer = around_.loop.after_ms(delay_ms, std::move(task));
}

peer::Json Call::line(const peer::SipMessage& message) const {
  return {{"call_id", call_id_}, {"cseq", message.cseq().number}};
}

void Call::start() {
  around_.log.write("plan", {{"call_id", call_id_},
                             {"number", plan_.number},
                             {"attempt", plan_.attempt},
                             {"outcome", to_string(plan_.outcome)},
                             {"ring_ms", plan_.post_dial_delay_ms + plan_.ring_ms},
                             {"talk_ms", plan_.talk_ms},
                             {"is_hanging_up", plan_.is_hanging_up}});
  if (plan_.outcome.fate == Fate::silent_invite) {
    return schedule(step_, linger_ms + 8000, [this] { finish("none", "never_replied"); });
  }
  reply_to_invite(100, "");
  if (!open_media()) return refuse(503, "carrier", "no_ports");
  has_offered_ = invite_.body.empty();
  if (has_offered_) {
    our_sdp_ = make_offer();
  } else {
    const auto sdp = answer_offer(invite_.body);
    if (!sdp) return refuse(488, "carrier", sdp.failure().text);
    our_sdp_ = *sdp;
  }
  schedule(step_, plan_.post_dial_delay_ms, [this] { ring(); });
}

void Call::ring() {
  const Fate fate = plan_.outcome.fate;
  const bool is_refused_at_once =
      fate == Fate::busy || fate == Fate::invalid || fate == Fate::congestion || fate == Fate::redirect;
  if (is_refused_at_once) return conclude_ringing();
  std::int64_t ring_ms = plan_.ring_ms;
  if (plan_.has_early_media && !has_offered_) {
    const auto sound = fate == Fate::announcement ? notice_sound(plan_, around_.bank) : ringing_sound();
    if (fate == Fate::announcement) ring_ms = length_ms(sound);
    leg_->play(sound);
    around_.media.add(leg_);
    reply_to_invite(183, our_sdp_);
  } else {
    reply_to_invite(180, "");
  }
  schedule(step_, ring_ms, [this] { conclude_ringing(); });
}

void Call::conclude_ringing() {
  if (plan_.refusal_status == 0)
    answer();
  else
    refuse(plan_.refusal_status, "carrier", "refused");
}

void Call::answer() {
  state_ = State::answered;
  answered_at_ = peer::wall_ms();
  answered_mono_ms_ = peer::mono_ms();
  reply_to_invite(200, our_sdp_);
  resend_final(t1_ms, linger_ms);
  around_.media.remove(leg_);
  around_.media.add(leg_);
  act();
}

void Call::refuse(int status, const std::string& by, const std::string& cause) {
  state_ = State::refused;
  reply_to_invite(status, "");
  if (!origin_.is_reliable()) resend_final(t1_ms, linger_ms);
  finish(by, cause);
}

void Call::reply_to_invite(int status, const std::string& body) {
  last_status_ = status;
  send_reply(invite_, status, body);
}

void Call::send_reply(const peer::SipMessage& request, int status, const std::string& body) {
  auto reply = peer::make_response(request, status, reason_of(status), local_tag_);
  const std::string here = around_.transport.local_address(origin_);
  const std::string by_stream = origin_.is_reliable() ? ";transport=" + origin_.transport : "";
  if (status > 100 && status < 300) reply.add("Contact", "<sip:carrier@" + here + by_stream + ">");
  if (status == 302) reply.add("Contact", "<sip:" + plan_.number + "0@" + here + ">");
  if (status == 503) reply.add("Retry-After", "10");
  if (status == 200) reply.add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS");
  if (!body.empty()) reply.add("Content-Type", "application/sdp");
  reply.body = body;
  const std::string bytes = reply.bytes();
  if (request.method == "INVITE") last_reply_ = bytes;
  around_.transport.send(origin_, bytes);
  log_reply(around_.log, request, status, false);
}

/// A final answer to an INVITE is repeated until its ACK comes; a 2xx over TCP and TLS too (RFC 3261
/// §13.3.1.4).
void Call::resend_final(std::int64_t wait_ms, std::int64_t left_ms) {
  if (left_ms <= 0) {
    resend_ = 0;
    if (state_ == State::answered) hang_up("no_ack");
    return;
  }
  schedule(resend_, wait_ms, [this, wait_ms, left_ms] {
    around_.transport.send(origin_, last_reply_);
    log_reply(around_.log, invite_, last_status_, true);
    resend_final(std::min(wait_ms * 2, t2_ms), left_ms - wait_ms);
  });
}

void Call::on_invite_again() {
  if (last_reply_.empty() || plan_.outcome.fate == Fate::silent_invite) return;
  around_.transport.send(origin_, last_reply_);
  log_reply(around_.log, invite_, last_status_, true);
}

void Call::on_reinvite(const peer::SipMessage& request) {
  if (request.cseq().number == invite_cseq_) return on_invite_again();
  invite_cseq_ = request.cseq().number;
  if (!is_live()) return send_reply(request, 481, "");
  remote_target_ = target_of(request);
  // A re-INVITE without an offer asks for ours (RFC 3261 §14.2).
  has_offered_ = request.body.empty();
  const auto sdp = has_offered_ ? peer::Result<std::string>(make_offer()) : answer_offer(request.body);
  if (!sdp) return send_reply(request, 488, "");
  last_status_ = 200;
  send_reply(request, 200, *sdp);
  resend_final(t1_ms, linger_ms);
}

void Call::on_ack(const peer::SipMessage& request) {
  around_.log.write("ack", line(request));
  around_.loop.cancel(resend_);
  resend_ = 0;
  if (state_ == State::refused) state_ = State::over;
  if (state_ == State::answered && plan_.outcome.fate == Fate::duplicate_answer) {
    schedule(resend_, 300, [this] { on_invite_again(); });
  }
  if (state_ == State::answered) state_ = State::established;
  if (!has_offered_ || request.body.empty() || !leg_) return;
  has_offered_ = false;
  if (!take_answer(request.body)) hang_up("bad_answer");
}

void Call::on_cancel(const peer::SipMessage& request) {
  around_.log.write("cancel", line(request));
  send_reply(request, 200, "");
  if (state_ != State::unanswered) return;
  if (plan_.outcome.fate == Fate::late_answer) {
    around_.loop.cancel(step_);
    return answer();
  }
  refuse(487, "caller", "cancelled");
}

bool Call::wants_to_lose_bye() {
  if (plan_.outcome.fate != Fate::lost_bye || has_lost_bye_) return false;
  has_lost_bye_ = true;
  return true;
}

void Call::on_bye(const peer::SipMessage& request) {
  around_.log.write("bye", {{"call_id", call_id_}, {"by", "caller"}, {"is_retransmission", false}});
  send_reply(request, 200, "");
  if (state_ == State::unanswered) return refuse(487, "caller", "bye");
  finish("caller", "bye");
}

void Call::hang_up(const std::string& cause) {
  if (has_ended_) return;
  // No BYE before the ACK (RFC 3261 §15): the 200 is still being repeated.
  if (state_ == State::answered && resend_ != 0) {
    return schedule(step_, t1_ms, [this, cause] { hang_up(cause); });
  }
  bye_ = make_bye();
  finish("carrier", cause);
  send_bye(t1_ms, linger_ms);
}

std::string Call::make_bye() const {
  peer::SipMessage bye;
  bye.method = "BYE";
  bye.uri = remote_target_;
  const std::string here = around_.transport.local_address(origin_);
  bye.add("Via", "SIP/2.0/" + origin_.transport + " " + here + ";branch=z9hG4bK" + peer::random_hex(16));
  bye.add("Max-Forwards", "70");
  for (const auto& route : invite_.list("Record-Route")) bye.add("Route", route);
  bye.add("From", std::string(invite_.header("To")) + ";tag=" + local_tag_);
  bye.add("To", invite_.header("From"));
  bye.add("Call-ID", call_id_);
  bye.add("CSeq", "1 BYE");
  return bye.bytes();
}

Origin Call::bye_address() const {
  if (origin_.is_reliable()) return origin_;
  const auto routes = invite_.list("Record-Route");
  const auto uri = routes.empty() ? std::string_view(remote_target_) : peer::uri_of(routes.front());
  const auto address = peer::parse_address(peer::host_of(uri), 5060);
  Origin to = origin_;
  if (address) to.address = *address;
  return to;
}

void Call::send_bye(std::int64_t wait_ms, std::int64_t left_ms) {
  const bool is_first = left_ms == linger_ms;
  if (left_ms <= 0 || (origin_.is_reliable() && !is_first)) return;
  around_.transport.send(bye_address(), bye_);
  around_.log.write("bye", {{"call_id", call_id_}, {"by", "carrier"}, {"is_retransmission", !is_first}});
  schedule(resend_, wait_ms,
           [this, wait_ms, left_ms] { send_bye(std::min(wait_ms * 2, t2_ms), left_ms - wait_ms); });
}

void Call::on_response(const peer::SipMessage& response) {
  if (response.status < 200 || response.cseq().method != "BYE") return;
  around_.loop.cancel(resend_);
  resend_ = 0;
}

void Call::finish(const std::string& by, const std::string& cause) {
  if (has_ended_) return;
  has_ended_ = true;
  if (state_ != State::refused) state_ = State::over;
  around_.loop.cancel(step_);
  // A refusal is repeated until its ACK, also after the end.
  if (state_ != State::refused) around_.loop.cancel(resend_);
  peer::Json end{{"call_id", call_id_},         {"number", plan_.number},
                 {"attempt", plan_.attempt},    {"outcome", to_string(plan_.outcome)},
                 {"status", last_status_},      {"cause", cause},
                 {"invited_at", invited_at_},   {"answered_at", answered_at_},
                 {"ended_at", peer::wall_ms()}, {"ended_by", by}};
  end.update(peer::to_json(leg_ ? leg_->report() : peer::MediaReport{}));
  around_.log.write("end", end);
  if (leg_) {
    around_.media.remove(leg_);
    around_.ports.give_back(leg_->port());
    leg_.reset();
  }
  schedule(gone_, linger_ms + 1000, [this] {
    gone_ = 0;
    const auto gone = on_gone_;
    gone();
  });
}

void Call::shut_down() {
  if (has_ended_) return;
  if (state_ == State::unanswered) return refuse(503, "carrier", "shutdown");
  resend_ = 0;
  state_ = State::established;
  hang_up("shutdown");
}

}  // namespace dunlin::carrier
