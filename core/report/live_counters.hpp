#pragma once
// Live counters of one campaign: the funnel, the abandon rate, promises and the agents' time, fed by the case events and
// by the agents' state changes. Definitions are in docs and never differ from these functions. Fixed size. Pure.
#include <array>
#include <cstdint>
#include <optional>

#include "core/base/time.hpp"
#include "core/case/case_event.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {

/// A bounded histogram of durations: exact below 8 ms, then four classes to each doubling (at most 25 % wide) up to 149 h;
/// longer ones fall into the last class.
class DurationHistogram {
 public:
  void add(Duration value);
  std::uint64_t count() const { return count_; }
  std::uint64_t sum_ms() const { return sum_ms_; }
  /// Upper edge of the class that holds the quantile (0..1000 permille); unset when empty.
  std::optional<Duration> quantile(int permille) const;
  void merge(const DurationHistogram& other);
  bool operator==(const DurationHistogram&) const = default;

 private:
  static constexpr std::size_t class_count = 112;
  static std::size_t class_of(std::int64_t ms);
  static std::int64_t upper_edge(std::size_t index);
  std::array<std::uint64_t, class_count> classes_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ms_ = 0;
};

/// How an agent's time is spent, for occupancy = (talk + hold + wrap) / (logged in - break).
enum class AgentTime : std::uint8_t { waiting, talking, hold, wrap_up, on_break };

struct LiveCounters {
  std::uint64_t reserved = 0;
  std::uint64_t denied = 0;
  std::uint64_t second_legs = 0;
  std::uint64_t answered = 0;              ///< Somebody or something picked up.
  std::uint64_t humans = 0;
  std::uint64_t connected = 0;             ///< Bridged to an agent.
  std::uint64_t abandoned = 0;
  std::uint64_t right_party = 0;
  std::uint64_t promises = 0;
  std::uint64_t promises_kept = 0;
  std::uint64_t promises_broken = 0;
  std::uint64_t dispositions_missed = 0;
  std::uint64_t charged = 0;               ///< Attempts that were sent to a trunk, whatever came back.
  std::uint64_t line_ms = 0;               ///< From each pick-up to the end of its call.
  std::array<std::uint64_t, outcome_count> settled_by_outcome{};
  std::array<std::uint64_t, outcome_count> dispositions{};
  std::array<std::uint64_t, 5> agent_ms{}; ///< By AgentTime.
  DurationHistogram idle;                  ///< Between two calls of an agent.
  DurationHistogram answer_to_agent;
  DurationHistogram talk;
  bool operator==(const LiveCounters&) const = default;

  /// One committed event of a case; the caller routes events to the campaign of their attempt.
  void count(const CaseEvent& event);
  void add_agent_time(AgentTime kind, Duration spent);
  void add_idle(Duration between_calls) { idle.add(between_calls); }
  void merge(const LiveCounters& other);

  std::uint64_t settled() const;
  /// Rates in permille; unset when the denominator is zero.
  std::optional<int> answer_rate() const;      ///< answered / settled attempts
  std::optional<int> human_rate() const;       ///< humans / answered
  std::optional<int> right_party_rate() const; ///< right party / settled attempts
  std::optional<int> promise_rate() const;     ///< promises / right party
  std::optional<int> abandon_rate() const;     ///< abandoned / (abandoned + connected)
  std::optional<int> kept_rate() const;        ///< kept / (kept + broken)
  std::optional<int> occupancy() const;
};

}  // namespace dunlin
