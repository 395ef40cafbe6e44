#pragma once
// Work in two halves that do not touch each other, one of them on a thread of its own when there is a processor free for
// it. Used by one thread; the second thread is started at the first use and ends with this.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace dunlin {

class SecondHand {
 public:
  /// `name` is the thread's, at most 15 characters.
  explicit SecondHand(std::string name) : name_(std::move(name)) {}
  ~SecondHand();
  SecondHand(const SecondHand&) = delete;
  SecondHand& operator=(const SecondHand&) = delete;

  using Work = std::function<void()>;
  /// Returns when both are done: `own` by the caller, `other` by the second thread, or by the caller too when that thread
  /// has not come to it by then. Neither may throw.
  void both(const Work& own, const Work& other);

 private:
  enum class State { idle, offered, taken, ending };
  void run();

  const std::string name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::idle;
  const Work* offered_ = nullptr;
  std::thread thread_;
};

}  // namespace dunlin
