#pragma once
// The carrier's switch: gives every SIP message to its call, starts calls, answers OPTIONS and REGISTER,
// repeats its answers to repeated requests, writes the judge's log. Event loop thread only.
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "tools/carrier/call.hpp"

namespace dunlin::carrier {

struct ServerOptions {
  Scenario scenario;
  std::uint64_t seed = 1;
  std::string media_ip = "127.0.0.1";
  int first_rtp_port = 30'000;
  int last_rtp_port = 39'998;
};

class Server {
 public:
  Server(peer::EventLoop& loop, peer::JsonLog& log, const peer::SpeechBank& bank, ServerOptions options);

  Transport& transport() { return transport_; }
  /// Ends all calls; the loop may stop a moment later.
  void shut_down();
  std::size_t live_calls() const;

 private:
  struct Remembered {
    std::int64_t until_ms;
    std::string key;
  };
  void on_message(const peer::SipMessage& message, const Origin& origin);
  void on_invite(const peer::SipMessage& request, const Origin& origin);
  void on_other_request(const peer::SipMessage& request, const Origin& origin);
  void start_call(const peer::SipMessage& request, const Origin& origin);
  bool is_challenged(const peer::SipMessage& request, const Origin& origin);
  /// Whether this request was seen already; it is remembered for 64*T1.
  bool is_repeated(const std::string& key);
  void reply(const peer::SipMessage& request, const Origin& origin, int status);
  void register_account(const peer::SipMessage& request, const Origin& origin);
  Call* call_of(const peer::SipMessage& message);

  peer::EventLoop& loop_;
  peer::JsonLog& log_;
  ServerOptions options_;
  PortPool ports_;
  Transport transport_;
  peer::MediaLoop media_;
  Surroundings around_;
  std::unordered_map<std::string, int> attempts_;
  std::unordered_map<std::string, std::string> answers_;  ///< Request key → our last answer, "" before it.
  std::deque<Remembered> remembered_;
  std::unordered_map<std::string, std::unique_ptr<Call>> calls_;  ///< By Call-ID and the caller's tag.
};

}  // namespace dunlin::carrier
