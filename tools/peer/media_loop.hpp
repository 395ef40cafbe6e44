#pragma once
// The media thread of a peer: a wheel of ten 2 ms slots, each leg ticked once a turn (20 ms). add() and
// remove() from any thread.
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/peer/media_leg.hpp"

namespace dunlin::peer {

class MediaLoop {
 public:
  MediaLoop();
  ~MediaLoop();
  MediaLoop(const MediaLoop&) = delete;
  MediaLoop& operator=(const MediaLoop&) = delete;

  void add(std::shared_ptr<MediaLeg> leg);
  void remove(const std::shared_ptr<MediaLeg>& leg);
  /// The longest delay of a slot so far: the peer's own share in the gaps it reports.
  std::int64_t max_lateness_ms() const { return max_lateness_us_ / 1000; }

 private:
  using Slot = std::vector<std::shared_ptr<MediaLeg>>;
  static constexpr std::size_t slot_count = 10;
  void run();
  void run_slot(std::size_t index);

  int timer_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::int64_t> max_lateness_us_{0};
  std::mutex mutex_;
  std::array<Slot, slot_count> slots_;
  std::thread thread_;
};

}  // namespace dunlin::peer
