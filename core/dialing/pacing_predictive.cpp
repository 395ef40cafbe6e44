#include "core/dialing/pacing_predictive.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr double rebuild_every_s = 5.0;
constexpr double rebuild_at_level_change = 0.03;
constexpr int exact_up_to_agents = 24;
constexpr double wait_margin_s = 0.2;       // Of the abandon limit, kept for the bridge itself.
constexpr double enough_finished = 12;      // Dials that ended before the forecast is trusted …
constexpr double enough_picked_up = 3;      // … and pick-ups among them.
constexpr double longest_lag_s = 10;

/// Until a person answers, of those who do within the horizon.
double mean_arrival_s(const PacingRow& live) {
  double sum = 0;
  for (std::size_t s = 1; s < live.size(); ++s) sum += static_cast<double>(s) * (live[s] - live[s - 1]);
  return live.back() > 0 ? sum / live.back() : 0;
}

}  // namespace

PredictivePacing::PredictivePacing(PacingConfig config) : config_(config), calls_(config), budget_(config), idle_(config.target_idle_s), worth_(config.prices), starts_(config) {
  calls_.rebuild(1.0, agents_.ready_after_start(), wait_allowance_s());
}

void PredictivePacing::reconfigure(const PacingConfig& config) {
  config_ = config;
  budget_.reconfigure(config);
  idle_.reconfigure(config.target_idle_s);
  worth_.reconfigure(config.prices);
  starts_.reconfigure(config);
}

double PredictivePacing::wait_allowance_s() const {
  const double spent = config_.wait_clock == WaitClock::answer ? calls_.mean_detection_s() : 0.0;
  return std::max(0.0, config_.wait_limit_s - wait_margin_s - spent);
}

void PredictivePacing::learn(const PacingInput& input) {
  unseen_.take(input);
  const double dt_s = std::clamp(input.as_of_s - last_as_of_s_, 0.0, 5.0);
  last_as_of_s_ = std::max(last_as_of_s_, input.as_of_s);
  if (dt_s > 0 || !input.events.empty()) {
    const double before = calls_.live_intensity();
    calls_.observe(input, dt_s);
    agents_.observe(input, dt_s);
    level_.observe(dt_s, calls_.live_seen(), 0.5 * (before + calls_.live_intensity()), calls_.mean_detection_s());
  }
  budget_.observe(input, dt_s, was_limited_, {static_cast<int>(input.agents.size()), answer_rate_, is_held_});
  track_answer_rate(input, dt_s);
  const double drift = std::abs(level_.level() / rebuilt_level_ - 1.0);
  if (input.at_s - rebuilt_at_s_ >= rebuild_every_s || drift > rebuild_at_level_change) {
    rebuilt_at_s_ = input.at_s;
    rebuilt_level_ = level_.level();
    level_.rescale(calls_.rebuild(rebuilt_level_, agents_.ready_after_start(), wait_allowance_s()));
  }
}

PacingCapacity PredictivePacing::forecast(const PacingInput& input, int idle) const {
  const double lag_s = std::clamp(input.at_s - input.as_of_s, 0.0, longest_lag_s);
  PacingCapacity capacity(idle, input.agents.size() <= exact_up_to_agents);
  for (const PacingAgent& agent : input.agents) {
    if (agent.state != PacingAgentState::talk && agent.state != PacingAgentState::wrap) continue;
    capacity.add_agent(agents_.ready_within(agent, lag_s + wait_allowance_s()));
  }
  for (const PacingCall& call : input.calls) {
    if (call.phase != PacingCallPhase::talk) capacity.add_call(calls_.demand(call, lag_s));
  }
  const int segment = next_segment(input, 0);
  for (const double age_s : unseen_.ages(input.at_s)) capacity.add_call(calls_.demand_of_unseen(segment, age_s));
  capacity.set_level_sd(level_.relative_sd());
  return capacity;
}

void PredictivePacing::track_answer_rate(const PacingInput& input, double dt_s) {
  if (input.next_segments.empty()) return;
  double sum = 0;
  for (const int segment : input.next_segments) sum += calls_.fresh_live(segment).back();
  const double mean = sum / static_cast<double>(input.next_segments.size());
  answer_rate_ += (1 - std::exp(-dt_s / 60)) * (mean - answer_rate_);
}

double PredictivePacing::rarity_factor() const {
  // The risk of a dial counts persons who come before it. Those it displaces later are not in it, and the rarer the
  // answers the more lines share one agent: the bound that keeps the budget falls with the root of the answer rate.
  return std::sqrt(std::clamp(answer_rate_ / 0.3, 0.15, 2.5));
}

int PredictivePacing::next_segment(const PacingInput& input, int index) const {
  if (input.next_segments.empty()) return 0;
  const auto i = std::min(static_cast<std::size_t>(index), input.next_segments.size() - 1);
  return input.next_segments[i];
}

PacingDecision PredictivePacing::decide(const PacingInput& told) {
  const PacingDoubt doubt = watch_.judge(told);
  if (!is_sane(told)) return decide_sane(made_sane(told), doubt);
  return decide_sane(told, doubt);
}

PacingDecision PredictivePacing::decide_sane(const PacingInput& input, PacingDoubt doubt) {
  const double dt_s = std::clamp(input.as_of_s - last_as_of_s_, 0.0, 5.0);
  learn(input);
  PacingDecision d = echo_of(input);
  d.doubt = doubt;
  d.calls_in_flight += unseen_.count();
  d.budget_left = budget_.budget_left();
  bound_risk(input, dt_s, d);
  d.level = level_.level();
  d.level_window_s = level_.window_s();
  d.mean_talk_s = agents_.mean_talk_s();
  d.mean_wrap_s = agents_.mean_wrap_s();
  const int wanted = wish(input, d);
  cut_to_limits(input, starts_.allowed(input), wanted, d);
  starts_.take(d.dials);
  was_limited_ = d.dials < wanted;
  is_held_ = was_limited_ && d.limit != PacingLimit::list;
  is_idle_telling_ = !was_limited_ && !d.is_progressive && d.limit != PacingLimit::cost;
  return d;
}

void PredictivePacing::bound_risk(const PacingInput& input, double dt_s, PacingDecision& d) {
  d.risk_bound = budget_.risk_bound() * rarity_factor();
  idle_.observe(input, {dt_s, agents_.mean_talk_s() + agents_.mean_wrap_s(), d.risk_bound, is_idle_telling_});
  worth_.observe(input);
  is_idle_bound_ = idle_.has_target() && idle_.risk_bound() < d.risk_bound;
  if (is_idle_bound_) d.risk_bound = idle_.risk_bound();
}

int PredictivePacing::wish(const PacingInput& input, PacingDecision& d) const {
  const int working = d.agents_ready + d.agents_talking + d.agents_wrapping;
  PacingCapacity capacity = forecast(input, d.agents_ready);
  describe(input, capacity, d);
  const int one_each = d.agents_ready - d.calls_in_flight;
  d.is_progressive = true;
  if (working == 0) {
    d.limit = PacingLimit::nobody;
    return 0;
  }
  if (d.doubt != PacingDoubt::none) {
    d.limit = PacingLimit::doubt;
    return forbids_every_dial(d.doubt) ? 0 : one_each;
  }
  if (!budget_.can_bear_one_more()) {
    d.limit = PacingLimit::budget;
    return one_each;
  }
  if (calls_.finished_dials() < enough_finished || calls_.picked_up() < enough_picked_up) {
    d.limit = PacingLimit::cold_start;
    return one_each;
  }
  d.is_progressive = false;
  // One line per idle agent loses nobody, whatever the forecast fears.
  return std::max(lines_within_risk(input, capacity, one_each, d), one_each);
}

int PredictivePacing::lines_within_risk(const PacingInput& input, PacingCapacity& capacity, int one_each, PacingDecision& d) const {
  const int working = d.agents_ready + d.agents_talking + d.agents_wrapping;
  d.limit = PacingLimit::agents;
  const int most = std::min({4 * working + 8, std::max(0, input.channels_free) + 1, std::max(0, input.list_available) + 1});
  int dials = 0;
  for (; dials < most; ++dials) {
    const int segment = next_segment(input, dials);
    const PacingRow& live = calls_.fresh_live(segment);
    d.risk = capacity.risk_of(live);
    if (d.risk > d.risk_bound) {
      if (is_idle_bound_) d.limit = PacingLimit::target_idle;
      break;
    }
    const bool is_ahead = dials >= one_each;
    if (is_ahead && !worth_.is_worth({live.back(), mean_arrival_s(live), d.risk}, agents_.mean_talk_s())) {
      d.limit = PacingLimit::cost;
      break;
    }
    capacity.add_call(calls_.fresh_demand(segment));
  }
  return dials;
}

void PredictivePacing::describe(const PacingInput& input, const PacingCapacity& capacity, PacingDecision& d) const {
  d.horizon_s = pacing_horizon_s;
  const PacingRow& fresh = calls_.fresh_live(next_segment(input, 0));
  d.answer_rate = fresh.back();
  d.expected_live = capacity.expected_demand(pacing_horizon_s);
  d.expected_free = capacity.expected_supply(pacing_horizon_s);
}

}  // namespace dunlin
