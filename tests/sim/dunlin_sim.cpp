// dunlin_sim: plays seeds of the simulation, each in a process of its own, and prints the first violation of each.
//   dunlin_sim [--from S] [--seeds N] [--windows N] [--window-seconds N] [--faults FILE] [--sabotage NAME] [--jobs N]
//              [--lines N] [--verbose]
// Ends with 0 when every play was clean, 1 after a violation, 2 for a wrong call.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "tests/sim/simulation.hpp"

namespace {

using namespace dunlin;
using namespace dunlin::sim;

struct Call {
  SimulationOptions options;
  std::uint64_t seeds = 1;
  unsigned jobs = 1;
  bool is_verbose = false;
  bool wants_lines = false;   ///< Of clean plays too.
};

Result<std::vector<Fault>> read_plan(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) return Error{Errc::not_found, file + " cannot be read"};
  return parse_fault_plan(std::string(std::istreambuf_iterator<char>(stream), {}));
}

Result<std::uint64_t> parse_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return invalid_input(text + " is not a number");
  return number;
}

Status take_number(Call& call, std::string_view name, const std::string& value) {
  const auto number = parse_number(value);
  if (!number) return number.error();
  if (name == "--from") call.options.seed = *number;
  else if (name == "--seeds") call.seeds = *number;
  else if (name == "--jobs") call.jobs = static_cast<unsigned>(std::max<std::uint64_t>(1, *number));
  else if (name == "--windows") call.options.windows = static_cast<int>(*number);
  else if (name == "--window-seconds") call.options.window_seconds = static_cast<int>(*number);
  else if (name == "--lines") {
    call.options.transcript_lines = *number;
    call.wants_lines = true;
  } else {
    return invalid_input("unknown option " + std::string(name));
  }
  return Done{};
}

Status take_option(Call& call, std::string_view name, const std::string& value) {
  if (name == "--sabotage") {
    const auto sabotage = parse_sabotage(value);
    if (!sabotage) return sabotage.error();
    call.options.sabotage = *sabotage;
    return Done{};
  }
  if (name != "--faults") return take_number(call, name, value);
  const auto plan = read_plan(value);
  if (!plan) return plan.error();
  call.options.faults = *plan;
  return Done{};
}

Result<Call> parse_call(int argc, char** argv) {
  Call call;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--verbose") {
      call.is_verbose = true;
      continue;
    }
    if (i + 1 == argc) return invalid_input(name + " needs a value");
    const Status taken = take_option(call, name, argv[++i]);
    if (!taken) return taken.error();
  }
  return call;
}

/// In a child: an assertion of the product that ends the process is found by the parent.
pid_t play(const Call& call, std::uint64_t seed) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child != 0) return child;
  SimulationOptions options = call.options;
  options.seed = seed;
  const SimulationReport report = simulate(options);
  for (const std::string& line : report.transcript) {
    if (call.wants_lines && report.is_clean()) std::puts(line.c_str());
  }
  if (!report.is_clean() || call.is_verbose) std::fputs(report.to_text().c_str(), stdout);
  std::fflush(stdout);
  ::_exit(report.is_clean() ? 0 : 1);
}

}  // namespace

int main(int argc, char** argv) {
  const auto call = parse_call(argc, argv);
  if (!call) {
    std::fprintf(stderr, "dunlin_sim: %s\n", call.error().detail.c_str());
    return 2;
  }
  std::map<pid_t, std::uint64_t> playing;
  std::uint64_t bad = 0;
  for (std::uint64_t next = 0; next < call->seeds || !playing.empty();) {
    if (next < call->seeds && playing.size() < call->jobs) {
      const std::uint64_t seed = call->options.seed + next++;
      playing[play(*call, seed)] = seed;
      continue;
    }
    int status = 0;
    const pid_t ended = ::wait(&status);
    if (ended < 0) return 2;
    const bool is_clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!is_clean) ++bad;
    if (WIFSIGNALED(status)) std::printf("seed %llu: the process ended by signal %d\n", static_cast<unsigned long long>(playing[ended]), WTERMSIG(status));
    playing.erase(ended);
  }
  std::printf("%llu plays from seed %llu, %llu with violations\n", static_cast<unsigned long long>(call->seeds),
              static_cast<unsigned long long>(call->options.seed), static_cast<unsigned long long>(bad));
  return bad == 0 ? 0 : 1;
}
