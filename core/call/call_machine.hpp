#pragma once
// One attempt's call from permit to settlement, as a pure machine: legs, classification, the agent, the bridge, the end.
// Runs inside the call actor on the edge node; one function per event, each returns what to do next. Events of the
// network come late, twice or never: what does not fit the state is ignored, and every path ends in exactly one
// FactSettled (rules R4-R9 and R18 of docs/attempt-protocol.md; at most two legs, the second only without 18x).
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/call/call_effects.hpp"
#include "core/dialogue/flow_machine.hpp"

namespace dunlin {

enum class CallState : std::uint8_t {
  reserved,              ///< The permit exists (or the second leg's is awaited); nothing is on the wire.
  opening_media,
  dialing,               ///< INVITE on its way, no 18x yet.
  ringing,
  answered_classifying,
  in_flow,               ///< The flow speaks and listens; nobody of ours is on the line.
  waiting_for_agent,     ///< A person listens to silence, or after a flow to music: the abandon clock runs.
  bridging,
  talking,
  ending,                ///< Hang-up ordered or a last prompt plays.
  settled,
};
inline constexpr int call_state_count = static_cast<int>(CallState::settled) + 1;
std::string_view to_string(CallState state);

/// What to do with each class of answer, as campaign data.
enum class AnswerAction : std::uint8_t {
  to_agent,
  hang_up,
  leave_message,   ///< Wait for the tone, play the voicemail prompt, hang up.
  keep_listening,
};

struct ClassifierPolicy {
  bool is_enabled = true;                                   ///< Off: every answer goes to an agent.
  AnswerAction on_machine = AnswerAction::hang_up;
  AnswerAction on_fax = AnswerAction::hang_up;
  AnswerAction on_announcement = AnswerAction::hang_up;
  AnswerAction on_screening = AnswerAction::hang_up;
  AnswerAction on_silence = AnswerAction::to_agent;
  AnswerAction on_unknown = AnswerAction::to_agent;         ///< Also when no verdict comes in time.
  bool listens_to_early_media = true;                       ///< Announcements before the answer end the call.
  bool hears_second_look = true;                            ///< Tell the agent when a machine is found after the bridge.
};

/// From which instant the abandon limit counts.
enum class AbandonClock : std::uint8_t { greeting_end, answer };

struct CallLimits {
  Duration media_open = seconds(2);
  Duration ring = seconds(30);
  Duration classify = seconds(6);
  Duration beep = seconds(20);
  Duration abandon = seconds(2);
  AbandonClock abandon_clock = AbandonClock::greeting_end;
  Duration bridge = seconds(1);
  Duration agent_return = seconds(15);
  Duration prompt = seconds(30);
  Duration hang_up = seconds(35);                           ///< Timer F (RFC 3261 §17.1.2.2) and a margin.
  Duration second_leg = seconds(3);
  Duration speech = minutes(4);                             ///< Longer than any text of a flow.
  Duration longest_call = hours(2);
};

/// What a call without an agent says, and to whom.
struct CallScript {
  std::shared_ptr<const Flow> flow;
  FlowCard card;
};

/// Everything known when the attempt was reserved. Constant for the call.
struct CallPlan {
  AttemptId attempt;
  CaseId case_id;
  CampaignId campaign;
  PhoneNumber number;
  PhoneNumber caller_id;
  std::string trunk;
  std::string skill;
  std::int32_t priority = 0;
  AgentId own_agent;            ///< Set for preview and callbacks: only this agent may be bridged.
  std::shared_ptr<const CallScript> script;   ///< Set: a person hears the flow, and an agent only when the flow asks for one.
  UtcTime reserved_at;
  ClassifierPolicy classifier;
  CallLimits limits;
  bool has_abandon_notice = true;
  bool may_use_second_leg = true;
};

enum class StopReason : std::uint8_t {
  drain,              ///< Talks finish; what has not been answered is cancelled.
  campaign_stopped,   ///< The same.
  lawful_hours_ended, ///< The same: R4 cancels, an answered call goes on.
  operator_hang_up,   ///< Ends the call in every state.
};

class CallMachine {
 public:
  explicit CallMachine(CallPlan plan);

  CallEffects on_start(CallMoment now);                              ///< The permit is on the desk: reserved → opening_media.
  CallEffects on_no_speech(CallMoment now);                          ///< In place of on_start: the flow would have nothing to say.
  CallEffects on_media_opened(CallMoment now, MediaDescription offer);
  CallEffects on_media_failed(CallMoment now);                       ///< At opening or at any later time.
  CallEffects on_invite_sent(CallMoment now, int leg_number);
  /// 18x; `early_media` when the response carried a description.
  CallEffects on_progress(CallMoment now, int leg_number, int sip_status, std::optional<MediaDescription> early_media);
  CallEffects on_answered(CallMoment now, int leg_number, MediaDescription remote);
  CallEffects on_verdict(CallMoment now, const VoiceVerdict& verdict);
  CallEffects on_agent_assigned(CallMoment now, AssignedAgent agent);
  CallEffects on_no_agent(CallMoment now);                           ///< The matchmaker's deadline passed or it refused.
  CallEffects on_bridged(CallMoment now, AssignedAgent agent);
  CallEffects on_bridge_failed(CallMoment now, AssignedAgent agent); ///< Media could not join the legs.
  CallEffects on_agent_hang_up(CallMoment now, AgentId agent);       ///< The agent ended the talk.
  CallEffects on_agent_left(CallMoment now, AgentId agent);          ///< Its leg died, it was logged out, it gave back.
  CallEffects on_hold(CallMoment now, AgentId agent);
  CallEffects on_resume(CallMoment now, AgentId agent);

  // Supervisors and recordings: orders of people, refused with a reason. One supervisor a call; the rights are asked elsewhere.
  Result<CallEffects> on_supervise(CallMoment now, AssignedAgent supervisor, SupervisionMode mode);
  CallEffects on_supervised(CallMoment now, AssignedAgent supervisor, SupervisionMode mode);
  /// The media worker could not: one who was on the call is off it.
  CallEffects on_supervise_failed(CallMoment now, AssignedAgent supervisor);
  Result<CallEffects> on_supervisor_leave(CallMoment now, AgentId supervisor);
  /// The talk becomes the supervisor's; answered by on_bridged or on_bridge_failed, which leaves everything as it was.
  Result<CallEffects> on_take_over(CallMoment now, AssignedAgent supervisor);
  Result<CallEffects> on_pause_recording(CallMoment now, bool is_on);

  CallEffects on_leg_ended(CallMoment now, int leg_number, EndCause cause);
  CallEffects on_prompt_finished(CallMoment now);
  CallEffects on_speech_finished(CallMoment now, std::uint32_t round);
  CallEffects on_key(CallMoment now, char key);
  CallEffects on_promise_recorded(CallMoment now);
  CallEffects on_promise_refused(CallMoment now);
  CallEffects on_second_leg_granted(CallMoment now, const std::string& trunk);
  CallEffects on_second_leg_refused(CallMoment now);
  CallEffects on_timer(CallMoment now, CallTimer kind, std::uint32_t generation);
  CallEffects on_stop(CallMoment now, StopReason reason);

  CallState state() const { return state_; }
  const CallPlan& plan() const { return plan_; }
  int legs() const { return leg_number_; }                           ///< Legs placed so far, 0-2.
  const std::optional<AssignedAgent>& agent() const { return agent_; }
  const CallTimes& times() const { return times_; }
  struct Supervision {
    AssignedAgent supervisor;
    SupervisionMode mode = SupervisionMode::listen;
  };
  const std::optional<Supervision>& supervision() const { return supervision_; }
  bool is_recording_paused() const { return is_recording_paused_; }
  bool is_settled() const { return state_ == CallState::settled; }
  bool is_on_hold() const { return is_on_hold_; }
  /// Milestones for pacing: when the present state began and when the last leg was placed.
  MonoTime state_since() const { return state_since_; }
  void check_invariants() const;

 private:
  void enter(CallState next, CallMoment now);
  void start_timer(CallTimer kind, Duration after, CallEffects& out);
  bool is_current(CallTimer kind, std::uint32_t generation) const;
  bool is_live_leg(int leg_number) const;
  bool is_before_answer() const;
  void open_media(CallMoment now, CallEffects& out);
  void place_leg(CallMoment now, CallEffects& out);
  void listen_or_ask(CallMoment now, CallEffects& out);
  void note_verdict(CallMoment now, const VoiceVerdict& verdict, CallEffects& out);
  void ask_for_agent(CallMoment now, CallEffects& out);
  void start_flow(CallMoment now, CallEffects& out);
  void perform_flow(CallMoment now, const FlowEffects& effects, CallEffects& out);
  void ask_agent_for_flow(CallMoment now, const flow_effect::AskForAgent& wish, CallEffects& out);
  void stop_asking_for_flow(CallMoment now, CallEffects& out);
  void take_flow_end(CallMoment now, const flow_effect::Finish& end, CallEffects& out);
  void cut_off_flow(CallMoment now, CallEffects& out);
  void doubt_flow(CallMoment now, AnswerClass answer, CallEffects& out);
  bool is_flow_live() const { return flow_ && !flow_->is_ended(); }
  void retry_without_agent(CallMoment now, CallEffects& out);
  bool may_ask_second_leg(const EndCause& cause) const;
  void act_on(CallMoment now, AnswerClass answer, CallEffects& out);
  AnswerAction action_for(AnswerClass answer) const;
  static bool is_not_a_person(AnswerClass answer);
  void end_for_class(CallMoment now, AnswerClass answer, CallEffects& out);
  void leave_message(CallMoment now, AnswerClass answer, CallEffects& out);
  void write_off(CallMoment now, CallEffects& out);
  void abandon(CallMoment now, CallEffects& out);
  void hang_up(CallMoment now, HangUpReason reason, CallEffects& out);
  void play_and_end(CallMoment now, CallPrompt prompt, CallEffects& out);
  void drop_agent(CallMoment now, CallEffects& out);
  Status may_be_supervised(const AssignedAgent& supervisor) const;
  void hand_talk_over(CallMoment now, CallEffects& out);
  void resume_supervision(CallMoment now, CallEffects& out);
  void drop_supervisor(CallMoment now, CallEffects& out);
  void close_talk(CallMoment now);
  void settle(CallMoment now, Outcome outcome, EndCause cause, CallEffects& out);
  void settle_unanswered(CallMoment now, const EndCause& end, CallEffects& out);
  Outcome outcome_of_answered(CallMoment now) const;
  Outcome outcome_when_dropped() const;
  bool is_past_abandon_limit(CallMoment now) const;
  MonoTime abandon_clock_start() const;
  CallEffects checked(CallEffects effects) const;

  CallPlan plan_;
  CallState state_ = CallState::reserved;
  MonoTime state_since_;
  CallTimes times_;
  int leg_number_ = 0;
  bool is_leg_alive_ = false;         ///< A leg is on the wire or about to be.
  bool is_sent_ = false;              ///< The INVITE of the present leg left.
  bool has_18x_ = false;              ///< Of the present leg.
  bool is_media_open_ = false;
  bool is_recording_ = false;
  bool is_answered_ = false;
  bool is_classifying_ = false;
  bool is_person_ = false;            ///< A verdict (or policy) made it a person for an agent.
  bool was_bridged_ = false;
  bool is_on_hold_ = false;
  bool is_asking_agent_ = false;
  bool is_waiting_for_return_ = false;
  bool is_waiting_for_beep_ = false;
  bool is_waiting_for_second_leg_ = false;
  bool is_hang_up_sent_ = false;
  MediaDescription offer_;
  std::optional<AssignedAgent> agent_;
  AgentId last_agent_;
  std::optional<Supervision> supervision_;
  std::optional<AssignedAgent> taking_over_;  ///< Ordered to be bridged in the agent's place.
  bool is_recording_paused_ = false;
  std::optional<Outcome> outcome_;    ///< Decided before the leg's end is confirmed.
  HangUpReason ended_by_ = HangUpReason::remote_ended;
  EndCause first_cause_;              ///< Of leg 1 while the second leg is asked for.
  MonoTime placed_mono_;
  MonoTime answered_mono_;
  MonoTime person_mono_;
  MonoTime bridged_mono_;
  std::array<std::uint32_t, call_timer_count> generation_{};
  std::optional<FlowMachine> flow_;   ///< From the person's answer on, when the plan has a script.
  std::uint32_t flow_round_ = 0;      ///< Of the flow's timer.
  std::uint32_t speech_round_ = 0;
  bool has_heard_key_ = false;        ///< Then no verdict makes a machine of the person any more.
};

}  // namespace dunlin
