#pragma once
// One run of a what-if plan: the clock, the list, the ticks of the pacing, calls and agents. Made and used by
// run_what_if() only. The gate and the book point into the run, so it stays where it was made.
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_map>

#include "core/case/case_machine.hpp"
#include "core/dialing/dial_queue.hpp"
#include "core/dialing/pacing.hpp"
#include "core/dialogue/flow_machine.hpp"
#include "core/report/abandon_shares.hpp"
#include "core/simulate/what_if.hpp"
#include "core/simulate/what_if_judge.hpp"
#include "core/simulate/what_if_witness.hpp"

namespace dunlin {

class WhatIfRun {
 public:
  /// `witness` may be nullptr.
  WhatIfRun(const WhatIfPlan& plan, std::uint64_t seed, WhatIfWitness* witness);
  WhatIfRun(const WhatIfRun&) = delete;
  WhatIfRun& operator=(const WhatIfRun&) = delete;
  WhatIfDay run();

 private:
  enum class AgentState : std::uint8_t { off, ready, talk, wrap };
  struct Agent {
    AgentState state = AgentState::off;
    UtcTime since;
    double pace = 1;
    double last_talk_s = 0;
    AttemptId attempt;             ///< Of the talk, then of the wrap-up.
    std::size_t case_index = 0;
    LineFate fate;
  };
  struct Call {
    std::size_t case_index = 0;
    LineFate fate;
    PacingCallPhase phase = PacingCallPhase::dialing;
    UtcTime phase_at;
    UtcTime live_at;
    AttemptTimes times;
    AnsweredBy answer = AnsweredBy::unclassified;
    Duration abandon_after;
    std::size_t agent = 0;
    int segment = 0;               ///< By the score of its attempt.
    int ordinal = 0;               ///< Of the attempt among those of its case.
  };
  /// A call the campaign's flow speaks in.
  struct FlowTalk {
    FlowMachine machine;
    FlowCard card;
    int draws = 0;                 ///< Of the person's luck, so far.
    std::string keys;              ///< About to be pressed.
  };
  enum class Due : std::uint8_t { ring, end, verdict, wait_limit, talk_end, wrap_end, login, speech_end, flow_timer, keys, leaves_flow };
  struct Entry {
    UtcTime at;
    std::uint64_t order = 0;
    Due due = Due::ring;
    std::uint64_t subject = 0;     ///< Attempt, or index of the agent.
    std::uint32_t round = 0;       ///< Of a flow's speech or timer.
    bool operator>(const Entry& other) const { return at > other.at || (at == other.at && order > other.order); }
  };
  struct OneCase {
    CaseMachine machine;
    std::size_t zone = 0;
    int attempts = 0;
  };
  using Calls = std::map<AttemptId, Call>;

  // The list.
  void open_synthetic(UtcTime at);
  void open_known(UtcTime at);
  void add_case(CaseMachine machine);
  std::size_t zone_index(const CaseRecord& record);
  /// nullopt when the machine refused, which no run should see.
  std::optional<CaseAnswer> commit(std::size_t index, Result<CaseEffects> effects);
  void run_timers();
  // A shift.
  void play_shift(int day);
  void tick();
  PacingInput input();
  void start_calls(int count);
  bool place_one();
  void note_denial(const DenialView& denial, std::size_t index);
  void start_call(std::size_t index, const AttemptView& view, const WorkOrder& order, std::uint16_t score_permille);
  int next_segment(std::uint16_t score_permille);
  void advance(UtcTime to);
  void drain();
  void finish_shift();
  // Calls.
  void handle(const Entry& entry);
  void on_ring(Calls::iterator call);
  void on_call_end(Calls::iterator call);
  void on_verdict(Calls::iterator call);
  void on_wait_limit(Calls::iterator call);
  void settle(Calls::iterator call, Outcome outcome, PacingEventKind kind);
  void connect(std::size_t agent, Calls::iterator call);
  void set_phase(Call& call, PacingCallPhase phase);
  // Flows.
  bool has_flow() const { return !plan_.campaign.flow.empty(); }
  double flow_draw(FlowTalk& talk, const Call& call);
  void start_flow(Calls::iterator call);
  void perform_flow(AttemptId attempt, FlowEffects effects);
  void say_in_flow(Calls::iterator call, FlowTalk& talk, const flow_effect::Speak& speak);
  void on_speech_end(Calls::iterator call, std::uint32_t round);
  void on_keys(AttemptId attempt);
  void on_flow_timer(AttemptId attempt, std::uint32_t round);
  void on_leaves_flow(AttemptId attempt);
  FlowEffects promise_in_flow(Calls::iterator call, FlowTalk& talk, const PromiseTerms& terms);
  void ask_agent_in_flow(Calls::iterator call);
  void finish_flow(Calls::iterator call, const flow_effect::Finish& end);
  void note_disposition(AttemptId attempt, Outcome outcome);
  // Agents.
  void on_login(std::size_t agent);
  void on_talk_end(std::size_t agent);
  void on_wrap_end(std::size_t agent);
  void make_ready(std::size_t agent);
  void set_state(std::size_t agent, AgentState next);
  void dispose(const Agent& agent, std::size_t index);
  DispositionSet disposition_of(const Agent& agent) const;
  void send_idle_home();
  // Measures.
  void add_span(double WhatIfHour::*member, UtcTime from, UtcTime to);
  WhatIfHour& hour_at(UtcTime at);
  void measure_zones();
  void trace(std::uint64_t value);

  void push(UtcTime at, Due due, std::uint64_t subject, std::uint32_t round = 0) { entries_.push({at, order_++, due, subject, round}); }
  PacingEvent event_of(PacingEventKind kind, Calls::const_iterator call) const;
  void tell(PacingEvent event);
  double seconds_since(UtcTime at) const { return static_cast<double>((now_ - at).ms) / 1000.0; }
  double seconds_since_shift(UtcTime at) const { return static_cast<double>((at - shift_from_).ms) / 1000.0; }
  const Campaign& campaign() const { return book_.all().front(); }
  const CaseRecord& record_of(std::size_t index) const { return cases_[index].machine.record(); }

  const WhatIfPlan& plan_;
  WhatIfWitness* witness_;
  LineWorld world_;
  PolicyGate law_;
  const ContactGate& gate_;
  CampaignBook book_;
  DialQueue queue_;
  WhatIfJudge judge_;
  WhatIfDay day_;
  std::vector<OneCase> cases_;
  std::unordered_map<CaseId, std::size_t> index_of_;
  std::vector<std::string> zones_;

  UtcTime now_;
  UtcTime shift_from_;
  UtcTime shift_to_;
  bool is_dialing_ = false;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> entries_;
  std::uint64_t order_ = 0;
  std::uint64_t next_attempt_ = 0;
  std::unique_ptr<PacingPolicy> policy_;
  std::vector<PacingEvent> events_;
  std::deque<int> latest_segments_;    ///< Of the last attempts reserved, oldest first.
  PacingTotals totals_;
  int granted_ = 0;
  double tokens_ = 0;
  std::vector<PhoneNumber> numbers_;  ///< Of the line's contract.
  AbandonShares abandons_;
  Calls calls_;
  std::map<AttemptId, FlowTalk> flows_;
  std::vector<Agent> agents_;
  std::deque<std::size_t> idle_;       ///< Longest waiting first.
  std::deque<AttemptId> waiting_;      ///< Persons without an agent, in order of arrival.
  int in_flight_ = 0;                  ///< Calls without an agent yet.
};

/// The instant of a wall clock's second on a date of the zone.
UtcTime wall_instant(const ZoneTable& zone, std::int64_t day, int second_of_day);
int channels_of(const WhatIfPlan& plan);

}  // namespace dunlin
