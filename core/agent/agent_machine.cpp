#include "core/agent/agent_machine.hpp"

#include <utility>

#include "core/base/check.hpp"

namespace dunlin {

using namespace agent_effect;

std::string_view to_string(AgentState state) {
  switch (state) {
    case AgentState::logged_out: return "logged_out";
    case AgentState::ready: return "ready";
    case AgentState::reserved: return "reserved";
    case AgentState::preview: return "preview";
    case AgentState::connecting: return "connecting";
    case AgentState::talking: return "talking";
    case AgentState::hold: return "hold";
    case AgentState::wrap_up: return "wrap_up";
    case AgentState::on_break: return "break";
    case AgentState::callback_due: return "callback_due";
    case AgentState::link_lost: return "link_lost";
    case AgentState::supervising: return "supervising";
  }
  return "?";
}

Result<AgentEffects> AgentMachine::on_login(AgentMoment now, std::uint64_t session, std::optional<LegId> leg) {
  if (session == 0 || session == session_) return Error{Errc::invalid_input, "a login needs a new session"};
  if (state_ != AgentState::logged_out) return log_in_elsewhere(now, session, leg);
  AgentEffects out;
  if (leg_ && leg_ != leg) out.push_back(DropLeg{*leg_});
  session_ = session;
  leg_ = leg;
  totals_ = {};
  is_pause_pending_ = false;
  break_reason_ = "login";
  enter(AgentState::on_break, now, break_reason_, out);
  if (!leg_) out.push_back(WantLeg{session_});
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::log_in_elsewhere(AgentMoment now, std::uint64_t session, std::optional<LegId> leg) {
  AgentEffects out;
  if (leg && leg == leg_) return out;  // Only the desktop changed; the station and its session stay.
  if (leg_) {
    out.push_back(DropLeg{*leg_});
    lose_leg(now, out);
  }
  session_ = session;
  if (leg) {
    AgentEffects up = on_leg_up(now, *leg);
    out.insert(out.end(), up.begin(), up.end());
  } else {
    out.push_back(WantLeg{session_});
  }
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_logout(AgentMoment now) {
  switch (state_) {
    case AgentState::ready:
    case AgentState::on_break:
    case AgentState::callback_due: break;
    case AgentState::link_lost:
      if (attempt_.is_set()) return refuse("log out");
      break;
    case AgentState::logged_out:
    case AgentState::reserved:
    case AgentState::preview:
    case AgentState::connecting:
    case AgentState::talking:
    case AgentState::hold:
    case AgentState::wrap_up:
    case AgentState::supervising: return refuse("log out");
  }
  AgentEffects out;
  withdraw(out);
  if (leg_) out.push_back(DropLeg{*leg_});
  leg_.reset();
  enter(AgentState::logged_out, now, "", out);
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_ready(AgentMoment now) {
  AgentEffects out;
  switch (state_) {
    case AgentState::ready: break;
    case AgentState::on_break:
    case AgentState::callback_due: become_ready(now, "", out); break;
    case AgentState::link_lost:
      if (attempt_.is_set()) return refuse("become ready");
      wants_ready_ = true;
      break;
    case AgentState::logged_out:
    case AgentState::reserved:
    case AgentState::preview:
    case AgentState::connecting:
    case AgentState::talking:
    case AgentState::hold:
    case AgentState::wrap_up:
    case AgentState::supervising: return refuse("become ready");
  }
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_break(AgentMoment now, const std::string& reason) {
  AgentEffects out;
  switch (state_) {
    case AgentState::ready:
    case AgentState::on_break:
    case AgentState::callback_due: go_on_break(now, reason, out); break;
    case AgentState::link_lost:
      if (!attempt_.is_set()) {
        go_on_break(now, reason, out);
        break;
      }
      is_pause_pending_ = true;
      pending_break_reason_ = reason;
      break;
    case AgentState::reserved:
    case AgentState::preview:
    case AgentState::connecting:
    case AgentState::talking:
    case AgentState::hold:
    case AgentState::wrap_up:
      is_pause_pending_ = true;
      pending_break_reason_ = reason;
      break;
    case AgentState::supervising:  // It comes from a break or goes to one: leaving the talk is the way.
    case AgentState::logged_out: return refuse("take a break");
  }
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_recall_from_break(AgentMoment now, const std::string& supervisor) {
  AgentEffects out;
  if (is_pause_pending_) {
    is_pause_pending_ = false;
    return out;
  }
  if (state_ != AgentState::on_break) return refuse("be recalled from a break");
  become_ready(now, "recalled by " + supervisor, out);
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_pause_after_call(AgentMoment now, bool is_on, const std::string& reason) {
  if (state_ == AgentState::logged_out) return refuse("ask for a pause");
  if (is_on) return on_break(now, reason);
  is_pause_pending_ = false;
  return AgentEffects{};
}

Result<AgentEffects> AgentMachine::on_hold(AgentMoment now) {
  if (state_ != AgentState::talking) return refuse("hold");
  AgentEffects out;
  enter(AgentState::hold, now, "", out);
  out.push_back(HoldCall{attempt_});
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_resume(AgentMoment now) {
  if (state_ != AgentState::hold) return refuse("resume");
  AgentEffects out;
  enter(AgentState::talking, now, "", out);
  out.push_back(ResumeCall{attempt_});
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_hang_up(AgentMoment) {
  if (!is_in_talk() && state_ != AgentState::connecting) return refuse("hang up");
  // The state changes when the call says that it is over for this agent.
  return AgentEffects{HangUpCall{attempt_}};
}

Result<AgentEffects> AgentMachine::on_disposition(AgentMoment now, AttemptId attempt, Outcome outcome,
                                                  const std::string& note) {
  if (!traits(outcome).is_agent_disposition) {
    return invalid_input(std::string(to_string(outcome)) + " is not a result an agent can choose");
  }
  if (!was_bridged_ || attempt != attempt_) return refuse("give a result for this call");
  AgentEffects out;
  if (state_ == AgentState::wrap_up) {
    report(now, outcome, note, false, out);
    finish_work(now, out);
  } else {
    // During the talk the choice may still change; it is told when the talk ends.
    is_disposed_ = true;
    early_outcome_ = outcome;
    early_note_ = note;
  }
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_preview_accepted(AgentMoment now, AttemptId attempt) {
  if (state_ != AgentState::preview || attempt != attempt_) return refuse("dial the previewed case");
  AgentEffects out;
  enter(AgentState::connecting, now, "preview accepted", out);
  out.push_back(DialPreview{attempt_});
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_preview_declined(AgentMoment now, AttemptId attempt) {
  if (state_ != AgentState::preview || attempt != attempt_) return refuse("decline the previewed case");
  AgentEffects out;
  out.push_back(LeaveCall{attempt_, AgentLeaveCause::preview_declined});
  give_back(now, out);
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_callback_due(AgentMoment now) {
  if (state_ != AgentState::ready) return refuse("be asked for a callback");
  AgentEffects out;
  withdraw(out);
  enter(AgentState::callback_due, now, "", out);
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_callback_postponed(AgentMoment now) {
  if (state_ != AgentState::callback_due) return refuse("postpone a callback");
  AgentEffects out;
  give_back(now, out);
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_reserve(AgentMoment now, AgentToken token) {
  if (state_ != AgentState::ready) return refuse("be reserved");
  return take(now, token, AgentState::reserved);
}

Result<AgentEffects> AgentMachine::on_preview(AgentMoment now, AgentToken token) {
  if (state_ != AgentState::ready) return refuse("preview a case");
  return take(now, token, AgentState::preview);
}

Result<AgentEffects> AgentMachine::on_own_call(AgentMoment now, AgentToken token) {
  if (state_ != AgentState::ready && state_ != AgentState::callback_due) return refuse("make a call");
  return take(now, token, AgentState::connecting);
}

Result<AgentEffects> AgentMachine::take(AgentMoment now, AgentToken token, AgentState next) {
  if (token.session != session_) return Error{Errc::conflict, "the reservation is for another login of " + agent_.str()};
  if (!token.attempt.is_set()) return invalid_input("a reservation needs an attempt");
  AgentEffects out;
  withdraw(out);
  attempt_ = token.attempt;
  enter(next, now, "", out);
  if (next == AgentState::reserved) start_timer(AgentTimer::reservation, policy_.reservation_limit, out);
  if (next == AgentState::preview) start_timer(AgentTimer::preview, policy_.preview_limit, out);
  return checked(std::move(out));
}

Error AgentMachine::refuse(std::string_view command) const {
  return {Errc::conflict, agent_.str() + " cannot " + std::string(command) + " in state " + std::string(to_string(state_))};
}

}  // namespace dunlin
