// Claim: the journal (versions, sequences, encryption, chain hash, index) commits at least half as many events a second
// as RocksDB alone does with the same group sizes and row sizes, both synced. Prints both and the ratio; exit 1 below
// the goal. Argument: folder on the disk to measure (default: the current one).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/store.hpp"

namespace {

using namespace dunlin;
using Clock = std::chrono::steady_clock;

constexpr double goal = 0.5;
constexpr std::size_t body_bytes = 200;
constexpr std::size_t row_bytes = body_bytes + 62;  // Envelope, nonce and tag, as the journal stores it.
constexpr int rounds = 5;
constexpr std::uint64_t commits_per_round = 60'000;
constexpr std::uint64_t cases = 20'000;

struct Measured {
  double events_per_second = 0;
  double cpu_us_per_event = 0;
  double events_per_group = 0;
};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

CommitRequest commit_of(CaseId case_id, std::uint64_t version) {
  CommitRequest request;
  request.case_id = case_id;
  request.expected_version = version;
  EventDraft event;
  event.type = 1;
  event.body.assign(body_bytes, 'b');
  request.events.push_back(std::move(event));
  return request;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// One event a commit, every case in turn. The commits are made before the clock starts and fit into the queue, so that
/// the writer thread is measured and not the hand-over between threads on a busy machine.
Measured measure_journal(EmbeddedJournal& journal, std::uint64_t& next) {
  std::vector<CommitRequest> requests;
  for (std::uint64_t i = 0; i < commits_per_round; ++i, ++next) {
    requests.push_back(commit_of(CaseId(1 + next % cases), next / cases));
  }
  const auto before = journal.stats();
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> failed{0};
  const auto cpu_before = cpu_seconds();
  const auto start = Clock::now();
  for (auto& request : requests) {
    journal.commit(std::move(request), [&](Result<CommitReceipt> receipt) {
      if (!receipt) ++failed;
      if (++finished == commits_per_round) finished.notify_one();
    });
  }
  for (auto seen = finished.load(); seen < commits_per_round; seen = finished.load()) finished.wait(seen);
  const auto seconds = seconds_since(start);
  const auto cpu = cpu_seconds() - cpu_before;
  const auto after = journal.stats();
  if (failed > 0) std::printf("%llu commits failed\n", static_cast<unsigned long long>(failed.load()));
  return {static_cast<double>(commits_per_round - failed) / seconds, cpu * 1e6 / commits_per_round,
          static_cast<double>(after.events - before.events) / static_cast<double>(after.groups - before.groups)};
}

/// Rows that compress as badly as the journal's ciphertext.
std::vector<std::string> random_values() {
  std::mt19937_64 random(1);
  std::vector<std::string> values(1'000);
  for (auto& value : values) {
    while (value.size() < row_bytes) value.push_back(static_cast<char>(random() & 0xff));
  }
  return values;
}

/// The same number of rows in batches of the same size, nothing else.
Measured measure_raw(Database& database, std::uint64_t& next, std::uint64_t group) {
  const auto values = random_values();
  const auto cpu_before = cpu_seconds();
  const auto start = Clock::now();
  for (std::uint64_t written = 0; written < commits_per_round;) {
    WriteBatch batch;
    for (std::uint64_t i = 0; i < group && written < commits_per_round; ++i, ++written, ++next) {
      batch.put(key_space::event(static_cast<ShardIndex>(next % shard_count), next), values[next % values.size()]);
    }
    if (!database.write(batch, Durability::synced)) return {};
  }
  return {static_cast<double>(commits_per_round) / seconds_since(start),
          (cpu_seconds() - cpu_before) * 1e6 / commits_per_round, static_cast<double>(group)};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int measure(const std::filesystem::path& folder) {
  StorageSettings settings;
  settings.path = folder / "store";
  settings.min_free_bytes = 0;
  auto store = Store::open(settings);
  DatabaseOptions options;
  options.path = folder / "raw";
  auto raw = Database::open(options);
  if (!store || !raw) {
    std::printf("cannot open the stores below %s\n", folder.c_str());
    return 2;
  }
  std::uint64_t next_commit = 0;
  std::uint64_t next_row = 0;
  measure_journal((*store)->journal(), next_commit);  // Warm-up: makes the cases and their keys.
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const auto ours = measure_journal((*store)->journal(), next_commit);
    const auto base = measure_raw(**raw, next_row, static_cast<std::uint64_t>(ours.events_per_group));
    ratios.push_back(ours.events_per_second / base.events_per_second);
    std::printf("journal %8.0f events/s, %4.1f us CPU, %.0f a group   RocksDB alone %8.0f events/s, %4.1f us CPU   "
                "ratio %.2f, by CPU %.2f\n",
                ours.events_per_second, ours.cpu_us_per_event, ours.events_per_group, base.events_per_second,
                base.cpu_us_per_event, ratios.back(), base.cpu_us_per_event / ours.cpu_us_per_event);
  }
  const auto result = median(ratios);
  std::printf("history_bench ratio %.2f goal %.2f\n", result, goal);
  return result >= goal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path base = argc > 1 ? argv[1] : ".";
  const auto folder = base / ("history_bench_" + std::to_string(Clock::now().time_since_epoch().count()));
  const int code = measure(folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return code;
}
