#pragma once
// What would happen if this person were dialed now: the truth no policy sees. Pure and repeatable for one
// seed.
#include <cstdint>
#include <utility>
#include <vector>

#include "tools/pacing_lab/random.hpp"
#include "tools/pacing_lab/scenario.hpp"

namespace dunlin::lab {

enum class Ending { person, machine, busy, no_answer, failed };
enum class Party { wrong, third, right, right_promise, machine };

struct CallFate {
  Ending ending = Ending::no_answer;
  double rings_at_s = 0;  ///< Dial to ringing.
  double ends_at_s = 0;   ///< Dial to pick-up, busy, no answer or failure.
  double detection_s = 0;
  bool is_judged_person = false;
  bool hangs_up = false;  ///< During detection.
  double talk_s = 0;      ///< With an agent of average pace.
  double wrap_s = 0;
  Party party = Party::wrong;
};

class World {
 public:
  World(const Scenario& scenario, std::uint64_t seed);

  CallFate fate(std::uint32_t person, int attempt, double at_s) const;
  /// Observable class: kind of number and first or repeated attempt.
  int observed_segment(std::uint32_t person, int attempt) const;
  std::uint32_t persons() const { return persons_; }
  std::uint64_t seed() const { return seed_; }

 private:
  std::size_t segment_of(std::uint32_t person) const;
  double mean_rate(double base) const;
  double base_for(double rate) const;
  double base_at(double at_s) const;
  double ring_delay_at(double at_s) const;
  void pick_up_or_not(CallFate& fate, const NumberSegment& segment, std::uint64_t id, double chance) const;
  void not_answered(CallFate& fate, const NumberSegment& segment, std::uint64_t id) const;
  void talk_with(CallFate& fate, const NumberSegment& segment, std::uint64_t id) const;

  Scenario scenario_;
  std::uint64_t seed_;
  std::uint32_t persons_ = 0;
  double base_ = 0;
  std::vector<std::pair<double, double>> base_steps_;  ///< From an instant on, another base.
  std::vector<std::pair<double, double>> ring_steps_;  ///< From an instant on, seconds more until ringing.
  std::vector<double> drift_;                          ///< One value each 30 s.
};

}  // namespace dunlin::lab
