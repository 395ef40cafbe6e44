// The phone's one lasting call: dialing in, re-INVITEs, its end.
#include <algorithm>

#include "tools/peer/address.hpp"
#include "tools/peer/sound.hpp"
#include "tools/robot/phone.hpp"

namespace dunlin::robot {
namespace {

constexpr std::int64_t redial_first_ms = 500;
constexpr std::int64_t redial_longest_ms = 10'000;

}  // namespace

bool Phone::open_leg() {
  release_leg();
  const auto local = peer::parse_address(options_.media_ip, 0);
  if (!local) return false;
  auto leg = peer::MediaLeg::open({*local, dice_.next(), {}});
  if (!leg) return false;
  leg_ = *leg;
  return true;
}

void Phone::release_leg() {
  if (!leg_) return;
  around_.media.remove(leg_);
  leg_.reset();
}

void Phone::dial() {
  dial_timer_ = 0;
  if (is_stopping_ || !open_leg()) return redial_later();
  ours_ = peer::make_offer({options_.media_ip, leg_->port(), options_.codecs}, options_.suites);
  call_id_ = peer::random_hex(24);
  local_tag_ = peer::random_hex(10);
  auto invite = make_request("INVITE", "sip:" + options_.station + "@" + options_.domain);
  invite.add("From", from_header() + ";tag=" + local_tag_);
  invite.add("To", "<" + invite.uri + ">");
  invite.add("Call-ID", call_id_);
  invite.add("CSeq", std::to_string(++cseq_) + " INVITE");
  invite.add("Contact", contact());
  invite.add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS");
  invite.add("Content-Type", "application/sdp");
  invite.body = peer::write_sdp(ours_, ++sdp_version_);
  inviting_ = Pending{invite, 0};
  guard(invite_guard_, "station silent");
  transmit(invite);
}

void Phone::redial_later() {
  if (is_stopping_) return;
  pause_ms_ = std::clamp(pause_ms_ * 2, redial_first_ms, redial_longest_ms);
  const auto jitter = static_cast<std::int64_t>(dice_.below(300));
  around_.loop.cancel(dial_timer_);
  dial_timer_ = around_.loop.after_ms(pause_ms_ + jitter, [this] { dial(); });
}

void Phone::on_invite_reply(const peer::SipMessage& response) {
  const bool is_success = response.status >= 200 && response.status < 300;
  if (is_up_ && is_success && response.header("Call-ID") == call_id_) {
    if (link_) link_->send(ack_bytes_);
    return;
  }
  if (!inviting_ || response.header("Call-ID") != call_id_ || response.status < 200) return;
  if (response.cseq().number != inviting_->request.cseq().number) return;
  around_.loop.cancel(invite_guard_);
  if (is_success) return on_answered(response);
  acknowledge_refusal(response);
  const bool is_challenge = response.status == 401 || response.status == 407;
  if (is_challenge && answer_challenge(*inviting_, response)) return guard(invite_guard_, "station silent");
  inviting_.reset();
  around_.log.write("dial_failed", {{"user", user()}, {"status", response.status}});
  redial_later();
}

/// The ACK of a refusal belongs to the INVITE's transaction: same branch, same target (RFC 3261 §17.1.1.3).
void Phone::acknowledge_refusal(const peer::SipMessage& response) {
  const auto& invite = inviting_->request;
  peer::SipMessage ack;
  ack.method = "ACK";
  ack.uri = invite.uri;
  for (const char* name : {"Via", "Max-Forwards", "From"}) ack.add(name, invite.header(name));
  ack.add("To", response.header("To"));
  ack.add("Call-ID", call_id_);
  ack.add("CSeq", std::to_string(invite.cseq().number) + " ACK");
  transmit(ack);
}

void Phone::on_answered(const peer::SipMessage& response) {
  remote_to_ = response.header("To");
  const auto contacts = response.list("Contact");
  remote_target_ = contacts.empty() ? inviting_->request.uri : std::string(peer::uri_of(contacts.front()));
  // The caller's route set is the Record-Route list turned round (RFC 3261 §12.1.2).
  routes_ = response.list("Record-Route");
  std::reverse(routes_.begin(), routes_.end());
  ack_bytes_ = make_dialog_request("ACK", inviting_->request.cseq().number).bytes();
  link_->send(ack_bytes_);
  inviting_.reset();
  is_up_ = true;
  const auto theirs = peer::parse_sdp(response.body);
  const auto session =
      theirs ? peer::take_answer(*theirs, ours_) : peer::Result<peer::LegSession>(theirs.failure());
  if (!session) return hang_up("bad answer: " + session.failure().text);
  if (const auto status = leg_->configure(*session); !status)
    return hang_up("no media: " + status.failure().text);
  leg_->play({{}, false, peer::comfort_noise_dbov});
  around_.media.add(leg_);
  pause_ms_ = 0;
  const auto report = leg_->report();
  around_.log.write(
      "leg_up", {{"user", user()}, {"call_id", call_id_}, {"codec", report.codec}, {"srtp", report.srtp}});
  if (events_.on_leg_up) events_.on_leg_up();
}

peer::SipMessage Phone::make_dialog_request(const std::string& method, std::uint32_t cseq) {
  auto request = make_request(method, remote_target_);
  for (const auto& route : routes_) request.add("Route", route);
  request.add("From", from_header() + ";tag=" + local_tag_);
  request.add("To", remote_to_);
  request.add("Call-ID", call_id_);
  request.add("CSeq", std::to_string(cseq) + " " + method);
  return request;
}

bool Phone::is_ours(const peer::SipMessage& request) const {
  return is_up_ && request.header("Call-ID") == call_id_ &&
         peer::param_of(request.header("To"), "tag") == local_tag_;
}

void Phone::on_request(const peer::SipMessage& request) {
  if (request.method == "ACK") return;
  const auto reply = [&](int status, const char* reason) {
    auto response = peer::make_response(request, status, reason, local_tag_.empty() ? "robot" : local_tag_);
    if (request.method == "OPTIONS") response.add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS");
    transmit(response);
  };
  if (request.method == "OPTIONS") return reply(200, "OK");
  if (request.method == "INVITE") return is_ours(request) ? on_reinvite(request) : reply(486, "Busy Here");
  if (!is_ours(request)) return reply(481, "Call/Transaction Does Not Exist");
  reply(200, "OK");
  if (request.method != "BYE") return;
  end_leg("bye");
  redial_later();
}

void Phone::on_reinvite(const peer::SipMessage& request) {
  if (request.cseq().number == last_reinvite_cseq_) return link_->send(last_reinvite_reply_);
  last_reinvite_cseq_ = request.cseq().number;
  const auto theirs = peer::parse_sdp(request.body);
  const auto current = ours_.cryptos.empty() ? std::nullopt : std::optional(ours_.cryptos.front());
  const peer::LocalMedia local{options_.media_ip, leg_->port(), options_.codecs};
  const auto agreed =
      theirs ? peer::answer_offer(*theirs, local, current) : peer::Result<peer::Negotiated>(theirs.failure());
  const bool is_agreed = agreed && leg_->configure(agreed->session);
  auto response = peer::make_response(request, is_agreed ? 200 : 488,
                                      is_agreed ? "OK" : "Not Acceptable Here", local_tag_);
  if (is_agreed) {
    leg_->set_sending(agreed->is_sending);
    ours_ = agreed->ours;
    response.add("Contact", contact());
    response.add("Content-Type", "application/sdp");
    response.body = peer::write_sdp(ours_, ++sdp_version_);
  }
  last_reinvite_reply_ = response.bytes();
  link_->send(last_reinvite_reply_);
}

void Phone::hang_up(const std::string& cause) {
  transmit(make_dialog_request("BYE", ++cseq_));
  end_leg(cause);
  redial_later();
}

void Phone::end_leg(const std::string& cause) {
  if (!is_up_) return release_leg();
  is_up_ = false;
  last_reinvite_cseq_ = 0;
  peer::Json line{{"user", user()}, {"call_id", call_id_}, {"cause", cause}};
  line.update(peer::to_json(leg_->report()));
  around_.log.write("leg_down", line);
  release_leg();
  if (events_.on_leg_down) events_.on_leg_down();
}

}  // namespace dunlin::robot
