// The second half of the agent machine: what the world tells it, and the shared steps.
#include <algorithm>
#include <utility>

#include "core/agent/agent_machine.hpp"
#include "core/base/check.hpp"

namespace dunlin {

using namespace agent_effect;

namespace {

/// A reminder of an overdue wrap-up comes back each limit: a campaign that gives none must not make it come without pause.
constexpr Duration shortest_wrap_limit = seconds(1);

}  // namespace

AgentEffects AgentMachine::on_leg_up(AgentMoment now, LegId leg) {
  AgentEffects out;
  if (leg_ == leg) return out;
  if (state_ == AgentState::logged_out) {
    // People dial in first and log in then: the leg waits a while, idle.
    if (leg_) out.push_back(DropLeg{*leg_});
    leg_ = leg;
    start_timer(AgentTimer::login, policy_.login_wait, out);
    return checked(std::move(out));
  }
  if (leg_) {
    // The station called again before the old leg was known to be dead: the newest one counts.
    const bool was_ready = state_ == AgentState::ready;
    out.push_back(DropLeg{*leg_});
    lose_leg(now, out);
    wants_ready_ = wants_ready_ || was_ready;
  }
  leg_ = leg;
  if (state_ != AgentState::link_lost) return checked(std::move(out));
  if (attempt_.is_set()) {
    enter(AgentState::connecting, now, "back in the talk", out);
    out.push_back(RejoinCall{attempt_, session_, leg});
    start_timer(AgentTimer::reservation, policy_.reservation_limit, out);
  } else if (is_pause_pending_) {
    go_on_break(now, std::string(pending_break_reason_), out);
  } else if (wants_ready_) {
    become_ready(now, "leg up", out);
  } else {
    go_on_break(now, "link_lost", out);
  }
  return checked(std::move(out));
}

AgentEffects AgentMachine::on_leg_lost(AgentMoment now, LegId leg) {
  AgentEffects out;
  if (leg_ != leg) return out;
  lose_leg(now, out);
  if (state_ != AgentState::on_break && state_ != AgentState::logged_out) out.push_back(WantLeg{session_});
  return checked(std::move(out));
}

void AgentMachine::lose_leg(AgentMoment now, AgentEffects& out) {
  leg_.reset();
  switch (state_) {
    case AgentState::logged_out:
    case AgentState::on_break:
    case AgentState::wrap_up:  // Wrapping up needs no voice.
    case AgentState::link_lost: return;
    case AgentState::ready:
    case AgentState::callback_due: withdraw(out); break;
    case AgentState::supervising: leave_supervision(out); break;
    case AgentState::reserved:
    case AgentState::preview:
    case AgentState::connecting:
      out.push_back(LeaveCall{attempt_, AgentLeaveCause::leg_lost});
      if (!was_bridged_) forget_attempt();
      break;
    case AgentState::talking:
    case AgentState::hold:
      close_talk(now, out);
      out.push_back(LeaveCall{attempt_, AgentLeaveCause::leg_lost});
      break;
  }
  wants_ready_ = policy_.is_ready_after_link_loss;
  enter(AgentState::link_lost, now, "link_lost", out);
}

AgentEffects AgentMachine::on_reservation_cancelled(AgentMoment now, AttemptId attempt) {
  return on_call_ended(now, attempt);
}

AgentEffects AgentMachine::on_bridged(AgentMoment now, AgentToken token, std::optional<Duration> wrap_limit) {
  AgentEffects out;
  const bool is_ours = token.attempt == attempt_ && token.session == session_;
  if (is_ours && is_in_talk()) return out;  // Told twice.
  if (!is_ours || (state_ != AgentState::reserved && state_ != AgentState::connecting)) {
    // A bridge this agent no longer stands for: the call must not believe that somebody listens.
    if (token.attempt.is_set()) out.push_back(LeaveCall{token.attempt, AgentLeaveCause::reservation_expired});
    return out;
  }
  if (!was_bridged_) ++totals_.calls;
  was_bridged_ = true;
  wrap_limit_ = std::max(wrap_limit.value_or(policy_.wrap_limit), shortest_wrap_limit);
  talk_since_ = now.mono;
  enter(AgentState::talking, now, "", out);
  return checked(std::move(out));
}

AgentEffects AgentMachine::on_call_ended(AgentMoment now, AttemptId attempt) {
  AgentEffects out;
  if (!attempt_.is_set() || attempt != attempt_ || state_ == AgentState::wrap_up) return out;
  if (was_bridged_) {
    begin_wrap(now, out);
  } else {
    give_back(now, out);
  }
  return checked(std::move(out));
}

AgentEffects AgentMachine::on_timer(AgentMoment now, AgentTimer kind, std::uint32_t generation) {
  AgentEffects out;
  if (generation == 0 || generation_[static_cast<std::size_t>(kind)] != generation) return out;
  switch (kind) {
    case AgentTimer::reservation:
      if (state_ == AgentState::reserved) {
        out.push_back(LeaveCall{attempt_, AgentLeaveCause::reservation_expired});
        give_back(now, out);
      } else if (state_ == AgentState::connecting && was_bridged_) {
        out.push_back(LeaveCall{attempt_, AgentLeaveCause::reservation_expired});
        begin_wrap(now, out);
      }
      break;
    case AgentTimer::preview:
      if (state_ == AgentState::preview) {
        out.push_back(LeaveCall{attempt_, AgentLeaveCause::preview_declined});
        give_back(now, out);
      }
      break;
    case AgentTimer::wrap:
      if (state_ != AgentState::wrap_up) break;
      if (policy_.at_wrap_limit == WrapTimeoutPolicy::auto_disposition) {
        report(now, policy_.auto_disposition, "", true, out);
        finish_work(now, out);
      } else {
        out.push_back(WrapOverdue{attempt_, now.mono - wrap_since_ - wrap_limit_});
        start_timer(AgentTimer::wrap, wrap_limit_, out);
      }
      break;
    case AgentTimer::login:
      if (state_ != AgentState::logged_out || !leg_) break;
      out.push_back(DropLeg{*leg_});
      leg_.reset();
      break;
  }
  return checked(std::move(out));
}

AgentEffects AgentMachine::on_force_logout(AgentMoment now, const std::string& supervisor) {
  AgentEffects out;
  if (state_ == AgentState::logged_out) return out;
  withdraw(out);
  leave_supervision(out);
  if (is_in_talk()) close_talk(now, out);
  if (attempt_.is_set()) {
    if (state_ != AgentState::wrap_up) out.push_back(LeaveCall{attempt_, AgentLeaveCause::forced_logout});
    if (was_bridged_) {
      report(now, is_disposed_ ? early_outcome_ : policy_.auto_disposition, early_note_, !is_disposed_, out);
    }
    forget_attempt();
  }
  if (leg_) out.push_back(DropLeg{*leg_});
  leg_.reset();
  is_pause_pending_ = false;
  enter(AgentState::logged_out, now, "forced by " + supervisor, out);
  return checked(std::move(out));
}

void AgentMachine::enter(AgentState next, AgentMoment now, std::string reason, AgentEffects& out) {
  const Duration spent = now.mono - state_since_;
  if (state_ != AgentState::logged_out) {
    Duration& total = totals_.in_state[static_cast<std::size_t>(state_)];
    total = total + spent;
  }
  out.push_back(StateChanged{state_, next, now.utc, state_ == AgentState::logged_out ? Duration{} : spent,
                             std::move(reason), attempt_});
  state_ = next;
  state_since_ = now.mono;
  if (next != AgentState::on_break) break_reason_.clear();
}

void AgentMachine::withdraw(AgentEffects& out) {
  if (!is_offered_) return;
  is_offered_ = false;
  out.push_back(WithdrawFromMatchmaker{session_});
}

void AgentMachine::become_ready(AgentMoment now, std::string reason, AgentEffects& out) {
  if (!leg_) {
    wants_ready_ = true;
    enter(AgentState::link_lost, now, "no leg", out);
    out.push_back(WantLeg{session_});
    return;
  }
  wants_ready_ = false;
  waiting_since_ = now.mono;
  enter(AgentState::ready, now, std::move(reason), out);
  is_offered_ = true;
  out.push_back(OfferToMatchmaker{session_, *leg_, waiting_since_});
}

void AgentMachine::go_on_break(AgentMoment now, const std::string& reason, AgentEffects& out) {
  withdraw(out);
  is_pause_pending_ = false;
  enter(AgentState::on_break, now, reason, out);
  break_reason_ = reason;
}

void AgentMachine::finish_work(AgentMoment now, AgentEffects& out) {
  forget_attempt();
  if (is_pause_pending_) {
    go_on_break(now, std::string(pending_break_reason_), out);
  } else {
    become_ready(now, "", out);
  }
}

void AgentMachine::give_back(AgentMoment now, AgentEffects& out) {
  const MonoTime place_in_line = waiting_since_;
  finish_work(now, out);
  if (state_ != AgentState::ready) return;
  // Nothing was handled, so the agent keeps its place among the waiting.
  waiting_since_ = place_in_line;
  out.back() = OfferToMatchmaker{session_, *leg_, waiting_since_};
}

void AgentMachine::begin_wrap(AgentMoment now, AgentEffects& out) {
  if (is_in_talk()) close_talk(now, out);
  last_talk_ = talk_;
  wrap_since_ = now.mono;
  if (is_disposed_) {
    report(now, early_outcome_, early_note_, false, out);
    finish_work(now, out);
    return;
  }
  enter(AgentState::wrap_up, now, "", out);
  start_timer(AgentTimer::wrap, wrap_limit_, out);
}

void AgentMachine::report(AgentMoment now, Outcome outcome, const std::string& note, bool is_automatic,
                          AgentEffects& out) {
  const Duration wrap = state_ == AgentState::wrap_up ? now.mono - wrap_since_ : Duration{};
  out.push_back(ReportDisposition{attempt_, outcome, note, is_automatic, talk_, wrap});
}

void AgentMachine::start_timer(AgentTimer kind, Duration after, AgentEffects& out) {
  const std::uint32_t generation = ++generation_[static_cast<std::size_t>(kind)];
  out.push_back(StartTimer{kind, after, generation});
}

void AgentMachine::close_talk(AgentMoment now, AgentEffects& out) {
  talk_ = talk_ + (now.mono - talk_since_);
  if (is_muted_ && leg_) out.push_back(MuteLeg{*leg_, false});
  is_muted_ = false;
}

void AgentMachine::forget_attempt() {
  attempt_ = {};
  was_bridged_ = false;
  is_disposed_ = false;
  early_outcome_ = Outcome::answered;
  early_note_.clear();
  talk_ = {};
}

bool AgentMachine::is_in_talk() const { return state_ == AgentState::talking || state_ == AgentState::hold; }

AgentTotals AgentMachine::totals(MonoTime now) const {
  AgentTotals totals = totals_;
  if (state_ != AgentState::logged_out) {
    Duration& open = totals.in_state[static_cast<std::size_t>(state_)];
    open = open + (now - state_since_);
  }
  return totals;
}

Duration AgentTotals::logged_in() const {
  Duration sum;
  for (const Duration d : in_state) sum = sum + d;
  return sum;
}

double AgentTotals::occupancy() const {
  const auto spent = [this](AgentState s) { return in_state[static_cast<std::size_t>(s)]; };
  const Duration worked = spent(AgentState::talking) + spent(AgentState::hold) + spent(AgentState::wrap_up);
  const Duration present = logged_in() - spent(AgentState::on_break);
  return present.ms <= 0 ? 0.0 : static_cast<double>(worked.ms) / static_cast<double>(present.ms);
}

AgentEffects AgentMachine::checked(AgentEffects effects) const {
  check_invariants();
  return effects;
}

void AgentMachine::check_invariants() const {
  const bool may_hold_attempt = state_ == AgentState::reserved || state_ == AgentState::preview ||
                                state_ == AgentState::connecting || is_in_talk() || state_ == AgentState::wrap_up;
  DUNLIN_CHECK(!may_hold_attempt || attempt_.is_set());
  DUNLIN_CHECK(may_hold_attempt || !attempt_.is_set() || (state_ == AgentState::link_lost && was_bridged_));
  DUNLIN_CHECK(!was_bridged_ || attempt_.is_set());
  DUNLIN_CHECK((!is_in_talk() && state_ != AgentState::wrap_up) || was_bridged_);
  DUNLIN_CHECK(is_offered_ == (state_ == AgentState::ready));
  DUNLIN_CHECK(state_ != AgentState::ready || leg_.has_value());
  DUNLIN_CHECK(!is_in_talk() || leg_.has_value());
  DUNLIN_CHECK(state_ != AgentState::link_lost || !leg_);
  DUNLIN_CHECK(supervised_.is_set() == (state_ == AgentState::supervising));
  DUNLIN_CHECK(state_ != AgentState::supervising || leg_.has_value());
  DUNLIN_CHECK(!is_muted_ || is_in_talk());
  DUNLIN_CHECK(state_ != AgentState::logged_out || !attempt_.is_set());
}

}  // namespace dunlin
