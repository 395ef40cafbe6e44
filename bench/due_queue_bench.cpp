// That the next case costs the same whether ten thousand or a million wait: a node's 256 shard queues, filled with cases
// that are due, give their most urgent case. Between the rounds, which is not measured, the processor's caches are filled
// with something else, as by a node's other work, and those taken come back: once where they stood, so that the cost of
// taking alone is seen, and once anywhere in the list, so that it is worked off and its next rows come from far memory.
// The three sizes are measured turn by turn in the same run. Exit code 1 when taking alone costs more than 1.3 times as
// much in the largest list as in the smallest; what far memory adds is shown beside it and not judged.
//   due_queue_bench [rounds]
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

#include "core/dialing/dial_queue.hpp"

namespace {

using namespace dunlin;

constexpr std::size_t shards = 256;
constexpr std::array<std::size_t, 3> sizes{10'000, 100'000, 1'000'000};
constexpr std::size_t takes_a_round = 4'000;
constexpr double most_growth = 1.3;
constexpr CampaignId campaign{1};
constexpr UtcTime morning{1'795'000'000'000};

/// Time of this thread on its core: what others do to the machine meanwhile is not the queue's cost.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

enum class ComesBack { where_it_stood, anywhere };

/// Larger than the caches.
class OtherWork {
 public:
  void run() {
    for (std::size_t i = 0; i < memory_.size(); i += 8) memory_[i] += i;
  }

 private:
  std::vector<std::uint64_t> memory_ = std::vector<std::uint64_t>(std::size_t{128} << 17);
};

/// The queues of one node.
class Node {
 public:
  explicit Node(std::size_t cases) : random_(cases) {
    for (std::size_t i = 0; i < shards; ++i) queues_.emplace_back(cases);
    for (std::size_t i = 0; i < cases; ++i) put_back({campaign, CaseId(random_()), morning, 0}, i % shards, ComesBack::anywhere);
  }

  /// Nanoseconds one case took. Each is taken from the next shard, as the campaign's slots are.
  double take(std::size_t count, ComesBack where) {
    std::vector<QueueRow> taken;
    taken.reserve(count);
    const double begin = cpu_ns();
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = queues_[next_++ % shards].pop_ready(campaign, morning);
      if (!row) std::abort();
      taken.push_back(*row);
    }
    const double cost = (cpu_ns() - begin) / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) put_back(taken[i], (next_ - count + i) % shards, where);
    return cost;
  }

 private:
  QueueRow anywhere(CaseId id) {
    const auto age = static_cast<std::int64_t>(random_() % 86'400'000);
    return {campaign, id, morning - Duration{age}, static_cast<std::int32_t>(random_() % 1000)};
  }

  void put_back(const QueueRow& taken, std::size_t shard, ComesBack where) {
    if (!queues_[shard].upsert(where == ComesBack::anywhere ? anywhere(taken.case_id) : taken)) std::abort();
    (void)queues_[shard].summary(campaign, morning);
  }

  std::mt19937_64 random_;
  std::vector<DialQueue> queues_;
  std::size_t next_ = 0;
};

double median(std::vector<double> costs) {
  std::nth_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2), costs.end());
  return costs[costs.size() / 2];
}

/// The ratio of the largest to the smallest.
double measure(std::vector<Node>& nodes, OtherWork& other_work, int rounds, ComesBack where) {
  std::array<std::vector<double>, sizes.size()> costs;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      other_work.run();
      costs[i].push_back(nodes[i].take(takes_a_round, where));
    }
  }
  const double base = median(costs.front());
  std::printf("%s\n%10s %14s %8s\n", where == ComesBack::anywhere ? "taken rows come back anywhere" : "taken rows come back where they stood",
              "cases", "ns a next case", "ratio");
  for (std::size_t i = 0; i < sizes.size(); ++i) std::printf("%10zu %14.0f %8.2f\n", sizes[i], median(costs[i]), median(costs[i]) / base);
  return median(costs.back()) / base;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 60;
  if (rounds < 1) return std::fprintf(stderr, "usage: due_queue_bench [rounds]\n"), 2;
  OtherWork other_work;
  std::vector<Node> nodes;
  for (const std::size_t size : sizes) nodes.emplace_back(size);
  const double growth = measure(nodes, other_work, rounds, ComesBack::where_it_stood);
  measure(nodes, other_work, rounds, ComesBack::anywhere);
  return growth <= most_growth ? 0 : 1;
}
