#include "tools/pacing_lab/scenario.hpp"

namespace dunlin::lab {
namespace {

std::vector<NumberSegment> usual_segments() {
  return {
      {0.45, 0.45, 0.02, 0.30, 0.14, 6.5, 0.60, 0.3},     // fresh mobile
      {0.35, -0.45, 0.08, 0.40, 0.16, 7.5, 0.65, -0.3},   // stale mobile
      {0.20, -0.25, 0.06, 0.18, 0.10, 10.0, 0.55, -0.4},  // landline or work
  };
}

Scenario make(const std::string& name, int agents, double answer_rate, const std::string& note) {
  Scenario s;
  s.name = name;
  s.agents = agents;
  s.answer_rate = answer_rate;
  s.note = note;
  s.segments = usual_segments();
  return s;
}

std::string sized(const std::string& prefix, int agents) {
  return prefix + "-n" + std::to_string(agents);
}

/// Shifts: what a plan does not foresee.
void add_turns(std::vector<Scenario>& all) {
  all.push_back(make("up-n50", 50, 0.20, "answer rate jumps from 20 % to 45 % at 2 h"));
  all.back().turns = {{7200, TurnKind::answer_rate, 0.45}};
  all.back().list_factor = 2.0;
  all.push_back(make("down-n50", 50, 0.45, "answer rate falls from 45 % to 20 % at 2 h"));
  all.back().turns = {{7200, TurnKind::answer_rate, 0.20}};
  all.back().list_factor = 2.5;
  for (const int n : {15, 50}) {
    all.push_back(make(sized("leave", n), n, 0.30, "30 % of the agents leave at once at 2 h"));
    all.back().turns = {{7200, TurnKind::leave, 0.30}};
  }
  all.push_back(make("join-n50", 50, 0.30, "40 % more agents log in at once at 2 h"));
  all.back().turns = {{7200, TurnKind::join, 0.40}};
  all.push_back(make("ringing-n50", 50, 0.30, "the way to ringing takes 6 s longer from 2 h on"));
  all.back().turns = {{7200, TurnKind::slower_ringing, 6.0}};
  all.push_back(make("blocks-n50", 50, 0.30, "the list is sorted in blocks by kind of number"));
  all.back().is_list_sorted = true;
  all.push_back(make("waves-n50", 50, 0.30, "the answer rate waves widely over the shift"));
  all.back().wave = 0.6;
}

/// What the policy sees late, coarsely or not at all; long talks; lines or starts that bind.
void add_hardships(std::vector<Scenario>& all) {
  all.push_back(make("nodetect-n50", 50, 0.30, "no machine detection: machines reach agents"));
  all.back().has_detection = false;
  for (const int lag_s : {2, 5}) {
    all.push_back(make(lag_s == 2 ? "lag-n50" : "lag5-n50", 50, 0.30, "events arrive late"));
    all.back().event_lag_s = lag_s;
  }
  all.push_back(make("slow-n50", 50, 0.30, "one decision in 2.5 s"));
  all.back().tick_s = 2.5;
  all.push_back(make("pickup-n50", 50, 0.30, "the limit of the wait runs from pick-up"));
  all.back().has_clock_from_answer = true;
  all.push_back(make("long-n50", 50, 0.30, "talks and wrap-ups three times as long"));
  all.back().talk_factor = 3;
  all.push_back(make("cps-n50", 50, 0.30, "start rate binds: 1.5 calls a second"));
  all.back().most_starts_per_s = 1.5;
  all.push_back(make("lines-n50", 50, 0.30, "lines bind: 60 channels"));
  all.back().most_channels = 60;
  all.push_back(make("cut-n50", 50, 0.30, "240 of 300 channels are lost at 2 h"));
  all.back().turns = {{7200, TurnKind::fewer_channels, 240}};
  all.push_back(make("freed-n50", 50, 0.30, "60 of 300 channels until 2 h, then all of them"));
  all.back().turns = {{0, TurnKind::fewer_channels, 240}, {7200, TurnKind::fewer_channels, 0}};
}

}  // namespace

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (const int n : {5, 15, 50, 100, 300, 1000}) {
    all.push_back(make(sized("a30", n), n, 0.30, "30 % answered by a person, target 3 %"));
  }
  for (const int n : {5, 15, 50, 300})
    all.push_back(make(sized("a10", n), n, 0.10, "10 % answered by a person"));
  all.push_back(make("a20-n50", 50, 0.20, "20 % answered by a person"));
  all.push_back(make("a45-n50", 50, 0.45, "45 % answered by a person"));
  for (const int n : {5, 15, 50, 300})
    all.push_back(make(sized("a60", n), n, 0.60, "60 % answered by a person"));
  for (const int n : {5, 15, 50, 300}) {
    all.push_back(make(sized("a30", n) + "-t1", n, 0.30, "30 %, target 1 %"));
    all.back().target_abandon = 0.01;
  }
  add_turns(all);
  add_hardships(all);
  return all;
}

std::optional<Scenario> find_scenario(const std::string& name) {
  for (Scenario& s : all_scenarios()) {
    if (s.name == name) return s;
  }
  return std::nullopt;
}

}  // namespace dunlin::lab
