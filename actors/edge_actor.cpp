#include "actors/edge_actor.hpp"

#include <algorithm>

#include "actors/trunk_test_actor.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/base/check.hpp"

namespace dunlin {
namespace {

std::vector<TrunkLimits> limits_of(const NodeSettings& settings) {
  std::vector<TrunkLimits> trunks;
  for (const TrunkOptions& trunk : settings.trunks) trunks.push_back({trunk.name, trunk.channels, trunk.calls_per_second});
  return trunks;
}

TrunkBudget make_budget(const NodeContext& context) {
  auto budget = TrunkBudget::make(limits_of(*context.settings), context.clock->now_mono());
  DUNLIN_CHECK(budget.ok());
  return std::move(*budget);
}

}  // namespace

EdgeActor::EdgeActor(caf::actor_config& config, const NodeContext* context)
    : caf::event_based_actor(config), context_(context), budget_(make_budget(*context)), may_originate_(context->region == nullptr),
      clock_watch_(context->clock->now_utc(), context->clock->now_mono()) {}

caf::behavior EdgeActor::make_behavior() {
  tell_after(this, seconds(60), caf::actor_cast<caf::actor>(this), msg::MatchTick{});
  return {
      [this](const msg::AcquireSlots& command) { return on_acquire(command); },
      [this](const msg::ReleaseSlot& command) { on_release(command); },
      [this](const msg::TrunkStartWorked& fact) { budget_.on_start_worked(fact.trunk); },
      [this](const msg::TrunkStartFailed& fact) { budget_.on_start_result(context_->clock->now_mono(), fact.trunk, fact.cause); },
      [this](const msg::TrunkHealthChanged& change) { on_health(change); },
      [this](const msg::TestTrunk& command) { return delegate(spawn<TrunkTestActor>(context_), command); },
      [this](const msg::Drain&) { is_draining_ = true; },
      [this](const msg::MayOriginate& news) { may_originate_ = news.may; },
      [this](const msg::GetTrunks&) {
        const MonoTime now = context_->clock->now_mono();
        return msg::TrunksView{budget_.view(now), context_->sip->trunks(), budget_.startable(now), budget_.limit(now)};
      },
      [this](const msg::MatchTick&) {
        tell_after(this, seconds(60), caf::actor_cast<caf::actor>(this), msg::MatchTick{});
        take_back_lost_slots();
      },
  };
}

msg::SlotsGranted EdgeActor::on_acquire(const msg::AcquireSlots& command) {
  msg::SlotsGranted granted;
  if (is_draining_ || !may_originate_ || !is_clock_believed()) return granted;
  const MonoTime now = context_->clock->now_mono();
  TrunkWish wish{command.campaign, {}, command.excluded_trunk};
  for (const TrunkShare& share : command.trunks) wish.allowed.push_back({share.trunk, share.weight});
  for (int n = 0; n < command.count; ++n) {
    auto trunk = budget_.acquire(now, wish);
    if (!trunk) {
      granted.limit = budget_.limit(now);
      break;
    }
    const AttemptId attempt = command.second_leg_of.is_set() ? command.second_leg_of : context_->ids->next_attempt();
    held_[attempt] = {*trunk, now + limits::longest_call + minutes(5)};
    granted.slots.push_back({attempt, *trunk, now + limits::slot_life, context_->clock->now_utc() + limits::slot_life});
  }
  return granted;
}

/// Says once when the doubt begins and once when it ends.
bool EdgeActor::is_clock_believed() {
  const UtcTime wall = context_->clock->now_utc();
  const MonoTime mono = context_->clock->now_mono();
  const bool is_believed = clock_watch_.is_believed(wall, mono);
  if (is_believed == is_clock_in_doubt_) {
    is_clock_in_doubt_ = !is_believed;
    if (is_believed) log_info("edge", "clock_believed", "the wall clock is back: calls go on");
    else log_error("edge", "clock_in_doubt", "step_s={} no new attempts until the wall clock is back or the node is restarted", clock_watch_.step(wall, mono).ms / 1000);
  }
  return is_believed;
}

void EdgeActor::on_release(const msg::ReleaseSlot& command) {
  const auto held = held_.find(command.attempt);
  if (held == held_.end() || held->second.first != command.trunk) return;
  budget_.release(command.trunk);
  held_.erase(held);
}

void EdgeActor::on_health(const msg::TrunkHealthChanged& change) {
  const auto [known, is_first] = is_up_.try_emplace(change.view.name, change.view.is_up);
  const bool is_change = is_first || known->second != change.view.is_up;
  if (change.view.is_up || !is_change) log_info("trunk", change.view.is_up ? "up" : "down", "trunk={} cause={}", change.view.name, change.view.cause);
  else log_warn("trunk", "down", "trunk={} cause={}", change.view.name, change.view.cause);
  // Another cause of the same state is news for the operator only: what calls have shown meanwhile stays.
  if (!is_change) return;
  known->second = change.view.is_up;
  budget_.set_health(change.view.name, change.view.is_up ? TrunkHealth::up : TrunkHealth::down);
}

void EdgeActor::take_back_lost_slots() {
  const MonoTime now = context_->clock->now_mono();
  for (auto held = held_.begin(); held != held_.end();) {
    if (held->second.second > now) {
      ++held;
      continue;
    }
    log_warn("edge", "slot_lost", "attempt={} trunk={}", held->first.str(), held->second.first);
    budget_.release(held->second.first);
    held = held_.erase(held);
  }
}

}  // namespace dunlin
