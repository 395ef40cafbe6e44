#include "cluster/thread_host.hpp"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <thread>
#include <utility>

namespace dunlin {
namespace {

class SystemSignal final : public ThreadSignal {
 public:
  void notify() override { condition_.notify_all(); }
  void wait(std::unique_lock<std::mutex>& lock) override { condition_.wait(lock); }
  void wait_for(std::unique_lock<std::mutex>& lock, Duration longest) override { condition_.wait_for(lock, std::chrono::milliseconds(longest.ms)); }

 private:
  std::condition_variable condition_;
};

class SystemThread final : public HostedThread {
 public:
  SystemThread(std::string name, std::function<void()> body)
      : thread_([name = std::move(name), body = std::move(body)] {
          pthread_setname_np(pthread_self(), name.c_str());
          body();
        }) {}
  void join() override { thread_.join(); }

 private:
  std::thread thread_;
};

class SystemThreads final : public ThreadHost {
 public:
  const Clock& clock() const override { return clock_; }
  std::unique_ptr<ThreadSignal> make_signal() override { return std::make_unique<SystemSignal>(); }
  std::unique_ptr<HostedThread> start(const std::string& name, std::function<void()> body) override {
    return std::make_unique<SystemThread>(name, std::move(body));
  }

 private:
  SystemClock clock_;
};

}  // namespace

ThreadHost& system_threads() {
  static SystemThreads threads;
  return threads;
}

}  // namespace dunlin
