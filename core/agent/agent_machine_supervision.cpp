// The agent machine of a supervisor on somebody else's talk, and of an agent who mutes the own voice.
#include "core/agent/agent_machine.hpp"

namespace dunlin {

using namespace agent_effect;

namespace {
/// What a supervisor does after a talk it took over; also the reason of the break.
constexpr std::string_view after_supervision = "supervision";
}  // namespace

Result<AgentEffects> AgentMachine::on_mute(AgentMoment, bool is_on) {
  if (!is_in_talk()) return refuse(is_on ? "mute" : "unmute");
  AgentEffects out;
  if (is_muted_ == is_on) return out;
  is_muted_ = is_on;
  out.push_back(MuteLeg{*leg_, is_on});
  return checked(std::move(out));
}

Status AgentMachine::may_supervise(AttemptId attempt) const {
  if (!attempt.is_set()) return invalid_input("a supervisor needs a call");
  switch (state_) {
    case AgentState::on_break:
    case AgentState::ready: break;
    case AgentState::supervising:
      if (supervised_ == attempt) break;
      return Error{Errc::conflict, agent_.str() + " is on the call " + supervised_.str() + " already: leave it first"};
    case AgentState::logged_out:
    case AgentState::reserved:
    case AgentState::preview:
    case AgentState::connecting:
    case AgentState::talking:
    case AgentState::hold:
    case AgentState::wrap_up:
    case AgentState::callback_due:
    case AgentState::link_lost: return refuse("supervise a call");
  }
  if (!leg_) return Error{Errc::conflict, "the phone of " + agent_.str() + " has no leg: dial in first"};
  return Done{};
}

Result<AgentEffects> AgentMachine::on_supervise(AgentMoment now, AttemptId attempt) {
  if (auto status = may_supervise(attempt); !status) return status.error();
  AgentEffects out;
  if (state_ == AgentState::supervising) return out;
  withdraw(out);
  supervised_ = attempt;
  enter(AgentState::supervising, now, "", out);
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_supervision_left(AgentMoment now, AttemptId attempt) {
  if (state_ != AgentState::supervising || supervised_ != attempt) {
    return Error{Errc::conflict, agent_.str() + " is not on the call " + attempt.str()};
  }
  return on_supervision_ended(now, attempt);
}

AgentEffects AgentMachine::on_supervision_ended(AgentMoment now, AttemptId attempt) {
  AgentEffects out;
  if (state_ != AgentState::supervising || supervised_ != attempt) return out;
  supervised_ = {};
  go_on_break(now, std::string(after_supervision), out);
  return checked(std::move(out));
}

Result<AgentEffects> AgentMachine::on_take_over(AgentMoment now, AttemptId attempt) {
  if (auto status = may_supervise(attempt); !status) return status.error();
  AgentEffects out;
  withdraw(out);
  supervised_ = {};
  attempt_ = attempt;
  is_pause_pending_ = true;
  pending_break_reason_ = after_supervision;
  enter(AgentState::reserved, now, "takes over", out);
  start_timer(AgentTimer::reservation, policy_.reservation_limit, out);
  return checked(std::move(out));
}

void AgentMachine::leave_supervision(AgentEffects& out) {
  if (!supervised_.is_set()) return;
  out.push_back(LeaveSupervision{supervised_});
  supervised_ = {};
}

}  // namespace dunlin
