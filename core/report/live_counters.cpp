#include "core/report/live_counters.hpp"

#include <algorithm>
#include <bit>

namespace dunlin {
namespace {

std::optional<int> permille(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<int>((part * 1000 + whole / 2) / whole);
}

/// Four classes to each doubling: eight single milliseconds first, then 2^k * {4,5,6,7}/4.
constexpr std::int64_t exact_classes = 8;

/// One overload per fact that counts; the rest is not the campaign's funnel.
class Counting {
 public:
  explicit Counting(LiveCounters& counters) : c_(counters) {}

  void operator()(const AttemptReserved&) { ++c_.reserved; }
  void operator()(const AttemptDenied&) { ++c_.denied; }
  void operator()(const SecondLegCommitted&) { ++c_.second_legs; }
  void operator()(const AttemptSettled& e) { count_end(e.outcome, e.times); }
  void operator()(const AttemptReconciled& e) {
    // The unknown end was counted when recovery wrote it; the known one replaces it.
    auto& unknown = c_.settled_by_outcome[static_cast<std::size_t>(Outcome::unknown_after_failure)];
    if (unknown > 0) --unknown;
    count_end(e.outcome, e.times);
  }
  void operator()(const DispositionSet& e) {
    ++c_.dispositions[static_cast<std::size_t>(e.outcome)];
    if (traits(e.outcome).right_party) ++c_.right_party;
  }
  void operator()(const DispositionMissed&) { ++c_.dispositions_missed; }
  void operator()(const PromiseMade&) { ++c_.promises; }
  void operator()(const PromiseKept&) { ++c_.promises_kept; }
  void operator()(const PromiseBroken&) { ++c_.promises_broken; }
  template <class Other>
  void operator()(const Other&) {}

 private:
  void count_end(Outcome outcome, const AttemptTimes& times) {
    ++c_.settled_by_outcome[static_cast<std::size_t>(outcome)];
    // The reconciliation says what it was; counting here too would count its answer twice.
    if (outcome == Outcome::unknown_after_failure) return;
    if (outcome != Outcome::not_sent && outcome != Outcome::blocked_by_law) ++c_.charged;
    if (times.answered_at && times.ended_at) c_.line_ms += static_cast<std::uint64_t>(std::max<std::int64_t>((*times.ended_at - *times.answered_at).ms, 0));
    if (times.answered_at || traits(outcome).human_answered) ++c_.answered;
    if (traits(outcome).human_answered) ++c_.humans;
    if (outcome == Outcome::abandoned) ++c_.abandoned;
    if (!times.bridged_at) return;
    ++c_.connected;
    if (times.answered_at) c_.answer_to_agent.add(*times.bridged_at - *times.answered_at);
    if (times.ended_at) c_.talk.add(*times.ended_at - *times.bridged_at);
  }
  LiveCounters& c_;
};

}  // namespace

std::size_t DurationHistogram::class_of(std::int64_t ms) {
  if (ms < exact_classes) return static_cast<std::size_t>(std::max<std::int64_t>(ms, 0));
  const auto value = static_cast<std::uint64_t>(ms);
  const int power = static_cast<int>(std::bit_width(value)) - 1;
  const std::uint64_t quarter = (value >> (power - 2)) & 3;
  const std::size_t index = exact_classes + static_cast<std::size_t>(power - 3) * 4 + static_cast<std::size_t>(quarter);
  return std::min(index, class_count - 1);
}

std::int64_t DurationHistogram::upper_edge(std::size_t index) {
  if (index < exact_classes) return static_cast<std::int64_t>(index);
  const std::size_t offset = index - exact_classes;
  const std::size_t power = 3 + offset / 4;
  const std::int64_t quarter = static_cast<std::int64_t>(offset % 4);
  return ((5 + quarter) << (power - 2)) - 1;
}

void DurationHistogram::add(Duration value) {
  const std::int64_t ms = std::max<std::int64_t>(value.ms, 0);
  ++classes_[class_of(ms)];
  ++count_;
  sum_ms_ += static_cast<std::uint64_t>(ms);
}

std::optional<Duration> DurationHistogram::quantile(int permille_wanted) const {
  if (count_ == 0) return std::nullopt;
  const auto wanted = static_cast<std::uint64_t>(std::clamp(permille_wanted, 0, 1000));
  const std::uint64_t target = std::max<std::uint64_t>(1, (count_ * wanted + 999) / 1000);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < class_count; ++i) {
    seen += classes_[i];
    if (seen >= target) return Duration{upper_edge(i)};
  }
  return Duration{upper_edge(class_count - 1)};
}

void DurationHistogram::merge(const DurationHistogram& other) {
  for (std::size_t i = 0; i < class_count; ++i) classes_[i] += other.classes_[i];
  count_ += other.count_;
  sum_ms_ += other.sum_ms_;
}

void LiveCounters::count(const CaseEvent& event) { std::visit(Counting(*this), event); }

void LiveCounters::add_agent_time(AgentTime kind, Duration spent) {
  agent_ms[static_cast<std::size_t>(kind)] += static_cast<std::uint64_t>(std::max<std::int64_t>(spent.ms, 0));
}

void LiveCounters::merge(const LiveCounters& other) {
  reserved += other.reserved;
  denied += other.denied;
  second_legs += other.second_legs;
  answered += other.answered;
  humans += other.humans;
  connected += other.connected;
  abandoned += other.abandoned;
  right_party += other.right_party;
  promises += other.promises;
  promises_kept += other.promises_kept;
  promises_broken += other.promises_broken;
  dispositions_missed += other.dispositions_missed;
  charged += other.charged;
  line_ms += other.line_ms;
  for (std::size_t i = 0; i < settled_by_outcome.size(); ++i) settled_by_outcome[i] += other.settled_by_outcome[i];
  for (std::size_t i = 0; i < dispositions.size(); ++i) dispositions[i] += other.dispositions[i];
  for (std::size_t i = 0; i < agent_ms.size(); ++i) agent_ms[i] += other.agent_ms[i];
  idle.merge(other.idle);
  answer_to_agent.merge(other.answer_to_agent);
  talk.merge(other.talk);
}

std::uint64_t LiveCounters::settled() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : settled_by_outcome) sum += count;
  return sum;
}

std::optional<int> LiveCounters::answer_rate() const { return permille(answered, settled()); }
std::optional<int> LiveCounters::human_rate() const { return permille(humans, answered); }
std::optional<int> LiveCounters::right_party_rate() const { return permille(right_party, settled()); }
std::optional<int> LiveCounters::promise_rate() const { return permille(promises, right_party); }
std::optional<int> LiveCounters::abandon_rate() const { return permille(abandoned, abandoned + connected); }
std::optional<int> LiveCounters::kept_rate() const { return permille(promises_kept, promises_kept + promises_broken); }

std::optional<int> LiveCounters::occupancy() const {
  const auto spent = [this](AgentTime kind) { return agent_ms[static_cast<std::size_t>(kind)]; };
  const std::uint64_t busy = spent(AgentTime::talking) + spent(AgentTime::hold) + spent(AgentTime::wrap_up);
  return permille(busy, busy + spent(AgentTime::waiting));
}

}  // namespace dunlin
