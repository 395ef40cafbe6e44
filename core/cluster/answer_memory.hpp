#pragma once
// What a node has answered to the commands of others, so that a repeated command is answered again and not done again
// (docs/cluster.md, R10). Bounded: the oldest answers go first, and from then on a command at or below the last forgotten
// number of its sender is refused, because nobody knows any more whether it was done. Pure; one thread.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/cluster/envelope.hpp"

namespace dunlin {

class AnswerMemory {
 public:
  struct Bounds {
    std::size_t answers = 65'536;
    std::size_t bytes = std::size_t{64} << 20;
    std::size_t senders = 256;      ///< Lives of other processes; above it the longest known is forgotten with its answers.
  };
  enum class Seen : std::uint8_t {
    fresh,      ///< Never seen: do it, then call finish.
    under_way,  ///< Being done: its answer will serve both.
    answered,   ///< Done before: the answer is given.
    forgotten,  ///< Too old to know.
  };
  struct Recall {
    Seen seen = Seen::fresh;
    std::string answer;
  };

  AnswerMemory() = default;
  explicit AnswerMemory(Bounds bounds) : bounds_(bounds) {}

  Recall begin(const CommandId& id);
  void finish(const CommandId& id, std::string answer);
  std::size_t size() const { return answers_.size(); }

 private:
  void meet(std::uint64_t sender);
  void forget_oldest();

  Bounds bounds_;
  std::unordered_map<CommandId, std::optional<std::string>> answers_;  ///< Unset: under way.
  std::deque<CommandId> finished_;                                     ///< In the order of their answers.
  std::unordered_map<std::uint64_t, std::uint64_t> floors_;            ///< Highest forgotten number of each sender.
  std::deque<std::uint64_t> senders_;
  std::size_t bytes_ = 0;
};

}  // namespace dunlin
