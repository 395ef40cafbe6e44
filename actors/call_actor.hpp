#pragma once
// One attempt's call at work: feeds CallMachine with what SIP, media, matchmaker and agent say, and performs what it
// answers. Resource: pinned to the node that owns the socket. Facts go to the case first and are told again until the
// case has them in its history (attempt protocol R3, R9); only then does the actor end.
#include <deque>
#include <map>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class CallActor : public caf::event_based_actor {
 public:
  CallActor(caf::actor_config& config, const NodeContext* context, msg::StartCall start);
  caf::behavior make_behavior() override;
  const char* name() const override { return "call"; }

 private:
  void perform(CallEffects effects);
  void perform_one(const CallEffect& effect);
  void act(const call_effect::OpenMedia& effect);
  void act(const call_effect::PlaceLeg& effect);
  void act(const call_effect::SetRemoteMedia& effect);
  void act(const call_effect::StartClassifier& effect);
  void act(const call_effect::StopClassifier& effect);
  void act(const call_effect::AskForAgent& effect);
  void act(const call_effect::CancelAgentRequest& effect);
  void act(const call_effect::ReleaseAgent& effect);
  void act(const call_effect::Bridge& effect);
  void act(const call_effect::Unbridge& effect);
  void act(const call_effect::HoldBridge& effect);
  void act(const call_effect::ResumeBridge& effect);
  void act(const call_effect::Say& effect);
  void act(const call_effect::StopSaying& effect);
  void act(const call_effect::PlayMusic& effect);
  void act(const call_effect::RecordPromise& effect);
  void act(const call_effect::PlayPrompt& effect);
  void act(const call_effect::StartRecording& effect);
  void act(const call_effect::StopRecording& effect);
  void act(const call_effect::HangUp& effect);
  void act(const call_effect::CloseMedia& effect);
  void act(const call_effect::AskSecondLeg& effect);
  void act(const call_effect::StartTimer& effect);
  void act(const call_effect::TellAgent& effect);
  void act(const call_effect::TellAgentCallEnded& effect);
  void act(const call_effect::FactSent& effect);
  void act(const call_effect::FactAnswered& effect);
  void act(const call_effect::FactClassified& effect);
  void act(const call_effect::FactBridged& effect);
  void act(const call_effect::FactFlowEnded& effect);
  void act(const call_effect::FactSettled& effect);
  void act(const call_effect::FactControlled& effect);
  void act(const call_effect::Supervise& effect);
  void act(const call_effect::EndSupervision& effect);
  void act(const call_effect::TellSupervisorCallEnded& effect);
  void act(const call_effect::PauseRecording& effect);
  Result<CallEffects> judge(const msg::SuperviseCall& order);
  msg::Answer obey(Result<CallEffects> effects, const std::string& author);
  std::uint32_t media_ms() const;
  void begin();
  void make_speech();
  void on_speech_made(const msg::SpeechMade& made);
  void watch(std::unique_ptr<FrameListener> listener);
  void open_media();
  PhoneNumber shown_number(const call_effect::PlaceLeg& effect) const;
  void place_leg(const call_effect::PlaceLeg& effect);
  void bridge(const AssignedAgent& agent);
  void start_recording();
  void note_human();
  void ask_for_agent(const call_effect::AskForAgent& effect);
  void ask_second_leg(const call_effect::AskSecondLeg& effect);
  void settle(const call_effect::FactSettled& fact);
  void send_fact(const CaseEvent& event);
  void send_next_fact();
  void step(PacingEventKind kind, bool is_over = false, std::optional<Outcome> outcome = std::nullopt);
  void step_of_state();
  void on_leg_ended(const msg::LegEnded& event);
  void on_reoffered(const msg::LegReoffered& event);
  void finish_if_done();
  int leg_number_of(LegId leg) const;
  AttemptId attempt() const { return start_.attempt.attempt; }
  msg::CallView view() const;
  CallMoment moment() const { return {context_->clock->now_mono(), context_->clock->now_utc()}; }

  const NodeContext* context_;
  msg::StartCall start_;
  CallMachine machine_;
  SpeechPointer sounds_;                    ///< Of the flow, from before the dial on.
  bool has_begun_ = false;
  std::vector<LegId> legs_;                 ///< SIP legs placed; the media leg keeps the first one's id.
  LegId media_leg_;
  std::string trunk_;
  std::string second_trunk_;                ///< Granted for the second leg, which may never be placed.
  std::deque<msg::RecordFact> facts_;       ///< Not yet acknowledged, in order.
  bool is_fact_under_way_ = false;
  bool has_rung_ = false;
  bool is_recorded_ = false;
  MonoTime sound_began_;                    ///< Of the recording, or of the answer where none runs.
  std::uint32_t controls_ = 0;              ///< Facts of supervisors and pauses so far.
  std::string author_;                      ///< Of the order being obeyed; empty: the call's own doing.
  std::optional<Error> refusal_;            ///< Of the media worker, to the order being obeyed.
  std::optional<VoiceVerdict> verdict_;
  std::optional<Outcome> outcome_;
  msg::LegQualityMeasured quality_;         ///< The last report of the debtor's leg.
  MonoTime human_at_;
  MonoTime started_at_;
  CallState reported_ = CallState::reserved;
};

}  // namespace dunlin
