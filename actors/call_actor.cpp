#include "actors/call_actor.hpp"

#include "actors/call_facts.hpp"
#include "actors/contracts/media_refusals.hpp"
#include "actors/trunk_media.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"
#include "core/dialing/caller_id_choice.hpp"

namespace dunlin {
namespace {

constexpr Duration fact_retry = seconds(1);
/// A slot lives five seconds; what is left of it after this belongs to the INVITE.
constexpr Duration speech_wait = seconds(3);

CallPlan plan_of(const msg::StartCall& start, const NodeContext& context) {
  CallPlan plan;
  plan.attempt = start.attempt.attempt;
  plan.case_id = start.attempt.case_id;
  plan.campaign = start.attempt.campaign;
  plan.number = start.attempt.number;
  if (auto caller = PhoneNumber::from_e164(start.attempt.caller_id)) plan.caller_id = *caller;
  plan.trunk = start.attempt.trunk;
  plan.skill = start.campaign.skill;
  plan.priority = waiting_urgency(start.campaign);
  plan.own_agent = start.attempt.agent;
  plan.script = start.script;
  plan.reserved_at = start.reserved_at;
  plan.classifier.is_enabled = start.campaign.classifies_answers && context.make_classifier != nullptr;
  plan.limits.ring = milliseconds(start.campaign.ring_timeout_ms);
  plan.limits.abandon = milliseconds(start.campaign.abandon_after_ms);
  plan.limits.longest_call = limits::longest_call;
  return plan;
}

/// Names of the live feed; stable.
std::string step_name(PacingEventKind kind) {
  switch (kind) {
    case PacingEventKind::dialed: return "dialed";
    case PacingEventKind::ringing: return "ringing";
    case PacingEventKind::answered: return "answered";
    case PacingEventKind::human: return "human";
    case PacingEventKind::machine: return "machine";
    case PacingEventKind::busy: return "busy";
    case PacingEventKind::no_answer: return "no_answer";
    case PacingEventKind::failed: return "failed";
    case PacingEventKind::hung_up: return "hung_up";
    case PacingEventKind::connected: return "connected";
    case PacingEventKind::abandoned: return "abandoned";
    case PacingEventKind::released: return "released";
    case PacingEventKind::agent_ready:
    case PacingEventKind::agent_break:
    case PacingEventKind::agent_logout:
    case PacingEventKind::agent_login: return "agent";
  }
  return "";
}

Prompt prompt_of(CallPrompt prompt) {
  switch (prompt) {
    case CallPrompt::abandon_notice: return Prompt::abandon_notice;
    case CallPrompt::agent_return: return Prompt::agent_return;
    case CallPrompt::voicemail: return Prompt::voicemail;
  }
  return Prompt::abandon_notice;
}

}  // namespace

CallActor::CallActor(caf::actor_config& config, const NodeContext* context, msg::StartCall start)
    : caf::event_based_actor(config),
      context_(context),
      start_(std::move(start)),
      machine_(plan_of(start_, *context)),
      media_leg_(context->ids->next_leg()),
      trunk_(start_.attempt.trunk),
      started_at_(context->clock->now_mono()) {}

caf::behavior CallActor::make_behavior() {
  begin();
  return {
      [this](const msg::SpeechMade& made) { on_speech_made(made); },
      [this](const msg::LegInviteSent& e) { perform(machine_.on_invite_sent(moment(), leg_number_of(e.leg))); },
      [this](const msg::LegProgressed& e) {
        if (e.status >= 180 && !has_rung_) {
          has_rung_ = true;
          tell(this, context_->edge, msg::TrunkStartWorked{trunk_});
        }
        perform(machine_.on_progress(moment(), leg_number_of(e.leg), e.status, e.early));
      },
      [this](const msg::LegAnswered& e) { perform(machine_.on_answered(moment(), leg_number_of(e.leg), e.answer)); },
      [this](const msg::LegReoffered& e) { on_reoffered(e); },
      [this](const msg::LegEnded& e) { on_leg_ended(e); },
      [this](const msg::AnswerJudged& e) {
        // Before the answer a ringback may sound like a person; only an announcement is believed then.
        const bool is_believed = machine_.times().answered_at.is_set() || e.verdict.answer == AnswerClass::announcement;
        if (!verdict_ && is_believed) verdict_ = e.verdict;
        perform(machine_.on_verdict(moment(), e.verdict));
      },
      [this](const msg::PromptFinished& e) {
        perform(e.round == 0 ? machine_.on_prompt_finished(moment()) : machine_.on_speech_finished(moment(), e.round));
      },
      [this](const msg::LegQualityMeasured& e) { quality_ = e; },
      [this](const msg::MediaRefused& e) {
        log_warn("media", "packets_refused", "attempt={} trunk={} leg={} {}", attempt().str(), trunk_, e.leg.str(), e.words);
      },
      [this](const msg::DtmfHeard& e) { perform(machine_.on_key(moment(), e.digit)); },
      // Silence of the public network ends no call, least of all before the answer: the carrier's BYE or our timers do.
      [this](const msg::RtpStopped&) {},
      [this](const msg::RtpCameBack&) {},
      [this](const msg::AgentChosen& e) { perform(machine_.on_agent_assigned(moment(), e.agent)); },
      [this](const msg::NoAgentFound&) { perform(machine_.on_no_agent(moment())); },
      [this](const msg::AgentHungUp& e) { perform(machine_.on_agent_hang_up(moment(), e.agent)); },
      [this](const msg::AgentLeftCall& e) { perform(machine_.on_agent_left(moment(), e.agent)); },
      [this](const msg::AgentHeld& e) { perform(e.is_on ? machine_.on_hold(moment(), e.agent) : machine_.on_resume(moment(), e.agent)); },
      [this](const msg::CallTimerFired& e) {
        // Before the machine has begun, this is the end of the wait for speech.
        if (e.kind == CallTimer::media && !has_begun_) return on_speech_made({nullptr, Error{Errc::unavailable, "speech was not made in time"}});
        perform(machine_.on_timer(moment(), e.kind, e.generation));
      },
      [this](const msg::StopCallFor& e) { perform(machine_.on_stop(moment(), e.reason)); },
      [this](const msg::FactAcknowledged&) { send_next_fact(); },
      [this](const msg::SuperviseCall& order) { return obey(judge(order), order.author); },
      [this](const msg::PauseRecording& order) {
        if (!is_recorded_) return msg::Answer{Error{Errc::conflict, "this call is not recorded"}, {}};
        return obey(machine_.on_pause_recording(moment(), order.is_on), order.author);
      },
      [this](const msg::GetCall&) { return view(); },
  };
}

/// Nobody is dialed to hear nothing: what the flow says is made first.
void CallActor::begin() {
  if (start_.script) return make_speech();
  has_begun_ = true;
  perform(machine_.on_start(moment()));
}

void CallActor::make_speech() {
  const auto self = caf::actor_cast<caf::actor>(this);
  if (context_->speech == nullptr) return tell(this, self, msg::SpeechMade{nullptr, Error{Errc::unavailable, "this node makes no speech"}});
  tell_after(this, speech_wait, self, msg::CallTimerFired{CallTimer::media, 0});
  const CallScript& script = *start_.script;
  context_->speech->make_for_call(script.flow, words_of_card(*script.flow, script.card), [self](Result<SpeechPointer> made) {
    if (made) post(self, msg::SpeechMade{*made, std::nullopt});
    else post(self, msg::SpeechMade{nullptr, made.error()});
  });
}

void CallActor::on_speech_made(const msg::SpeechMade& made) {
  if (has_begun_) return;
  has_begun_ = true;
  sounds_ = made.sounds;
  if (sounds_) return perform(machine_.on_start(moment()));
  log_warn("call", "no_speech", "attempt={} flow={} {}", attempt().str(), start_.script->flow->name, made.error ? made.error->detail : "");
  perform(machine_.on_no_speech(moment()));
}

int CallActor::leg_number_of(LegId leg) const {
  for (std::size_t i = 0; i < legs_.size(); ++i) {
    if (legs_[i] == leg) return static_cast<int>(i) + 1;
  }
  return 0;
}

void CallActor::perform(CallEffects effects) {
  for (const CallEffect& effect : effects) perform_one(effect);
  step_of_state();
  finish_if_done();
}

void CallActor::perform_one(const CallEffect& effect) {
  std::visit([this](const auto& e) { act(e); }, effect);
}

void CallActor::act(const call_effect::OpenMedia&) { open_media(); }
void CallActor::act(const call_effect::PlaceLeg& effect) { place_leg(effect); }

void CallActor::act(const call_effect::SetRemoteMedia& effect) {
  const Status set = context_->media->set_remote(media_leg_, effect.remote);
  if (set) return;
  log_warn("call", "remote_media_refused", "attempt={} {}", attempt().str(), set.error().detail);
  if (!effect.is_early) perform(machine_.on_media_failed(moment()));
}

void CallActor::act(const call_effect::StartClassifier&) { watch(context_->make_classifier()); }
void CallActor::act(const call_effect::StopClassifier&) { watch(nullptr); }
void CallActor::act(const call_effect::AskForAgent& effect) { ask_for_agent(effect); }
void CallActor::act(const call_effect::CancelAgentRequest&) { tell(this, context_->matchmaker, msg::CancelWant{attempt()}); }

void CallActor::act(const call_effect::ReleaseAgent& effect) {
  tell(this, context_->agents, msg::ReservationCancelled{effect.agent.agent, attempt()});
}

void CallActor::act(const call_effect::Bridge& effect) { bridge(effect.agent); }
void CallActor::act(const call_effect::Unbridge&) { context_->media->unbridge(media_leg_); }
void CallActor::act(const call_effect::HoldBridge&) { context_->media->hold(media_leg_, true); }
void CallActor::act(const call_effect::ResumeBridge&) { context_->media->hold(media_leg_, false); }

void CallActor::act(const call_effect::Say& effect) {
  Sounds sounds;
  for (const SpokenPiece& piece : effect.pieces) {
    if (auto sound = sounds_->find(piece)) sounds.push_back(std::move(sound));
    else log_error("call", "word_not_spoken", "attempt={} fragment={}", attempt().str(), piece.fragment);
  }
  const Status said = context_->media->say(media_leg_, std::move(sounds), effect.round);
  if (said) return;
  log_warn("call", "not_said", "attempt={} {}", attempt().str(), said.error().detail);
  tell(this, caf::actor_cast<caf::actor>(this), msg::PromptFinished{media_leg_, effect.round});
}

void CallActor::act(const call_effect::StopSaying&) { context_->media->stop_play(media_leg_); }
void CallActor::act(const call_effect::PlayMusic& effect) { context_->media->hold(media_leg_, effect.is_on); }

/// The flow waits for the answer; without one in time it goes on as if the case had refused.
void CallActor::act(const call_effect::RecordPromise& effect) {
  const msg::RecordPromise command{machine_.plan().case_id, attempt(), effect.terms};
  ask(this, context_->shard_for(command.case_id), limits::commit_timeout, command)
      .then(
          [this](const msg::Answer& answer) {
            if (!answer.error) return perform(machine_.on_promise_recorded(moment()));
            log_warn("call", "promise_refused", "attempt={} {}", attempt().str(), answer.error->detail);
            perform(machine_.on_promise_refused(moment()));
          },
          [this](const caf::error&) { perform(machine_.on_promise_refused(moment())); });
}

void CallActor::act(const call_effect::FactFlowEnded& effect) {
  std::optional<Callback> callback;
  if (effect.callback_at) callback = Callback{*effect.callback_at, AgentId(), machine_.plan().number};
  if (!effect.disposition) return send_fact(CallbackAsked{*callback, attempt()});
  DispositionSet said;
  said.attempt = attempt();
  said.outcome = *effect.disposition;
  said.callback = callback;
  send_fact(said);
}

void CallActor::act(const call_effect::PlayPrompt& effect) {
  const Status played = context_->media->play(media_leg_, prompt_of(effect.prompt), false);
  if (!played) tell(this, caf::actor_cast<caf::actor>(this), msg::PromptFinished{media_leg_});
}

void CallActor::act(const call_effect::StartRecording&) {
  sound_began_ = moment().mono;
  if (context_->settings->media.record == RecordFrom::answered) start_recording();
}

void CallActor::start_recording() {
  const bool is_wanted = start_.campaign.records_calls && context_->settings->media.record != RecordFrom::off;
  if (!is_wanted || is_recorded_) return;
  const Status started = context_->media->start_recording(attempt(), media_leg_);
  is_recorded_ = started.ok();
  if (is_recorded_) sound_began_ = moment().mono;
  if (!started) log_error("call", "not_recorded", "attempt={} {}", attempt().str(), started.error().detail);
}

void CallActor::act(const call_effect::StopRecording&) {
  if (is_recorded_) context_->media->stop_recording(attempt());
}

void CallActor::act(const call_effect::HangUp& effect) {
  const auto index = static_cast<std::size_t>(effect.leg_number) - 1;
  if (index < legs_.size()) context_->sip->hang_up(legs_[index]);
}

void CallActor::act(const call_effect::CloseMedia&) { context_->media->close_leg(media_leg_); }
void CallActor::act(const call_effect::AskSecondLeg& effect) { ask_second_leg(effect); }

void CallActor::act(const call_effect::StartTimer& effect) {
  tell_after(this, effect.after, caf::actor_cast<caf::actor>(this), msg::CallTimerFired{effect.kind, effect.generation});
}

void CallActor::act(const call_effect::TellAgent& effect) {
  tell(this, context_->agents, msg::AnswerLooksLike{effect.agent.agent, attempt(), effect.answer});
}

void CallActor::act(const call_effect::TellAgentCallEnded& effect) {
  tell(this, context_->agents, msg::CallEndedForAgent{effect.agent.agent, attempt(), effect.was_bridged, effect.is_taken_over});
}

void CallActor::act(const call_effect::FactSent&) { step(PacingEventKind::dialed); }
void CallActor::act(const call_effect::FactAnswered&) { step(PacingEventKind::answered); }

void CallActor::act(const call_effect::FactClassified& effect) {
  send_fact(answered_fact(attempt(), effect, machine_.times().answered_at));
}

void CallActor::act(const call_effect::FactBridged& effect) {
  step(PacingEventKind::connected);
  send_fact(AgentBridged{attempt(), effect.agent, effect.at});
}

void CallActor::act(const call_effect::FactSettled& effect) { settle(effect); }

void CallActor::watch(std::unique_ptr<FrameListener> listener) {
  const Status watched = context_->media->watch(media_leg_, std::move(listener));
  if (!watched) log_warn("call", "not_watched", "attempt={} {}", attempt().str(), watched.error().detail);
}

void CallActor::open_media() {
  const TrunkOptions* trunk = find_trunk(*context_->settings, machine_.plan().trunk);
  MediaLegRequest request = media_request_of(trunk ? *trunk : TrunkOptions{});
  request.hears_tones = start_.script != nullptr;
  auto offer = context_->media->open_leg(media_leg_, request, caf::actor_cast<caf::actor>(this));
  if (offer) return perform(machine_.on_media_opened(moment(), std::move(*offer)));
  log_warn("call", "media_refused", "attempt={} {}", attempt().str(), offer.error().detail);
  perform(machine_.on_media_failed(moment()));
}

/// Each carrier takes the numbers of its own contract only. For the first leg the case has chosen, and written it down.
PhoneNumber CallActor::shown_number(const call_effect::PlaceLeg& effect) const {
  OwnNumbers own{caller_ids_of(find_trunk(*context_->settings, effect.trunk)), {effect.caller_id}};
  if (effect.leg_number > 1) {
    if (auto of_campaign = parse_caller_ids(start_.campaign.caller_id)) own.of_campaign = std::move(*of_campaign);
  }
  return choose_caller_id(own, effect.number, [this](const PhoneNumber& number) { return context_->gate->regions_of(number); });
}

void CallActor::place_leg(const call_effect::PlaceLeg& effect) {
  const LegId leg = effect.leg_number == 1 ? media_leg_ : context_->ids->next_leg();
  legs_.push_back(leg);
  trunk_ = effect.trunk;
  has_rung_ = false;
  const PhoneNumber shown = shown_number(effect);
  TrunkCallRequest request{leg, machine_.plan().attempt, effect.leg_number, effect.trunk, effect.number, shown, effect.offer,
                           milliseconds(start_.campaign.ring_timeout_ms)};
  const Status placed = context_->sip->place_call(request, caf::actor_cast<caf::actor>(this));
  if (placed) return;
  log_warn("call", "not_placed", "attempt={} {}", attempt().str(), placed.error().detail);
  EndCause cause;
  cause.origin = EndOrigin::not_sent;
  cause.text = "not sent";
  tell(this, caf::actor_cast<caf::actor>(this), msg::LegEnded{leg, cause});
}

void CallActor::note_human() {
  if (human_at_.ms) return;
  human_at_ = moment().mono;
  step(PacingEventKind::human);
}

void CallActor::ask_for_agent(const call_effect::AskForAgent& effect) {
  note_human();
  msg::WantAgent want;
  want.request.attempt = machine_.plan().attempt;
  want.request.skill = effect.skill;
  want.request.priority = effect.priority;
  want.request.deadline = effect.deadline;
  want.request.only_agent = effect.only_agent;
  want.request.campaign = machine_.plan().campaign;
  want.request.preferred_agent = start_.attempt.preferred_agent;
  want.call = caf::actor_cast<caf::actor>(this);
  tell(this, context_->matchmaker, std::move(want));
}

void CallActor::bridge(const AssignedAgent& agent) {
  const Status bridged = context_->media->bridge(agent.leg, media_leg_);
  if (!bridged) {
    log_warn("call", "bridge_failed", "attempt={} {}", attempt().str(), bridged.error().detail);
    refusal_ = bridged.error();
    return perform(machine_.on_bridge_failed(moment(), agent));
  }
  start_recording();
  msg::BridgeMade made{agent.agent, {machine_.plan().attempt, agent.session}, machine_.plan().case_id, machine_.plan().campaign,
                       machine_.plan().number.masked(), caf::actor_cast<caf::actor>(this), seconds(start_.campaign.wrap_up_seconds)};
  tell(this, context_->agents, std::move(made));
  perform(machine_.on_bridged(moment(), agent));
}

void CallActor::ask_second_leg(const call_effect::AskSecondLeg& effect) {
  const auto refuse = [this] { perform(machine_.on_second_leg_refused(moment())); };
  msg::AcquireSlots acquire;
  acquire.campaign = machine_.plan().campaign;
  acquire.trunks = start_.campaign.trunks;
  acquire.count = 1;
  acquire.excluded_trunk = effect.failed_trunk;
  acquire.second_leg_of = machine_.plan().attempt;
  tell(this, context_->edge, msg::ReleaseSlot{machine_.plan().attempt, trunk_});
  ask(this, context_->edge, limits::request_timeout, acquire).then(
      [this, refuse, cause = effect.cause](const msg::SlotsGranted& granted) {
        if (granted.slots.empty()) return refuse();
        const msg::Slot slot = granted.slots.front();
        if (machine_.is_settled()) return tell(this, context_->edge, msg::ReleaseSlot{slot.attempt, slot.trunk});
        second_trunk_ = slot.trunk;
        const msg::RequestSecondLeg request{machine_.plan().case_id, slot, settled_cause(cause), cause.had_18x};
        ask(this, context_->shard_for(machine_.plan().case_id), limits::commit_timeout, request).then(
            [this, slot, refuse](const msg::Answer& answer) {
              if (!answer.error) return perform(machine_.on_second_leg_granted(moment(), slot.trunk));
              tell(this, context_->edge, msg::ReleaseSlot{slot.attempt, slot.trunk});
              refuse();
            },
            [refuse](const caf::error&) { refuse(); });
      },
      [refuse](const caf::error&) { refuse(); });
}

void CallActor::on_leg_ended(const msg::LegEnded& event) {
  const int leg_number = leg_number_of(event.leg);
  if (leg_number == 0) return;
  if (!has_rung_) tell(this, context_->edge, msg::TrunkStartFailed{trunk_, event.cause});
  perform(machine_.on_leg_ended(moment(), leg_number, event.cause));
}

void CallActor::on_reoffered(const msg::LegReoffered& event) {
  if (!event.needs_answer) {
    (void)context_->media->set_remote(media_leg_, event.offer);
    return;
  }
  auto answer = context_->media->answer_reoffer(media_leg_, event.offer);
  if (!answer) return context_->sip->reject(event.leg, 488);
  (void)context_->sip->answer(event.leg, 200, *answer);
}

void CallActor::settle(const call_effect::FactSettled& fact) {
  outcome_ = fact.outcome;
  tell(this, context_->edge, msg::ReleaseSlot{machine_.plan().attempt, trunk_});
  // A second leg that was granted and never placed: its commit came too late or is in doubt.
  if (!second_trunk_.empty() && second_trunk_ != trunk_) tell(this, context_->edge, msg::ReleaseSlot{machine_.plan().attempt, second_trunk_});
  send_fact(settled_fact(machine_.plan().attempt, fact, verdict_, is_recorded_));
  step(last_step(fact.outcome, fact.times.bridged_at.is_set()), true, fact.outcome);
}

void CallActor::send_fact(const CaseEvent& event) {
  EventDraft draft = encode(event, context_->clock->now_utc());
  facts_.push_back({machine_.plan().case_id, draft.at, draft.type, std::move(draft.body)});
  send_next_fact();
}

void CallActor::send_next_fact() {
  if (is_fact_under_way_ || facts_.empty()) return;
  is_fact_under_way_ = true;
  const auto try_again = [this](const std::string& why) {
    log_warn("call", "fact_not_taken", "attempt={} {}", attempt().str(), why);
    is_fact_under_way_ = false;
    tell_after(this, fact_retry, caf::actor_cast<caf::actor>(this), msg::FactAcknowledged{});
  };
  ask(this, context_->shard_for(machine_.plan().case_id), limits::commit_timeout, facts_.front())
      .then(
          [this, try_again](const msg::Answer& answer) {
            // Only a disk that refuses is worth trying again; a refusal of the content would repeat for ever.
            if (answer.error && (answer.error->code == Errc::unavailable || answer.error->code == Errc::exhausted || answer.error->code == Errc::conflict)) {
              return try_again(answer.error->detail);
            }
            if (answer.error) log_error("call", "fact_refused", "attempt={} {}", attempt().str(), answer.error->detail);
            is_fact_under_way_ = false;
            facts_.pop_front();
            send_next_fact();
            finish_if_done();
          },
          [this, try_again](const caf::error& error) { try_again(caf::to_string(error)); });
}

void CallActor::step(PacingEventKind kind, bool is_over, std::optional<Outcome> outcome) {
  msg::CallStep step;
  step.campaign = machine_.plan().campaign;
  step.attempt = machine_.plan().attempt;
  step.kind = kind;
  if (machine_.agent()) step.agent = machine_.agent()->agent;
  if (human_at_.ms) step.wait_s = static_cast<double>((moment().mono - human_at_).ms) / 1000.0;
  step.outcome = outcome;
  step.is_over = is_over;
  context_->live->hint("call", {{"attempt", step.attempt.str()}, {"campaign", step.campaign.str()}, {"step", step_name(kind)},
                                {"agent", step.agent.is_set() ? step.agent.str() : ""},
                                {"outcome", outcome ? std::string(to_string(*outcome)) : ""}});
  tell(this, context_->campaigns, std::move(step));
}

void CallActor::step_of_state() {
  if (machine_.state() == reported_) return;
  reported_ = machine_.state();
  if (reported_ == CallState::ringing) step(PacingEventKind::ringing);
  if (reported_ == CallState::in_flow) note_human();
}

void CallActor::finish_if_done() {
  if (!machine_.is_settled() || !facts_.empty()) return;
  tell(this, context_->calls, msg::CallSettled{machine_.plan().attempt});
  tell(this, context_->calls, view());
  quit();
}

msg::CallView CallActor::view() const {
  msg::CallView v;
  v.attempt = machine_.plan().attempt;
  v.case_id = machine_.plan().case_id;
  v.campaign = machine_.plan().campaign;
  v.state = machine_.state();
  v.trunk = trunk_;
  v.masked_number = machine_.plan().number.masked();
  if (machine_.agent()) v.agent = machine_.agent()->agent;
  if (const auto& supervision = machine_.supervision()) {
    v.supervisor = supervision->supervisor.agent;
    v.supervision = to_string(supervision->mode);
  }
  v.is_recording_paused = machine_.is_recording_paused();
  v.age_ms = (context_->clock->now_mono() - started_at_).ms;
  v.legs = legs_;
  if (verdict_) v.answer = to_string(verdict_->answer);
  v.mos = quality_.mos;
  v.loss = quality_.loss;
  v.rtt_ms = quality_.rtt_ms;
  v.refused = quality_.refused;
  v.is_settled = machine_.is_settled();
  if (outcome_) v.outcome = *outcome_;
  return v;
}

}  // namespace dunlin
