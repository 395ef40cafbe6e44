#include "tools/pacing_lab/baselines.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <utility>

#include "core/dialing/pacing_predictive.hpp"

namespace dunlin::lab {
namespace {

/// Counts of one tick that every simple rule needs.
struct Lines {
  int ready = 0;
  int talking = 0;
  int wrapping = 0;
  int before_live = 0;
  int queued = 0;
  int talks = 0;
};

Lines count(const PacingInput& input, const UnseenGrants& unseen) {
  Lines n;
  for (const PacingAgent& a : input.agents) {
    n.ready += a.state == PacingAgentState::ready ? 1 : 0;
    n.talking += a.state == PacingAgentState::talk ? 1 : 0;
    n.wrapping += a.state == PacingAgentState::wrap ? 1 : 0;
  }
  for (const PacingCall& c : input.calls) {
    n.queued += c.phase == PacingCallPhase::queued ? 1 : 0;
    n.talks += c.phase == PacingCallPhase::talk ? 1 : 0;
  }
  n.before_live = static_cast<int>(input.calls.size()) - n.queued - n.talks + unseen.count();
  return n;
}

PacingDecision answer(const PacingInput& input, double wish) {
  PacingDecision d = echo_of(input);
  cut_to_limits(input, no_rate_limit, static_cast<int>(std::clamp(wish, 0.0, 1e6)), d);
  return d;
}

/// R lines per idle agent.
class RatioPacing final : public PacingPolicy {
 public:
  explicit RatioPacing(double ratio) : ratio_(ratio) {}
  std::string_view name() const override { return "ratio"; }
  void reconfigure(const PacingConfig&) override {}
  PacingDecision decide(const PacingInput& input) override {
    unseen_.take(input);
    const Lines n = count(input, unseen_);
    return answer(input, std::floor(ratio_ * n.ready + 0.5) - n.before_live - n.queued);
  }

 private:
  double ratio_;
  UnseenGrants unseen_;
};

/// Lines = active agents x level; the level follows waiting agents every 15 s and is halved over the drop limit.
class LevelPacing final : public PacingPolicy {
 public:
  LevelPacing(PacingConfig config, double most) : config_(config), most_(most) {}
  std::string_view name() const override { return "level"; }
  void reconfigure(const PacingConfig& config) override { config_ = config; }
  PacingDecision decide(const PacingInput& input) override {
    unseen_.take(input);
    const Lines n = count(input, unseen_);
    remember(input);
    sample(input.at_s, n);
    if (input.at_s - adjusted_s_ >= 14.999 && samples_ > 0) adjust(input);
    if (input.at_s - dialed_s_ < 2.499) return answer(input, 0);
    dialed_s_ = input.at_s;
    const int active = n.ready + n.talking;
    return answer(input, std::floor(active * level_ + 0.5) - n.before_live - n.queued - n.talks);
  }

 private:
  void remember(const PacingInput& input) {
    for (const PacingEvent& e : input.events) {
      if (e.kind == PacingEventKind::connected) minute_.emplace_back(e.at_s, false);
      if (e.kind == PacingEventKind::abandoned) minute_.emplace_back(e.at_s, true);
    }
    while (!minute_.empty() && minute_.front().first < input.at_s - 60) minute_.pop_front();
  }
  void sample(double at_s, const Lines& n) {
    if (at_s - sampled_s_ < 0.999) return;
    sampled_s_ = at_s;
    waiting_sum_ += n.ready - n.queued;
    agents_sum_ += n.ready + n.talking + n.wrapping;
    ++samples_;
  }
  void adjust(const PacingInput& input) {
    const double agents = agents_sum_ / samples_;
    if (agents > 0.5) level_ = std::clamp(level_ * (1 + waiting_sum_ / samples_ / agents), 1.0, most_);
    const auto dropped = std::count_if(minute_.begin(), minute_.end(), [](const auto& m) { return m.second; });
    const auto heard = static_cast<double>(input.totals.connected + input.totals.abandoned);
    const bool is_minute_bad = minute_.size() > 20 && static_cast<std::size_t>(dropped) * 2 > minute_.size();
    const bool is_day_bad = heard > 50 && static_cast<double>(input.totals.abandoned) / heard > config_.target_abandon;
    if (is_minute_bad) level_ = std::max(1.0, level_ / 2);
    if (is_day_bad) level_ = std::max(1.0, level_ / 2);
    waiting_sum_ = agents_sum_ = 0;
    samples_ = 0;
    adjusted_s_ = input.at_s;
  }

  PacingConfig config_;
  double most_;
  double level_ = 1;
  double waiting_sum_ = 0;
  double agents_sum_ = 0;
  int samples_ = 0;
  double adjusted_s_ = 0;
  double dialed_s_ = -9;
  double sampled_s_ = -9;
  std::deque<std::pair<double, bool>> minute_;
  UnseenGrants unseen_;
};

/// Binomial answers against expected free agents, from running means only.
class BinomialPacing final : public PacingPolicy {
 public:
  BinomialPacing(PacingConfig config, double factor) : config_(config), factor_(factor) {}
  std::string_view name() const override { return "binomial"; }
  void reconfigure(const PacingConfig& config) override { config_ = config; }
  PacingDecision decide(const PacingInput& input) override {
    unseen_.take(input);
    learn(input);
    const Lines n = count(input, unseen_);
    const double p = (live_ + 6) / (done_ + 20);
    const double lead_s = (lead_sum_s_ + 140) / (lead_count_ + 10);
    const double handling_s = (handled_sum_s_ + 900) / (handled_count_ + 10);
    const double busy = n.talking + n.wrapping;
    const double frees = 1 - std::exp(-(lead_s + config_.wait_limit_s) / handling_s);
    const double supply = n.ready + busy * frees;
    int wish = 0;
    for (; wish < 2000; ++wish) {
      const double lines = n.before_live + wish + 1;
      const double demand = n.queued + lines * p;
      const double sd = std::sqrt(busy * frees * (1 - frees) + lines * p * (1 - p) + 1e-9);
      if (expected_overflow(demand - supply - 0.5, sd) > factor_ * config_.target_abandon * demand) break;
    }
    return answer(input, wish);
  }

 private:
  static double expected_overflow(double mean, double sd) {
    const double z = -mean / sd;
    return sd * (0.39894228 * std::exp(-0.5 * z * z) - z * 0.5 * std::erfc(z * 0.70710678));
  }
  void learn(const PacingInput& input) {
    const double keep = std::exp(-config_.tick_s / 300);
    for (double* x : {&done_, &live_, &lead_sum_s_, &lead_count_, &handled_sum_s_, &handled_count_}) *x *= keep;
    for (const PacingEvent& e : input.events) {
      const bool is_end = e.kind == PacingEventKind::machine || e.kind == PacingEventKind::busy ||
                          e.kind == PacingEventKind::no_answer || e.kind == PacingEventKind::failed ||
                          e.kind == PacingEventKind::hung_up;
      const bool is_live = e.kind == PacingEventKind::human;
      done_ += is_end || is_live ? 1 : 0;
      live_ += is_live ? 1 : 0;
      lead_sum_s_ += is_live ? e.age_s : 0;
      lead_count_ += is_live ? 1 : 0;
      if (e.kind == PacingEventKind::released) handled_sum_s_ += e.age_s;
      if (e.result != PacingResult::none) {
        handled_sum_s_ += e.age_s;
        handled_count_ += 1;
      }
    }
  }

  PacingConfig config_;
  double factor_;
  double done_ = 0;
  double live_ = 0;
  double lead_sum_s_ = 0;
  double lead_count_ = 0;
  double handled_sum_s_ = 0;
  double handled_count_ = 0;
  UnseenGrants unseen_;
};

}  // namespace

std::string policy_names() { return "predictive, progressive, ratio:R, level[:MAX], binomial[:FACTOR]"; }

Result<std::unique_ptr<PacingPolicy>> make_policy(const std::string& text, const PacingConfig& config) {
  const auto colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const double number = colon == std::string::npos ? 0 : std::atof(text.c_str() + colon + 1);
  std::unique_ptr<PacingPolicy> policy;
  if (name == "predictive") policy = std::make_unique<PredictivePacing>(config);
  if (name == "progressive") policy = std::make_unique<ProgressivePacing>(config);
  if (name == "ratio") policy = std::make_unique<RatioPacing>(number > 0 ? number : 2.0);
  if (name == "level") policy = std::make_unique<LevelPacing>(config, number > 0 ? number : 3.0);
  if (name == "binomial") policy = std::make_unique<BinomialPacing>(config, number > 0 ? number : 1.0);
  if (!policy) return invalid_input("unknown policy \"" + text + "\": " + policy_names());
  return policy;
}

}  // namespace dunlin::lab
