#include "app/cli/simulate.hpp"

#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>

#include <unistd.h>

#include "app/cli/failure.hpp"
#include "app/cli/simulate_options.hpp"
#include "app/cli/simulate_report.hpp"
#include "app/cli/simulate_steps.hpp"
#include "config/clock.hpp"

namespace dunlin {
namespace {

constexpr unsigned most_simulate_threads = 2;

constexpr const char* simulate_usage = R"(dunlin simulate: what would a day look like? Needs no node; docs/simulate.md has every field.

  --campaign FILE|NAME   a campaign file, or a campaign of the stopped node's history (--data FOLDER)
  --cases N|history      synthetic persons in eleven time zones (5000), or the cases of the history
  --agents N             who sit there for the whole shift (20)
  --day DATE --days N    first day (tomorrow) and how many (1)
  --mode M               progressive or predictive
  --strategy FILE|none   rules of work (docs/strategy.md)
  --against FILE|LIST    the other side: a strategy file, or mode=…,agents=…,strategy=…,line=…,numbers=…,hours=…
  --line FILE            who picks up when, how long it takes, what it costs
  --config FILE          the node's settings: jurisdiction, kind of organisation, law folder
  --seeds N              possible courses of the day (20); --first-seed N begins elsewhere (1)
  --story CASE[,CASE]    tells all that happened to them in the first course: a case id, or a synthetic person S-0, S-1, …
  --journal FILE         every step of the first course of synthetic persons, one JSON object a line
  --lang ru|en, -o table|json, --html FILE

  dunlin simulate --agents 20 --against mode=predictive --html report.html
  dunlin simulate --strategy new.toml --against old.toml --lang ru
)";

void tell_progress(int done, int all) {
  if (::isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r%d / %d%s", done, all, done == all ? "\n" : "");
  std::fflush(stderr);
}

/// Each seed of all plans on one thread, at most two threads; the days land in the order of their seeds. `witness` sees the
/// first seed of the first plan.
Result<std::vector<SimulatedSide>> play_all(const std::vector<WhatIfPlan>& plans, const SimulateOptions& options, WhatIfWitness* witness) {
  const auto count = static_cast<std::size_t>(options.seeds);
  std::vector<SimulatedSide> sides;
  for (const WhatIfPlan& plan : plans) sides.push_back({plan, std::vector<WhatIfDay>(count)});
  std::vector<std::optional<Error>> faults(count);
  std::atomic<std::size_t> next{0};
  std::atomic<int> done{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      for (SimulatedSide& side : sides) {
        const bool is_first = i == 0 && &side == &sides.front();
        auto day = run_what_if(side.plan, static_cast<std::uint64_t>(options.first_seed) + i, is_first ? witness : nullptr);
        if (day) side.days[i] = std::move(*day);
        else faults[i] = day.error();
      }
      tell_progress(++done, options.seeds);
    }
  };
  {
    std::vector<std::jthread> threads;
    const unsigned wanted = std::min({most_simulate_threads, std::max(1U, std::thread::hardware_concurrency()), static_cast<unsigned>(options.seeds)});
    for (unsigned n = 1; n < wanted; ++n) threads.emplace_back(work);
    work();
  }
  for (const auto& fault : faults) {
    if (fault) return *fault;
  }
  return sides;
}

bool is_clean(const SimulatedSide& side) {
  for (const WhatIfDay& day : side.days) {
    if (!day.violations.empty()) return false;
  }
  return true;
}

Status write_html(const std::string& file, const SimulateResult& result) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << simulate_html(result);
  stream.close();
  if (!stream) return Error{Errc::unavailable, "cannot write " + file};
  return Done{};
}

}  // namespace

int run_simulate(const std::vector<std::string>& words, const LocalContext& context) {
  if (words.size() > 1 && (words[1] == "--help" || words[1] == "help")) return std::fputs(simulate_usage, stdout), 0;
  const auto options = parse_simulate_options(words);
  if (!options) return tell_failure(options.error());
  if (context.output != "table" && context.output != "json") return tell_failure(invalid_input("-o must be table or json"));
  const SystemClock clock;
  const auto plans = make_simulate_plans(*options, context, clock.now_utc());
  if (!plans) return tell_failure(plans.error());
  std::vector<WhatIfPlan> wanted{plans->first};
  if (plans->second) wanted.push_back(*plans->second);
  SimulatedSteps steps(wanted.front(), static_cast<std::uint64_t>(options->first_seed), {options->stories, options->journal, options->language == "ru"});
  const bool is_watched = !options->stories.empty() || !options->journal.empty();
  auto sides = play_all(wanted, *options, is_watched ? &steps : nullptr);
  if (!sides) return tell_failure(sides.error());
  if (const Status told = steps.finish(); !told) return tell_failure(told.error());
  SimulateResult result{std::move(sides->front())};
  if (plans->second) result.second = std::move(sides->back());
  result.is_russian = options->language == "ru";
  if (context.output == "json") {
    nlohmann::ordered_json document = simulate_json(result);
    if (!options->stories.empty()) document["stories"] = steps.stories();
    std::printf("%s\n", document.dump(2).c_str());
  } else {
    std::fputs((simulate_text(result) + steps.stories()).c_str(), stdout);
  }
  if (!options->html.empty()) {
    if (const Status written = write_html(options->html, result); !written) return tell_failure(written.error());
  }
  return is_clean(result.first) && (!result.second || is_clean(*result.second)) ? 0 : 1;
}

}  // namespace dunlin
