#include "tools/pacing_lab/world.hpp"

namespace dunlin::lab {
namespace {

constexpr double drift_step_s = 30;
constexpr double pi = 3.14159265358979323846;

}  // namespace

World::World(const Scenario& scenario, std::uint64_t seed) : scenario_(scenario), seed_(seed) {
  base_ = base_for(scenario_.answer_rate);
  for (const Turn& turn : scenario_.turns) {
    if (turn.kind == TurnKind::answer_rate) base_steps_.emplace_back(turn.at_s, base_for(turn.value));
    if (turn.kind == TurnKind::slower_ringing) ring_steps_.emplace_back(turn.at_s, turn.value);
  }
  const double keep = std::exp(-drift_step_s / scenario_.drift_tau_s);
  double x = scenario_.drift_sd * normal_quantile(uniform(seed_, Stream::drift, 0, 0));
  drift_.resize(static_cast<std::size_t>(scenario_.length_s / drift_step_s) + 4);
  for (std::size_t i = 0; i < drift_.size(); ++i) {
    drift_[i] = x;
    x = keep * x + scenario_.drift_sd * std::sqrt(1 - keep * keep) *
                       normal_quantile(uniform(seed_, Stream::drift, i + 1, 0));
  }
  const double need = scenario_.agents * scenario_.length_s / 75.0 / scenario_.answer_rate;
  persons_ = static_cast<std::uint32_t>(std::max(200.0, need * scenario_.list_factor));
}

std::size_t World::segment_of(std::uint32_t person) const {
  double u = scenario_.is_list_sorted ? (person + 0.5) / persons_ : uniform(seed_, Stream::segment, person, 0);
  for (std::size_t k = 0; k + 1 < scenario_.segments.size(); ++k) {
    if (u < scenario_.segments[k].weight) return k;
    u -= scenario_.segments[k].weight;
  }
  return scenario_.segments.size() - 1;
}

int World::observed_segment(std::uint32_t person, int attempt) const {
  return static_cast<int>(segment_of(person)) * 2 + (attempt > 0 ? 1 : 0);
}

double World::mean_rate(double base) const {
  constexpr int points = 40;
  double mean = 0;
  for (const NumberSegment& s : scenario_.segments) {
    double sum = 0;
    for (int i = 0; i < points; ++i) {
      sum += logistic(base + s.answer_shift + scenario_.answer_spread * normal_quantile((i + 0.5) / points));
    }
    mean += s.weight * (1 - s.invalid) * sum / points;
  }
  return mean;
}

double World::base_for(double rate) const {
  double low = -8;
  double high = 8;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (mean_rate(middle) < rate ? low : high) = middle;
  }
  return (low + high) / 2;
}

double World::base_at(double at_s) const {
  double base = base_;
  for (const auto& [from_s, value] : base_steps_) {
    if (at_s >= from_s) base = value;
  }
  const double x = at_s / drift_step_s;
  const std::size_t i = std::min(static_cast<std::size_t>(x), drift_.size() - 2);
  const double f = std::min(1.0, x - static_cast<double>(i));
  base += drift_[i] * (1 - f) + drift_[i + 1] * f;
  return base + scenario_.wave * std::sin(2 * pi * at_s / 14400.0);
}

double World::ring_delay_at(double at_s) const {
  double delay_s = 0;
  for (const auto& [from_s, value] : ring_steps_) {
    if (at_s >= from_s) delay_s = value;
  }
  return delay_s;
}

CallFate World::fate(std::uint32_t person, int attempt, double at_s) const {
  CallFate fate;
  const NumberSegment& segment = scenario_.segments[segment_of(person)];
  const std::uint64_t id = static_cast<std::uint64_t>(person) * 8 + static_cast<std::uint64_t>(attempt);
  fate.rings_at_s =
      std::min(9.0, 0.5 + lognormal_quantile(uniform(seed_, Stream::dial_delay, id, 0), 2.0, 0.5)) + ring_delay_at(at_s);
  const bool is_dead = uniform(seed_, Stream::invalid, person, 0) < segment.invalid;
  if (is_dead || uniform(seed_, Stream::failure, id, 0) < 0.01) {
    fate.ending = Ending::failed;
    fate.ends_at_s = fate.rings_at_s + 0.5;
    return fate;
  }
  const double latent = scenario_.answer_spread * normal_quantile(uniform(seed_, Stream::latent, person, 0));
  pick_up_or_not(fate, segment, id, logistic(base_at(at_s) + segment.answer_shift + latent));
  if (fate.ending == Ending::person || fate.ending == Ending::machine) talk_with(fate, segment, id);
  return fate;
}

void World::pick_up_or_not(CallFate& fate, const NumberSegment& segment, std::uint64_t id,
                           double chance) const {
  if (uniform(seed_, Stream::answer, id, 0) >= chance) {
    not_answered(fate, segment, id);
    return;
  }
  const double ring =
      lognormal_quantile(uniform(seed_, Stream::ring, id, 0), segment.ring_median_s, segment.ring_sigma);
  fate.ending = ring > scenario_.ring_timeout_s ? Ending::no_answer : Ending::person;
  fate.ends_at_s = fate.rings_at_s + std::min(ring, scenario_.ring_timeout_s);
}

void World::not_answered(CallFate& fate, const NumberSegment& segment, std::uint64_t id) const {
  const double u = uniform(seed_, Stream::kind, id, 0);
  fate.ending = Ending::no_answer;
  fate.ends_at_s = fate.rings_at_s + scenario_.ring_timeout_s;
  if (u < segment.machine) {
    const bool is_early = uniform(seed_, Stream::mode, id, 0) < 0.3;
    const double x = uniform(seed_, Stream::ring, id, 1);
    const double ring = is_early ? 0.5 + 2.5 * x : 19 + 2.5 * normal_quantile(x);
    if (ring > scenario_.ring_timeout_s) return;
    fate.ending = Ending::machine;
    fate.ends_at_s = fate.rings_at_s + std::max(0.3, ring);
  } else if (u < segment.machine + segment.busy) {
    fate.ending = Ending::busy;
    const bool is_at_once = uniform(seed_, Stream::mode, id, 1) < 0.5;
    const double declined = lognormal_quantile(uniform(seed_, Stream::ring, id, 2), 6, 0.6);
    fate.ends_at_s = fate.rings_at_s + (is_at_once ? 0.5 : std::min(scenario_.ring_timeout_s - 1, declined));
  }
}

void World::talk_with(CallFate& fate, const NumberSegment& segment, std::uint64_t id) const {
  const bool is_person = fate.ending == Ending::person;
  const double error = uniform(seed_, Stream::verdict, id, 0);
  fate.is_judged_person = true;
  if (scenario_.has_detection) {
    fate.is_judged_person =
        is_person ? error >= scenario_.person_as_machine : error < scenario_.machine_as_person;
    const double u = uniform(seed_, Stream::detection, id, 0);
    fate.detection_s = std::min(
        5.0, fate.is_judged_person ? lognormal_quantile(u, 1.1, 0.4) : lognormal_quantile(u, 2.2, 0.35));
    fate.hangs_up = is_person && uniform(seed_, Stream::hang_up, id, 0) < scenario_.hangs_in_detection;
  }
  if (!is_person) {
    fate.party = Party::machine;
    fate.talk_s = lognormal_quantile(uniform(seed_, Stream::talk, id, 1), 6, 0.4);
    fate.wrap_s = lognormal_quantile(uniform(seed_, Stream::wrap, id, 1), 3, 0.4);
    return;
  }
  const double u = uniform(seed_, Stream::party, id, 0);
  const double right = logistic(segment.right_party_shift);
  const double wrong = 0.6 * (1 - right);
  fate.party = u < wrong             ? Party::wrong
               : u < 1 - right       ? Party::third
               : u < 1 - 0.4 * right ? Party::right
                                     : Party::right_promise;
  constexpr double talk_median[] = {9, 30, 75, 150};
  constexpr double talk_sigma[] = {0.6, 0.6, 0.7, 0.5};
  constexpr double wrap_median[] = {4, 8, 15, 28};
  constexpr double wrap_sigma[] = {0.5, 0.5, 0.6, 0.5};
  const auto p = static_cast<std::size_t>(fate.party);
  const double longer = fate.party == Party::wrong ? 1.0 : scenario_.talk_factor;
  fate.talk_s = longer * lognormal_quantile(uniform(seed_, Stream::talk, id, 0), talk_median[p], talk_sigma[p]);
  fate.wrap_s = longer * lognormal_quantile(uniform(seed_, Stream::wrap, id, 0), wrap_median[p], wrap_sigma[p]);
}

}  // namespace dunlin::lab
