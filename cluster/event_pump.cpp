#include "cluster/event_pump.hpp"

#include <algorithm>

#include "config/log.hpp"

namespace dunlin {

EventPump::EventPump(EventSource& source, CursorStore& cursors, EventSink& sink, EventPumpOptions options)
    : source_(source),
      cursors_(cursors),
      sink_(sink),
      options_(options),
      rng_(options.seed),
      is_dirty_(source.partition_count(), true),
      positions_(source.partition_count()) {}

Duration EventPump::step(MonoTime now) {
  if (!status_.is_connected && !connect(now)) return retry_at_ - now;
  if (now >= poll_at_) {
    mark_all();
    poll_at_ = now + options_.poll;
  }
  const bool is_well = tell_hints(now) && save_cursors(now) && send_batch(now) && keep_alive(now);
  if (!is_well) return retry_at_ - now;
  if (has_work()) return {};
  return std::min(poll_at_, spoken_at_ + options_.ping) - now;
}

bool EventPump::connect(MonoTime now) {
  status_.hints_dropped_total += hints_.size();
  hints_.clear();
  if (now < retry_at_) return false;
  const Status opened = sink_.open();
  if (!opened) {
    lose(opened.error(), now);
    return false;
  }
  if (was_connected_) ++status_.reconnects_total;
  was_connected_ = true;
  status_.is_connected = true;
  spoken_at_ = now;
  mark_all();
  return true;
}

/// A server that takes facts but no hints (a right is missing) keeps its facts: only a lost connection stops the round.
bool EventPump::tell_hints(MonoTime now) {
  if (hints_.empty()) return true;
  const Status told = sink_.publish(hints_);
  (told ? status_.hints_total : status_.hints_dropped_total) += hints_.size();
  hints_.clear();
  if (!told && told.error().code == Errc::unavailable) {
    lose(told.error(), now);
    return false;
  }
  const std::string refusal = told ? "" : "live hints are refused: " + told.error().detail;
  if (!refusal.empty() && refusal != hint_refusal_) log_warn("events", "hints_refused", "{}", refusal);
  hint_refusal_ = refusal;
  spoken_at_ = now;
  return true;
}

/// What the server has taken stays unread until the cursor says so; the facts themselves are not sent again meanwhile.
bool EventPump::save_cursors(MonoTime now) {
  if (unsaved_.empty()) return true;
  const Status saved = cursors_.save(unsaved_);
  if (!saved) {
    lose({saved.error().code, "the position cannot be saved: " + saved.error().detail}, now);
    return false;
  }
  unsaved_.clear();
  return true;
}

bool EventPump::send_batch(MonoTime now) {
  Batch batch = collect();
  if (!batch.events.empty()) {
    const Status taken = sink_.append(batch.events);
    if (!taken) {
      lose(taken.error(), now);
      return false;
    }
    spoken_at_ = now;
    status_.published_total += batch.events.size();
  }
  for (const CursorMove& move : batch.moves) positions_[move.partition] = move.position;
  unsaved_ = std::move(batch.moves);
  if (!save_cursors(now)) return false;
  note_success();
  return true;
}

void EventPump::note_success() {
  if (failures_ > 0) log_info("events", "connected", "failures={} reconnects={}", failures_, status_.reconnects_total);
  failures_ = 0;
  logged_cause_.clear();
  status_.cause = damaged_.empty() ? hint_refusal_ : damaged_.begin()->second;
}

bool EventPump::keep_alive(MonoTime now) {
  if (now - spoken_at_ < options_.ping) return true;
  const Status alive = sink_.ping();
  if (!alive) lose(alive.error(), now);
  else spoken_at_ = now;
  return alive.ok();
}

/// Partitions take turns, so that a busy shard cannot starve the others.
EventPump::Batch EventPump::collect() {
  Batch batch;
  const auto count = static_cast<Partition>(is_dirty_.size());
  for (Partition n = 0; n < count && batch.events.size() < options_.batch_events; ++n) {
    const auto partition = static_cast<Partition>((next_ + n) % count);
    if (is_dirty_[partition]) collect_from(partition, batch);
  }
  next_ = static_cast<Partition>((next_ + 1) % count);
  return batch;
}

void EventPump::collect_from(Partition partition, Batch& batch) {
  is_dirty_[partition] = false;
  const auto position = position_of(partition);
  if (!position) return note_damage(partition, position.error());
  auto page = source_.read(partition, *position, options_.batch_events - batch.events.size());
  if (!page) return note_damage(partition, page.error());
  damaged_.erase(partition);
  is_dirty_[partition] = !page->is_at_end;
  if (page->next_after != *position) batch.moves.push_back({partition, page->next_after});
  std::move(page->events.begin(), page->events.end(), std::back_inserter(batch.events));
}

Result<std::uint64_t> EventPump::position_of(Partition partition) {
  if (positions_[partition]) return *positions_[partition];
  const auto stored = cursors_.load(partition);
  if (stored) positions_[partition] = *stored;
  return stored;
}

/// Told once a cause: a server that is down for a week fills no log.
void EventPump::lose(const Error& error, MonoTime now) {
  sink_.close();
  status_.is_connected = false;
  status_.cause = error.detail;
  if (logged_cause_ != error.detail) log_error("events", "waiting", "code={} {}", to_string(error.code), error.detail);
  logged_cause_ = error.detail;
  retry_at_ = now + options_.back_off.after(++failures_, rng_);
}

/// Tried again with the next poll.
void EventPump::note_damage(Partition partition, const Error& error) {
  const std::string text = "partition " + std::to_string(partition) + " cannot be read: " + error.detail;
  const auto [known, is_new] = damaged_.try_emplace(partition, text);
  if (is_new || known->second != text) log_error("events", "unreadable", "{}", text);
  known->second = text;
}

void EventPump::mark_all() { is_dirty_.assign(is_dirty_.size(), true); }

bool EventPump::has_work() const { return std::find(is_dirty_.begin(), is_dirty_.end(), true) != is_dirty_.end(); }

}  // namespace dunlin
