// What it costs to tell where a number's owner lives: a table of 100 000 ranges is read from the regulator's form, built and
// asked for random numbers, half of them in no range. Exit code 1 when a lookup is dearer than a microsecond at p99.
//   number_bench [lookups]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/rng.hpp"
#include "numbering/range_import.hpp"

namespace {

using namespace dunlin;
using Clock = std::chrono::steady_clock;

constexpr std::size_t range_count = 100'000;
constexpr int range_size = 1'000;
constexpr std::uint64_t first_number = 9'000'000'000;
constexpr std::size_t lookups_per_reading = 100;  // One lookup is shorter than the clock's own cost.
constexpr double most_p99_us = 1;

const std::vector<RegionEntry> regions{{"RU-SVE", "Свердловская обл.", {}, {"Asia/Yekaterinburg"}},
                                       {"RU-MOW", "г. Москва", {}, {"Europe/Moscow"}},
                                       {"RU-KAM", "Камчатский край", {}, {"Asia/Kamchatka"}}};

/// Every second thousand of numbers from +7 900 on, in the regulator's columns.
std::string regulators_file() {
  std::string text = "АВС/ DEF;От;До;Емкость;Оператор;Регион\n";
  for (std::size_t i = 0; i < range_count; ++i) {
    const std::uint64_t first = first_number + 2 * i * range_size;
    const std::uint64_t within = first % 10'000'000;
    text += std::to_string(first / 10'000'000) + ";" + std::to_string(within) + ";" + std::to_string(within + range_size - 1) + ";" +
            std::to_string(range_size) + ";ПАО;" + regions[i % regions.size()].name + "\n";
  }
  return text;
}

double ms_since(Clock::time_point begin) { return std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); }

}  // namespace

int main(int argc, char** argv) {
  const int lookups = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const std::string file = regulators_file();
  auto begin = Clock::now();
  auto imported = import_ranges(file, regions);
  if (!imported || imported->ranges.size() != range_count || lookups < 1) {
    std::fprintf(stderr, "number_bench: %s\n", imported ? "wrong count" : imported.error().detail.c_str());
    return 1;
  }
  std::printf("ranges,%zu\nread_ms,%.1f\n", imported->ranges.size(), ms_since(begin));
  begin = Clock::now();
  const auto table = NumberTable::build({regions, {}, std::move(imported->ranges)});
  if (!table) return 1;
  std::printf("build_ms,%.1f\n", ms_since(begin));
  Rng rng(1);
  std::vector<PhoneNumber> numbers;
  for (std::size_t i = 0; i < lookups_per_reading * 100; ++i) {
    numbers.push_back(PhoneNumber::from_e164("+7" + std::to_string(first_number + rng.below(2 * range_count * range_size))).value());
  }
  std::vector<double> readings;
  std::size_t found = 0;
  for (int done = 0; done < lookups; done += static_cast<int>(lookups_per_reading)) {
    const std::size_t from = rng.below(100) * lookups_per_reading;
    begin = Clock::now();
    for (std::size_t i = from; i < from + lookups_per_reading; ++i) found += table->home_of(numbers[i]).zones != nullptr ? 1U : 0U;
    readings.push_back(ms_since(begin) * 1000 / static_cast<double>(lookups_per_reading));
  }
  std::sort(readings.begin(), readings.end());
  const double p99 = readings[readings.size() * 99 / 100];
  std::printf("lookup_p50_us,%.3f\nlookup_p99_us,%.3f\n# %zu of %zu found, at most %.0f us\n", readings[readings.size() / 2], p99, found,
              readings.size() * lookups_per_reading, most_p99_us);
  return p99 <= most_p99_us ? 0 : 1;
}
