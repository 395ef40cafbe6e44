#pragma once
// The signalling thread of a peer: descriptors and timers on one epoll. Everything here runs in the thread
// that calls run(); only stop() may come from elsewhere. Times are monotonic microseconds inside,
// milliseconds in the interface.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace dunlin::peer {

class EventLoop {
 public:
  using Task = std::function<void()>;
  using FdTask = std::function<void(std::uint32_t events)>;
  using TimerId = std::uint64_t;  ///< 0 is no timer.

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// The descriptor stays the caller's; unwatch it before closing it.
  void watch(int fd, std::uint32_t events, FdTask task);
  void change_interest(int fd, std::uint32_t events);
  void unwatch(int fd);

  TimerId after_ms(std::int64_t delay_ms, Task task);
  void cancel(TimerId id);

  void run();
  void stop();
  /// Blocks SIGTERM and SIGINT in this thread (call before other threads start) and runs the task when one
  /// comes.
  void on_termination(Task task);

 private:
  using TimerKey = std::pair<std::int64_t, TimerId>;
  int next_timeout_ms() const;
  void run_due_timers();

  int epoll_ = -1;
  int wake_ = -1;
  int signals_ = -1;
  bool is_stopping_ = false;
  TimerId last_timer_ = 0;
  std::map<TimerKey, Task> timers_;
  std::unordered_map<TimerId, std::int64_t> due_of_;
  std::unordered_map<int, std::shared_ptr<FdTask>> tasks_;
};

}  // namespace dunlin::peer
