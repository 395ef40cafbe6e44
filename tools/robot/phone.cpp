#include "tools/robot/phone.hpp"

#include <algorithm>

namespace dunlin::robot {
namespace {

constexpr std::int64_t first_pause_ms = 500;
constexpr std::int64_t longest_pause_ms = 15'000;
constexpr int expires_s = 300;
constexpr int max_challenges = 3;
constexpr std::int64_t answer_limit_ms = 15'000;

std::string in_angles(const std::string& uri) {
  return "<" + uri + ">";
}

/// The lifetime the registrar granted: the contact's parameter, else the header, else what was asked.
long long granted_s(const peer::SipMessage& response) {
  for (const auto& contact : response.list("Contact")) {
    const long long value = peer::number_of(peer::param_of(contact, "expires"));
    if (value > 0) return value;
  }
  const long long value = peer::number_of(response.header("Expires"));
  return value > 0 ? value : expires_s;
}

}  // namespace

Phone::Phone(PhoneSurroundings around, PhoneOptions options, Events events)
    : around_(around),
      options_(std::move(options)),
      events_(std::move(events)),
      dice_(options_.seed),
      register_call_id_(peer::random_hex(24)) {}

Phone::~Phone() {
  for (const auto timer : {connect_timer_, register_timer_, dial_timer_, register_guard_, invite_guard_})
    around_.loop.cancel(timer);
  release_leg();
}

void Phone::start() {
  // Robots of one program come one after the other, as people do in the morning.
  connect_timer_ = around_.loop.after_ms(static_cast<std::int64_t>(dice_.below(400)), [this] { connect(); });
}

void Phone::connect() {
  connect_timer_ = 0;
  const auto fd = peer::connect_stream(options_.registrar);
  if (!fd) return retry_later();
  peer::StreamLink::Events events;
  events.on_open = [this] {
    local_address_ = link_->local_address();
    send_register(expires_s);
  };
  events.on_message = [this](const std::string& bytes) { on_bytes(bytes); };
  events.on_closed = [this](const std::string& reason) { on_link_closed(reason); };
  link_ = std::make_unique<peer::StreamLink>(around_.loop, *fd, options_.tls ? &*options_.tls : nullptr,
                                             peer::StreamLink::Role::client, std::move(events));
}

void Phone::on_link_closed(const std::string& reason) {
  around_.log.write("link_closed", {{"user", user()}, {"cause", reason}});
  registering_.reset();
  inviting_.reset();
  for (const auto timer : {register_timer_, dial_timer_, register_guard_, invite_guard_})
    around_.loop.cancel(timer);
  end_leg("link_closed");
  retry_later();
}

void Phone::retry_later() {
  if (is_stopping_) return;
  pause_ms_ = std::clamp(pause_ms_ * 2, first_pause_ms, longest_pause_ms);
  const auto jitter = static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(pause_ms_)));
  around_.loop.cancel(connect_timer_);
  connect_timer_ = around_.loop.after_ms(pause_ms_ + jitter, [this] { connect(); });
}

std::string Phone::contact() const {
  return in_angles("sip:" + user() + "@" + local_address_ +
                   (options_.tls ? ";transport=tls" : ";transport=tcp"));
}

std::string Phone::from_header() const {
  return in_angles("sip:" + user() + "@" + options_.domain);
}

peer::SipMessage Phone::make_request(const std::string& method, const std::string& uri) {
  peer::SipMessage request;
  request.method = method;
  request.uri = uri;
  request.add("Via", std::string("SIP/2.0/") + (options_.tls ? "TLS " : "TCP ") + local_address_ +
                         ";rport;branch=z9hG4bK" + peer::random_hex(16));
  request.add("Max-Forwards", "70");
  return request;
}

void Phone::transmit(const peer::SipMessage& message) {
  if (link_) link_->send(message.bytes());
}

void Phone::guard(peer::EventLoop::TimerId& timer, const char* cause) {
  around_.loop.cancel(timer);
  timer = around_.loop.after_ms(answer_limit_ms, [this, cause] {
    if (link_) link_->close(cause);
  });
}

void Phone::send_register(int lifetime_s) {
  auto request = make_request("REGISTER", "sip:" + options_.domain);
  request.add("From", from_header() + ";tag=" + peer::random_hex(10));
  request.add("To", from_header());
  request.add("Call-ID", register_call_id_);
  request.add("CSeq", std::to_string(++register_cseq_) + " REGISTER");
  request.add("Contact", contact());
  request.add("Expires", std::to_string(lifetime_s));
  registering_ = Pending{request, 0};
  guard(register_guard_, "registrar silent");
  transmit(request);
}

bool Phone::answer_challenge(Pending& pending, const peer::SipMessage& response) {
  const bool is_proxy = response.status == 407;
  const auto& headers = response.headers;
  std::vector<std::string> values;
  for (const auto& item : headers) {
    if (peer::same_text(item.name, is_proxy ? "Proxy-Authenticate" : "WWW-Authenticate"))
      values.push_back(item.value);
  }
  const auto challenge = peer::choose_challenge(values);
  if (!challenge || ++pending.challenges > max_challenges) return false;
  const char* name = is_proxy ? "Proxy-Authorization" : "Authorization";
  auto next = make_request(pending.request.method, pending.request.uri);
  const auto cseq = pending.request.cseq();
  auto& counter = cseq.method == "REGISTER" ? register_cseq_ : cseq_;
  counter = cseq.number + 1;
  for (const auto& item : pending.request.headers) {
    const bool is_replaced =
        item.name == "Via" || item.name == "Max-Forwards" || item.name == "CSeq" || item.name == name;
    if (!is_replaced) next.headers.push_back(item);
  }
  next.add("CSeq", std::to_string(counter) + " " + cseq.method);
  next.add(name, peer::authorization(*challenge, options_.credentials, {next.method, next.uri, 1}));
  next.body = pending.request.body;
  pending.request = next;
  transmit(next);
  return true;
}

void Phone::on_bytes(const std::string& bytes) {
  const auto message = peer::parse_sip(bytes);
  if (!message) return around_.log.write("malformed", {{"user", user()}, {"why", message.failure().text}});
  if (message->is_request()) return on_request(*message);
  const auto cseq = message->cseq();
  const std::string& method = cseq.method;
  if (method == "REGISTER") on_register_reply(*message);
  if (method == "INVITE") on_invite_reply(*message);
}

void Phone::on_register_reply(const peer::SipMessage& response) {
  const bool is_current = registering_ && response.cseq().number == registering_->request.cseq().number;
  if (!is_current || response.status < 200) return;
  const bool is_challenge = response.status == 401 || response.status == 407;
  if (is_challenge && answer_challenge(*registering_, response)) return;
  registering_.reset();
  around_.loop.cancel(register_guard_);
  if (is_stopping_) return;
  if (response.status >= 300) {
    around_.log.write("register_failed", {{"user", user()}, {"status", response.status}});
    return link_->close("registration refused");
  }
  around_.log.write("registered", {{"user", user()}, {"status", response.status}});
  const long long lifetime = granted_s(response);
  around_.loop.cancel(register_timer_);
  register_timer_ = around_.loop.after_ms(lifetime * 500, [this] { send_register(expires_s); });
  if (!is_up_ && !inviting_) dial();
}

void Phone::shut_down() {
  is_stopping_ = true;
  for (const auto timer : {connect_timer_, register_timer_, dial_timer_}) around_.loop.cancel(timer);
  if (is_up_) hang_up("shutdown");
  if (link_ && !local_address_.empty()) send_register(0);
}

}  // namespace dunlin::robot
