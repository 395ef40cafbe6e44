#pragma once
// A discrete-event simulation of one outbound campaign, driven tick by tick by any PacingPolicy. One thread,
// repeatable from its seed; simulated seconds only.
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "core/dialing/pacing.hpp"
#include "tools/pacing_lab/report.hpp"
#include "tools/pacing_lab/visible_state.hpp"
#include "tools/pacing_lab/world.hpp"

namespace dunlin::lab {

class Simulation {
 public:
  Simulation(const Scenario& scenario, std::uint64_t seed);
  static PacingConfig config_of(const Scenario& scenario);
  Report run(PacingPolicy& policy);

 private:
  enum class AgentState { off, ready, talk, wrap, pause };
  enum class Due { ring, end, verdict, wait_limit, close, talk, wrap, pause_end, login, logout, pause, turn };
  struct Agent {
    AgentState state = AgentState::off;
    double since_s = 0;
    std::uint32_t generation = 0;
    double pace = 1;
    int call = -1;
    double wrap_end_s = 0;
    bool wants_pause = false;
    bool wants_out = false;
    bool is_gone = false;  ///< Left in a turn: does not come back.
    std::uint64_t pauses = 0;
    Party party = Party::wrong;
  };
  struct Call {
    std::uint64_t id = 0;
    std::uint32_t generation = 0;
    std::uint32_t person = 0;
    int attempt = 0;
    int segment = 0;
    CallFate fate;
    double started_s = 0;
    double live_at_s = 0;
    bool is_used = false;
    bool is_queued = false;
  };
  struct Entry {
    double at_s = 0;
    std::uint64_t order = 0;
    Due due = Due::ring;
    int index = 0;
    std::uint32_t generation = 0;
    bool operator>(const Entry& other) const {
      return at_s > other.at_s || (at_s == other.at_s && order > other.order);
    }
  };
  struct Retry {
    double due_s = 0;
    std::uint32_t person = 0;
    int attempt = 0;
  };
  struct Pick {
    std::uint32_t person = 0;
    int attempt = 0;
  };
  struct Cursor {
    std::uint32_t fresh = 0;
    std::size_t retry = 0;
    std::uint64_t picks = 0;
  };

  // The list.
  std::optional<Pick> pick(Cursor& cursor) const;
  int list_left() const;
  // Ticks.
  void advance(double to_s);
  PacingInput observe();
  int start_calls(int wanted);
  int channels_free() const { return scenario_.channels() - channels_lost_ - channels_used_; }
  // Calls.
  void dial(const Pick& pick);
  void on_call_end(int index);
  void on_verdict(int index);
  void on_wait_limit(int index);
  void go_live(int index);
  void connect(int agent, int index);
  void end_call(int index, bool may_retry);
  void change_channels(int by);
  // Agents.
  void plan_agents();
  void set_state(int agent, AgentState next);
  void make_ready(int agent);
  void on_talk_end(int agent);
  void on_wrap_end(int agent);
  void on_pause_wish(int agent);
  void start_pause(int agent, double spent_s, PacingResult result);
  void on_pause_end(int agent);
  void on_login(int agent);
  void on_logout(int agent);
  void on_turn(const Turn& turn);
  void leave(double share);
  void leave_idle_line(int agent);

  void handle(const Entry& entry);
  void push(double at_s, Due due, int index, std::uint32_t generation = 0);
  void tell(PacingEvent event);
  void tell_call(PacingEventKind kind, const Call& call);
  void tell_agent(PacingEventKind kind, int agent, double spent_s, PacingResult result);

  Scenario scenario_;
  World world_;
  double now_s_ = 0;
  std::uint64_t order_ = 0;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue_;
  std::vector<Agent> agents_;
  std::vector<Call> calls_;
  std::vector<int> free_slots_;
  std::deque<int> idle_;     ///< Agents, longest waiting first.
  std::deque<int> waiting_;  ///< Calls, in order of arrival.
  std::vector<Retry> retries_;
  Cursor cursor_;
  int channels_used_ = 0;
  int channels_lost_ = 0;    ///< In a turn.
  double tokens_ = 0;
  double channels_since_s_ = 0;
  std::uint64_t next_call_ = 1;
  int last_granted_ = 0;
  std::deque<PacingEvent> unseen_;
  std::vector<PacingEvent> fresh_;
  VisibleState visible_;
  Measures measures_;
};

}  // namespace dunlin::lab
