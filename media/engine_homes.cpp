// Where legs live: posting to their workers, moving them between workers, recordings, and the event thread.
#include <algorithm>

#include "config/log.hpp"
#include "media/engine_impl.hpp"
#include "media/ticker.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t event_period_us = 5000;
constexpr int events_per_turn = 512;

/// Points a waiting command at the leg's new place.
struct ReplaceRef {
  LegRef before;
  LegRef after;

  void swap(LegRef& ref) const {
    if (ref == before) ref = after;
  }
  template <class Command>
  void operator()(Command& command) const {
    if constexpr (requires { command.leg; }) swap(command.leg);
    if constexpr (requires { command.a; }) swap(command.a);
    if constexpr (requires { command.b; }) swap(command.b);
    if constexpr (requires { command.agent; }) swap(command.agent);
    if constexpr (requires { command.debtor; }) swap(command.debtor);
    if constexpr (requires { command.supervisor; }) swap(command.supervisor);
  }
};

}  // namespace

Status MediaEngine::Impl::post(Entry& entry, WorkerCommand&& command) {
  if (entry.is_moving) {
    if (entry.pending.size() >= max_pending)
      return Error{Errc::exhausted, "too many commands for a moving leg"};
    entry.pending.push_back(std::move(command));
    return Done{};
  }
  if (homes_[entry.worker].worker->post(std::move(command))) return Done{};
  return Error{Errc::exhausted, "media command ring is full"};
}

Status MediaEngine::Impl::post_pair(Entry& a, Entry& b, WorkerCommand&& command) {
  return post(b.is_moving ? b : a, std::move(command));
}

Status MediaEngine::Impl::bring_together(Entry& a, Entry& b) {
  if (place_of(a) == place_of(b)) return Done{};
  if (a.is_browser && b.is_browser) {
    return Error{Errc::conflict, "legs " + a.id.str() + " and " + b.id.str() + " are browsers of different workers: let the later one's page offer anew near the other"};
  }
  const bool moves_a = b.is_browser || (!a.is_browser && a.profile.role == LegRole::trunk && b.profile.role == LegRole::agent);
  return moves_a ? bring_to(a, place_of(b)) : bring_to(b, place_of(a));
}

Status MediaEngine::Impl::bring_to(Entry& mover, unsigned target) {
  if (place_of(mover) == target) return Done{};
  if (!mover.is_moving) {
    if (auto status = post(mover, DetachLeg{mover.ref}); !status) return status;
    mover.is_moving = true;
  }
  mover.target = target;
  return Done{};
}

void MediaEngine::Impl::bury(unsigned worker, Retired& retired) {
  Home& home = homes_[worker];
  home.free_indexes.push_back(retired.leg.index);
  --home.legs;
  if (retired.is_detached && retired.body) return;  // it lives on elsewhere
  if (!retired.body) return;
  const std::uint16_t port = retired.body->sockets.rtp_port;
  retired.body.reset();
  ports_.release(port);
}

void MediaEngine::Impl::land(Retired& retired) {
  Entry* entry = find(retired.body->id);
  auto place = entry != nullptr && entry->ref == retired.leg ? take_place(entry->target)
                                                             : Result<LegRef>(Error{Errc::not_found, {}});
  if (!place) {
    // Closed while moving, or no room on the new worker: the leg ends here.
    if (entry != nullptr && entry->ref == retired.leg) {
      log_error("media", "leg_lost_in_move", "leg={}", entry->id.str());
      legs_.erase(entry->id);
    }
    const std::uint16_t port = retired.body->sockets.rtp_port;
    retired.body.reset();
    ports_.release(port);
    return;
  }
  const ReplaceRef replace{entry->ref, *place};
  entry->ref = *place;
  entry->worker = entry->target;
  entry->is_moving = false;
  (void)post(*entry, AddLeg{*place, std::move(retired.body)});
  std::vector<WorkerCommand> pending = std::move(entry->pending);
  entry->pending.clear();
  for (auto& command : pending) {
    std::visit(replace, command);
    if (!post(*entry, std::move(command)))
      log_error("media", "command_lost_in_move", "leg={}", entry->id.str());
  }
}

void MediaEngine::Impl::drain_retired(unsigned worker) {
  while (auto retired = homes_[worker].worker->next_retired()) {
    if (!retired->leg.is_set()) continue;  // plain cargo dies here, off the packet path
    const std::lock_guard lock(mutex_);
    bury(worker, *retired);
    if (retired->is_detached) land(*retired);
  }
}

/// A recording whose legs went away ends without stop_recording().
void MediaEngine::Impl::forget_finished(const MediaEvent& event) {
  const auto* finished = std::get_if<RecordingFinished>(&event);
  if (finished == nullptr) return;
  const std::lock_guard lock(mutex_);
  recordings_.erase(finished->recording);
}

bool MediaEngine::Impl::drain_events() {
  bool has_more = false;
  for (auto& home : homes_) {
    for (int i = 0; i < events_per_turn; ++i) {
      const auto event = home.worker->next_event();
      if (!event) break;
      sink_.on_media_event(*event);
      has_more = i + 1 == events_per_turn;
    }
  }
  while (recorder_) {
    const auto event = recorder_->next_event();
    if (!event) break;
    forget_finished(*event);
    sink_.on_media_event(*event);
  }
  return has_more;
}

void MediaEngine::Impl::watch_heartbeats() {
  const std::int64_t now_us = media_now_us();
  for (unsigned i = 0; i < homes_.size(); ++i) {
    Home& home = homes_[i];
    const std::int64_t silent_ms = (now_us - home.worker->heartbeat_us()) / 1000;
    const bool is_stalled = silent_ms > static_cast<std::int64_t>(settings_.stalled_after_ms);
    if (is_stalled && !home.is_told_stalled) {
      log_error("media", "worker_stalled", "worker={} silent_ms={}", i, silent_ms);
      sink_.on_media_event(WorkerStalled{i, static_cast<std::uint32_t>(silent_ms)});
    }
    home.is_told_stalled = is_stalled;
  }
}

void MediaEngine::Impl::run_events(const std::stop_token& stop) {
  const Ticker ticker(event_period_us);
  while (!stop.stop_requested()) {
    ticker.wait();
    for (unsigned i = 0; i < homes_.size(); ++i) drain_retired(i);
    while (drain_events()) continue;
    watch_heartbeats();
  }
}

Status MediaEngine::Impl::start_recording(RecordingId recording, LegId debtor) {
  const std::lock_guard lock(mutex_);
  if (!recorder_) return Error{Errc::conflict, "recording is switched off: no recordings folder is set"};
  if (recordings_.contains(recording))
    return Error{Errc::conflict, "recording runs already: " + recording.str()};
  Entry* entry = find(debtor);
  if (entry == nullptr) return unknown(debtor);
  if (auto status = recorder_->open(recording); !status) return status;
  StartTap command{entry->ref, std::make_unique<RecordingTap>(recording)};
  if (auto status = post(*entry, std::move(command)); !status) return status;
  recordings_[recording] = debtor;
  return Done{};
}

Status MediaEngine::Impl::pause_recording(RecordingId recording, bool is_on) {
  const std::lock_guard lock(mutex_);
  const auto at = recordings_.find(recording);
  Entry* debtor = at == recordings_.end() ? nullptr : find(at->second);
  if (debtor == nullptr) return Error{Errc::not_found, "no such recording: " + recording.str()};
  return post(*debtor, PauseTap{debtor->ref, recording, is_on});
}

Status MediaEngine::Impl::stop_recording(RecordingId recording, std::vector<RecordingMark> marks) {
  const std::lock_guard lock(mutex_);
  const auto at = recordings_.find(recording);
  if (at == recordings_.end()) return Error{Errc::not_found, "no such recording: " + recording.str()};
  Entry* debtor = find(at->second);
  recordings_.erase(at);
  if (auto status = recorder_->set_marks(recording, std::move(marks)); !status) return status;
  // A closed leg ends its recording itself.
  return debtor != nullptr ? post(*debtor, StopTap{debtor->ref, recording}) : Done{};
}

}  // namespace dunlin
