#include "cluster/line_sweeper.hpp"

#include <utility>

namespace dunlin {

Result<std::size_t> LineSweeper::sweep(EtcdClient& client, MonoTime now) {
  const auto lines = client.read({keys_.line(""), range_end_of(keys_.line("")), 0});
  if (!lines) return lines.error();
  std::map<std::string, Seen> still_held;
  std::size_t freed = 0;
  for (const auto& row : lines->rows) {
    const auto known = seen_.find(row.key);
    const bool is_same = known != seen_.end() && known->second.attempt == row.value;
    Seen seen{row.value, is_same ? known->second.since : now};
    if (now - seen.since >= longest_) {
      // If another attempt has taken the number meanwhile, it keeps it.
      const auto answer = client.run({{}, {EtcdEraseIf{row.key, row.value}}, {}});
      if (!answer) return answer.error();
      ++freed;
      continue;
    }
    still_held.emplace(row.key, std::move(seen));
  }
  seen_ = std::move(still_held);
  return freed;
}

}  // namespace dunlin
