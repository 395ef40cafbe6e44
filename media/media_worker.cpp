#include "media/media_worker.hpp"

#include <algorithm>
#include <ctime>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "config/log.hpp"
#include "media/ticker.hpp"

namespace dunlin {
namespace {

constexpr std::size_t command_capacity = 4096;
constexpr std::size_t event_capacity = 8192;
constexpr int socket_passes = 8;      // a flood on one socket must not starve the others or the slots
constexpr int datagram_limit = 1500;  // the rest of the buffer is room for SRTP tags of relayed packets
constexpr std::int64_t load_window_us = 200'000;
constexpr int realtime_priority = 20;
constexpr std::uint64_t ticks_before_rest = 100;
constexpr std::uint64_t catch_up_ticks = 100;  // ten rounds of slots, 200 ms: what a jitter buffer can take

std::int64_t thread_cpu_us() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::int64_t{spent.tv_sec} * 1'000'000 + spent.tv_nsec / 1000;
}

}  // namespace

Result<std::unique_ptr<MediaWorker>> MediaWorker::make(Options options) {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) return Error{Errc::exhausted, "no epoll descriptor"};
  const int bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (bell_fd < 0) {
    ::close(epoll_fd);
    return Error{Errc::exhausted, "no event descriptor"};
  }
  return std::unique_ptr<MediaWorker>(new MediaWorker(std::move(options), epoll_fd, bell_fd));
}

MediaWorker::MediaWorker(Options options, int epoll_fd, int bell_fd)
    : options_(std::move(options)),
      epoll_fd_(epoll_fd),
      bell_fd_(bell_fd),
      commands_(command_capacity),
      events_(event_capacity),
      retired_(2 * command_capacity),
      legs_(options_.max_legs) {
  for (auto& slot : slots_) slot.reserve(options_.max_legs);
  ended_taps_.reserve(2 * std::size_t{options_.max_legs});
  heartbeat_us_ = media_now_us();
  if (options_.browser_socket) open_browser_port();
}

MediaWorker::~MediaWorker() {
  stop();
  ::close(epoll_fd_);
  ::close(bell_fd_);
}

void MediaWorker::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void MediaWorker::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  wake();
  thread_.join();
}

void MediaWorker::enter_realtime() {
  const std::string name = "media-" + std::to_string(options_.index);
  pthread_setname_np(pthread_self(), name.c_str());
  if (options_.is_pinned) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(options_.index % std::max(1u, std::thread::hardware_concurrency()), &cpus);
    const int status = pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
    if (status != 0) log_warn("media", "worker_not_pinned", "worker={}", options_.index);
  }
  if (!options_.wants_realtime) return;
  sched_param parameters{};
  parameters.sched_priority = realtime_priority;
  const int status = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
  if (status == 0) {
    log_info("media", "worker_realtime", "worker={} policy=fifo priority={}", options_.index,
             realtime_priority);
  } else {
    log_warn("media", "worker_not_realtime",
             "worker={} reason=\"SCHED_FIFO not allowed; grant CAP_SYS_NICE or LimitRTPRIO\"",
             options_.index);
  }
}

void MediaWorker::run(const std::stop_token& stop) {
  enter_realtime();
  const Ticker ticker(tick_us);  // For good: a busy process may have no descriptor left when a leg ends the rest.
  while (!stop.stop_requested()) {
    serve(stop, ticker);
    rest(stop);
  }
}

/// By the clock, until there has been nothing to do for a while.
void MediaWorker::serve(const std::stop_token& stop, const Ticker& ticker) {
  std::uint64_t idle_ticks = 0;
  ticker.wait();  // What passed in the rest is no stall.
  while (!stop.stop_requested() && idle_ticks < ticks_before_rest) {
    const std::uint64_t expirations = ticker.wait();
    // After a stall the missed turns are made up for at once, up to a bound; older ones are given up as a marked gap.
    if (expirations > catch_up_ticks) skip_rounds((expirations - catch_up_ticks) / slot_count);
    for (std::uint64_t i = std::min(expirations, catch_up_ticks); i > 0; --i) tick(media_now_us());
    idle_ticks = has_nothing_to_do() ? idle_ticks + expirations : 0;
  }
}

/// Without the clock: 500 wake-ups a second for nothing would cost a node without calls some percent of a core.
void MediaWorker::rest(const std::stop_token& stop) {
  pollfd bell{bell_fd_, POLLIN, 0};
  while (!stop.stop_requested() && has_nothing_to_do()) {
    // Both sides exchange: either who posts sees that we rest, or we see what was posted before.
    is_resting_.exchange(true);
    const bool may_wait = has_nothing_to_do() && !stop.stop_requested();
    if (may_wait) ::poll(&bell, 1, static_cast<int>(options_.rest_beat_ms));
    is_resting_.exchange(false);
    eventfd_t rings = 0;
    eventfd_read(bell_fd_, &rings);
    tick(media_now_us());
  }
}

bool MediaWorker::has_nothing_to_do() const {
  // Every leg is in a slot.
  const bool has_legs = std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) { return !slot.empty(); });
  return !has_legs && ended_taps_.empty() && commands_.size() == 0;
}

void MediaWorker::wake() {
  if (is_resting_.exchange(false)) eventfd_write(bell_fd_, 1);
}

void MediaWorker::tick(std::int64_t now_us) {
  now_us_ = now_us;
  heartbeat_us_.store(now_us, std::memory_order_relaxed);
  handshake_budget_ = handshakes_per_tick;
  drain_commands();
  drain_sockets();
  serve_slot(static_cast<std::uint8_t>(ticks_ % slot_count));
  ++ticks_;
  if (now_us - measured_at_us_ >= load_window_us) measure_load();
}

void MediaWorker::drain_sockets() {
  std::array<epoll_event, 256> ready;
  bool has_served_browsers = false;
  for (int pass = 0; pass < socket_passes; ++pass) {
    const int count = epoll_wait(epoll_fd_, ready.data(), static_cast<int>(ready.size()), 0);
    if (count <= 0) return;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t tag = ready[static_cast<std::size_t>(i)].data.u64;
      if (tag == browser_tag) {
        if (!has_served_browsers) on_browser_ready();
        has_served_browsers = true;
        continue;
      }
      Leg* leg = legs_[tag >> 1].get();
      if (leg == nullptr) continue;
      if ((tag & 1) == 0)
        on_rtp_ready(*leg);
      else
        on_rtcp_ready(*leg);
    }
  }
}

void MediaWorker::on_rtp_ready(Leg& leg) {
  const auto received = leg.sockets.rtp.receive(std::span(datagram_).first(datagram_limit));
  if (!received) return;
  const auto bytes = std::span(datagram_).first(received->size);
  // RFC 5761: some peers put RTCP on the RTP port; it is told apart by its type.
  if (looks_like_rtcp(bytes))
    on_rtcp(leg, bytes, received->from);
  else
    on_rtp(leg, bytes, received->from);
}

void MediaWorker::on_rtcp_ready(Leg& leg) {
  const auto received = leg.sockets.rtcp.receive(std::span(datagram_).first(datagram_limit));
  if (received) on_rtcp(leg, std::span(datagram_).first(received->size), received->from);
}

void MediaWorker::mark_heard(Leg& leg) {
  leg.heard_at_us = now_us_;
  if (!leg.is_silent) return;
  leg.is_silent = false;
  publish(RtpResumed{leg.id});
}

bool MediaWorker::on_rtp(Leg& leg, std::span<std::uint8_t> datagram, const UdpAddress& from) {
  const bool was_proven = leg.receiver.proven_source().has_value();
  const auto accepted = leg.receiver.on_rtp(datagram, from, now_us_);
  if (accepted.kind == LegReceiver::Kind::refused) return false;
  if (!was_proven && leg.receiver.proven_source()) leg.sender.redirect(*leg.receiver.proven_source());
  mark_heard(leg);
  if (!leg.has_told_first) {
    leg.has_told_first = true;
    publish(LegFirstRtp{leg.id});
  }
  if (accepted.digit) {
    publish(DtmfReceived{leg.id, *accepted.digit});
    if (leg.peer != nullptr && !leg.is_muted) leg.peer->sender.enqueue_digit(*accepted.digit);
  }
  if (accepted.kind != LegReceiver::Kind::audio) return true;
  if (leg.is_decoding) leg.receiver.store(accepted.packet, now_us_);
  if (leg.peer != nullptr && can_relay(leg, *leg.peer)) {
    leg.peer->sender.relay(accepted.packet, datagram_, leg.peer->rtp_socket(), now_us_);
  }
  return true;
}

void MediaWorker::on_rtcp(Leg& leg, std::span<std::uint8_t> datagram, const UdpAddress& from) {
  const auto report = leg.receiver.on_rtcp(datagram, from, now_us_);
  if (!report) return;
  mark_heard(leg);
  const auto about_us = report->about(leg.sender.ssrc());
  if (!about_us) return;
  leg.rtt_ms = round_trip_ms(*about_us, ntp_from_unix_ms(options_.utc_now().ms));
  leg.reported_loss = static_cast<float>(about_us->fraction_lost) / 256.0f;
  if (auto* encoder = leg.sender.encoder())
    encoder->set_expected_loss(std::clamp(static_cast<int>(leg.reported_loss * 100), 0, 20));
}

void MediaWorker::measure_load() {
  const std::int64_t cpu_us = thread_cpu_us();
  const std::int64_t elapsed = now_us_ - measured_at_us_;
  const bool is_first = measured_at_us_ == 0;
  const auto busy = static_cast<unsigned>(std::clamp<std::int64_t>(
      (cpu_us - measured_cpu_us_) * 100 / std::max<std::int64_t>(elapsed, 1), 0, 100));
  measured_at_us_ = now_us_;
  measured_cpu_us_ = cpu_us;
  if (is_first) return;
  busy_percent_.store(busy, std::memory_order_relaxed);
  const bool was_shedding = sheds_complexity_;
  // Two thresholds each, so that a load near the bound does not flicker.
  if (busy > options_.busy_limit_percent + 5) sheds_complexity_ = true;
  if (busy < options_.busy_limit_percent - 15) sheds_complexity_ = false;
  sheds_detectors_ = busy > 90 || (sheds_detectors_ && busy > 75);
  if (was_shedding != sheds_complexity_) {
    const int complexity = sheds_complexity_ ? 0 : static_cast<int>(options_.opus_complexity);
    for (auto& leg : legs_) {
      if (leg && leg->sender.encoder() != nullptr) leg->sender.encoder()->set_complexity(complexity);
    }
  }
  const bool is_over =
      is_overloaded_ ? busy + 10 > options_.busy_limit_percent : busy > options_.busy_limit_percent;
  if (is_over == is_overloaded_) return;
  is_overloaded_ = is_over;
  publish(MediaOverloaded{options_.index, busy, is_over});
}

}  // namespace dunlin
