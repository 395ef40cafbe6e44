#pragma once
// The protocol book, part two: every message actors exchange inside one node. Plain values; commands are imperative,
// events past, queries Get…, answers …View. Messages never leave the process as they are: what travels between nodes
// goes in one versioned envelope of bytes. Namespace msg keeps them apart from the engines' own vocabulary.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/contracts/caf.hpp"
#include "actors/contracts/doors.hpp"
#include "core/agent/agent_machine.hpp"
#include "core/agent/agent_match.hpp"
#include "core/call/call_machine.hpp"
#include "core/call/trunk_choice.hpp"
#include "core/case/case_machine.hpp"
#include "core/dialing/campaign.hpp"
#include "core/dialing/dial_queue.hpp"
#include "core/dialing/pacing.hpp"
#include "core/dialing/strategy.hpp"
#include "core/dialing/text_revision.hpp"
#include "core/dialing/ticket_book.hpp"
#include "core/report/case_census.hpp"
#include "core/report/live_counters.hpp"

namespace dunlin::msg {

/// Answer to a command. `error` unset = done.
struct Answer {
  std::optional<Error> error;
  std::string text;                 ///< For the person who asked; may be empty.
};

// --- the region: commands to a person, routed by CaseId to the shard and its case actor --------------------------

using BookPointer = std::shared_ptr<const CampaignBook>;

/// New set of campaigns or strategies: shards plan their cases anew. With new rules also what was postponed is asked again.
struct CampaignsChanged { BookPointer book; bool has_new_rules = false; };
/// The same campaigns and rules, other odds: cases use them from their next decision on, nothing is planned anew.
struct BookRenewed { BookPointer book; };
/// Rows of one shard. Answered by ImportRowsDone after the commits.
struct ImportRows {
  ImportId import;
  std::string source;
  std::vector<std::pair<CaseId, ImportRow>> rows;
};
struct RefusedRow {
  std::uint64_t line = 0;
  Error error;                      ///< Errc::conflict: the person is known otherwise; the rest: try again.
};
struct ImportRowsDone {
  std::uint32_t created = 0;
  std::uint32_t updated = 0;
  std::uint32_t unchanged = 0;
  std::vector<RefusedRow> refused;
  UtcTime line_quiet_at;            ///< Until then a call reserved before its debt was paid may still go out.
};
/// From the journal's thread to the shard: every commit of one batch of rows has ended. `batch` is the shard's own.
struct RowsFolded { std::uint64_t batch = 0; };
/// One row on its way from the shard to the case actor.
struct ImportOne {
  ImportId import;
  std::string source;
  CaseId case_id;
  std::uint64_t line = 0;
  CaseDraft draft;
};
struct ImportOneDone {
  bool is_created = false;
  bool is_changed = false;
  std::optional<Error> error;
  CaseId alias_of;                  ///< The case lives on under this id: the row belongs there.
  UtcTime line_quiet_at;
};
struct UndoImportOfCase { ImportId import; CaseId case_id; std::string author; };
struct ImportOfCaseUndone {
  bool is_undone = false;
  std::string kept_because;         ///< Not empty: somebody has worked on the case since.
  std::optional<Error> error;
};
/// How the law sees these cases now. Answered by CasesJudged.
struct JudgeCases { std::vector<CaseId> ids; };
struct CasesJudged { CaseCensus census; };

// Two cases turn out to be one person. The desk notes the merge durably and repeats it until it is done.
/// To the merge desk. Answered when it is done or has to wait for the end of a call.
struct MergeCases { CaseId survivor; CaseId absorbed; };
struct MergeAnswered { bool is_done = false; std::optional<Error> error; };
struct MergeTick {};
struct MergeNoted { CaseId absorbed; };
/// To the survivor: take the other case over. `alias_into` is what the other one calls its survivor, if it does already.
struct AbsorbCase { CaseId case_id; CaseId absorbed; CaseId alias_into; };
/// To the absorbed case: its last event, then its facts.
struct BecomeAlias { CaseId case_id; CaseId into; };
struct AliasMade { AbsorbedFacts facts; std::optional<Error> error; };

/// A granted way out for one attempt (attempt protocol R4).
struct Slot {
  AttemptId attempt;
  std::string trunk;
  MonoTime expires_at;
  UtcTime expires_at_utc;
};
/// A campaign asks the shard for its most urgent case; answered by DialAnswered. With `expires_at` it is a ticket: past it
/// nothing is begun, and the sender is told by TicketTaken when something is.
struct DialNext { CampaignId campaign; Slot slot; FactRates rates; std::vector<AgentId> ready_agents{}; std::optional<MonoTime> expires_at{}; };
struct DialAnswered {
  enum class Kind : std::uint8_t { placed, none_ready, denied, failed, expired };
  Kind kind = Kind::none_ready;
  AttemptId attempt;
  CaseId case_id;
  std::string reason;               ///< Rule ids or the state's name; for counters and why-idle.
  int denied_by_law = 0;            ///< Cases tried for this slot that the gate refused.
  std::map<std::string, int> denials;  ///< Rule id → how many.
};
/// From the shard to the case actor.
struct RequestAttempt {
  CampaignId campaign;
  Slot slot;
  std::optional<PhoneNumber> number;
  AgentId agent;
  FactRates rates{};
  std::vector<AgentId> ready_agents{};
};
struct AttemptReply { bool is_placed = false; DenialView denial; std::optional<Error> error; };
/// A fact of the line, encoded by core/case/event_codec. Told again until acknowledged; facts are never fenced (R9).
struct RecordFact { CaseId case_id; UtcTime at; std::uint16_t type = 0; std::string body; };
/// R6: leg 2 of an attempt. The commit puts its permit on the desk.
struct RequestSecondLeg { CaseId case_id; Slot slot; SettledCause cause; bool has_rung = false; };
struct Dispose { CaseId case_id; DispositionSet disposition; };
/// Typed on the phone while the attempt is open; asked again with the same attempt it is recorded once.
struct RecordPromise { CaseId case_id; AttemptId attempt; PromiseTerms terms; };
struct RecordPayment { CaseId case_id; PaymentFact payment; };
struct SetRestriction { CaseId case_id; RestrictionSet command; };
struct ClearRestriction { CaseId case_id; RestrictionCleared command; };
struct AddNote { CaseId case_id; NoteAdded note; };
/// The edge has no call of this attempt and never will (a former life of this process made it).
struct LoseReservation { CaseId case_id; AttemptId attempt; };
struct GetCase { CaseId case_id; };
struct CaseView { std::shared_ptr<const CaseRecord> record; };
/// From the case actor to its shard after a commit.
struct CaseDueChanged { CaseId case_id; std::vector<DueRow> rows; };
/// Committed facts of attempts, for the campaign's counters and the live feed.
struct CaseFactsCommitted { CaseId case_id; CampaignId campaign; UtcTime at; std::vector<CaseEvent> events; };
/// Asked by the shard; the answer says whether the case actor ended itself.
struct GoToSleep {};
struct FellAsleep { bool is_asleep = false; };
struct CaseTimerFired {};
/// From the journal's thread to the case actor.
struct CommitDone { std::optional<Error> error; };
struct ShardTick {};
/// Some more cases are asked to plan anew after a change of the campaigns.
struct ReplanStep {};
struct GetQueue { CampaignId campaign; };
struct QueueView { ShardIndex shard = 0; QueueSummary summary; std::uint64_t awake = 0; };

// --- the edge: slots, calls ---------------------------------------------------------------------------------------

struct AcquireSlots { CampaignId campaign; std::vector<TrunkShare> trunks; int count = 0; std::string excluded_trunk; AttemptId second_leg_of; };
struct SlotsGranted { std::vector<Slot> slots; TrunkLimit limit = TrunkLimit::none; };
struct ReleaseSlot { AttemptId attempt; std::string trunk; };
struct TrunkStartWorked { std::string trunk; };
struct TrunkStartFailed { std::string trunk; EndCause cause; };
struct TrunkHealthChanged { TrunkHealthView view; };
struct GetTrunks {};
struct TrunksView { std::vector<TrunkView> budget; std::vector<TrunkHealthView> health; int startable = 0; TrunkLimit limit = TrunkLimit::none; };

/// The reservation is durable and its permit waits: make the call actor.
struct StartCall {
  AttemptView attempt;
  CampaignSettings campaign;
  UtcTime reserved_at;
  std::shared_ptr<const CallScript> script{};   ///< Set: the flow speaks.
};
/// From the speech door to the call: what it will say can be heard, or cannot.
struct SpeechMade { SpeechPointer sounds; std::optional<Error> error; };

// Leg events from the SIP and media doors to the leg's owner.
struct LegInviteSent { LegId leg; };
struct LegProgressed { LegId leg; int status = 180; std::optional<MediaDescription> early; };
struct LegAnswered { LegId leg; MediaDescription answer; };
struct LegReoffered { LegId leg; MediaDescription offer; bool is_hold = false; bool needs_answer = true; };
struct LegEnded { LegId leg; EndCause cause; };
struct DtmfHeard { LegId leg; char digit = 0; };
struct AnswerJudged { LegId leg; VoiceVerdict verdict; };
/// `round` is that of MediaDoor::say; 0 = a prompt.
struct PromptFinished { LegId leg; std::uint32_t round = 0; };
/// `may_be_silent`: the SDP lets this end send nothing (hold, comfort noise), so silence alone proves no failure.
struct RtpStopped { LegId leg; std::uint32_t silent_ms = 0; bool may_be_silent = false; };
struct RtpCameBack { LegId leg; };
struct LegQualityMeasured { LegId leg; float loss = 0; float jitter_ms = 0; float rtt_ms = 0; float mos = 0; bool is_final = false; std::uint64_t refused = 0; };
struct RecordingReady { AttemptId attempt; std::string path; std::uint64_t duration_ms = 0; std::uint64_t gap_ms = 0; std::string sha256; std::string failure; };
// Station news to the agents' desk.
struct StationRegistered { std::string user; bool is_secure = false; };
struct StationUnregistered { std::string user; std::string reason; };
struct StationDialedIn { LegId leg; std::string user; MediaDescription offer; };
struct SourceWasBanned { std::string source; std::string reason; };

struct CallTimerFired { CallTimer kind = CallTimer::ring; std::uint32_t generation = 0; };
struct FactAcknowledged { std::uint64_t number = 0; std::optional<Error> error; };
struct StopCallFor { StopReason reason = StopReason::drain; };
struct CallSettled { AttemptId attempt; };
struct GetCall {};
struct CallView {
  AttemptId attempt;
  CaseId case_id;
  CampaignId campaign;
  CallState state = CallState::reserved;
  std::string trunk;
  std::string masked_number;
  AgentId agent;
  std::int64_t age_ms = 0;
  std::vector<LegId> legs;
  std::string answer;
  float mos = 0;
  float loss = 0;
  float rtt_ms = 0;
  std::uint64_t refused = 0;          ///< Packets of the far end that failed authentication or came from strangers.
  AgentId supervisor;
  std::string supervision;            ///< "listen"; empty: nobody supervises.
  bool is_recording_paused = false;
  Outcome outcome = Outcome::answered;
  bool is_settled = false;
};
struct GetCalls {};
/// Ended calls of this life of the process, for metrics.
struct CallCount {
  CampaignId campaign;
  std::string trunk;
  Outcome outcome = Outcome::failed;
  std::uint64_t count = 0;
};
struct CallsView { std::vector<CallView> live; std::vector<CallView> finished; std::vector<CallCount> counts; };

/// Pacing's eyes: every step of every call of a campaign.
struct CallStep {
  CampaignId campaign;
  AttemptId attempt;
  PacingEventKind kind = PacingEventKind::dialed;
  AgentId agent;
  double wait_s = 0;
  std::optional<Outcome> outcome;   ///< With the last step.
  bool is_over = false;
};

// --- agents -------------------------------------------------------------------------------------------------------

/// What is stored of an agent (document "agent"); the SIP secret is the digest's HA1, not the password.
struct AgentProfile {
  AgentId id;
  std::string user;                 ///< Login, SIP user, document id.
  std::string name;
  std::vector<std::string> skills;
  std::string ha1;
  bool is_md5 = false;
  bool is_disabled = false;
  bool is_supervisor = false;       ///< May join, and take over, the talks of others.
};
struct ChangeAgent { AgentProfile profile; };
struct RemoveAgent { std::string user; };

enum class AgentVerb : std::uint8_t { login, logout, ready, take_break, recall, pause_after_call, hold, resume, mute, unmute, hang_up, force_logout };
struct AgentCommand { std::string user; AgentVerb verb = AgentVerb::ready; std::string reason; };
struct DisposeCall {
  std::string user;
  Outcome outcome = Outcome::rpc_refusal;
  std::optional<PromiseTerms> promise;
  std::optional<UtcTime> callback_at;
  std::string note;
};
struct AgentView {
  AgentProfile profile;
  AgentState state = AgentState::logged_out;
  std::int64_t in_state_ms = 0;
  std::string reason;
  bool is_registered = false;
  bool has_leg = false;
  AttemptId attempt;
  AttemptId supervised;             ///< Somebody else's talk.
  bool is_muted = false;
  CaseId case_id;
  int calls = 0;
  double occupancy = 0;
  float mos = 0;
  float loss = 0;
  std::uint64_t refused = 0;
  std::int64_t ready_ms = 0;
  std::int64_t talk_ms = 0;
  std::int64_t wrap_ms = 0;
  std::int64_t logged_in_ms = 0;
};
struct GetAgent { std::string user; };
struct GetAgents {};
struct AgentsView { std::vector<AgentView> agents; };
struct AgentTimerFired { AgentTimer kind = AgentTimer::wrap; std::uint32_t generation = 0; };
/// To the campaigns: who works for them, in which state.
struct AgentPresence {
  AgentId agent;
  AgentState state = AgentState::logged_out;
  std::vector<std::string> skills;
  double spent_s = 0;               ///< In the state left.
  Duration last_talk;
  std::optional<Outcome> disposition;
  AttemptId attempt;
};

// matchmaker
struct OfferAgent { ReadyAgent agent; caf::actor owner; };
struct WithdrawAgent { AgentId agent; };
struct WantAgent { AgentRequest request; caf::actor call; };
struct CancelWant { AttemptId attempt; };
struct ReserveAgent { AgentId agent; AgentToken token; };
struct AgentChosen { AttemptId attempt; AssignedAgent agent; };
struct NoAgentFound { AttemptId attempt; };
struct MatchTick {};
// call ↔ agent: the agents' desk passes what names an agent on to its actor
struct ReservationCancelled { AgentId agent; AttemptId attempt; };
struct BridgeMade { AgentId agent; AgentToken token; CaseId case_id; CampaignId campaign; std::string masked_number; caf::actor call; Duration wrap_limit{}; };
struct CallEndedForAgent { AgentId agent; AttemptId attempt; bool was_bridged = false; bool is_taken_over = false; };
/// To a supervisor by name: be on that call in this way (listen, whisper, barge), leave it, or take it over.
struct Supervise { std::string user; AttemptId attempt; CallAct act = CallAct::listen; std::string author; };
/// The same from the supervisor to the call, with the leg it is to be heard on. Answered when the media worker has it.
struct SuperviseCall { AttemptId attempt; CallAct act = CallAct::listen; AssignedAgent supervisor; std::string author; };
/// From the call to the supervisor: there is nothing left to hear.
struct SupervisionEnded { AgentId agent; AttemptId attempt; };
struct PauseRecording { AttemptId attempt; bool is_on = true; std::string author; };
struct AnswerLooksLike { AgentId agent; AttemptId attempt; AnswerClass answer = AnswerClass::machine; };
struct AgentHungUp { AgentId agent; };
struct AgentLeftCall { AgentId agent; };
struct AgentHeld { AgentId agent; bool is_on = true; };

// --- campaigns ----------------------------------------------------------------------------------------------------

struct CampaignTick {};
struct CommandCampaign { std::string name; CampaignCommand command = CampaignCommand::start; std::string author; };
struct PutCampaign { CampaignSettings settings; std::string author; };
/// `flow` is what the campaign names, as it is in force; unset: none, or it is not there.
struct CampaignUpdated { Campaign campaign; std::shared_ptr<const Flow> flow{}; };
/// From the speech door to the campaign.
struct FlowPrepared { std::string name; std::uint32_t revision = 0; std::optional<Error> error; };
struct GetCampaigns {};
struct GetCampaign { std::string name; };
struct CampaignView {
  Campaign campaign;
  LiveCounters counters;
  QueueSummary queue;
  PacingDecision pace;
  int calls_in_flight = 0;
  int agents_ready = 0;
  int agents_working = 0;
  int agents_shared = 0;            ///< Agents it may pace for; those it shares are counted in one campaign only.
  int agents_guaranteed = 0;        ///< Of these, by its guarantee.
  TicketCounts tickets;
  std::map<std::string, int> denials;
  std::vector<std::string> idle_reasons_ru;
  std::vector<std::string> idle_reasons_en;
};
struct CampaignsView { std::vector<CampaignView> campaigns; };
struct GetPace { std::string name; std::size_t last = 20; };
struct PaceView { std::vector<PacingDecision> decisions; };

// Strategies: stored by the campaigns' desk, in force when the disk has them.
struct PutStrategy { std::string text; std::string origin; std::string author; };
struct RollbackStrategy { std::string name; std::uint32_t revision = 0; std::string author; };
/// One strategy's revisions, or the latest of each for an empty name.
struct GetStrategies { std::string name; };
struct StrategiesView { std::vector<TextRevision> revisions; };
// Flows: the same.
struct PutFlow { std::string text; std::string origin; std::string author; };
struct RollbackFlow { std::string name; std::uint32_t revision = 0; std::string author; };
struct GetFlows { std::string name; };
struct FlowsView { std::vector<TextRevision> revisions; };
/// What every case knows: campaigns and strategies in force.
struct GetBook {};
/// What the answer model says from now on.
struct OddsLearned { std::shared_ptr<const AnswerOdds> odds; };
struct BookView { BookPointer book; };

// --- import -------------------------------------------------------------------------------------------------------

struct StartImport { ImportRequest request; bool is_dry_run = false; };
struct ImportStep {};
enum class JobState : std::uint8_t { running, done, failed, cancelled, interrupted };
/// What a running job does: rows go in, cases merge, calls reserved before run out, the law is asked.
enum class ImportPhase : std::uint8_t { rows, merges, quiet, census, over };
struct UndoView {
  enum class State : std::uint8_t { none, running, done };
  State state = State::none;
  std::string author;
  UtcTime asked_at;
  double share_done = 0;
  std::uint64_t undone = 0;         ///< Cases put back.
  std::uint64_t kept = 0;           ///< Cases somebody has worked on since.
  std::uint64_t failed = 0;
  std::vector<std::pair<CaseId, std::string>> kept_cases;  ///< The first thousand, with the reason.
};
struct ImportView {
  ImportId id;
  std::string file;
  std::string portfolio;
  JobState state = JobState::running;
  ImportSourceProgress progress;
  std::uint64_t created = 0;
  std::uint64_t updated = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t refused = 0;
  double elapsed_s = 0;
  double rows_per_s = 0;
  bool is_dry_run = false;
  std::string reject_file;
  std::string error;
  ImportPhase phase = ImportPhase::rows;
  UtcTime started_at;
  std::uint64_t merged = 0;
  std::uint64_t merges_waiting = 0;  ///< For the end of a call.
  std::uint64_t review_count = 0;
  std::vector<ImportReview> reviews;
  CaseCensus census;
  UndoView undo;
};
struct ImportFinished { ImportView view; };
struct UndoProgressed { ImportId id; UndoView undo; };
struct UndoStep {};
struct GetImport { std::optional<ImportId> id; };
struct ImportsView { std::vector<ImportView> imports; };
struct CancelImport { ImportId id; };
struct UndoImport { ImportId id; std::string author; };

// --- node ---------------------------------------------------------------------------------------------------------

/// To a desk: the document it is changing is on disk, or is not.
struct DocumentSaved { std::optional<Error> error; };
struct Drain {};
struct Drained {};
struct GetHealth {};
struct NodeHealthView {
  std::uint64_t calls = 0;
  std::uint64_t agents_logged_in = 0;
  bool is_draining = false;
};

}  // namespace dunlin::msg

// Local messages: copied inside the process, never serialised.
#define DUNLIN_LOCAL_MESSAGE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::name)
DUNLIN_LOCAL_MESSAGE(Answer)
DUNLIN_LOCAL_MESSAGE(CampaignsChanged)
DUNLIN_LOCAL_MESSAGE(BookRenewed)
DUNLIN_LOCAL_MESSAGE(ImportRows)
DUNLIN_LOCAL_MESSAGE(ImportRowsDone)
DUNLIN_LOCAL_MESSAGE(ImportOne)
DUNLIN_LOCAL_MESSAGE(ImportOneDone)
DUNLIN_LOCAL_MESSAGE(UndoImportOfCase)
DUNLIN_LOCAL_MESSAGE(RowsFolded)
DUNLIN_LOCAL_MESSAGE(ImportOfCaseUndone)
DUNLIN_LOCAL_MESSAGE(JudgeCases)
DUNLIN_LOCAL_MESSAGE(CasesJudged)
DUNLIN_LOCAL_MESSAGE(MergeCases)
DUNLIN_LOCAL_MESSAGE(MergeAnswered)
DUNLIN_LOCAL_MESSAGE(MergeTick)
DUNLIN_LOCAL_MESSAGE(MergeNoted)
DUNLIN_LOCAL_MESSAGE(AbsorbCase)
DUNLIN_LOCAL_MESSAGE(BecomeAlias)
DUNLIN_LOCAL_MESSAGE(AliasMade)
DUNLIN_LOCAL_MESSAGE(Slot)
DUNLIN_LOCAL_MESSAGE(DialNext)
DUNLIN_LOCAL_MESSAGE(DialAnswered)
DUNLIN_LOCAL_MESSAGE(RequestAttempt)
DUNLIN_LOCAL_MESSAGE(AttemptReply)
DUNLIN_LOCAL_MESSAGE(RecordFact)
DUNLIN_LOCAL_MESSAGE(RequestSecondLeg)
DUNLIN_LOCAL_MESSAGE(Dispose)
DUNLIN_LOCAL_MESSAGE(RecordPayment)
DUNLIN_LOCAL_MESSAGE(SetRestriction)
DUNLIN_LOCAL_MESSAGE(ClearRestriction)
DUNLIN_LOCAL_MESSAGE(AddNote)
DUNLIN_LOCAL_MESSAGE(LoseReservation)
DUNLIN_LOCAL_MESSAGE(GetCase)
DUNLIN_LOCAL_MESSAGE(CaseView)
DUNLIN_LOCAL_MESSAGE(CaseDueChanged)
DUNLIN_LOCAL_MESSAGE(CaseFactsCommitted)
DUNLIN_LOCAL_MESSAGE(FellAsleep)
DUNLIN_LOCAL_MESSAGE(CommitDone)
DUNLIN_LOCAL_MESSAGE(GoToSleep)
DUNLIN_LOCAL_MESSAGE(CaseTimerFired)
DUNLIN_LOCAL_MESSAGE(ShardTick)
DUNLIN_LOCAL_MESSAGE(ReplanStep)
DUNLIN_LOCAL_MESSAGE(GetQueue)
DUNLIN_LOCAL_MESSAGE(QueueView)
DUNLIN_LOCAL_MESSAGE(AcquireSlots)
DUNLIN_LOCAL_MESSAGE(SlotsGranted)
DUNLIN_LOCAL_MESSAGE(ReleaseSlot)
DUNLIN_LOCAL_MESSAGE(TrunkStartWorked)
DUNLIN_LOCAL_MESSAGE(TrunkStartFailed)
DUNLIN_LOCAL_MESSAGE(TrunkHealthChanged)
DUNLIN_LOCAL_MESSAGE(GetTrunks)
DUNLIN_LOCAL_MESSAGE(TrunksView)
DUNLIN_LOCAL_MESSAGE(StartCall)
DUNLIN_LOCAL_MESSAGE(SpeechMade)
DUNLIN_LOCAL_MESSAGE(RecordPromise)
DUNLIN_LOCAL_MESSAGE(FlowPrepared)
DUNLIN_LOCAL_MESSAGE(PutFlow)
DUNLIN_LOCAL_MESSAGE(RollbackFlow)
DUNLIN_LOCAL_MESSAGE(GetFlows)
DUNLIN_LOCAL_MESSAGE(FlowsView)
DUNLIN_LOCAL_MESSAGE(LegInviteSent)
DUNLIN_LOCAL_MESSAGE(LegProgressed)
DUNLIN_LOCAL_MESSAGE(LegAnswered)
DUNLIN_LOCAL_MESSAGE(LegReoffered)
DUNLIN_LOCAL_MESSAGE(LegEnded)
DUNLIN_LOCAL_MESSAGE(DtmfHeard)
DUNLIN_LOCAL_MESSAGE(AnswerJudged)
DUNLIN_LOCAL_MESSAGE(PromptFinished)
DUNLIN_LOCAL_MESSAGE(RtpStopped)
DUNLIN_LOCAL_MESSAGE(RtpCameBack)
DUNLIN_LOCAL_MESSAGE(LegQualityMeasured)
DUNLIN_LOCAL_MESSAGE(RecordingReady)
DUNLIN_LOCAL_MESSAGE(StationRegistered)
DUNLIN_LOCAL_MESSAGE(StationUnregistered)
DUNLIN_LOCAL_MESSAGE(StationDialedIn)
DUNLIN_LOCAL_MESSAGE(SourceWasBanned)
DUNLIN_LOCAL_MESSAGE(CallTimerFired)
DUNLIN_LOCAL_MESSAGE(FactAcknowledged)
DUNLIN_LOCAL_MESSAGE(StopCallFor)
DUNLIN_LOCAL_MESSAGE(CallSettled)
DUNLIN_LOCAL_MESSAGE(GetCall)
DUNLIN_LOCAL_MESSAGE(CallView)
DUNLIN_LOCAL_MESSAGE(GetCalls)
DUNLIN_LOCAL_MESSAGE(CallsView)
DUNLIN_LOCAL_MESSAGE(CallStep)
DUNLIN_LOCAL_MESSAGE(AgentProfile)
DUNLIN_LOCAL_MESSAGE(ChangeAgent)
DUNLIN_LOCAL_MESSAGE(RemoveAgent)
DUNLIN_LOCAL_MESSAGE(AgentCommand)
DUNLIN_LOCAL_MESSAGE(DisposeCall)
DUNLIN_LOCAL_MESSAGE(AgentView)
DUNLIN_LOCAL_MESSAGE(GetAgent)
DUNLIN_LOCAL_MESSAGE(GetAgents)
DUNLIN_LOCAL_MESSAGE(AgentsView)
DUNLIN_LOCAL_MESSAGE(AgentTimerFired)
DUNLIN_LOCAL_MESSAGE(AgentPresence)
DUNLIN_LOCAL_MESSAGE(OfferAgent)
DUNLIN_LOCAL_MESSAGE(WithdrawAgent)
DUNLIN_LOCAL_MESSAGE(WantAgent)
DUNLIN_LOCAL_MESSAGE(CancelWant)
DUNLIN_LOCAL_MESSAGE(ReserveAgent)
DUNLIN_LOCAL_MESSAGE(AgentChosen)
DUNLIN_LOCAL_MESSAGE(NoAgentFound)
DUNLIN_LOCAL_MESSAGE(MatchTick)
DUNLIN_LOCAL_MESSAGE(ReservationCancelled)
DUNLIN_LOCAL_MESSAGE(BridgeMade)
DUNLIN_LOCAL_MESSAGE(CallEndedForAgent)
DUNLIN_LOCAL_MESSAGE(Supervise)
DUNLIN_LOCAL_MESSAGE(SuperviseCall)
DUNLIN_LOCAL_MESSAGE(SupervisionEnded)
DUNLIN_LOCAL_MESSAGE(PauseRecording)
DUNLIN_LOCAL_MESSAGE(AnswerLooksLike)
DUNLIN_LOCAL_MESSAGE(AgentHungUp)
DUNLIN_LOCAL_MESSAGE(AgentLeftCall)
DUNLIN_LOCAL_MESSAGE(AgentHeld)
DUNLIN_LOCAL_MESSAGE(CampaignTick)
DUNLIN_LOCAL_MESSAGE(CommandCampaign)
DUNLIN_LOCAL_MESSAGE(PutCampaign)
DUNLIN_LOCAL_MESSAGE(CampaignUpdated)
DUNLIN_LOCAL_MESSAGE(GetCampaigns)
DUNLIN_LOCAL_MESSAGE(GetCampaign)
DUNLIN_LOCAL_MESSAGE(CampaignView)
DUNLIN_LOCAL_MESSAGE(CampaignsView)
DUNLIN_LOCAL_MESSAGE(GetPace)
DUNLIN_LOCAL_MESSAGE(PaceView)
DUNLIN_LOCAL_MESSAGE(PutStrategy)
DUNLIN_LOCAL_MESSAGE(RollbackStrategy)
DUNLIN_LOCAL_MESSAGE(GetStrategies)
DUNLIN_LOCAL_MESSAGE(StrategiesView)
DUNLIN_LOCAL_MESSAGE(GetBook)
DUNLIN_LOCAL_MESSAGE(OddsLearned)
DUNLIN_LOCAL_MESSAGE(BookView)
DUNLIN_LOCAL_MESSAGE(StartImport)
DUNLIN_LOCAL_MESSAGE(ImportStep)
DUNLIN_LOCAL_MESSAGE(ImportView)
DUNLIN_LOCAL_MESSAGE(GetImport)
DUNLIN_LOCAL_MESSAGE(ImportsView)
DUNLIN_LOCAL_MESSAGE(CancelImport)
DUNLIN_LOCAL_MESSAGE(UndoImport)
DUNLIN_LOCAL_MESSAGE(ImportFinished)
DUNLIN_LOCAL_MESSAGE(UndoProgressed)
DUNLIN_LOCAL_MESSAGE(UndoStep)
DUNLIN_LOCAL_MESSAGE(DocumentSaved)
DUNLIN_LOCAL_MESSAGE(Drain)
DUNLIN_LOCAL_MESSAGE(Drained)
DUNLIN_LOCAL_MESSAGE(GetHealth)
DUNLIN_LOCAL_MESSAGE(NodeHealthView)
#undef DUNLIN_LOCAL_MESSAGE
