#pragma once
// The hidden truth of a simulated campaign: its persons, its agents and what changes in the middle. Units:
// seconds.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace dunlin::lab {

/// An observable class of numbers with its hidden laws.
struct NumberSegment {
  double weight = 1;         ///< Share of the list.
  double answer_shift = 0;   ///< Log odds of an answer relative to the list's mean.
  double invalid = 0;        ///< Share of dead numbers.
  double machine = 0;        ///< Share of voicemail among "not answered by a person".
  double busy = 0;           ///< Share of busy or declined among the same.
  double ring_median_s = 6;  ///< Until a person picks up (log-normal).
  double ring_sigma = 0.6;
  double right_party_shift = 0;  ///< Log odds of reaching the right party.
};

enum class TurnKind { answer_rate, leave, join, slower_ringing, fewer_channels };
/// Something that happens to the whole campaign at one instant.
struct Turn {
  double at_s = 0;
  TurnKind kind = TurnKind::answer_rate;
  double value = 0;  ///< New answer rate, share of agents, seconds before ringing, or channels lost.
};

struct Scenario {
  std::string name;
  std::string note;
  int agents = 50;
  double length_s = 4 * 3600.0;
  double tick_s = 0.5;
  double event_lag_s = 0;
  double target_abandon = 0.03;
  double wait_limit_s = 2.0;
  bool has_clock_from_answer = false;
  double ring_timeout_s = 25;
  double answer_rate = 0.30;   ///< Mean chance that a dial is answered by a person, fresh list.
  double answer_spread = 0.8;  ///< Standard deviation of log odds between persons of a segment.
  bool has_detection = true;
  double person_as_machine = 0.04;
  double machine_as_person = 0.07;
  double hangs_in_detection = 0.015;
  double drift_sd = 0.12;    ///< Slow random drift of log odds …
  double drift_tau_s = 900;  ///< … and its memory.
  double wave = 0.10;        ///< Amplitude of a slow wave of log odds.
  double talk_factor = 1.0;  ///< Longer talks and wrap-ups with everybody but wrong parties.
  int most_channels = 0;     ///< 0: six per agent.
  double most_starts_per_s = 0;  ///< 0: more than enough.
  bool is_list_sorted = false;   ///< In blocks by segment instead of shuffled.
  double list_factor = 1.4;  ///< List size over expected need.
  double retry_delay_s = 2700;
  int most_attempts = 3;
  std::vector<NumberSegment> segments;
  std::vector<Turn> turns;

  int channels() const { return most_channels > 0 ? most_channels : 6 * agents; }
  double calls_per_second() const {
    return most_starts_per_s > 0 ? most_starts_per_s : std::max(10.0, agents * 0.1 / answer_rate);
  }
};

std::vector<Scenario> all_scenarios();
std::optional<Scenario> find_scenario(const std::string& name);

}  // namespace dunlin::lab
