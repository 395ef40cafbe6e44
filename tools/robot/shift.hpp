#pragma once
// A robot agent's working day: logs in once the leg is up, goes ready, talks when the node says so, names an
// outcome. It learns its state by asking, as a desktop would. Event loop thread only.
#include <string>

#include "tools/peer/json_log.hpp"
#include "tools/peer/speech_bank.hpp"
#include "tools/robot/desk_client.hpp"
#include "tools/robot/outcome_mix.hpp"
#include "tools/robot/phone.hpp"

namespace dunlin::robot {

struct ShiftOptions {
  peer::Range wrap_ms{2000, 6000};
  peer::Range talk_ms{5000, 15'000};
  OutcomeMix outcomes;
};

class Shift {
 public:
  Shift(peer::EventLoop& loop, peer::JsonLog& log, const peer::SpeechBank& bank, Phone& phone,
        DeskClient& desk, ShiftOptions options);
  ~Shift();
  Shift(const Shift&) = delete;
  Shift& operator=(const Shift&) = delete;

  void on_leg_up();
  void on_leg_down();

 private:
  void begin_day();
  void poll();
  void on_view(const Reply& reply);
  void on_state(const std::string& state, const std::string& call);
  void enter_state();
  void begin_talk();
  void end_talk();
  void ask_hang_up();
  void name_outcome();
  void command(std::vector<std::string> words, DeskClient::OnReply on_success);
  /// Repeats a command that did not have its effect, at most every two seconds.
  void nudge(const char* verb);

  peer::EventLoop& loop_;
  peer::JsonLog& log_;
  const peer::SpeechBank& bank_;
  Phone& phone_;
  DeskClient& desk_;
  ShiftOptions options_;
  peer::Dice dice_;
  std::string state_;
  std::string call_;
  bool is_polling_ = false;
  bool has_hung_up_ = false;
  bool is_talking_ = false;
  std::int64_t talk_began_ms_ = 0;
  std::int64_t last_nudge_ms_ = 0;
  peer::EventLoop::TimerId poll_timer_ = 0;
  peer::EventLoop::TimerId act_timer_ = 0;
};

}  // namespace dunlin::robot
