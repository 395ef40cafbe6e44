// What a policy need not believe: views that are late, that contradict themselves, that jump in time; and how fast it
// may start calls whatever it believes.
#include <algorithm>
#include <cmath>

#include "core/dialing/pacing.hpp"

namespace dunlin {
namespace {

constexpr double oldest_view_s = 10;
constexpr double clock_jump_s = 30;
constexpr double jump_memory_s = 10;
constexpr double recent_calls = 50;
constexpr double long_calls = 400;
constexpr double failing_share = 0.8;
constexpr double least_live_share = 0.004;

bool is_count_of_time(double x) { return std::isfinite(x) && x >= 0; }

bool is_finite_agent(const PacingAgent& a) { return std::isfinite(a.in_state_s) && std::isfinite(a.last_talk_s); }
bool is_finite_call(const PacingCall& c) { return std::isfinite(c.age_s) && std::isfinite(c.phase_age_s); }
bool is_finite_event(const PacingEvent& e) { return std::isfinite(e.age_s) && std::isfinite(e.wait_s) && std::isfinite(e.at_s); }

bool are_all_finite(const PacingInput& in) {
  return std::isfinite(in.at_s) && std::isfinite(in.as_of_s) && std::isfinite(in.start_tokens) &&
         std::all_of(in.agents.begin(), in.agents.end(), is_finite_agent) &&
         std::all_of(in.calls.begin(), in.calls.end(), is_finite_call) &&
         std::all_of(in.events.begin(), in.events.end(), is_finite_event);
}

template <class Row>
bool has_twin(const std::vector<Row>& rows, std::vector<std::uint64_t>& ids) {
  ids.clear();
  for (const Row& row : rows) ids.push_back(row.id);
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) != ids.end();
}

template <class Row, class Keep>
void keep_only(std::vector<Row>& rows, Keep keep) {
  rows.erase(std::remove_if(rows.begin(), rows.end(), [&keep](const Row& row) { return !keep(row); }), rows.end());
}

}  // namespace

bool forbids_every_dial(PacingDoubt doubt) {
  switch (doubt) {
    case PacingDoubt::clock_went_back:
    case PacingDoubt::stale_view:
    case PacingDoubt::contradiction: return true;
    case PacingDoubt::none:
    case PacingDoubt::clock_jumped:
    case PacingDoubt::calls_fail:
    case PacingDoubt::nobody_answers: break;
  }
  return false;
}

bool is_sane(const PacingInput& in) {
  const auto& t = in.totals;
  return are_all_finite(in) && in.granted >= 0 && in.list_available >= 0 && in.channels_free >= 0 &&
         std::min({t.dialed, t.live, t.connected, t.abandoned}) >= 0 && in.at_s >= 0 && in.as_of_s >= 0 &&
         std::all_of(in.agents.begin(), in.agents.end(),
                     [](const PacingAgent& a) { return is_count_of_time(a.in_state_s) && is_count_of_time(a.last_talk_s); }) &&
         std::all_of(in.calls.begin(), in.calls.end(),
                     [](const PacingCall& c) { return is_count_of_time(c.age_s) && is_count_of_time(c.phase_age_s); }) &&
         std::all_of(in.events.begin(), in.events.end(), [](const PacingEvent& e) { return is_count_of_time(e.age_s); });
}

PacingInput made_sane(PacingInput in) {
  const auto mend = [](double& x) { x = is_count_of_time(x) ? x : 0.0; };
  keep_only(in.agents, is_finite_agent);
  keep_only(in.calls, is_finite_call);
  keep_only(in.events, is_finite_event);
  for (PacingAgent& a : in.agents) {
    mend(a.in_state_s);
    mend(a.last_talk_s);
  }
  for (PacingCall& c : in.calls) {
    mend(c.age_s);
    mend(c.phase_age_s);
  }
  for (PacingEvent& e : in.events) mend(e.age_s);
  mend(in.at_s);
  mend(in.as_of_s);
  if (!std::isfinite(in.start_tokens)) in.start_tokens = 0;
  for (int* count : {&in.granted, &in.list_available, &in.channels_free}) *count = std::max(0, *count);
  for (std::int64_t* count : {&in.totals.dialed, &in.totals.live, &in.totals.connected, &in.totals.abandoned}) {
    *count = std::max<std::int64_t>(0, *count);
  }
  return in;
}

void StartBucket::reconfigure(const PacingConfig& config) {
  rate_ = std::max(0.0, config.max_cps);
  tokens_ = std::min(tokens_, std::max(1.0, rate_));
}

int StartBucket::allowed(const PacingInput& input) {
  const double passed_s = std::max(0.0, input.at_s - last_tick_s_);
  last_tick_s_ = std::max(last_tick_s_, input.at_s);
  tokens_ = std::min(tokens_ + rate_ * passed_s, std::max(1.0, rate_));
  const double told = input.start_tokens >= 0 ? input.start_tokens : tokens_;
  return static_cast<int>(std::floor(std::min(tokens_, told) + 1e-9));
}

PacingDoubt PacingWatch::judge(const PacingInput& input) {
  count(input);
  const bool is_impossible = contradicts(input);
  const double passed_s = has_begun_ ? input.at_s - last_at_s_ : 0.0;
  has_begun_ = true;
  if (std::isfinite(input.at_s)) last_at_s_ = std::max(last_at_s_, input.at_s);
  if (is_impossible) return PacingDoubt::contradiction;
  if (passed_s < 0) return PacingDoubt::clock_went_back;
  if (input.at_s - input.as_of_s > oldest_view_s) return PacingDoubt::stale_view;
  if (passed_s > clock_jump_s) jumped_at_s_ = input.at_s;
  if (input.at_s - jumped_at_s_ < jump_memory_s) return PacingDoubt::clock_jumped;
  if (ended_recent_ > 0.8 * recent_calls && failed_recent_ > failing_share * ended_recent_) return PacingDoubt::calls_fail;
  if (ended_long_ > 0.9 * long_calls && live_long_ < least_live_share * ended_long_) return PacingDoubt::nobody_answers;
  return PacingDoubt::none;
}

bool PacingWatch::contradicts(const PacingInput& input) {
  const PacingTotals& t = input.totals;
  const bool has_shrunk = t.dialed < totals_.dialed || t.live < totals_.live || t.connected < totals_.connected ||
                          t.abandoned < totals_.abandoned;
  totals_ = t;
  const bool is_ahead = input.as_of_s > input.at_s + 1e-6;
  return has_shrunk || is_ahead || !are_all_finite(input) || has_twin(input.agents, ids_) || has_twin(input.calls, ids_);
}

void PacingWatch::count(const PacingInput& input) {
  for (const PacingEvent& e : input.events) {
    const bool is_live = e.kind == PacingEventKind::human;
    const bool has_failed = e.kind == PacingEventKind::failed;
    const bool is_end = is_live || has_failed || e.kind == PacingEventKind::machine || e.kind == PacingEventKind::busy ||
                        e.kind == PacingEventKind::no_answer || e.kind == PacingEventKind::hung_up;
    if (!is_end) continue;
    ended_recent_ += 1 - ended_recent_ / recent_calls;
    failed_recent_ += (has_failed ? 1 : 0) - failed_recent_ / recent_calls;
    ended_long_ += 1 - ended_long_ / long_calls;
    live_long_ += (is_live ? 1 : 0) - live_long_ / long_calls;
  }
}

}  // namespace dunlin
