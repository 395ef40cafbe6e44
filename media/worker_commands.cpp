#include <algorithm>

#include <sys/epoll.h>

#include "media/media_worker.hpp"

namespace dunlin {
namespace {
constexpr int commands_per_tick = 64;
}

void MediaWorker::drain_commands() {
  for (int i = 0; i < commands_per_tick; ++i) {
    // A command may retire up to four things; without room for them it waits.
    if (retired_.capacity() - retired_.size() < 4) return;
    auto command = commands_.try_pop();
    if (!command) return;
    std::visit([this](auto& body) { on_command(body); }, *command);
  }
}

void MediaWorker::publish(MediaEvent&& event) {
  if (!events_.try_push(std::move(event))) dropped_events_.fetch_add(1, std::memory_order_relaxed);
}

void MediaWorker::retire(Retired&& retired) {
  DUNLIN_CHECK(retired_.try_push(std::move(retired)));
}

Leg* MediaWorker::find(LegRef ref) {
  if (ref.index >= legs_.size()) return nullptr;
  Leg* leg = legs_[ref.index].get();
  return leg != nullptr && leg->ref == ref ? leg : nullptr;
}

std::uint8_t MediaWorker::least_loaded_slot() const {
  const auto at = std::min_element(slots_.begin(), slots_.end(),
                                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return static_cast<std::uint8_t>(at - slots_.begin());
}

void MediaWorker::leave_slot(Leg& leg) {
  auto& list = slots_[leg.slot];
  const auto at = std::find(list.begin(), list.end(), &leg);
  if (at == list.end()) return;
  *at = list.back();
  list.pop_back();
}

void MediaWorker::enter_slot(Leg& leg, std::uint8_t slot) {
  leave_slot(leg);
  leg.slot = slot;
  slots_[slot].push_back(&leg);
}

void MediaWorker::on_command(std::monostate&) {}

void MediaWorker::on_command(AddLeg& command) {
  Leg& leg = *command.body;
  DUNLIN_CHECK(command.leg.index < legs_.size() && !legs_[command.leg.index]);
  leg.ref = command.leg;
  leg.heard_at_us = now_us_;
  leg.report_at_us = now_us_ + std::int64_t{options_.rtcp_interval_ms} * 1000;
  if (leg.browser) {
    leg.browser->socket = options_.browser_socket.get();
  } else {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = std::uint64_t{command.leg.index} << 1;
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, leg.sockets.rtp.fd(), &interest);
    interest.data.u64 |= 1;
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, leg.sockets.rtcp.fd(), &interest);
  }
  enter_slot(leg, least_loaded_slot());
  if (leg.tap) fill_gap(*leg.tap);
  legs_[command.leg.index] = std::move(command.body);
}

void MediaWorker::unlink(Leg& leg) {
  if (leg.peer != nullptr) leg.peer->peer = nullptr;
  leg.peer = nullptr;
  if (leg.monitor != nullptr) leg.monitor->monitored = nullptr;
  leg.monitor = nullptr;
  leg.monitor_mode = MonitorMode::off;
  end_monitoring(leg);
}

void MediaWorker::end_monitoring(Leg& supervisor) {
  if (supervisor.monitored == nullptr) return;
  supervisor.monitored->monitor = nullptr;
  supervisor.monitored->monitor_mode = MonitorMode::off;
  supervisor.monitored = nullptr;
}

void MediaWorker::take_out(LegRef ref, bool is_detached) {
  Leg* leg = find(ref);
  if (leg == nullptr) return;
  if (!is_detached && leg->receiver.is_ready()) report(*leg, true);
  unlink(*leg);
  leave_slot(*leg);
  if (leg->browser) {
    close_browser(*leg);
  } else {
    epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, leg->sockets.rtp.fd(), nullptr);
    epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, leg->sockets.rtcp.fd(), nullptr);
  }
  Retired retired;
  retired.leg = ref;
  retired.is_detached = is_detached;
  if (!is_detached && leg->tap) end_tap(std::move(leg->tap));
  retired.body = std::move(legs_[ref.index]);
  retire(std::move(retired));
}

void MediaWorker::on_command(RemoveLeg& command) {
  take_out(command.leg, false);
}
void MediaWorker::on_command(DetachLeg& command) {
  take_out(command.leg, true);
}

void MediaWorker::adopt(Leg& leg, MediaParts& parts) {
  leg.receiver.adopt(parts.receive, parts.srtp_in, parts.decoder);
  leg.sender.adopt(parts.send, parts.srtp_out, parts.encoder);
  std::swap(leg.dtmf_detector, parts.dtmf_detector);
  std::swap(leg.fax_detector, parts.fax_detector);
  if (sheds_complexity_ && leg.sender.encoder() != nullptr) leg.sender.encoder()->set_complexity(0);
  leg.heard_at_us = now_us_;
  leg.is_silent = false;
}

void MediaWorker::on_command(StartMedia& command) {
  if (Leg* leg = find(command.leg)) adopt(*leg, *command.parts);
  Retired retired;
  retired.parts = std::move(command.parts);
  retire(std::move(retired));
}

void MediaWorker::on_command(JoinLegs& command) {
  Leg* a = find(command.a);
  Leg* b = find(command.b);
  if (a == nullptr || b == nullptr || a == b) return;
  // Who talks hears the other end by the bridge: a supervisor who takes the talk over listens no more.
  end_monitoring(*a);
  end_monitoring(*b);
  // Who is bridged to somebody new is supervised by nobody yet.
  if (a->peer != b) {
    for (const Leg* leg : {a, b}) {
      if (leg->monitor != nullptr) end_monitoring(*leg->monitor);
    }
  }
  if (a->peer != nullptr) a->peer->peer = nullptr;
  if (b->peer != nullptr) b->peer->peer = nullptr;
  a->peer = b;
  b->peer = a;
  // Frames of both must meet in one slot; the agent's stays where it is, its supervisor may be there too.
  if (a->role == LegRole::trunk && b->role == LegRole::agent) std::swap(a, b);
  enter_slot(*b, a->slot);
}

void MediaWorker::on_command(PartLeg& command) {
  Leg* leg = find(command.leg);
  if (leg == nullptr || leg->peer == nullptr) return;
  leg->peer->peer = nullptr;
  leg->peer = nullptr;
}

void MediaWorker::on_command(MuteLeg& command) {
  if (Leg* leg = find(command.leg)) leg->is_muted = command.is_muted;
}

void MediaWorker::on_command(HoldLeg& command) {
  if (Leg* leg = find(command.leg)) leg->hold = Playback{command.music, 0, true};
}

void MediaWorker::on_command(StartPrompt& command) {
  Leg* leg = find(command.leg);
  if (leg == nullptr) return;
  leg->playback = Playback{command.prompt, 0, command.is_looped};
  if (leg->speech) leg->speech->stop();
}

void MediaWorker::on_command(StartSpeech& command) {
  if (Leg* leg = find(command.leg)) {
    std::swap(leg->speech, command.speech);
    leg->playback = Playback{};
  }
  if (!command.speech) return;
  Retired retired;
  retired.speech = std::move(command.speech);
  retire(std::move(retired));
}

void MediaWorker::on_command(SendDigits& command) {
  Leg* leg = find(command.leg);
  if (leg == nullptr) return;
  for (std::size_t i = 0; i < command.count; ++i) leg->sender.enqueue_digit(command.digits[i]);
}

void MediaWorker::on_command(WatchLeg& command) {
  if (Leg* leg = find(command.leg)) std::swap(leg->listener, command.listener);
  if (!command.listener) return;
  Retired retired;
  retired.listener = std::move(command.listener);
  retire(std::move(retired));
}

void MediaWorker::on_command(MonitorLeg& command) {
  Leg* supervisor = find(command.supervisor);
  Leg* agent = find(command.agent);
  if (supervisor == nullptr) return;
  end_monitoring(*supervisor);
  if (agent == nullptr || agent == supervisor || command.mode == MonitorMode::off) return;
  if (agent->monitor != nullptr) agent->monitor->monitored = nullptr;  // the newer supervisor takes over
  agent->monitor = supervisor;
  agent->monitor_mode = command.mode;
  supervisor->monitored = agent;
  enter_slot(*supervisor, agent->slot);
}

void MediaWorker::on_command(StartTap& command) {
  Leg* leg = find(command.leg);
  if (leg == nullptr) return end_tap(std::move(command.tap));
  if (leg->tap) end_tap(std::move(leg->tap));
  command.tap->recorded_at_us = now_us_;
  leg->tap = std::move(command.tap);
}

/// A block is kept or paused as a whole: the one being filled ends here.
void MediaWorker::on_command(PauseTap& command) {
  Leg* leg = find(command.leg);
  if (leg == nullptr || !leg->tap || leg->tap->block.recording != command.recording) return;
  RecordingBlock& block = leg->tap->block;
  if (block.is_paused == command.is_on) return;
  if (block.samples > 0) hand_over(*leg->tap);
  block.is_paused = command.is_on;
}

void MediaWorker::on_command(StopTap& command) {
  Leg* leg = find(command.leg);
  // A leg that is gone has ended its recording itself.
  if (leg != nullptr && leg->tap && leg->tap->block.recording == command.recording) end_tap(std::move(leg->tap));
}

}  // namespace dunlin
