#include "core/dialing/pacing_budget.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr double least_theta = 0.001;
constexpr double largest_theta = 0.25;
constexpr double made_good_trust = 0.8;  // Of what one line per agent is reckoned to make good.

// Where channels or rate bind, agents bind only now and then, and a start not made then is lost for good while the
// budget stays unspent. The bound is wider meanwhile, and back two minutes after: it is no theta that winds up.
constexpr double limited_memory_s = 60;
constexpr double limited_widening = 3;

// Small groups. A loss is rare there, and most of what the count of losses says is luck: a bound that follows it closely
// costs up to a point of occupancy with fifteen agents. So the bound starts near where it belongs and hardly learns.
constexpr int planned_up_to_agents = 24;
constexpr double planned_bound = 1.14;        // Of theta, which is laid out for large groups.
constexpr double planned_step = 0.015;
constexpr double inside_by = 0.2;             // Losses by which the plan ends before the stop, so that the stop is rare.
constexpr double least_answers_ahead = 30;    // The plan never has to be kept within fewer answers than this …
constexpr double least_seconds_ahead = 600;   // … or those of ten minutes.
constexpr double usual_answers_per_s = 0.009; // Of one agent, before a window has shown its own rate …
constexpr double usual_weight_s = 300;        // … which then counts as much as five minutes.

/// Losses that calls in flight may still bring once the ledger says stop; they grow with the group.
double losses_on_the_way(int agents) { return 0.7 + 0.02 * agents; }

/// Answers of one-line-per-agent dialing relative to predictive: its occupancy grows with the answer rate, that of a
/// forecast with the size of the group.
double made_good_share(double answer_rate, int agents) {
  const double one_each = answer_rate / (answer_rate + 0.23);
  const double ahead = 1.0 - 0.6 / std::sqrt(std::max(1.0, static_cast<double>(agents)));
  return made_good_trust * std::min(1.0, one_each / ahead);
}

}  // namespace

PacingBudget::PacingBudget(const PacingConfig& config) : config_(config) {
  theta_ = 0.022 * config.target_abandon / 0.03;
}

void PacingBudget::reconfigure(const PacingConfig& config) {
  theta_ = std::clamp(theta_ * config.target_abandon / config_.target_abandon, least_theta, largest_theta);
  config_ = config;
}

double PacingBudget::goal() const {
  // A little inside the limit, so that the ledger's hard stop stays a safety net.
  return 0.98 * config_.target_abandon;
}

bool PacingBudget::is_planned() const { return agents_ <= planned_up_to_agents; }

void PacingBudget::observe(const PacingInput& input, double dt_s, bool was_limited, const PacingGroup& group) {
  agents_ = group.agents;
  answer_rate_ = group.answer_rate;
  const double fade_10min = std::exp(-dt_s / 600);
  answered_10min_ *= fade_10min;
  abandoned_10min_ *= fade_10min;
  limited_share_ += (1 - std::exp(-dt_s / limited_memory_s)) * ((group.is_held ? 1.0 : 0.0) - limited_share_);
  double answers = 0;
  count(input);
  for (const PacingEvent& event : input.events) {
    const bool is_abandoned = event.kind == PacingEventKind::abandoned;
    if (!is_abandoned && event.kind != PacingEventKind::connected) continue;
    answers += 1;
    answered_10min_ += 1;
    abandoned_10min_ += is_abandoned ? 1 : 0;
    learn(is_abandoned, was_limited);
  }
  live_per_s_ += (1 - std::exp(-dt_s / 300)) * (answers / std::max(dt_s, 1e-3) - live_per_s_);
  book(input.at_s - window_at_s_);
}

/// A window that has ended leaves its successor what it overdrew, and nothing of what it saved.
void PacingBudget::count(const PacingInput& input) {
  const double abandoned = static_cast<double>(input.totals.abandoned);
  const double answered = static_cast<double>(input.totals.connected + input.totals.abandoned);
  if (input.at_s - window_at_s_ >= config_.shift_s) {
    window_at_s_ = input.at_s;
    answered_before_ = answered;
    abandoned_before_ = abandoned - std::max(0.0, -budget_left_);
  }
  abandoned_ = abandoned - abandoned_before_;
  answered_ = answered - answered_before_;
}

void PacingBudget::book(double at_s) {
  budget_left_ = config_.target_abandon * answered_ - abandoned_;
  if (is_planned()) {
    plan(at_s);
  } else {
    brake(at_s);
  }
}

void PacingBudget::plan(double at_s) {
  const double tg = config_.target_abandon;
  const double rate = (answered_ + usual_weight_s * usual_answers_per_s * agents_) / (at_s + usual_weight_s);
  const double ahead = rate * std::max(0.0, config_.shift_s - at_s);
  // Stop when one more loss would leave more than the budget and one at the window's end, if only as many answers come as
  // nine windows of ten would bring.
  const double ahead_low = std::max(0.0, ahead - 1.28 * std::sqrt(ahead + 0.01 * ahead * ahead));
  can_bear_ = tg * (answered_ + ahead_low) - abandoned_ >= losses_on_the_way(agents_);
  // What is left, spread over the answers to come: far from the end one loss hardly moves the bound.
  const double spread = std::max({ahead, least_answers_ahead, rate * least_seconds_ahead});
  wanted_share_ = tg + (budget_left_ - losses_on_the_way(agents_) - inside_by) / spread;
  caution_ = std::clamp(wanted_share_ / std::max(tg, 1e-6), 0.1, 3.0);
}

void PacingBudget::brake(double at_s) {
  // A young window may run ahead of its share by what could still be made good if every line from now on waited for a
  // ready agent: such dialing loses nobody and earns about half the answers. At the end of the window nothing is left.
  const double passed = std::clamp(at_s / std::max(1.0, config_.shift_s), 0.02, 1.0);
  const double losses_due = std::max(4.0, config_.target_abandon * answered_ / passed);
  const double losses_ahead = losses_due * (1.0 - passed);
  const double slack = made_good_share(answer_rate_, agents_) * losses_ahead;
  can_bear_ = budget_left_ + slack >= 0.0;
  // Braking before the stop: a hard edge alone would idle whole rooms for the sake of one loss.
  caution_ = std::clamp((budget_left_ + slack) / (0.8 * std::sqrt(losses_ahead + 1.0)), 0.03, 1.0);
}

void PacingBudget::learn(bool is_abandoned, bool was_limited) {
  const double tg = is_planned() ? config_.target_abandon : goal();
  const double window = std::max(60.0, live_per_s_ * 2400);
  const double share = is_planned() ? wanted_share_ : tg + (tg * answered_ - abandoned_) / window;
  const double wanted = std::clamp(share, 0.3 * tg, 2.0 * tg);
  const double eta = (is_planned() ? planned_step : 0.05) * std::min(1.0, 1.0 / std::max(1e-6, 0.8 * live_per_s_));
  const double step = eta * (wanted - (is_abandoned ? 1.0 : 0.0)) * 0.03 / config_.target_abandon;
  if (step > 0 && was_limited) return;
  theta_ = std::clamp(theta_ * std::exp(step), least_theta, largest_theta);
}

double PacingBudget::risk_bound() const {
  if (is_planned()) return planned_bound * theta_ * caution_;
  const double tg = goal();
  // Cuts the worst half hour: recent losses weigh at once, and fade in ten minutes. Where ten minutes hold many losses
  // their count says something; where they hold one or two it is luck, and a prior keeps one loss from halving the bound.
  const double due = tg * answered_10min_;
  const double prior = std::clamp(3.0 - 0.35 * due, 0.9, 2.5);
  const double recent = std::clamp((due + prior) / (abandoned_10min_ + prior), 0.25, 1.6);
  return theta_ * recent * caution_ * (1 + limited_widening * limited_share_ * limited_share_);
}

}  // namespace dunlin
