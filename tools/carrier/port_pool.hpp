#pragma once
// Even RTP ports of a range, each lent to one call. Event loop thread only.
#include <cstdint>
#include <deque>
#include <optional>

namespace dunlin::carrier {

class PortPool {
 public:
  PortPool(int first, int last) {
    for (int port = first + first % 2; port <= last; port += 2)
      free_.push_back(static_cast<std::uint16_t>(port));
  }
  std::optional<std::uint16_t> take() {
    if (free_.empty()) return std::nullopt;
    const std::uint16_t port = free_.front();
    free_.pop_front();
    return port;
  }
  /// A port goes to the end of the queue: late packets of the old call find nobody for long.
  void give_back(std::uint16_t port) { free_.push_back(port); }

 private:
  std::deque<std::uint16_t> free_;
};

}  // namespace dunlin::carrier
