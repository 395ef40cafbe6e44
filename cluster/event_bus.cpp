#include "cluster/event_bus.hpp"

#include <chrono>

namespace dunlin {

EventBus::EventBus(EventSource& source, CursorStore& cursors, std::unique_ptr<EventSink> sink, const Clock& clock,
                   EventBusOptions options)
    : source_(source),
      cursors_(cursors),
      sink_(std::move(sink)),
      clock_(clock),
      options_(options),
      pump_(source, cursors, *sink_, options.pump),
      is_woken_(source.partition_count(), false) {
  shown_.since = clock.now_utc();
}

EventBus::~EventBus() { stop(); }

void EventBus::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void EventBus::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EventBus::notify(Partition partition) {
  {
    const std::lock_guard lock(mutex_);
    if (partition >= is_woken_.size()) return;
    is_woken_[partition] = true;
    has_news_ = true;
  }
  wake_.notify_one();
}

void EventBus::hint(LiveHint hint) {
  {
    const std::lock_guard lock(mutex_);
    if (hints_.size() >= options_.hints_waiting) {
      hints_.pop_front();
      ++hints_pushed_out_;
    }
    hints_.push_back(std::move(hint));
    has_news_ = true;
  }
  wake_.notify_one();
}

EventBusStatus EventBus::status() const {
  EventBusStatus status;
  {
    const std::lock_guard lock(mutex_);
    status = shown_;
    status.pump.hints_dropped_total += hints_pushed_out_;
  }
  status.backlog = backlog();
  return status;
}

/// While Redis is away news only sets marks: the step says how long it need not be asked, whatever comes in.
void EventBus::run() {
  while (take_news()) {
    const Duration rest = pump_.step(clock_.now_mono());
    show_status();
    std::unique_lock lock(mutex_);
    const auto until = std::chrono::milliseconds(rest.ms);
    const bool is_patient = !pump_.status().is_connected;
    wake_.wait_for(lock, until, [&] { return is_stopping_ || (has_news_ && !is_patient); });
  }
  sink_->close();
}

bool EventBus::take_news() {
  const std::lock_guard lock(mutex_);
  for (std::size_t p = 0; p < is_woken_.size(); ++p) {
    if (is_woken_[p]) pump_.mark(static_cast<Partition>(p));
  }
  is_woken_.assign(is_woken_.size(), false);
  pump_.add({std::make_move_iterator(hints_.begin()), std::make_move_iterator(hints_.end())});
  hints_.clear();
  has_news_ = false;
  return !is_stopping_;
}

void EventBus::show_status() {
  const EventPumpStatus& now = pump_.status();
  const std::lock_guard lock(mutex_);
  if (shown_.pump.is_connected != now.is_connected) shown_.since = clock_.now_utc();
  shown_.pump = now;
}

/// A position that cannot be read counts as nothing told: the number is for people, the cursor is the truth.
std::uint64_t EventBus::backlog() const {
  std::uint64_t sum = 0;
  for (Partition p = 0; p < source_.partition_count(); ++p) {
    const auto head = source_.head(p);
    const auto told = cursors_.load(p);
    const std::uint64_t from = told ? *told : 0;
    if (head && *head > from) sum += *head - from;
  }
  return sum;
}

}  // namespace dunlin
