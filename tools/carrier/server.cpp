#include "tools/carrier/server.hpp"

#include <algorithm>

#include "tools/carrier/replies.hpp"
#include "tools/peer/clock.hpp"

namespace dunlin::carrier {
namespace {

constexpr std::int64_t remember_ms = 32'000;
constexpr std::size_t max_remembered = 200'000;
constexpr std::size_t max_numbers = 2'000'000;

std::string request_key(const peer::SipMessage& request) {
  return request.branch() + "|" + request.method + "|" + std::string(request.header("Call-ID")) + "|" +
         std::string(request.header("CSeq"));
}

std::string call_key(std::string_view call_id, std::string_view caller_tag) {
  return std::string(call_id) + "|" + std::string(caller_tag);
}

std::string number_of_call(const peer::SipMessage& request) {
  const auto user = peer::user_of(request.uri);
  return digits_of(user.empty() ? peer::user_of(peer::uri_of(request.header("To"))) : user);
}

}  // namespace

Server::Server(peer::EventLoop& loop, peer::JsonLog& log, const peer::SpeechBank& bank, ServerOptions options)
    : loop_(loop),
      log_(log),
      options_(std::move(options)),
      ports_(options_.first_rtp_port, options_.last_rtp_port),
      transport_(
          loop,
          [this](const peer::SipMessage& message, const Origin& origin) { on_message(message, origin); },
          [this](const std::string& why, const Origin& origin) {
            log_.write("malformed", {{"source", peer::to_string(origin.address)}, {"why", why}});
          }),
      around_{loop_, transport_, media_, log_, ports_, bank, options_.scenario, options_.media_ip} {}

void Server::shut_down() {
  for (const auto& [key, call] : calls_) call->shut_down();
}

std::size_t Server::live_calls() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [](const auto& item) { return item.second->is_live(); }));
}

Call* Server::call_of(const peer::SipMessage& message) {
  // In our own BYE and its response the caller's tag is the one in To.
  const auto caller = message.is_request() ? message.header("From") : message.header("To");
  const auto found = calls_.find(call_key(message.header("Call-ID"), peer::param_of(caller, "tag")));
  return found == calls_.end() ? nullptr : found->second.get();
}

void Server::on_message(const peer::SipMessage& message, const Origin& origin) {
  if (!message.is_request()) {
    if (auto* call = call_of(message)) call->on_response(message);
    return;
  }
  if (message.method == "INVITE") return on_invite(message, origin);
  if (message.method == "ACK") {
    if (auto* call = call_of(message)) call->on_ack(message);
    return;
  }
  on_other_request(message, origin);
}

bool Server::is_repeated(const std::string& key) {
  const std::int64_t now = peer::mono_ms();
  while (!remembered_.empty() &&
         (remembered_.front().until_ms < now || remembered_.size() > max_remembered)) {
    answers_.erase(remembered_.front().key);
    remembered_.pop_front();
  }
  const bool is_new = answers_.emplace(key, "").second;
  if (is_new) remembered_.push_back({now + remember_ms, key});
  return !is_new;
}

void Server::on_invite(const peer::SipMessage& request, const Origin& origin) {
  const bool is_again = is_repeated(request_key(request));
  const bool is_reinvite = !peer::param_of(request.header("To"), "tag").empty();
  log_.write("invite", {{"call_id", request.header("Call-ID")},
                        {"cseq", request.cseq().number},
                        {"from", peer::uri_of(request.header("From"))},
                        {"to", peer::uri_of(request.header("To"))},
                        {"number", number_of_call(request)},
                        {"branch", request.branch()},
                        {"source", peer::to_string(origin.address)},
                        {"transport", origin.transport},
                        {"is_retransmission", is_again},
                        {"is_reinvite", is_reinvite},
                        {"has_auth", request.has("Authorization") || request.has("Proxy-Authorization")}});
  auto* call = call_of(request);
  if (is_reinvite) return call != nullptr ? call->on_reinvite(request) : reply(request, origin, 481);
  if (call != nullptr && is_again) return call->on_invite_again();
  if (call != nullptr && call->is_live()) return reply(request, origin, 482);
  // Unauthorized INVITEs keep no state: each repetition is challenged again, whatever the ACKs do.
  if (!is_challenged(request, origin)) start_call(request, origin);
}

bool Server::is_challenged(const peer::SipMessage& request, const Origin& origin) {
  if (!options_.scenario.account) return false;
  const auto& account = *options_.scenario.account;
  for (const char* header : {"Proxy-Authorization", "Authorization"}) {
    if (peer::is_authorized(request.header(header), account.challenge, account.credentials, request.method))
      return false;
  }
  const bool is_register = request.method == "REGISTER";
  const int status = is_register ? 401 : 407;
  auto response = peer::make_response(request, status, reason_of(status), "edge");
  response.add(is_register ? "WWW-Authenticate" : "Proxy-Authenticate",
               peer::challenge_value(account.challenge));
  transport_.send(origin, response.bytes());
  log_reply(log_, request, status, false);
  return true;
}

void Server::start_call(const peer::SipMessage& request, const Origin& origin) {
  const std::string number = number_of_call(request);
  if (attempts_.size() >= max_numbers) attempts_.clear();
  const int attempt = ++attempts_[number];
  const std::string key = call_key(request.header("Call-ID"), peer::param_of(request.header("From"), "tag"));
  auto call = std::make_unique<Call>(around_, request, origin,
                                     plan_call(options_.scenario, options_.seed, number, attempt),
                                     [this, key] { calls_.erase(key); });
  auto* raw = call.get();
  calls_[key] = std::move(call);
  raw->start();
}

void Server::on_other_request(const peer::SipMessage& request, const Origin& origin) {
  auto* call = call_of(request);
  const bool is_bye = request.method == "BYE";
  if (call != nullptr && is_bye && call->wants_to_lose_bye()) {
    return log_.write("bye", {{"call_id", request.header("Call-ID")}, {"by", "caller"}, {"is_lost", true}});
  }
  const std::string key = request_key(request);
  if (is_repeated(key)) {
    if (is_bye)
      log_.write("bye",
                 {{"call_id", request.header("Call-ID")}, {"by", "caller"}, {"is_retransmission", true}});
    if (is_bye || request.method == "CANCEL") return reply(request, origin, call != nullptr ? 200 : 481);
  }
  if (is_bye) return call != nullptr ? call->on_bye(request) : reply(request, origin, 481);
  if (request.method == "CANCEL")
    return call != nullptr ? call->on_cancel(request) : reply(request, origin, 481);
  if (request.method == "REGISTER") return register_account(request, origin);
  const bool is_known = request.method == "OPTIONS" || request.method == "UPDATE" || request.method == "INFO";
  reply(request, origin, is_known ? 200 : 405);
}

void Server::register_account(const peer::SipMessage& request, const Origin& origin) {
  if (is_challenged(request, origin)) return;
  auto response = peer::make_response(request, 200, "OK", peer::random_hex(8));
  for (const auto& contact : request.list("Contact")) response.add("Contact", contact);
  response.add("Expires", request.has("Expires") ? request.header("Expires") : "600");
  transport_.send(origin, response.bytes());
  log_reply(log_, request, 200, false);
}

void Server::reply(const peer::SipMessage& request, const Origin& origin, int status) {
  auto response = peer::make_response(request, status, reason_of(status), "edge");
  if (status == 200 && request.method == "OPTIONS")
    response.add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS");
  transport_.send(origin, response.bytes());
  if (request.method != "OPTIONS") log_reply(log_, request, status, false);
}

}  // namespace dunlin::carrier
