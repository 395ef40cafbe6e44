#include "actors/agent_actor.hpp"

#include "actors/contracts/media_refusals.hpp"
#include "actors/outlive_errors.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {

namespace {

void tell_refused(const std::string& user, AttemptId attempt, const msg::MediaRefused& refused) {
  log_warn("media", "packets_refused", "agent={} attempt={} leg={} {}", user, attempt.is_set() ? attempt.str() : "none", refused.leg.str(), refused.words);
}

}  // namespace

AgentActor::AgentActor(caf::actor_config& config, const NodeContext* context, msg::AgentProfile profile)
    : caf::event_based_actor(config), context_(context), profile_(std::move(profile)), machine_(profile_.id, AgentPolicy{}) {}

caf::behavior AgentActor::make_behavior() {
  outlive_errors(this);
  return {
      [this](const msg::AgentCommand& c) { return command(c); },
      [this](const msg::DisposeCall& c) { return is_taken_over_ ? dispose_taken_over(c) : dispose(c); },
      [this](const msg::Supervise& c) { return supervise(c); },
      [this](const msg::SupervisionEnded& e) { perform(machine_.on_supervision_ended(moment(), e.attempt)); },
      [this](const msg::ChangeAgent& c) { profile_ = c.profile; },
      [this](const msg::GetAgent&) { return view(); },
      [this](const msg::StationDialedIn& e) { on_dialed_in(e); },
      [this](const msg::StationUnregistered&) {},
      [this](const msg::LegAnswered& e) {
        if (!calling_leg_ || e.leg != *calling_leg_) return;
        (void)context_->media->set_remote(e.leg, e.answer);
        leg_ = calling_leg_;
        calling_leg_.reset();
        perform(machine_.on_leg_up(moment(), e.leg));
      },
      [this](const msg::LegEnded& e) { on_leg_gone(e.leg, e.cause.text); },
      [this](const msg::LegReoffered& e) { on_reoffered(e); },
      [this](const msg::LegInviteSent&) {},
      [this](const msg::LegProgressed&) {},
      [this](const msg::RtpStopped& e) { on_rtp_stopped(e); },
      [this](const msg::RtpCameBack&) {},
      [this](const msg::DtmfHeard&) {},
      [this](const msg::PromptFinished&) {},
      [this](const msg::LegQualityMeasured& e) {
        mos_ = e.mos;
        loss_ = e.loss;
        refused_ = e.refused;
      },
      [this](const msg::MediaRefused& e) { tell_refused(profile_.user, attempt_, e); },
      [this](const msg::ReserveAgent& c) {
        auto effects = machine_.on_reserve(moment(), c.token);
        if (!effects) return msg::Answer{effects.error(), {}};
        perform(*effects);
        return msg::Answer{};
      },
      [this](const msg::ReservationCancelled& c) { perform(machine_.on_reservation_cancelled(moment(), c.attempt)); },
      [this](const msg::BridgeMade& e) {
        attempt_ = e.token.attempt;
        case_id_ = e.case_id;
        campaign_ = e.campaign;
        call_ = e.call;
        is_taken_over_ = false;
        perform(machine_.on_bridged(moment(), e.token, e.wrap_limit));
      },
      [this](const msg::CallEndedForAgent& e) {
        if (e.attempt == attempt_) is_taken_over_ = e.is_taken_over;
        perform(machine_.on_call_ended(moment(), e.attempt));
      },
      [this](const msg::AnswerLooksLike& e) {
        log_info("agent", "second_look", "agent={} attempt={} answer={}", profile_.user, e.attempt.str(), to_string(e.answer));
      },
      [this](const msg::Answer& saved) {
        if (saved.error) log_error("agent", "outcome_not_saved", "agent={} {}", profile_.user, saved.error->detail);
      },
      [this](const msg::AgentTimerFired& e) { perform(machine_.on_timer(moment(), e.kind, e.generation)); },
  };
}

Result<AgentEffects> AgentActor::judge(const msg::AgentCommand& command) {
  switch (command.verb) {
    case msg::AgentVerb::login: return machine_.on_login(moment(), context_->incarnation + ++logins_, leg_);
    case msg::AgentVerb::logout: return machine_.on_logout(moment());
    case msg::AgentVerb::ready: return machine_.on_ready(moment());
    case msg::AgentVerb::take_break: return machine_.on_break(moment(), command.reason);
    case msg::AgentVerb::recall: return machine_.on_recall_from_break(moment(), command.reason);
    case msg::AgentVerb::pause_after_call: return machine_.on_pause_after_call(moment(), true, command.reason);
    case msg::AgentVerb::hold: return machine_.on_hold(moment());
    case msg::AgentVerb::resume: return machine_.on_resume(moment());
    case msg::AgentVerb::mute: return machine_.on_mute(moment(), true);
    case msg::AgentVerb::unmute: return machine_.on_mute(moment(), false);
    case msg::AgentVerb::hang_up: return machine_.on_hang_up(moment());
    case msg::AgentVerb::force_logout: return machine_.on_force_logout(moment(), command.reason);
  }
  return invalid_input("unknown agent command");
}

msg::Answer AgentActor::command(const msg::AgentCommand& command) {
  auto effects = judge(command);
  if (!effects) return {effects.error(), {}};
  perform(*effects);
  return {std::nullopt, std::string(to_string(machine_.state()))};
}

/// The machine is asked first: it knows whether a disposition is owed. The case commits; then the agent is told.
caf::typed_response_promise<msg::Answer> AgentActor::dispose(const msg::DisposeCall& command) {
  auto promise = make_response_promise<msg::Answer>();
  if (!attempt_.is_set() || !machine_.attempt().is_set()) {
    promise.deliver(msg::Answer{Error{Errc::conflict, "agent " + profile_.user + " has no call to give an outcome for"}, {}});
    return promise;
  }
  DispositionSet disposition{attempt_, profile_.id, command.outcome, command.promise, std::nullopt, command.note};
  if (command.callback_at) disposition.callback = Callback{*command.callback_at, profile_.id, {}};
  ask(this, context_->shard_for(case_id_), limits::commit_timeout, msg::Dispose{case_id_, disposition})
      .then(
          [this, promise, command, attempt = attempt_](const msg::Answer& saved) mutable {
            if (saved.error) {
              promise.deliver(saved);
              return;
            }
            last_disposition_ = command.outcome;
            auto effects = machine_.on_disposition(moment(), attempt, command.outcome, command.note);
            if (effects) perform(*effects);
            promise.deliver(msg::Answer{std::nullopt, attempt.str()});
          },
          [promise](const caf::error&) mutable {
            promise.deliver(msg::Answer{Error{Errc::unavailable, "the outcome is not saved yet: try again"}, {}});
          });
  return promise;
}

MediaLegRequest AgentActor::leg_request() const {
  MediaLegRequest request;
  request.is_agent = true;
  const bool prefers_opus = context_->settings->media.agent_codec == "opus";
  request.codecs = prefers_opus ? std::vector<Codec>{Codec::opus, Codec::pcma, Codec::pcmu} : std::vector<Codec>{Codec::pcma, Codec::pcmu, Codec::opus};
  request.requires_srtp = context_->settings->agents.plain_agent_networks.empty();
  return request;
}

void AgentActor::on_dialed_in(const msg::StationDialedIn& event) {
  // A new leg takes over at once: an agent who restarts the phone must not wait for the old one's time-out.
  if (leg_) {
    const LegId old = *leg_;
    context_->sip->hang_up(old);
    on_leg_gone(old, "taken over by a new leg");
  }
  auto answer = context_->media->answer_offer(event.leg, leg_request(), event.offer, caf::actor_cast<caf::actor>(this));
  if (!answer) {
    log_warn("agent", "leg_refused", "agent={} {}", profile_.user, answer.error().detail);
    return context_->sip->reject(event.leg, answer.error().code == Errc::exhausted ? 503 : 488);
  }
  const Status answered = context_->sip->answer(event.leg, 200, *answer);
  if (!answered) return context_->media->close_leg(event.leg);
  leg_ = event.leg;
  log_info("agent", "leg_up", "agent={} leg={}", profile_.user, event.leg.str());
  perform(machine_.on_leg_up(moment(), event.leg));
}

void AgentActor::on_leg_gone(LegId leg, const std::string& why) {
  if (calling_leg_ == leg) {
    context_->media->close_leg(leg);
    calling_leg_.reset();
    return;
  }
  if (leg_ != leg) return;
  log_info("agent", "leg_lost", "agent={} leg={} why={}", profile_.user, leg.str(), why);
  context_->media->close_leg(leg);
  leg_.reset();
  perform(machine_.on_leg_lost(moment(), leg));
}

void AgentActor::on_rtp_stopped(const msg::RtpStopped& event) {
  if (leg_ != event.leg) return;
  log_warn("agent", "rtp_silent", "agent={} silent_ms={} may_be_silent={}", profile_.user, event.silent_ms, event.may_be_silent);
  // On hold or with agreed silence suppression only the phone itself can say whether it lives.
  if (event.may_be_silent) return context_->sip->probe_leg(event.leg);
  context_->sip->hang_up(event.leg);
  on_leg_gone(event.leg, "no RTP");
}

void AgentActor::on_reoffered(const msg::LegReoffered& event) {
  if (!event.needs_answer) {
    (void)context_->media->set_remote(event.leg, event.offer);
    return;
  }
  auto answer = context_->media->answer_reoffer(event.leg, event.offer);
  if (!answer) return context_->sip->reject(event.leg, 488);
  (void)context_->sip->answer(event.leg, 200, *answer);
}

void AgentActor::perform(const AgentEffects& effects) {
  for (const AgentEffect& effect : effects) std::visit([this](const auto& e) { act(e); }, effect);
}

void AgentActor::act(const agent_effect::StateChanged& effect) {
  log_debug("agent", "state", "agent={} {} -> {} {}", profile_.user, to_string(effect.from), to_string(effect.to), effect.reason);
  msg::AgentPresence presence;
  presence.agent = profile_.id;
  presence.state = effect.to;
  presence.skills = profile_.skills;
  presence.spent_s = static_cast<double>(effect.spent.ms) / 1000.0;
  presence.last_talk = machine_.last_talk();
  presence.disposition = last_disposition_;
  presence.attempt = effect.attempt;
  tell(this, context_->campaigns, std::move(presence));
  context_->live->hint("agent", {{"agent", profile_.id.str()}, {"state", std::string(to_string(effect.to))}, {"was", std::string(to_string(effect.from))},
                                 {"attempt", effect.attempt.is_set() ? effect.attempt.str() : ""}});
  if (effect.from == AgentState::wrap_up) last_disposition_.reset();
}

void AgentActor::act(const agent_effect::WantLeg&) {
  if (leg_ || calling_leg_ || !context_->sip->is_registered(profile_.user)) return;
  const LegId leg = context_->ids->next_leg();
  auto offer = context_->media->open_leg(leg, leg_request(), caf::actor_cast<caf::actor>(this));
  if (!offer) {
    log_warn("agent", "leg_refused", "agent={} {}", profile_.user, offer.error().detail);
    return;
  }
  calling_leg_ = leg;
  if (!context_->sip->call_station(leg, profile_.user, *offer, caf::actor_cast<caf::actor>(this))) on_leg_gone(leg, "station not called");
}

void AgentActor::act(const agent_effect::DropLeg& effect) {
  context_->sip->hang_up(effect.leg);
  context_->media->close_leg(effect.leg);
  if (leg_ == effect.leg) leg_.reset();
}

void AgentActor::act(const agent_effect::OfferToMatchmaker& effect) {
  tell(this, context_->matchmaker, msg::OfferAgent{{profile_.id, effect.session, effect.leg, profile_.skills, effect.waiting_since}, caf::actor_cast<caf::actor>(this)});
}

void AgentActor::act(const agent_effect::WithdrawFromMatchmaker&) { tell(this, context_->matchmaker, msg::WithdrawAgent{profile_.id}); }

/// A disposition somebody chose is in the case already; the wrap-up limit's automatic one is written here.
void AgentActor::act(const agent_effect::ReportDisposition& effect) {
  if (!effect.is_automatic || effect.outcome == Outcome::answered || is_taken_over_) return;
  tell(this, context_->shard_for(case_id_),
       msg::Dispose{case_id_, DispositionSet{effect.attempt, profile_.id, effect.outcome, std::nullopt, std::nullopt, effect.note}});
}

void AgentActor::act(const agent_effect::HangUpCall&) { tell(this, call_, msg::AgentHungUp{profile_.id}); }
void AgentActor::act(const agent_effect::LeaveCall&) { tell(this, call_, msg::AgentLeftCall{profile_.id}); }

void AgentActor::act(const agent_effect::RejoinCall& effect) {
  tell(this, call_, msg::AgentChosen{effect.attempt, {profile_.id, effect.session, effect.leg}});
}

void AgentActor::act(const agent_effect::HoldCall&) { tell(this, call_, msg::AgentHeld{profile_.id, true}); }
void AgentActor::act(const agent_effect::ResumeCall&) { tell(this, call_, msg::AgentHeld{profile_.id, false}); }
void AgentActor::act(const agent_effect::MuteLeg& effect) { context_->media->mute(effect.leg, effect.is_on); }
void AgentActor::act(const agent_effect::DialPreview&) {}

void AgentActor::act(const agent_effect::WrapOverdue& effect) {
  log_info("agent", "wrap_overdue", "agent={} attempt={} over_ms={}", profile_.user, effect.attempt.str(), effect.over.ms);
}

void AgentActor::act(const agent_effect::StartTimer& effect) {
  tell_after(this, effect.after, caf::actor_cast<caf::actor>(this), msg::AgentTimerFired{effect.kind, effect.generation});
}

msg::AgentView AgentActor::view() const {
  msg::AgentView v;
  const MonoTime now = context_->clock->now_mono();
  v.profile = profile_;
  v.profile.ha1.clear();
  v.state = machine_.state();
  v.in_state_ms = (now - machine_.state_since()).ms;
  v.reason = machine_.break_reason();
  v.is_registered = context_->sip->is_registered(profile_.user);
  v.has_leg = leg_.has_value();
  v.attempt = machine_.attempt();
  v.supervised = machine_.supervised();
  v.is_muted = machine_.is_muted();
  if (v.attempt.is_set()) v.case_id = case_id_;
  const AgentTotals totals = machine_.totals(now);
  v.calls = totals.calls;
  v.occupancy = totals.occupancy();
  v.mos = mos_;
  v.loss = loss_;
  v.refused = refused_;
  const auto in = [&totals](AgentState state) { return totals.in_state[static_cast<std::size_t>(state)].ms; };
  v.ready_ms = in(AgentState::ready);
  v.talk_ms = in(AgentState::talking) + in(AgentState::hold);
  v.wrap_ms = in(AgentState::wrap_up);
  v.logged_in_ms = totals.logged_in().ms;
  return v;
}

}  // namespace dunlin
