#include "actors/call_desk_actor.hpp"

#include <algorithm>

#include "actors/outlive_errors.hpp"
#include "actors/call_actor.hpp"
#include "actors/gather.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {

caf::behavior CallDeskActor::make_behavior() {
  outlive_errors(this);
  return {
      [this](const msg::StartCall& start) {
        // The permit can be taken once; a repeated message must not make a second call actor either.
        if (calls_.count(start.attempt.attempt) != 0) return;
        calls_.emplace(start.attempt.attempt, spawn<CallActor>(context_, start));
      },
      [this](const msg::CallSettled& fact) { calls_.erase(fact.attempt); },
      [this](const msg::CallView& finished) { keep(finished); },
      [this](const msg::LoseReservation& question) {
        // A case asks long after its slot has ended: what is no call now will never be one.
        if (calls_.count(question.attempt) == 0) tell(this, context_->shard_for(question.case_id), question);
      },
      [](const msg::Answer&) {},  // Of the question passed on above.
      [this](const msg::SuperviseCall& order) { return pass(order); },
      [this](const msg::PauseRecording& order) { return pass(order); },
      [this](const msg::GetCalls&) { return on_get_calls(); },
      [this](const msg::Drain&) { on_drain(); },
      [this](const msg::StopCallFor& command) {
        for (const auto& [id, call] : calls_) tell(this, call, command);
      },
      [this](const msg::GetHealth&) {
        msg::NodeHealthView health;
        health.calls = calls_.size();
        return health;
      },
  };
}

template <class Order>
caf::response_promise CallDeskActor::pass(const Order& order) {
  auto promise = make_response_promise();
  const auto found = calls_.find(order.attempt);
  if (found != calls_.end()) {
    promise.delegate(found->second, order);
    return promise;
  }
  const bool is_over = std::any_of(finished_.begin(), finished_.end(), [&](const msg::CallView& call) { return call.attempt == order.attempt; });
  if (is_over) promise.deliver(msg::Answer{Error{Errc::conflict, "the call has ended"}, {}});
  else promise.deliver(msg::Answer{Error{Errc::not_found, "no live call " + order.attempt.str() + " on this node"}, {}});
  return promise;
}

void CallDeskActor::keep(const msg::CallView& finished) {
  if (finished.is_settled) ++counts_[{finished.campaign, finished.trunk, finished.outcome}];
  finished_.push_front(finished);
  if (finished_.size() > limits::finished_calls_kept) finished_.pop_back();
}

void CallDeskActor::on_drain() {
  log_info("calls", "draining", "live={}", calls_.size());
  for (const auto& [id, call] : calls_) tell(this, call, msg::StopCallFor{StopReason::drain});
}

caf::typed_response_promise<msg::CallsView> CallDeskActor::on_get_calls() {
  auto promise = make_response_promise<msg::CallsView>();
  auto gathering = std::make_shared<Gathering<msg::CallsView>>(promise);
  gathering->collected.finished.assign(finished_.begin(), finished_.end());
  for (const auto& [key, count] : counts_) gathering->collected.counts.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  for (const auto& [id, call] : calls_) gather_from(this, call, gathering, &msg::CallsView::live, msg::GetCall{});
  return promise;
}

}  // namespace dunlin
