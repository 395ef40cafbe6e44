#pragma once
// A robot agent's telephone: one TLS (or TCP) connection to the node's agent edge, registration with digest
// (RFC 3261 §10, §22), one lasting call to the station with SDES-SRTP. Whatever breaks is built anew with
// growing pauses. Event loop thread only; the media leg belongs to the media loop.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/peer/digest.hpp"
#include "tools/peer/event_loop.hpp"
#include "tools/peer/json_log.hpp"
#include "tools/peer/media_loop.hpp"
#include "tools/peer/negotiation.hpp"
#include "tools/peer/stream_link.hpp"

namespace dunlin::robot {

struct PhoneOptions {
  std::string registrar = "127.0.0.1:15061";
  std::string domain = "dunlin";
  std::string station = "station";
  std::string media_ip = "127.0.0.1";
  std::optional<peer::TlsContext> tls;  ///< None: plain TCP.
  peer::Credentials credentials;
  std::vector<peer::Codec> codecs;      ///< In the order offered.
  std::vector<peer::SrtpSuite> suites;  ///< Empty: plain RTP is offered.
  std::uint64_t seed = 1;
};

/// Owned by the program, outliving all phones.
struct PhoneSurroundings {
  peer::EventLoop& loop;
  peer::MediaLoop& media;
  peer::JsonLog& log;
};

class Phone {
 public:
  struct Events {
    std::function<void()> on_leg_up;
    std::function<void()> on_leg_down;
  };
  Phone(PhoneSurroundings around, PhoneOptions options, Events events);
  ~Phone();
  Phone(const Phone&) = delete;
  Phone& operator=(const Phone&) = delete;

  void start();
  /// Ends the call and the registration, for good.
  void shut_down();
  /// The running leg; null while there is none.
  peer::MediaLeg* leg() { return is_up_ ? leg_.get() : nullptr; }
  const std::string& user() const { return options_.credentials.user; }

 private:
  /// One client transaction at a time of each kind: REGISTER and INVITE.
  struct Pending {
    peer::SipMessage request;
    int challenges = 0;
  };
  // phone.cpp: connection and registration
  void connect();
  void on_link_closed(const std::string& reason);
  void retry_later();
  void on_bytes(const std::string& bytes);
  void send_register(int expires_s);
  void on_register_reply(const peer::SipMessage& response);
  peer::SipMessage make_request(const std::string& method, const std::string& uri);
  void transmit(const peer::SipMessage& message);
  /// Closes the connection when the transaction that now begins stays without a final answer.
  void guard(peer::EventLoop::TimerId& timer, const char* cause);
  /// Signs and sends again; false when the challenge cannot be met.
  bool answer_challenge(Pending& pending, const peer::SipMessage& response);

  // phone_call.cpp: the leg
  void dial();
  void redial_later();
  void on_invite_reply(const peer::SipMessage& response);
  void on_answered(const peer::SipMessage& response);
  void acknowledge_refusal(const peer::SipMessage& response);
  void on_request(const peer::SipMessage& request);
  void on_reinvite(const peer::SipMessage& request);
  void hang_up(const std::string& cause);
  void end_leg(const std::string& cause);
  bool is_ours(const peer::SipMessage& request) const;
  peer::SipMessage make_dialog_request(const std::string& method, std::uint32_t cseq);
  std::string contact() const;
  std::string from_header() const;
  bool open_leg();
  void release_leg();

  PhoneSurroundings around_;
  PhoneOptions options_;
  Events events_;
  peer::Dice dice_;
  std::unique_ptr<peer::StreamLink> link_;
  bool is_stopping_ = false;
  std::int64_t pause_ms_ = 0;
  std::string local_address_;
  std::optional<Pending> registering_;
  std::optional<Pending> inviting_;
  std::string register_call_id_;
  std::uint32_t register_cseq_ = 0;
  peer::EventLoop::TimerId connect_timer_ = 0;
  peer::EventLoop::TimerId register_timer_ = 0;
  peer::EventLoop::TimerId dial_timer_ = 0;
  peer::EventLoop::TimerId register_guard_ = 0;
  peer::EventLoop::TimerId invite_guard_ = 0;

  std::shared_ptr<peer::MediaLeg> leg_;
  peer::AudioDescription ours_;
  std::uint32_t sdp_version_ = 0;
  bool is_up_ = false;
  std::string call_id_;
  std::string local_tag_;
  std::string remote_to_;  ///< To header of the 2xx: our peer's address with its tag.
  std::string remote_target_;
  std::vector<std::string> routes_;
  std::uint32_t cseq_ = 0;
  std::string ack_bytes_;
  std::string last_reinvite_reply_;
  std::uint32_t last_reinvite_cseq_ = 0;
};

}  // namespace dunlin::robot
