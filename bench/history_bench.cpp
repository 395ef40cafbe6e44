// Claim: the journal (versions, sequences, encryption, chain hash, index) commits at least half as many events a second
// as RocksDB's own group commit (4 threads, batches of 50 rows of the same size), both synced. Also printed, without a
// goal: RocksDB given the journal's large batches ready-made. Exit 1 below the goal.
// Argument: folder on the disk to measure (default: the current one).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <random>
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
constexpr int rounds = 5;
constexpr std::uint64_t commits_per_round = 60'000;
constexpr std::uint64_t cases = 20'000;

struct Measured {
  double events_per_second = 0;
  double cpu_us_per_event = 0;
  double events_per_group = 0;
};

struct RawLoad {
  int threads = 1;
  std::uint64_t batch = 1;
};

void print(const char* name, const Measured& measured) {
  std::printf("  %-34s %8.0f events/s  %5.1f us CPU an event  %5.0f a batch\n", name, measured.events_per_second,
              measured.cpu_us_per_event, measured.events_per_group);
}

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

/// The same number of rows in synced batches, nothing else. One thread with large batches is the cheapest RocksDB gets;
/// several threads with small ones are RocksDB's own group commit.
Measured measure_raw(Database& database, std::uint64_t& next, RawLoad load) {
  const auto values = random_values();
  std::atomic<std::uint64_t> row{next};
  const std::uint64_t end = next + commits_per_round;
  const auto cpu_before = cpu_seconds();
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < load.threads; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        const auto first = row.fetch_add(load.batch);
        if (first >= end) return;
        WriteBatch batch;
        for (auto at = first; at < std::min(end, first + load.batch); ++at) {
          batch.put(key_space::event(static_cast<ShardIndex>(at % shard_count), at), values[at % values.size()]);
        }
        if (!database.write(batch, Durability::synced)) std::printf("a raw write failed\n");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  next = end;
  return {static_cast<double>(commits_per_round) / seconds_since(start),
          (cpu_seconds() - cpu_before) * 1e6 / commits_per_round, static_cast<double>(load.batch)};
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
    const auto base = measure_raw(**raw, next_row, {4, 50});
    const auto bulk = measure_raw(**raw, next_row, {1, static_cast<std::uint64_t>(ours.events_per_group)});
    ratios.push_back(ours.events_per_second / base.events_per_second);
    std::printf("round %d\n", round + 1);
    print("journal", ours);
    print("RocksDB group commit, 4 threads", base);
    print("RocksDB alone, the journal's batches", bulk);
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
