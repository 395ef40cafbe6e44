#include "core/call/trunk_choice.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr int failures_to_degrade = 3;
constexpr int failures_to_take_down = 6;
constexpr Duration first_back_off = seconds(30);
constexpr Duration longest_back_off = minutes(5);

Status check_limits(const std::vector<TrunkLimits>& trunks) {
  std::set<std::string> names;
  for (const TrunkLimits& t : trunks) {
    if (t.name.empty()) return invalid_input("a trunk needs a name");
    if (!names.insert(t.name).second) return invalid_input("trunk " + t.name + " is listed twice");
    if (t.channels < 0) return invalid_input("trunk " + t.name + ": channels must not be negative");
    if (!(t.calls_per_second > 0) || !std::isfinite(t.calls_per_second)) {
      return invalid_input("trunk " + t.name + ": calls_per_second must be positive");
    }
  }
  return Done{};
}

Duration back_off(int failures) {
  Duration wait = first_back_off;
  for (int i = failures_to_take_down; i < failures && wait < longest_back_off; ++i) wait = wait * 2;
  return std::min(wait, longest_back_off);
}

/// Nothing: this call may not use the trunk.
std::optional<std::uint32_t> weight_in(const TrunkWish& wish, const std::string& name) {
  if (wish.allowed.empty()) return 1;
  for (const WantedTrunk& wanted : wish.allowed) {
    if (wanted.trunk == name) return wanted.weight;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(TrunkHealth health) {
  switch (health) {
    case TrunkHealth::up: return "up";
    case TrunkHealth::degraded: return "degraded";
    case TrunkHealth::down: return "down";
  }
  return "?";
}

std::string_view to_string(TrunkLimit limit) {
  switch (limit) {
    case TrunkLimit::none: return "none";
    case TrunkLimit::no_trunk: return "no_trunk";
    case TrunkLimit::all_down: return "all_down";
    case TrunkLimit::channels: return "channels";
    case TrunkLimit::call_rate: return "call_rate";
  }
  return "?";
}

bool is_failover_cause(const EndCause& cause) {
  return cause.origin == EndOrigin::not_sent || may_have_second_leg(cause);
}

Result<TrunkBudget> TrunkBudget::make(std::vector<TrunkLimits> trunks, MonoTime now) {
  TrunkBudget budget{std::vector<Trunk>{}};
  if (auto status = budget.reconfigure(std::move(trunks), now); !status) return status.error();
  return budget;
}

Status TrunkBudget::reconfigure(std::vector<TrunkLimits> limits, MonoTime now) {
  if (auto status = check_limits(limits); !status) return status.error();
  std::vector<Trunk> next;
  for (TrunkLimits& wanted : limits) {
    Trunk trunk;
    if (const Trunk* known = find(wanted.name)) trunk = *known;
    trunk.tokens = trunk.limits.name.empty() ? 0 : tokens_at(trunk, now);
    trunk.filled_at = now;
    trunk.limits = std::move(wanted);
    trunk.tokens = std::min(trunk.tokens, depth(trunk));
    next.push_back(std::move(trunk));
  }
  trunks_ = std::move(next);
  check_invariants();
  return Done{};
}

double TrunkBudget::depth(const Trunk& trunk) { return std::max(1.0, trunk.limits.calls_per_second); }

double TrunkBudget::tokens_at(const Trunk& trunk, MonoTime now) {
  const double elapsed_s = static_cast<double>(std::max<std::int64_t>(0, (now - trunk.filled_at).ms)) / 1000.0;
  return std::min(depth(trunk), trunk.tokens + elapsed_s * trunk.limits.calls_per_second);
}

TrunkHealth TrunkBudget::health_at(const Trunk& trunk, MonoTime now) {
  if (trunk.is_down_by_probe) return TrunkHealth::down;
  // After the back-off one is tried as degraded: its next result decides.
  if (trunk.health == TrunkHealth::down && now >= trunk.down_until) return TrunkHealth::degraded;
  return trunk.health;
}

bool TrunkBudget::can_start(const Trunk& trunk, MonoTime now) {
  // A token is whole up to the rounding of many small refills.
  return health_at(trunk, now) != TrunkHealth::down && trunk.in_use < trunk.limits.channels &&
         tokens_at(trunk, now) >= 1.0 - 1e-9;
}

TrunkBudget::Trunk* TrunkBudget::find(std::string_view name) {
  const auto it = std::find_if(trunks_.begin(), trunks_.end(), [&](const Trunk& t) { return t.limits.name == name; });
  return it == trunks_.end() ? nullptr : &*it;
}

TrunkBudget::Trunk* TrunkBudget::choose(MonoTime now, const TrunkWish& wish) {
  const auto weight_of = [&wish](const Trunk& t) { return weight_in(wish, t.limits.name); };
  const auto may_carry = [&](const Trunk& t) {
    return weight_of(t).has_value() && t.limits.name != wish.excluded && can_start(t, now);
  };
  // Classes in order: up with a weight, degraded with a weight, then the reserves of weight 0.
  const auto class_of = [&](const Trunk& t) {
    return (*weight_of(t) == 0 ? 2 : 0) + (health_at(t, now) == TrunkHealth::degraded ? 1 : 0);
  };
  int best_class = 4;
  for (const Trunk& t : trunks_) {
    if (may_carry(t)) best_class = std::min(best_class, class_of(t));
  }
  const auto is_candidate = [&](const Trunk& t) { return may_carry(t) && class_of(t) == best_class; };
  // Smooth weighted round robin: everybody earns its weight, the richest pays the round.
  Trunk* best = nullptr;
  double round = 0;
  for (Trunk& t : trunks_) {
    if (!is_candidate(t)) continue;
    const double weight = std::max(1U, *weight_of(t));
    double& credit = t.credit[wish.campaign];
    credit += weight;
    round += weight;
    if (best == nullptr || credit > best->credit[wish.campaign]) best = &t;
  }
  if (best != nullptr) best->credit[wish.campaign] -= round;
  return best;
}

Result<std::string> TrunkBudget::acquire(MonoTime now, const TrunkWish& wish) {
  Trunk* trunk = choose(now, wish);
  if (trunk == nullptr) {
    const TrunkLimit why = limit(now);
    const bool is_outage = why == TrunkLimit::no_trunk || why == TrunkLimit::all_down;
    return Error{is_outage ? Errc::unavailable : Errc::exhausted, "no trunk: " + std::string(to_string(why))};
  }
  trunk->tokens = std::max(0.0, tokens_at(*trunk, now) - 1.0);
  trunk->filled_at = std::max(trunk->filled_at, now);
  ++trunk->in_use;
  check_invariants();
  return trunk->limits.name;
}

void TrunkBudget::release(std::string_view name) {
  Trunk* trunk = find(name);
  if (trunk != nullptr && trunk->in_use > 0) --trunk->in_use;
}

void TrunkBudget::on_start_result(MonoTime now, std::string_view name, const EndCause& cause) {
  Trunk* trunk = find(name);
  if (trunk == nullptr || cause.origin == EndOrigin::local) return;
  const bool is_trunk_failure = is_failover_cause(cause) || cause.origin == EndOrigin::timeout ||
                                cause.origin == EndOrigin::transport;
  if (!is_trunk_failure) {
    on_start_worked(name);
    return;
  }
  ++trunk->failures_in_a_row;
  if (trunk->failures_in_a_row >= failures_to_take_down) {
    trunk->health = TrunkHealth::down;
    trunk->down_until = now + back_off(trunk->failures_in_a_row);
  } else if (trunk->failures_in_a_row >= failures_to_degrade) {
    trunk->health = TrunkHealth::degraded;
  }
}

void TrunkBudget::on_start_worked(std::string_view name) {
  Trunk* trunk = find(name);
  if (trunk == nullptr) return;
  trunk->failures_in_a_row = 0;
  trunk->health = TrunkHealth::up;
}

void TrunkBudget::set_health(std::string_view name, TrunkHealth health) {
  Trunk* trunk = find(name);
  if (trunk == nullptr) return;
  trunk->is_down_by_probe = health == TrunkHealth::down;
  if (health == TrunkHealth::down) return;
  trunk->health = health;
  trunk->failures_in_a_row = health == TrunkHealth::up ? 0 : failures_to_degrade;
}

int TrunkBudget::startable(MonoTime now) const {
  int total = 0;
  for (const Trunk& t : trunks_) {
    if (can_start(t, now)) {
      total += std::min(t.limits.channels - t.in_use, static_cast<int>(tokens_at(t, now) + 1e-9));
    }
  }
  return total;
}

int TrunkBudget::channels_free() const {
  int total = 0;
  for (const Trunk& t : trunks_) total += std::max(0, t.limits.channels - t.in_use);
  return total;
}

double TrunkBudget::calls_per_second() const {
  double total = 0;
  for (const Trunk& t : trunks_) total += t.limits.calls_per_second;
  return total;
}

TrunkLimit TrunkBudget::limit(MonoTime now) const {
  if (trunks_.empty()) return TrunkLimit::no_trunk;
  bool is_any_up = false;
  bool has_channel = false;
  for (const Trunk& t : trunks_) {
    if (can_start(t, now)) return TrunkLimit::none;
    if (health_at(t, now) == TrunkHealth::down) continue;
    is_any_up = true;
    has_channel = has_channel || t.in_use < t.limits.channels;
  }
  if (!is_any_up) return TrunkLimit::all_down;
  return has_channel ? TrunkLimit::call_rate : TrunkLimit::channels;
}

std::vector<TrunkView> TrunkBudget::view(MonoTime now) const {
  std::vector<TrunkView> rows;
  for (const Trunk& t : trunks_) {
    rows.push_back({t.limits.name, health_at(t, now), t.limits.channels, t.in_use, t.limits.calls_per_second,
                    tokens_at(t, now), t.failures_in_a_row});
  }
  return rows;
}

void TrunkBudget::check_invariants() const {
  for (const Trunk& t : trunks_) {
    DUNLIN_CHECK(t.in_use >= 0);
    DUNLIN_CHECK(t.tokens >= 0 && t.tokens <= depth(t) + 1e-9);
  }
}

}  // namespace dunlin
