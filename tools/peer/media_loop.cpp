#include "tools/peer/media_loop.hpp"

#include <algorithm>
#include <unistd.h>

#include <sys/timerfd.h>

#include "tools/peer/clock.hpp"

namespace dunlin::peer {
namespace {

constexpr std::int64_t slot_us = 2000;
constexpr std::uint64_t max_catch_up = 50;

}  // namespace

MediaLoop::MediaLoop() : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
  itimerspec period{};
  period.it_interval.tv_nsec = slot_us * 1000;
  period.it_value = period.it_interval;
  timerfd_settime(timer_, 0, &period, nullptr);
  thread_ = std::thread([this] { run(); });
}

MediaLoop::~MediaLoop() {
  is_stopping_ = true;
  thread_.join();
  ::close(timer_);
}

void MediaLoop::add(std::shared_ptr<MediaLeg> leg) {
  const std::lock_guard lock(mutex_);
  const auto emptiest = std::min_element(slots_.begin(), slots_.end(),
                                         [](const Slot& a, const Slot& b) { return a.size() < b.size(); });
  emptiest->push_back(std::move(leg));
}

void MediaLoop::remove(const std::shared_ptr<MediaLeg>& leg) {
  const std::lock_guard lock(mutex_);
  for (auto& slot : slots_) slot.erase(std::remove(slot.begin(), slot.end(), leg), slot.end());
}

void MediaLoop::run() {
  std::size_t turn = 0;
  while (!is_stopping_) {
    std::uint64_t due = 0;
    if (::read(timer_, &due, sizeof due) != static_cast<ssize_t>(sizeof due)) continue;
    const auto late_us = static_cast<std::int64_t>(due - 1) * slot_us;
    if (late_us > max_lateness_us_) max_lateness_us_ = late_us;
    // After a long stall the missed slots are dropped: a burst of old frames would help nobody.
    for (std::uint64_t i = 0; i < std::min(due, max_catch_up); ++i) run_slot(turn++ % slot_count);
  }
}

void MediaLoop::run_slot(std::size_t index) {
  const std::lock_guard lock(mutex_);
  for (const auto& leg : slots_[index]) leg->tick();
  const std::int64_t now = mono_us();
  for (const auto& slot : slots_) {
    for (const auto& leg : slot) {
      if (leg->is_jittered()) leg->send_due(now);
    }
  }
}

}  // namespace dunlin::peer
