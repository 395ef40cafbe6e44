#pragma once
// One call at the carrier: the called side of an INVITE (RFC 3261 §13.3, §15, §17.2.1) that follows its plan:
// rings, answers or refuses, plays its part, hangs up. Event loop thread only.
#include <functional>
#include <memory>
#include <string>

#include "tools/carrier/call_plan.hpp"
#include "tools/carrier/port_pool.hpp"
#include "tools/carrier/transport.hpp"
#include "tools/peer/json_log.hpp"
#include "tools/peer/media_loop.hpp"
#include "tools/peer/negotiation.hpp"

namespace dunlin::carrier {

/// What every call needs; owned by the program and outliving all calls.
struct Surroundings {
  peer::EventLoop& loop;
  Transport& transport;
  peer::MediaLoop& media;
  peer::JsonLog& log;
  PortPool& ports;
  const peer::SpeechBank& bank;
  const Scenario& scenario;
  std::string media_ip;
};

class Call {
 public:
  /// `on_gone` is called once, from a timer, when nothing more can come for this call: the owner destroys it
  /// then.
  Call(Surroundings& around, peer::SipMessage invite, const Origin& origin, CallPlan plan,
       std::function<void()> on_gone);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void start();
  void on_invite_again();
  void on_reinvite(const peer::SipMessage& request);
  void on_ack(const peer::SipMessage& request);
  void on_cancel(const peer::SipMessage& request);
  void on_bye(const peer::SipMessage& request);
  /// To our BYE.
  void on_response(const peer::SipMessage& response);
  /// The program ends: BYE or 503, and the end line.
  void shut_down();

  bool is_live() const { return !has_ended_; }
  /// Whether the fate says that this BYE datagram is to be lost.
  bool wants_to_lose_bye();

 private:
  /// unanswered → answered (200 sent) → established (ACK seen) → over, or unanswered → refused → over.
  enum class State { unanswered, answered, established, refused, over };
  using Timer = peer::EventLoop::TimerId;
  using Task = peer::EventLoop::Task;

  // call.cpp: signalling
  void ring();
  void conclude_ringing();
  void answer();
  void refuse(int status, const std::string& by, const std::string& cause);
  void reply_to_invite(int status, const std::string& body);
  void send_reply(const peer::SipMessage& request, int status, const std::string& body);
  void resend_final(std::int64_t wait_ms, std::int64_t left_ms);
  void hang_up(const std::string& cause);
  void send_bye(std::int64_t wait_ms, std::int64_t left_ms);
  std::string make_bye() const;
  Origin bye_address() const;
  void finish(const std::string& by, const std::string& cause);
  void schedule(Timer& timer, std::int64_t delay_ms, Task task);
  peer::Json line(const peer::SipMessage& message) const;

  // call_acts.cpp: the far end's part and its media
  void act();
  void watch_person();
  void begin_talk();
  bool open_media();
  peer::Result<std::string> answer_offer(const std::string& sdp);
  peer::Status take_answer(const std::string& sdp);
  std::string make_offer();
  peer::LocalMedia local_media() const;

  Surroundings& around_;
  peer::SipMessage invite_;
  Origin origin_;
  CallPlan plan_;
  std::function<void()> on_gone_;
  State state_ = State::unanswered;
  bool has_ended_ = false;
  std::string local_tag_;
  std::string call_id_;
  std::string last_reply_;
  int last_status_ = 0;
  std::uint32_t invite_cseq_ = 0;
  std::string remote_target_;
  std::string bye_;
  std::shared_ptr<peer::MediaLeg> leg_;
  std::string our_sdp_;
  std::uint32_t sdp_version_ = 0;
  peer::AudioDescription ours_;
  bool has_offered_ = false;  ///< The INVITE had no offer: ours is in the 200, the answer in the ACK.
  bool has_lost_bye_ = false;
  std::int64_t invited_at_ = 0;
  std::int64_t answered_at_ = 0;
  std::int64_t answered_mono_ms_ = 0;
  Timer step_ = 0;
  Timer resend_ = 0;
  Timer gone_ = 0;
};

}  // namespace dunlin::carrier
