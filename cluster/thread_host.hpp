#pragma once
// What the cluster's own threads need of the machine: a thread, a clock and something to wait on. A node takes the machine's;
// whoever plays several nodes in one process can give them threads that run one at a time under a clock of its own.
// Threads: a host is used from any thread; a signal belongs to one mutex.
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "config/clock.hpp"

namespace dunlin {

/// A condition variable of its host.
class ThreadSignal {
 public:
  virtual ~ThreadSignal() = default;
  virtual void notify() = 0;
  /// Until notified; may also return for no reason.
  virtual void wait(std::unique_lock<std::mutex>& lock) = 0;
  /// As wait(), at most for so long.
  virtual void wait_for(std::unique_lock<std::mutex>& lock, Duration longest) = 0;
};

class HostedThread {
 public:
  virtual ~HostedThread() = default;
  /// Returns when the thread has ended. Once.
  virtual void join() = 0;
};

class ThreadHost {
 public:
  virtual ~ThreadHost() = default;
  virtual const Clock& clock() const = 0;
  virtual std::unique_ptr<ThreadSignal> make_signal() = 0;
  /// `name` is what debuggers show: 15 letters at most. Whoever holds the thread joins it before letting it go.
  virtual std::unique_ptr<HostedThread> start(const std::string& name, std::function<void()> body) = 0;
};

/// The machine's threads and its boot clock.
ThreadHost& system_threads();

template <class Predicate>
void wait_until(ThreadSignal& signal, std::unique_lock<std::mutex>& lock, Predicate holds) {
  while (!holds()) signal.wait(lock);
}

/// False: it does not hold after `longest`.
template <class Predicate>
bool wait_until(ThreadSignal& signal, std::unique_lock<std::mutex>& lock, const Clock& clock, Duration longest, Predicate holds) {
  const MonoTime end = clock.now_mono() + longest;
  while (!holds()) {
    const Duration left = end - clock.now_mono();
    if (left.ms <= 0) return false;
    signal.wait_for(lock, left);
  }
  return true;
}

}  // namespace dunlin
