#pragma once
// One answer from a worker thread to a waiting one, for the blocking forms of doors that answer by completion. Notified
// under the lock: the waiter may destroy it at once. Never on an actor's thread.
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace dunlin {

template <class T>
class AwaitedAnswer {
 public:
  void set(T answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    ready_.notify_one();
  }
  T wait() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return answer_.has_value(); });
    return std::move(*answer_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::optional<T> answer_;
};

}  // namespace dunlin
