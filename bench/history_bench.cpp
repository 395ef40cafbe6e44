// Claim: the journal (versions, sequences, encryption, chain hash, index) commits at least half as many events a second
// as RocksDB alone does with the same group sizes and row sizes, both synced. Prints both and the ratio; exit 1 below
// the goal. Argument: folder on the disk to measure (default: the current one).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
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
constexpr int rounds = 3;
constexpr std::uint64_t commits_per_round = 60'000;
constexpr std::uint64_t cases = 20'000;
constexpr std::uint64_t commits_in_flight = 4'000;

struct Measured {
  double events_per_second = 0;
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

/// One event a commit, every case in turn, a bounded number of commits in flight.
Measured measure_journal(EmbeddedJournal& journal, std::uint64_t& next) {
  const auto before = journal.stats();
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> failed{0};
  const auto start = Clock::now();
  for (std::uint64_t sent = 0; sent < commits_per_round; ++sent, ++next) {
    while (sent - finished.load() >= commits_in_flight) std::this_thread::yield();
    journal.commit(commit_of(CaseId(1 + next % cases), next / cases), [&](Result<CommitReceipt> receipt) {
      if (!receipt) ++failed;
      ++finished;
    });
  }
  while (finished.load() < commits_per_round) std::this_thread::yield();
  const auto seconds = seconds_since(start);
  const auto after = journal.stats();
  if (failed > 0) std::printf("%llu commits failed\n", static_cast<unsigned long long>(failed.load()));
  return {static_cast<double>(commits_per_round - failed) / seconds,
          static_cast<double>(after.events - before.events) / static_cast<double>(after.groups - before.groups)};
}

/// The same number of rows in batches of the same size, nothing else.
Measured measure_raw(Database& database, std::uint64_t& next, std::uint64_t group) {
  const std::string value(row_bytes, 'v');
  const auto start = Clock::now();
  for (std::uint64_t written = 0; written < commits_per_round;) {
    WriteBatch batch;
    for (std::uint64_t i = 0; i < group && written < commits_per_round; ++i, ++written, ++next) {
      batch.put(key_space::event(static_cast<ShardIndex>(next % shard_count), next), value);
    }
    if (!database.write(batch, Durability::synced)) return {};
  }
  return {static_cast<double>(commits_per_round) / seconds_since(start), static_cast<double>(group)};
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
    std::printf("journal %8.0f events/s (%.0f a group)   RocksDB alone %8.0f events/s   ratio %.2f\n",
                ours.events_per_second, ours.events_per_group, base.events_per_second, ratios.back());
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
