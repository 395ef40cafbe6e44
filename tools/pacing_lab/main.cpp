// dunlin-pacing-lab: simulated shifts for pacing policies. One JSON object per run on standard output; --summary adds the
// mean over the seeds. The very engine of live campaigns runs inside, or any command over the pacing protocol.
#include <CLI/CLI.hpp>
#include <iostream>
#include <sstream>

#include "tools/pacing_lab/baselines.hpp"
#include "tools/pacing_lab/child_policy.hpp"
#include "tools/pacing_lab/simulation.hpp"

namespace {

using namespace dunlin;
using namespace dunlin::lab;

struct Options {
  std::string scenarios = "a30-n50";
  std::string policy = "predictive";
  std::string command;
  std::uint64_t seed = 1;
  int seeds = 1;
  double hours = 0;
  double time_limit_s = 10;
  bool wants_list = false;
  bool wants_summary = false;
};

int list_all() {
  for (const Scenario& s : all_scenarios()) std::cout << s.name << "\t" << s.note << "\n";
  std::cout << "policies: " << policy_names() << "\n";
  return 0;
}

Result<Report> run_once(const Scenario& scenario, const Options& options, std::uint64_t seed) {
  const PacingConfig config = Simulation::config_of(scenario);
  auto policy = options.command.empty() ? make_policy(options.policy, config)
                                        : start_child_policy(options.command, config, options.time_limit_s);
  if (!policy) return policy.error();
  Simulation simulation(scenario, seed);
  const Report report = simulation.run(**policy);
  const std::string failure = failure_of(**policy);
  if (!failure.empty()) return Error{Errc::unavailable, failure};
  return report;
}

void print_summary(const std::vector<Report>& reports) {
  if (reports.empty()) return;
  double occupancy = 0;
  double abandon = 0;
  double worst30 = 0;
  double most = 0;
  for (const Report& r : reports) {
    const auto n = static_cast<double>(reports.size());
    occupancy += 100 * r.occupancy / n;
    abandon += 100 * r.abandon_rate / n;
    worst30 += 100 * r.abandon_worst30 / n;
    most = std::max(most, 100 * r.abandon_rate);
  }
  std::cerr << reports.front().scenario << " " << reports.front().policy << ": occupancy " << occupancy << " %, abandoned "
            << abandon << " % (worst seed " << most << "), worst 30 min " << worst30 << " %, " << reports.size()
            << " seeds\n";
}

int run_all(const Options& options) {
  std::stringstream names(options.scenarios);
  std::string name;
  while (std::getline(names, name, ',')) {
    auto scenario = find_scenario(name);
    if (!scenario) {
      std::cerr << "unknown scenario: " << name << "\n";
      return 2;
    }
    if (options.hours > 0) scenario->length_s = options.hours * 3600;
    std::vector<Report> reports;
    for (int k = 0; k < options.seeds; ++k) {
      const auto report = run_once(*scenario, options, options.seed + static_cast<std::uint64_t>(k));
      if (!report) {
        std::cerr << "run failed: " << report.error().detail << "\n";
        return 1;
      }
      std::cout << to_json(*report) << std::endl;
      reports.push_back(*report);
    }
    if (options.wants_summary) print_summary(reports);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Simulated shifts for pacing policies"};
  app.add_flag("--list", options.wants_list, "print scenarios and policies");
  app.add_option("--scenario", options.scenarios, "names, separated by commas");
  app.add_option("--policy", options.policy, policy_names());
  app.add_option("--command", options.command, "a program that speaks the pacing protocol, instead of --policy");
  app.add_option("--seed", options.seed, "first seed");
  app.add_option("--seeds", options.seeds, "number of seeds")->check(CLI::Range(1, 1000));
  app.add_option("--hours", options.hours, "length of the shift");
  app.add_option("--time-limit", options.time_limit_s, "seconds a command may take for one answer");
  app.add_flag("--summary", options.wants_summary, "mean over the seeds on standard error");
  CLI11_PARSE(app, argc, argv);
  return options.wants_list ? list_all() : run_all(options);
}
