#include "storage/second_hand.hpp"

#include <pthread.h>

#include <utility>

namespace dunlin {

SecondHand::~SecondHand() {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::ending;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SecondHand::both(const Work& own, const Work& other) {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  {
    const std::lock_guard lock(mutex_);
    offered_ = &other;
    state_ = State::offered;
  }
  changed_.notify_all();
  own();
  std::unique_lock lock(mutex_);
  if (state_ == State::offered) {
    // A busy machine has not let the second thread run: waiting for it would take longer than the work.
    state_ = State::idle;
    lock.unlock();
    other();
    return;
  }
  changed_.wait(lock, [this] { return state_ == State::idle; });
}

void SecondHand::run() {
  pthread_setname_np(pthread_self(), name_.c_str());
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return state_ == State::offered || state_ == State::ending; });
    if (state_ == State::ending) return;
    state_ = State::taken;
    const Work& work = *offered_;
    lock.unlock();
    work();
    lock.lock();
    state_ = State::idle;
    changed_.notify_all();
  }
}

}  // namespace dunlin
