// The agent actor of a supervisor, and of an agent whose talk a supervisor took over.
#include "actors/agent_actor.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {

Result<AgentEffects> AgentActor::judge(const msg::Supervise& command) {
  // Who is no supervisor any more may still leave.
  if (!profile_.is_supervisor && command.act != CallAct::leave) return Error{Errc::denied, profile_.user + " is no supervisor: `agent add " + profile_.user + " --role supervisor` makes one"};
  switch (command.act) {
    case CallAct::listen:
    case CallAct::whisper:
    case CallAct::barge: return machine_.on_supervise(moment(), command.attempt);
    case CallAct::take_over: return machine_.on_take_over(moment(), command.attempt);
    case CallAct::leave:
      if (machine_.supervised() == command.attempt) return AgentEffects{};  // It leaves when the call has let it go.
      return Error{Errc::conflict, profile_.user + " is not on the call " + command.attempt.str()};
    case CallAct::pause_recording:
    case CallAct::resume_recording: break;
  }
  return invalid_input("not an act of a supervisor: " + std::string(to_string(command.act)));
}

/// The supervisor's place is taken first, so that two orders at once never join two calls; the call has the last word.
caf::typed_response_promise<msg::Answer> AgentActor::supervise(const msg::Supervise& command) {
  auto promise = make_response_promise<msg::Answer>();
  const bool was_on_call = machine_.supervised() == command.attempt;
  auto effects = judge(command);
  if (!effects) {
    promise.deliver(msg::Answer{effects.error(), {}});
    return promise;
  }
  perform(*effects);
  const msg::SuperviseCall order{command.attempt, command.act, {profile_.id, machine_.session(), machine_.leg().value_or(LegId())}, command.author};
  ask(this, context_->calls, limits::request_timeout, order)
      .then(
          [this, promise, command, was_on_call](const msg::Answer& answer) mutable {
            on_supervise_answered(command, answer, was_on_call);
            promise.deliver(answer);
          },
          [this, promise, command, was_on_call](const caf::error&) mutable {
            const msg::Answer answer{Error{Errc::unavailable, "the call does not answer"}, {}};
            on_supervise_answered(command, answer, was_on_call);
            promise.deliver(answer);
          });
  return promise;
}

void AgentActor::on_supervise_answered(const msg::Supervise& command, const msg::Answer& answer, bool was_on_call) {
  switch (command.act) {
    case CallAct::listen:
    case CallAct::whisper:
    case CallAct::barge:
      // Refused another way of being heard, it stays as it was.
      if (!answer.error || was_on_call) return;
      // An order nobody answered may be carried out late: the one behind it takes it back.
      if (answer.error->code == Errc::unavailable) act(agent_effect::LeaveSupervision{command.attempt});
      perform(machine_.on_supervision_ended(moment(), command.attempt));
      return;
    case CallAct::leave: return perform(machine_.on_supervision_ended(moment(), command.attempt));
    case CallAct::take_over:
      if (!answer.error) return;
      // Not refused for ever: it may join again. The call must not think that it still listens.
      if (was_on_call) act(agent_effect::LeaveSupervision{command.attempt});
      return perform(machine_.on_reservation_cancelled(moment(), command.attempt));
    case CallAct::pause_recording:
    case CallAct::resume_recording: return;
  }
}

void AgentActor::act(const agent_effect::LeaveSupervision& effect) {
  // Posted, not told: nobody waits for the answer.
  post(context_->calls, msg::SuperviseCall{effect.attempt, CallAct::leave, {profile_.id, machine_.session(), LegId()}, profile_.user});
}

/// What the agent says of a talk that is a supervisor's now goes beside the outcome, not in its place.
caf::typed_response_promise<msg::Answer> AgentActor::dispose_taken_over(const msg::DisposeCall& command) {
  auto promise = make_response_promise<msg::Answer>();
  if (!machine_.attempt().is_set()) {
    promise.deliver(msg::Answer{Error{Errc::conflict, "agent " + profile_.user + " has no call to give an outcome for"}, {}});
    return promise;
  }
  const std::string text = attempt_.str() + " taken over; before: " + std::string(to_string(command.outcome)) + (command.note.empty() ? "" : ": " + command.note);
  ask(this, context_->shard_for(case_id_), limits::commit_timeout, msg::AddNote{case_id_, NoteAdded{profile_.user, text}})
      .then(
          [this, promise, command, attempt = attempt_](const msg::Answer& saved) mutable {
            if (saved.error) {
              promise.deliver(saved);
              return;
            }
            auto effects = machine_.on_disposition(moment(), attempt, command.outcome, command.note);
            if (effects) perform(*effects);
            promise.deliver(msg::Answer{std::nullopt, attempt.str()});
          },
          [promise](const caf::error&) mutable {
            promise.deliver(msg::Answer{Error{Errc::unavailable, "the note is not saved yet: try again"}, {}});
          });
  return promise;
}

}  // namespace dunlin
