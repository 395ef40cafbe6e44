#include "tools/peer/event_loop.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include "tools/peer/clock.hpp"

namespace dunlin::peer {

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  watch(wake_, EPOLLIN, [this](std::uint32_t) { is_stopping_ = true; });
}

EventLoop::~EventLoop() {
  if (signals_ >= 0) ::close(signals_);
  ::close(wake_);
  ::close(epoll_);
}

void EventLoop::watch(int fd, std::uint32_t events, FdTask task) {
  tasks_[fd] = std::make_shared<FdTask>(std::move(task));
  epoll_event interest{};
  interest.events = events;
  interest.data.fd = fd;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &interest);
}

void EventLoop::change_interest(int fd, std::uint32_t events) {
  epoll_event interest{};
  interest.events = events;
  interest.data.fd = fd;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &interest);
}

void EventLoop::unwatch(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  tasks_.erase(fd);
}

EventLoop::TimerId EventLoop::after_ms(std::int64_t delay_ms, Task task) {
  const TimerId id = ++last_timer_;
  const std::int64_t due = mono_us() + std::max<std::int64_t>(delay_ms, 0) * 1000;
  timers_.emplace(TimerKey{due, id}, std::move(task));
  due_of_[id] = due;
  return id;
}

void EventLoop::cancel(TimerId id) {
  const auto found = due_of_.find(id);
  if (found == due_of_.end()) return;
  timers_.erase({found->second, id});
  due_of_.erase(found);
}

int EventLoop::next_timeout_ms() const {
  if (timers_.empty()) return 1000;
  const std::int64_t left_us = timers_.begin()->first.first - mono_us();
  return static_cast<int>(std::clamp<std::int64_t>((left_us + 999) / 1000, 0, 1000));
}

void EventLoop::run_due_timers() {
  const std::int64_t now = mono_us();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto first = timers_.extract(timers_.begin());
    due_of_.erase(first.key().second);
    first.mapped()();
  }
}

void EventLoop::run() {
  std::array<epoll_event, 64> ready{};
  while (!is_stopping_) {
    const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), next_timeout_ms());
    for (int i = 0; i < count; ++i) {
      const auto& event = ready[static_cast<std::size_t>(i)];
      const auto found = tasks_.find(event.data.fd);
      if (found == tasks_.end()) continue;
      // A task may unwatch its own descriptor: hold it until it returns.
      const auto task = found->second;
      (*task)(event.events);
    }
    run_due_timers();
  }
}

void EventLoop::stop() {
  const std::uint64_t one = 1;
  if (::write(wake_, &one, sizeof one) < 0) return;  // a full counter wakes the loop as well
}

void EventLoop::on_termination(Task task) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  watch(signals_, EPOLLIN, [this, task = std::move(task)](std::uint32_t) {
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) task();
  });
}

}  // namespace dunlin::peer
