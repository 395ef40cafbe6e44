// That the next case costs the same whether ten thousand or a million wait: a node's 256 shard queues, filled with cases
// that are due, give their most urgent case; those taken are put back between the rounds, which is not measured. The three
// sizes are measured turn by turn in the same run. Exit code 1 when the largest costs more than 1.3 times the smallest.
//   due_queue_bench [rounds]
#include <algorithm>
#include <array>
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

/// The queues of one node.
class Node {
 public:
  explicit Node(std::size_t cases) {
    std::mt19937_64 random(cases);
    for (std::size_t i = 0; i < shards; ++i) queues_.emplace_back(cases);
    for (std::size_t i = 0; i < cases; ++i) {
      const auto age = static_cast<std::int64_t>(random() % 86'400'000);
      const QueueRow row{campaign, CaseId(random()), morning - Duration{age}, static_cast<std::int32_t>(random() % 1000)};
      if (!queues_[i % shards].upsert(row)) std::abort();
    }
    for (DialQueue& queue : queues_) (void)queue.summary(campaign, morning);
  }

  /// Nanoseconds one case took. Each is taken from the next shard, as the campaign's slots are.
  double take(std::size_t count) {
    std::vector<QueueRow> taken;
    taken.reserve(count);
    const double begin = cpu_ns();
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = queues_[next_++ % shards].pop_ready(campaign, morning);
      if (!row) std::abort();
      taken.push_back(*row);
    }
    const double cost = (cpu_ns() - begin) / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) put_back(taken[i], (next_ - count + i) % shards);
    return cost;
  }

 private:
  void put_back(QueueRow row, std::size_t shard) {
    if (!queues_[shard].upsert(row)) std::abort();
    (void)queues_[shard].summary(campaign, morning);
  }

  std::vector<DialQueue> queues_;
  std::size_t next_ = 0;
};

double median(std::vector<double> costs) {
  std::nth_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2), costs.end());
  return costs[costs.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 60;
  if (rounds < 1) return std::fprintf(stderr, "usage: due_queue_bench [rounds]\n"), 2;
  std::vector<Node> nodes;
  for (const std::size_t size : sizes) nodes.emplace_back(size);
  std::array<std::vector<double>, sizes.size()> costs;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < sizes.size(); ++i) costs[i].push_back(nodes[i].take(takes_a_round));
  }
  const double base = median(costs.front());
  std::printf("%10s %14s %8s\n", "cases", "ns a next case", "ratio");
  for (std::size_t i = 0; i < sizes.size(); ++i) std::printf("%10zu %14.0f %8.2f\n", sizes[i], median(costs[i]), median(costs[i]) / base);
  return median(costs.back()) / base <= most_growth ? 0 : 1;
}
