// Commits without end until it is killed, and prints what was acknowledged: "ack <case> <version> <shard> <last
// sequence>" a line, after the commit is on disk. Arguments: data folder, seed. Run by crash_test.
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/store.hpp"

namespace {

constexpr int threads = 4;
constexpr std::uint64_t cases_per_thread = 40;

dunlin::CommitRequest next_commit(dunlin::CaseId case_id, std::uint64_t version, std::uint64_t events) {
  dunlin::CommitRequest request;
  request.case_id = case_id;
  request.expected_version = version;
  for (std::uint64_t i = 1; i <= events; ++i) {
    dunlin::EventDraft event;
    event.type = 1;
    event.body = case_id.str() + "/" + std::to_string(version + i);
    request.events.push_back(std::move(event));
  }
  request.case_view = case_id.str() + "@" + std::to_string(version + events);
  request.due = {{dunlin::CampaignId(1), dunlin::UtcTime{static_cast<std::int64_t>(version + events)}, 0}};
  return request;
}

/// One write call a line: a kill leaves whole lines or nothing.
void acknowledge(dunlin::CaseId case_id, const dunlin::CommitReceipt& receipt) {
  const auto line = "ack " + std::to_string(case_id.value()) + " " + std::to_string(receipt.version) + " " +
                    std::to_string(dunlin::shard_of(case_id)) + " " + std::to_string(receipt.last_sequence) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(3);
}

void write_for_ever(dunlin::Store& store, int thread, unsigned seed) {
  std::mt19937 random(seed * 100 + static_cast<unsigned>(thread));
  for (;;) {
    const auto number = 1 + static_cast<std::uint64_t>(thread) * cases_per_thread + random() % cases_per_thread;
    const dunlin::CaseId case_id(number * 37);
    const auto version = store.history().case_version(case_id);
    if (!version) std::_Exit(4);
    const auto receipt = store.journal().commit_and_wait(next_commit(case_id, *version, 1 + random() % 5));
    if (!receipt) std::_Exit(5);
    acknowledge(case_id, *receipt);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  dunlin::StorageSettings settings;
  settings.path = argv[1];
  settings.min_free_bytes = 0;
  settings.write_buffer_bytes = 256u << 10;  // Small, so that kills also hit flushes and compactions.
  auto store = dunlin::Store::open(settings);
  if (!store) return 6;
  const auto seed = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  std::vector<std::thread> writers;
  for (int i = 0; i < threads; ++i) writers.emplace_back([&store, i, seed] { write_for_ever(**store, i, seed); });
  for (auto& writer : writers) writer.join();
}
