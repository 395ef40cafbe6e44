#pragma once
// What a call machine asks of the world, and the facts it reports to the case. Plain values; performed in order by the
// call actor: facts first, each until the case has it, then the rest (rules R3, R9 of docs/attempt-protocol.md).
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/phone_number.hpp"
#include "core/base/time.hpp"
#include "core/call/media_description.hpp"
#include "core/call/outcome_map.hpp"
#include "core/case/case_event.hpp"
#include "core/case/case_facts.hpp"
#include "core/case/outcome.hpp"
#include "core/dialogue/spoken.hpp"
#include "core/voice/frame_listener.hpp"

namespace dunlin {

using AnswerClass = VoiceVerdict::AnswerClass;
std::string_view to_string(AnswerClass answer);

/// Both clocks of one instant: mono measures, utc is stored.
struct CallMoment {
  MonoTime mono;
  UtcTime utc;
};

/// An agent chosen for exactly this attempt (R18).
struct AssignedAgent {
  AgentId agent;
  std::uint64_t session = 0;
  LegId leg;
  bool operator==(const AssignedAgent&) const = default;
};

enum class HangUpReason : std::uint8_t {
  ring_timeout, machine, fax, announcement, screening, silence, agent, no_agent, stopped, longest_call, agent_lost,
  media_failed, message_left, remote_ended,
  flow_ended,     ///< The flow said what there was to say.
  no_speech,      ///< What the flow would have said could not be made: nothing was dialed.
};
std::string_view to_string(HangUpReason reason);

enum class CallPrompt : std::uint8_t { abandon_notice, agent_return, voicemail };

enum class CallTimer : std::uint8_t {
  media,          ///< The media worker has not opened the leg.
  ring,           ///< INVITE sent, not answered.
  classify,       ///< Answered, no verdict.
  beep,           ///< Machine found, its tone awaited before the message.
  agent,          ///< Person waits; at the end of it the call is abandoned.
  bridge,         ///< Bridge ordered, not confirmed.
  agent_return,   ///< The agent's leg died in the talk.
  prompt,         ///< A prompt plays; then the call is hung up.
  hang_up,        ///< Hang-up ordered, no end reported: the leg is written off.
  second_leg,     ///< The commit of the second leg is awaited.
  speech,         ///< The media worker has not said that speech is over.
  flow,           ///< The flow listens, or waits for an agent or for the case.
  longest_call,
};
inline constexpr int call_timer_count = static_cast<int>(CallTimer::longest_call) + 1;

/// When things happened, wall time for the history; unset = did not happen.
struct CallTimes {
  UtcTime reserved_at;
  UtcTime sent_at;        ///< First INVITE.
  UtcTime ringing_at;
  UtcTime answered_at;
  UtcTime classified_at;
  UtcTime bridged_at;     ///< First bridge.
  UtcTime ended_at;
  Duration ring;          ///< Sent to answered (or ended), monotonic, of the last leg.
  Duration wait_for_agent;///< By the campaign's abandon clock.
  Duration talk;          ///< Bridged time, all agents' parts together.
  bool operator==(const CallTimes&) const = default;
};

/// How a supervisor is on a call: hears both ends and is heard by nobody, by the agent alone, or by both.
enum class SupervisionMode : std::uint8_t { listen, whisper, barge };
std::string_view to_string(SupervisionMode mode);

namespace call_effect {
struct OpenMedia {};                                   ///< Answer with on_media_opened / on_media_failed.
/// Send the INVITE with this leg's permit. Call-ID = attempt + leg number.
struct PlaceLeg {
  int leg_number = 1;
  std::string trunk;
  PhoneNumber number;
  PhoneNumber caller_id;
  MediaDescription offer;
};
struct SetRemoteMedia { MediaDescription remote; bool is_early = false; };
struct StartClassifier {};
struct StopClassifier {};
struct AskForAgent {
  CampaignId campaign;
  std::string skill;
  std::int32_t priority = 0;
  MonoTime deadline;
  AgentId only_agent;                                  ///< Set when a talk waits for its own agent's return.
};
struct CancelAgentRequest {};
/// The agent was given to a call that no longer needs it: back to ready, nothing to wrap up.
struct ReleaseAgent { AssignedAgent agent; };
struct Bridge { AssignedAgent agent; };
struct Unbridge { AssignedAgent agent; };
struct HoldBridge { AssignedAgent agent; };
struct ResumeBridge { AssignedAgent agent; };
/// Joins a supervisor's leg to the talk, or changes how it is joined. Answer with on_supervised or
/// on_supervise_failed.
struct Supervise { AssignedAgent supervisor; AssignedAgent agent; SupervisionMode mode = SupervisionMode::listen; };
struct EndSupervision { AssignedAgent supervisor; };
/// The supervisor has nothing left to hear. Not told to one who left by itself or took the talk over.
struct TellSupervisorCallEnded { AssignedAgent supervisor; };
struct PauseRecording { bool is_on = true; };
/// Answer with on_speech_finished(round).
struct Say { SpokenPieces pieces; std::uint32_t round = 0; };
struct StopSaying {};
/// Music towards the debtor, who waits for an agent.
struct PlayMusic { bool is_on = false; };
/// To the case at once. Answer with on_promise_recorded or on_promise_refused.
struct RecordPromise { PromiseTerms terms; };
struct PlayPrompt { CallPrompt prompt = CallPrompt::abandon_notice; };
struct StartRecording {};
struct StopRecording {};
/// CANCEL or BYE, as the leg's state needs. The end is reported by on_leg_ended.
struct HangUp { int leg_number = 1; HangUpReason reason = HangUpReason::stopped; };
struct CloseMedia {};
/// R6: ask the case to commit a second leg. Answer with on_second_leg_granted / on_second_leg_refused.
struct AskSecondLeg { EndCause cause; std::string failed_trunk; };
struct StartTimer { CallTimer kind = CallTimer::ring; Duration after; std::uint32_t generation = 0; };
/// For the agent's desktop: the voice at the other end is a machine after all.
struct TellAgent { AssignedAgent agent; AnswerClass answer = AnswerClass::machine; };
/// The debtor's side is over for this agent (wrap-up begins), or the bridge never came about.
struct TellAgentCallEnded { AssignedAgent agent; bool was_bridged = false; bool is_taken_over = false; };
// Facts of the line for the case: never fenced, each told once.
struct FactSent { int leg_number = 1; UtcTime at; };
struct FactAnswered { UtcTime at; };
struct FactClassified { VoiceVerdict verdict; UtcTime at; };
struct FactBridged { AgentId agent; UtcTime at; Duration answer_to_agent; };
/// What came of the flow: told before the settlement, and only when there is something to tell.
struct FactFlowEnded {
  std::optional<Outcome> disposition;
  std::optional<UtcTime> callback_at;
};
/// `by` is the supervisor, where one is part of it; `agent` who talked at that moment.
struct FactControlled { CallAct act = CallAct::listen; AgentId by; AgentId agent; UtcTime at; };
struct FactSettled {
  Outcome outcome = Outcome::unknown_after_failure;
  CallTimes times;
  EndCause cause;                                      ///< Of the leg that decided.
  int legs = 0;                                        ///< Legs placed: 0-2.
  AgentId agent;                                       ///< Last bridged agent, unset when none.
  HangUpReason ended_by = HangUpReason::remote_ended;
};
}  // namespace call_effect

using CallEffect =
    std::variant<call_effect::OpenMedia, call_effect::PlaceLeg, call_effect::SetRemoteMedia, call_effect::StartClassifier,
                 call_effect::StopClassifier, call_effect::AskForAgent, call_effect::CancelAgentRequest,
                 call_effect::ReleaseAgent, call_effect::Bridge, call_effect::Unbridge, call_effect::HoldBridge,
                 call_effect::ResumeBridge, call_effect::Say, call_effect::StopSaying, call_effect::PlayMusic,
                 call_effect::RecordPromise, call_effect::PlayPrompt, call_effect::StartRecording,
                 call_effect::StopRecording, call_effect::HangUp, call_effect::CloseMedia, call_effect::AskSecondLeg,
                 call_effect::StartTimer, call_effect::TellAgent, call_effect::TellAgentCallEnded, call_effect::FactSent,
                 call_effect::FactAnswered, call_effect::FactClassified, call_effect::FactBridged,
                 call_effect::FactFlowEnded, call_effect::FactControlled, call_effect::FactSettled, call_effect::Supervise,
                 call_effect::EndSupervision, call_effect::TellSupervisorCallEnded, call_effect::PauseRecording>;
using CallEffects = std::vector<CallEffect>;

}  // namespace dunlin
