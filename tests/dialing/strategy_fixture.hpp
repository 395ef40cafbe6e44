#pragma once
// Strategies in a few words, and a desk whose campaign is worked by one.
#include <functional>
#include <memory>

#include "core/dialing/strategy.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin::test {

inline StrategyRule strategy_rule(std::string name, StrategyCondition when, StrategyOrders then) {
  StrategyRule rule;
  rule.name = std::move(name);
  rule.when = std::move(when);
  rule.then = std::move(then);
  return rule;
}

inline StrategyOrders stop_order() {
  StrategyOrders then;
  then.stops = true;
  return then;
}

inline std::shared_ptr<const Strategy> strategy_of(std::vector<StrategyRule> rules, std::string name = "soft") {
  auto strategy = std::make_shared<Strategy>();
  strategy->name = std::move(name);
  strategy->revision = 1;
  strategy->rules = std::move(rules);
  return strategy;
}

/// A zone of one fixed offset, or several when nobody knows where the person lives.
class FixedClock final : public DebtorClock {
 public:
  explicit FixedClock(std::vector<Duration> offsets) : offsets_(std::move(offsets)) {}
  std::vector<LocalTime> walls(const CaseRecord&, UtcTime at) const override {
    std::vector<LocalTime> walls;
    for (const Duration offset : offsets_) walls.push_back(utc_wall(at + offset));
    return walls;
  }
  bool may_call(const CaseRecord&, const ContactPhone&, UtcTime at) const override { return !closed || !closed(at); }

  std::function<bool(UtcTime)> closed;   ///< Hours the law forbids; unset: none.

 private:
  std::vector<Duration> offsets_;
};

/// One campaign under a strategy; caps that do not stand in the way.
class StrategyDesk : public Desk {
 public:
  explicit StrategyDesk(std::shared_ptr<const Strategy> strategy, const DebtorClock* clock = nullptr, Campaign of = campaign())
      : Desk(of) {
    of.settings.strategy = strategy->name;
    of.settings.max_attempts_per_case_day = 20;
    of.settings.max_attempts_per_number_day = 20;
    book = CampaignBook({of}, {std::move(strategy)}, clock);
  }
  /// The reason of the last plan.
  std::string reason() const { return record().plan_reason; }
};

}  // namespace dunlin::test
