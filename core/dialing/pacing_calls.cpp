#include "core/dialing/pacing_calls.hpp"

#include <numeric>

namespace dunlin {
namespace {

constexpr double call_memory_s = 40 * 60.0;
constexpr double call_step_s = 5.0;
constexpr double pool_prior_s = 20;     // Seconds at risk the generic prior is worth in each cell of the pool.
constexpr double segment_prior_s = 15;  // Seconds at risk the pool is worth in each cell of a segment.
constexpr double lost_call_s = 180;     // A call unseen for so long will not come back.

// Generic rates per second before anything is known; pick-ups a little high, because surprises cost persons.
double prior_ringing_begins(std::size_t age_s) { return age_s < 1 ? 0.05 : age_s < 2 ? 0.3 : 0.5; }
constexpr double prior_dial_fails = 0.02;
constexpr double prior_pick_up = 0.045;
constexpr double prior_other_end = 0.012;
constexpr double prior_live_share = 0.6;

}  // namespace

PacingCallModel::PacingCallModel(const PacingConfig& config) : config_(config) {
  segments_.resize(static_cast<std::size_t>(std::clamp(config.segments, 1, 64)));
  for (Segment& segment : segments_) {
    segment.dialing_demand.resize(ages);
    segment.ringing_demand.resize(ages);
  }
  detect_rows_.resize(verdict_bins);
  // Prior worth ten verdicts: most persons are told after about a second, machines later.
  for (int b = 0; b < verdict_bins; ++b) {
    const double t = (b + 0.5) * verdict_bin_s;
    const auto i = static_cast<std::size_t>(b);
    live_verdicts_[i] = config.has_detection ? 10 * verdict_bin_s * t * std::exp(-t / 0.6) / 0.36 : (b == 0 ? 10 : 0);
    other_verdicts_[i] = config.has_detection ? 10 * verdict_bin_s * t * std::exp(-t / 1.1) / 1.21 : (b == 0 ? 10 : 0);
  }
}

std::size_t PacingCallModel::index_of(int segment) const {
  return std::min(static_cast<std::size_t>(std::max(0, segment)), segments_.size() - 1);
}

std::size_t PacingCallModel::age_bin(double age_s) {
  return std::min(static_cast<std::size_t>(std::max(0.0, age_s)), static_cast<std::size_t>(ages - 1));
}

void PacingCallModel::observe(const PacingInput& input, double dt_s) {
  live_seen_ = 0;
  for (const PacingEvent& event : input.events) take_event(event, dt_s);
  take_exposure(input, dt_s);
  since_forget_s_ += dt_s;
  if (since_forget_s_ >= call_step_s) {
    forget(since_forget_s_);
    drop_old_memory(input.at_s);
  }
}

void PacingCallModel::take_event(const PacingEvent& event, double dt_s) {
  switch (event.kind) {
    case PacingEventKind::dialed: calls_[event.call].segment = event.segment; break;
    case PacingEventKind::ringing: {
      calls_[event.call].rang_at_age_s = static_cast<float>(event.age_s);
      for (Segment* s : {&segments_[index_of(event.segment)], &pool_}) {
        s->dialing[age_bin(event.age_s)].forward += 1;
        s->dialing[age_bin(event.age_s)].exposure_s += 0.5 * dt_s;
      }
      break;
    }
    case PacingEventKind::answered: take_pick_up(event, dt_s); break;
    case PacingEventKind::human: take_verdict(event, true); break;
    case PacingEventKind::machine:
    case PacingEventKind::hung_up:
      take_verdict(event, false);
      calls_.erase(event.call);
      break;
    case PacingEventKind::busy:
    case PacingEventKind::no_answer:
    case PacingEventKind::failed:
      take_end(event, dt_s);
      calls_.erase(event.call);
      break;
    case PacingEventKind::connected:
    case PacingEventKind::abandoned: calls_.erase(event.call); break;
    case PacingEventKind::released:
    case PacingEventKind::agent_ready:
    case PacingEventKind::agent_break:
    case PacingEventKind::agent_logout:
    case PacingEventKind::agent_login: break;
  }
}

void PacingCallModel::take_pick_up(const PacingEvent& event, double dt_s) {
  Memory& memory = calls_[event.call];
  const double rang_at = memory.rang_at_age_s < 0 ? event.age_s : memory.rang_at_age_s;
  memory.ring_age_s = static_cast<float>(event.age_s - rang_at);
  memory.answered_at_age_s = static_cast<float>(event.age_s);
  for (Segment* s : {&segments_[index_of(event.segment)], &pool_}) {
    Cell& cell = s->ringing[age_bin(memory.ring_age_s)];
    cell.forward += 1;
    cell.exposure_s += std::min(0.5 * dt_s, static_cast<double>(memory.ring_age_s));
  }
  picked_up_ += 1;
}

void PacingCallModel::take_verdict(const PacingEvent& event, bool is_live) {
  finished_ += 1;
  live_seen_ += is_live ? 1 : 0;
  const auto found = calls_.find(event.call);
  if (found == calls_.end() || found->second.answered_at_age_s < 0) return;
  const Memory& memory = found->second;
  const double delay_s = event.age_s - memory.answered_at_age_s;
  const int bin = std::clamp(static_cast<int>(delay_s / verdict_bin_s), 0, verdict_bins - 1);
  (is_live ? live_verdicts_ : other_verdicts_)[static_cast<std::size_t>(bin)] += 1;
  for (Segment* s : {&segments_[index_of(event.segment)], &pool_}) {
    Share& share = s->picked_up[age_bin(memory.ring_age_s)];
    share.live += is_live ? 1 : 0;
    share.total += 1;
  }
}

void PacingCallModel::take_end(const PacingEvent& event, double dt_s) {
  finished_ += 1;
  const auto found = calls_.find(event.call);
  const bool was_ringing = found != calls_.end() && found->second.rang_at_age_s >= 0;
  const double age = was_ringing ? event.age_s - found->second.rang_at_age_s : event.age_s;
  for (Segment* s : {&segments_[index_of(event.segment)], &pool_}) {
    Cell& cell = was_ringing ? s->ringing[age_bin(age)] : s->dialing[age_bin(age)];
    cell.ended += 1;
    cell.exposure_s += std::min(0.5 * dt_s, age);
  }
}

void PacingCallModel::take_exposure(const PacingInput& input, double dt_s) {
  live_intensity_ = 0;
  for (const PacingCall& call : input.calls) {
    if (call.phase != PacingCallPhase::dialing && call.phase != PacingCallPhase::ringing) continue;
    const double begun_s = std::max(0.0, call.phase_age_s - dt_s);
    const std::size_t bin = age_bin((begun_s + call.phase_age_s) / 2);
    const bool is_ringing = call.phase == PacingCallPhase::ringing;
    Segment& segment = segments_[index_of(call.segment)];
    for (Segment* s : {&segment, &pool_}) {
      (is_ringing ? s->ringing[bin] : s->dialing[bin]).exposure_s += call.phase_age_s - begun_s;
    }
    if (is_ringing) live_intensity_ += segment.live_rate[age_bin(call.phase_age_s)];
  }
}

void PacingCallModel::forget(double dt_s) {
  since_forget_s_ = 0;
  const double keep = std::exp(-dt_s / call_memory_s);
  const auto fade = [keep](Segment& s) {
    for (std::size_t a = 0; a < ages; ++a) {
      for (Cell* cell : {&s.dialing[a], &s.ringing[a]}) {
        cell->exposure_s *= keep;
        cell->forward *= keep;
        cell->ended *= keep;
      }
      s.picked_up[a].live *= keep;
      s.picked_up[a].total *= keep;
    }
  };
  fade(pool_);
  for (Segment& segment : segments_) fade(segment);
  for (double& count : live_verdicts_) count *= keep;
  for (double& count : other_verdicts_) count *= keep;
}

void PacingCallModel::drop_old_memory(double now_s) {
  // Calls whose end never became visible would stay forever; a queue or a talk needs no memory either.
  for (auto it = calls_.begin(); it != calls_.end();) {
    if (it->second.last_seen_s <= 0) it->second.last_seen_s = now_s;
    it = now_s - it->second.last_seen_s > lost_call_s ? calls_.erase(it) : std::next(it);
  }
}

PacingCallModel::Rates PacingCallModel::dialing_rates(const Segment& segment, std::size_t age) const {
  const Cell& all = pool_.dialing[age];
  const double pool_forward = (all.forward + pool_prior_s * prior_ringing_begins(age)) / (all.exposure_s + pool_prior_s);
  const double pool_ended = (all.ended + pool_prior_s * prior_dial_fails) / (all.exposure_s + pool_prior_s);
  const Cell& own = segment.dialing[age];
  const double exposure = own.exposure_s + segment_prior_s;
  return {(own.forward + segment_prior_s * pool_forward) / exposure, (own.ended + segment_prior_s * pool_ended) / exposure};
}

PacingCallModel::Rates PacingCallModel::ringing_rates(const Segment& segment, std::size_t age) const {
  const Cell& all = pool_.ringing[age];
  const double pool_forward = (all.forward + pool_prior_s * prior_pick_up) / (all.exposure_s + pool_prior_s);
  const double pool_ended = (all.ended + pool_prior_s * prior_other_end) / (all.exposure_s + pool_prior_s);
  const Cell& own = segment.ringing[age];
  const double exposure = own.exposure_s + segment_prior_s;
  Rates rates{(own.forward + segment_prior_s * pool_forward) / exposure,
              (own.ended + segment_prior_s * pool_ended) / exposure};
  // Nobody rings longer than the caller lets it ring.
  if (static_cast<double>(age) >= config_.ring_timeout_s) rates.ended += 5;
  return rates;
}

double PacingCallModel::live_share(const Segment& segment, std::size_t ring_age) const {
  Share own;
  Share all;
  for (std::size_t a = ring_age == 0 ? 0 : ring_age - 1; a <= std::min<std::size_t>(ring_age + 1, ages - 1); ++a) {
    own.live += segment.picked_up[a].live;
    own.total += segment.picked_up[a].total;
    all.live += pool_.picked_up[a].live;
    all.total += pool_.picked_up[a].total;
  }
  const double pool = (all.live + 3 * prior_live_share) / (all.total + 3);
  return (own.live + 4 * pool) / (own.total + 4);
}

double PacingCallModel::mean_detection_s() const {
  double sum = 0;
  double count = 0;
  for (std::size_t b = 0; b < verdict_bins; ++b) {
    sum += live_verdicts_[b] * (static_cast<double>(b) + 0.5) * verdict_bin_s;
    count += live_verdicts_[b];
  }
  return config_.has_detection && count > 0 ? sum / count : 0.0;
}

void PacingCallModel::rebuild_verdicts(const PacingRow& held) {
  const double total = std::accumulate(live_verdicts_.begin(), live_verdicts_.end(), 0.0);
  // Demand of a live call that is now b quarter seconds in detection: the verdict falls in bin v ≥ b, then the agent is
  // held until released. Not divided by P(no verdict yet): detect_demand() does that for both hypotheses at once.
  for (std::size_t b = 0; b < verdict_bins; ++b) {
    PacingRow row{};
    for (std::size_t v = b; v < verdict_bins; ++v) {
      const double share = live_verdicts_[v] / total;
      const double delay = config_.has_detection ? static_cast<double>(v - b) * verdict_bin_s + verdict_bin_s / 2 : 0.0;
      for (std::size_t s = 0; s < row.size(); ++s) {
        const double left = static_cast<double>(s) - delay;
        if (left >= 0) row[s] += static_cast<float>(share) * row_at(held, left);
      }
    }
    detect_rows_[b] = row;
  }
  verdict_demand_ = detect_rows_[0];
  verdict_live_ = {};
  for (std::size_t v = 0; v < verdict_bins; ++v) {
    const double delay = config_.has_detection ? (static_cast<double>(v) + 0.5) * verdict_bin_s : 0.0;
    for (std::size_t s = 0; s < verdict_live_.size(); ++s) {
      if (static_cast<double>(s) >= delay) verdict_live_[s] += static_cast<float>(live_verdicts_[v] / total);
    }
  }
}

double PacingCallModel::rebuild(double level, const PacingRow& ready_after_start, double wait_allowance_s) {
  PacingRow held;
  for (std::size_t s = 0; s < held.size(); ++s) {
    held[s] = 1.0F - row_at(ready_after_start, static_cast<double>(s) + wait_allowance_s);
  }
  rebuild_verdicts(held);
  Change change;
  for (Segment& segment : segments_) {
    const Change own = rebuild_segment(segment, level);
    change.before += own.before;
    change.after += own.after;
  }
  return change.before > 0 && change.after > 0 ? change.after / change.before : 1.0;
}

PacingCallModel::Change PacingCallModel::rebuild_segment(Segment& segment, double level) {
  Change change;
  // Backward over the age: this second's events, then the next second's row one second shorter.
  std::array<PacingRow, ages> ringing_live{};
  PacingRow dialing_live_next{};
  for (std::size_t a = ages; a-- > 0;) {
    const Rates rates = ringing_rates(segment, a);
    const double live_rate = rates.forward * live_share(segment, a);
    const double scaled = level * live_rate;
    const double sum = scaled + (rates.forward - live_rate) + rates.ended;
    const double leaves = chance_of_rate(sum);
    const auto live = static_cast<float>(sum > 0 ? leaves * scaled / sum : 0);
    const auto stays = static_cast<float>(1.0 - leaves);
    change.before += segment.ringing[a].exposure_s * segment.live_rate[a];
    change.after += segment.ringing[a].exposure_s * live_rate;
    segment.live_rate[a] = live_rate;
    const std::size_t next = std::min<std::size_t>(a + 1, ages - 1);
    PacingRow demand{};
    PacingRow lives{};
    for (std::size_t s = 1; s < demand.size(); ++s) {
      const float then = a + 1 < ages ? segment.ringing_demand[next][s - 1] : 0.0F;
      const float then_live = a + 1 < ages ? ringing_live[next][s - 1] : 0.0F;
      demand[s] = live * 0.5F * (verdict_demand_[s] + verdict_demand_[s - 1]) + stays * then;
      lives[s] = live * 0.5F * (verdict_live_[s] + verdict_live_[s - 1]) + stays * then_live;
    }
    segment.ringing_demand[a] = demand;
    ringing_live[a] = lives;
  }
  for (std::size_t a = ages; a-- > 0;) {
    const Rates rates = dialing_rates(segment, a);
    const double sum = rates.forward + rates.ended;
    const double leaves = chance_of_rate(sum);
    const auto rings = static_cast<float>(leaves * rates.forward / sum);
    const auto stays = static_cast<float>(1.0 - leaves);
    const std::size_t next = std::min<std::size_t>(a + 1, ages - 1);
    PacingRow demand{};
    PacingRow lives{};
    for (std::size_t s = 1; s < demand.size(); ++s) {
      const float then = a + 1 < ages ? segment.dialing_demand[next][s - 1] : 0.0F;
      const float then_live = a + 1 < ages ? dialing_live_next[s - 1] : 0.0F;
      demand[s] = rings * 0.5F * (segment.ringing_demand[0][s] + segment.ringing_demand[0][s - 1]) + stays * then;
      lives[s] = rings * 0.5F * (ringing_live[0][s] + ringing_live[0][s - 1]) + stays * then_live;
    }
    segment.dialing_demand[a] = demand;
    dialing_live_next = lives;
  }
  segment.fresh_live = dialing_live_next;
  return change;
}

PacingRow PacingCallModel::demand(const PacingCall& call, double lag_s) const {
  const auto read = [&call, lag_s](const std::vector<PacingRow>& rows) {
    const double age = std::clamp(call.phase_age_s, 0.0, static_cast<double>(ages - 1));
    const auto low = std::min(static_cast<std::size_t>(age), rows.size() - 2);
    return blend(rows[low], rows[low + 1], age - static_cast<double>(low), lag_s);
  };
  switch (call.phase) {
    case PacingCallPhase::dialing: return read(segment_of(call.segment).dialing_demand);
    case PacingCallPhase::ringing: return read(segment_of(call.segment).ringing_demand);
    case PacingCallPhase::detect: return detect_demand(call, lag_s);
    case PacingCallPhase::queued: {
      PacingRow certain;
      certain.fill(1.0F);
      return certain;
    }
    case PacingCallPhase::talk: break;
  }
  return {};
}

PacingRow PacingCallModel::detect_demand(const PacingCall& call, double lag_s) const {
  const Segment& segment = segment_of(call.segment);
  const auto known = calls_.find(call.id);
  const std::size_t ring_age = known == calls_.end() ? 6 : age_bin(known->second.ring_age_s);
  const double h = live_share(segment, ring_age);
  const auto bin = static_cast<std::size_t>(std::clamp(call.phase_age_s / verdict_bin_s, 0.0, verdict_bins - 1.0));
  double live_left = 0;
  double other_left = 0;
  double live_total = 0;
  double other_total = 0;
  for (std::size_t v = 0; v < verdict_bins; ++v) {
    live_total += live_verdicts_[v];
    other_total += other_verdicts_[v];
    live_left += v >= bin ? live_verdicts_[v] : 0;
    other_left += v >= bin ? other_verdicts_[v] : 0;
  }
  const double undecided = h * live_left / live_total + (1 - h) * other_left / other_total;
  const PacingRow& row = detect_rows_[bin];
  PacingRow out = blend(row, row, 0.0, lag_s);
  const auto scale = static_cast<float>(undecided > 1e-9 ? h / undecided : 0.0);
  for (float& p : out) p = std::min(1.0F, p * scale);
  return out;
}

PacingRow PacingCallModel::demand_of_unseen(int segment, double age_s) const {
  const PacingRow& row = segment_of(segment).dialing_demand.front();
  return blend(row, row, 0.0, age_s);
}

}  // namespace dunlin
