#pragma once
// The event bus: one thread of its own around EventPump. Commits wake it, a slow poll catches what no wake-up told;
// nobody who wakes it or drops a hint ever waits for Redis. stop() ends within the sink's command deadline.
// notify, hint and status from any thread. Source, cursors and clock outlive the bus.
// At the bounds: hints beyond `hints_waiting` push out the oldest ones and are counted.
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "cluster/event_pump.hpp"
#include "config/clock.hpp"

namespace dunlin {

struct EventBusOptions {
  EventPumpOptions pump;
  std::size_t hints_waiting = 4096;
};

/// For health and metrics.
struct EventBusStatus {
  EventPumpStatus pump;
  UtcTime since;                 ///< Of the present state.
  std::uint64_t backlog = 0;     ///< Facts committed and not yet told.
};

class EventBus {
 public:
  EventBus(EventSource& source, CursorStore& cursors, std::unique_ptr<EventSink> sink, const Clock& clock,
           EventBusOptions options);
  ~EventBus();

  void start();
  void stop();

  /// Something was committed in this partition. Cheap: called on the journal's thread.
  void notify(Partition partition);
  void hint(LiveHint hint);
  EventBusStatus status() const;

 private:
  void run();
  /// Takes over what was told since the last round. False: stop.
  bool take_news();
  void show_status();
  std::uint64_t backlog() const;

  EventSource& source_;
  CursorStore& cursors_;
  std::unique_ptr<EventSink> sink_;
  const Clock& clock_;
  const EventBusOptions options_;
  EventPump pump_;                     ///< Of the thread alone.

  mutable std::mutex mutex_;           ///< Guards what follows.
  std::condition_variable wake_;
  std::vector<bool> is_woken_;
  bool has_news_ = false;
  bool is_stopping_ = false;
  std::deque<LiveHint> hints_;
  std::uint64_t hints_pushed_out_ = 0;
  EventBusStatus shown_;
  std::thread thread_;
};

}  // namespace dunlin
