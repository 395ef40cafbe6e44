// How long one pacing decision takes: 1000 agents and 3000 calls, and smaller rooms, after half an hour of learning.
// Prints mean, p99 and worst processor time of a thousand decisions, and the same for the rule of one line per idle agent as the base.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "core/base/rng.hpp"
#include "core/dialing/pacing_predictive.hpp"

namespace {

using namespace dunlin;

constexpr double bench_tick_s = 0.5;

/// Time of this thread alone, so that a busy machine does not count.
double thread_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// One view of a busy room: most agents talk or wrap up, calls ring at every age, a few events a tick.
PacingInput busy_room(int agents, int calls, int tick, Rng& rng) {
  PacingInput in;
  in.at_s = in.as_of_s = tick * bench_tick_s;
  in.channels_free = 6 * agents;
  in.list_available = 1'000'000;
  in.start_tokens = -1;
  for (int i = 0; i < 16; ++i) in.next_segments.push_back(static_cast<int>(rng.below(6)));
  for (int i = 0; i < agents; ++i) {
    const double u = rng.uniform();
    const auto state = u < 0.01 ? PacingAgentState::ready : u < 0.75 ? PacingAgentState::talk : PacingAgentState::wrap;
    in.agents.push_back({static_cast<std::uint64_t>(i), state, 90 * rng.uniform(), 120 * rng.uniform()});
  }
  for (int i = 0; i < calls; ++i) {
    const double u = rng.uniform();
    const auto phase = u < 0.2 ? PacingCallPhase::dialing : u < 0.75 ? PacingCallPhase::ringing : u < 0.78 ? PacingCallPhase::detect : PacingCallPhase::talk;
    in.calls.push_back({static_cast<std::uint64_t>(i), phase, 2 + 20 * rng.uniform(), 20 * rng.uniform(), static_cast<int>(rng.below(6))});
  }
  for (int i = 0; i < agents / 40 + 1; ++i) {
    constexpr PacingEventKind kinds[] = {PacingEventKind::dialed, PacingEventKind::ringing, PacingEventKind::answered,
                                         PacingEventKind::human, PacingEventKind::connected, PacingEventKind::no_answer};
    PacingEvent e;
    e.at_s = in.at_s;
    e.kind = kinds[rng.below(6)];
    e.call = rng.below(static_cast<std::uint64_t>(calls));
    e.segment = static_cast<int>(e.call % 6);
    e.age_s = 2 + 10 * rng.uniform();
    in.events.push_back(e);
  }
  in.totals = {tick * 40, tick * 12, tick * 12, tick / 4};
  return in;
}

template <class Policy>
void measure(const char* name, int agents, int calls) {
  PacingConfig config;
  config.segments = 6;
  config.max_channels = 6 * agents;
  config.max_cps = 10'000;
  Policy policy(config);
  Rng rng(7);
  std::vector<double> us;
  double dials = 0;
  for (int tick = 0; tick < 4'600; ++tick) {
    const PacingInput input = busy_room(agents, calls, tick, rng);
    const double before_us = thread_us();
    const PacingDecision d = policy.decide(input);
    if (tick < 3'600) continue;
    us.push_back(thread_us() - before_us);
    dials += d.dials;
  }
  std::sort(us.begin(), us.end());
  double sum = 0;
  for (const double x : us) sum += x;
  const auto n = static_cast<double>(us.size());
  std::printf("%-12s %5d agents %5d calls: mean %7.1f us  p99 %7.1f us  worst %7.1f us  (%.1f dials a decision)\n", name, agents, calls,
              sum / n, us[us.size() * 99 / 100], us.back(), dials / n);
}

}  // namespace

int main() {
  for (const auto& [agents, calls] : {std::pair{5, 15}, std::pair{24, 72}, std::pair{50, 150}, std::pair{300, 900}, std::pair{1'000, 3'000}}) {
    measure<PredictivePacing>("predictive", agents, calls);
    measure<ProgressivePacing>("progressive", agents, calls);
  }
  return 0;
}
