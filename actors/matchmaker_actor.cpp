#include "actors/matchmaker_actor.hpp"

#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr Duration tick = milliseconds(50);

}  // namespace

caf::behavior MatchmakerActor::make_behavior() {
  tell_after(this, tick, caf::actor_cast<caf::actor>(this), msg::MatchTick{});
  return {
      [this](const msg::OfferAgent& offer) { on_offer(offer); },
      [this](const msg::WithdrawAgent& command) { match_.remove(command.agent); },
      [this](const msg::WantAgent& want) { on_want(want); },
      [this](const msg::CancelWant& command) {
        match_.cancel(command.attempt);
        waiting_.erase(command.attempt);
      },
      [this](const msg::AgentsHoused& news) { match_.set_homes(news.homes); },
      [this](const msg::MatchTick&) { on_tick(); },
  };
}

void MatchmakerActor::on_offer(const msg::OfferAgent& offer) {
  const auto match = match_.add_ready(offer.agent);
  if (match) reserve(*match);
}

void MatchmakerActor::on_want(const msg::WantAgent& want) {
  const Waiting waiting{want.request, want.call};
  waiting_[want.request.attempt] = waiting;
  place(waiting);
}

void MatchmakerActor::place(const Waiting& waiting) {
  const auto match = match_.request(waiting.request);
  if (!match) {
    log_warn("matchmaker", "refused", "attempt={} {}", waiting.request.attempt.str(), match.error().detail);
    tell(this, waiting.call, msg::NoAgentFound{waiting.request.attempt});
    waiting_.erase(waiting.request.attempt);
    return;
  }
  if (*match) reserve(**match);
}

/// The agent may have left in the same instant: then the person waits on, by its old deadline.
void MatchmakerActor::reserve(const AgentMatched& match) {
  const auto found = waiting_.find(match.attempt);
  if (found == waiting_.end()) return;
  const auto again = [this, attempt = match.attempt] {
    const auto still = waiting_.find(attempt);
    if (still != waiting_.end()) place(still->second);
  };
  ask(this, context_->agents, limits::request_timeout, msg::ReserveAgent{match.agent, {match.attempt, match.session}})
      .then(
          [this, match, again](const msg::Answer& answer) {
            if (answer.error) return again();
            const auto still = waiting_.find(match.attempt);
            if (still == waiting_.end()) return tell(this, context_->agents, msg::ReservationCancelled{match.agent, match.attempt});
            tell(this, still->second.call, msg::AgentChosen{match.attempt, {match.agent, match.session, match.leg}});
            waiting_.erase(still);
          },
          [again](const caf::error&) { again(); });
}

void MatchmakerActor::on_tick() {
  tell_after(this, tick, caf::actor_cast<caf::actor>(this), msg::MatchTick{});
  for (const AttemptId attempt : match_.expire(context_->clock->now_mono())) {
    const auto found = waiting_.find(attempt);
    if (found == waiting_.end()) continue;
    tell(this, found->second.call, msg::NoAgentFound{attempt});
    waiting_.erase(found);
  }
}

}  // namespace dunlin
