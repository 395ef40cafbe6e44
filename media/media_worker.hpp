#pragma once
// One media worker: a thread woken by the clock every 2 ms that owns its legs' sockets, SRTP contexts, codecs
// and jitter buffers; without a leg it rests, and a command or the next beat wakes it. Each tick: commands, all ready sockets (relay at once), then the legs whose 20 ms slot
// it is (decode, watch, record, mix, encode, report). The packet path takes no lock, allocates nothing, logs
// nothing, writes no file. Threads: post(), next_event(), next_retired() belong to one control side (their
// callers serialise); busy_percent() and heartbeat_us() to anybody; tick() to the worker's own thread, or to
// a test that never calls start(). Bounds: a full event ring drops events (counted); a full retirement ring
// lets commands wait.
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/base/check.hpp"
#include "media/leg.hpp"
#include "media/spsc_ring.hpp"

namespace dunlin {

class Ticker;

class MediaWorker {
 public:
  static constexpr std::int64_t tick_us = 2000;
  static constexpr std::size_t slot_count = 10;
  static constexpr std::uint64_t browser_tag = UINT64_MAX;
  static constexpr int handshakes_per_tick = 8;  ///< A handshake's step is 0.1 to 0.4 ms of arithmetic; who is passed over sends again.

  struct Options {
    unsigned index = 0;
    unsigned max_legs = 1024;
    unsigned silent_after_ms = 2000;
    unsigned rtcp_interval_ms = 5000;
    unsigned opus_complexity = 5;
    unsigned busy_limit_percent = 70;
    bool is_pinned = false;
    bool wants_realtime = true;
    std::function<UtcTime()> utc_now;
    RecordingRing* recording_ring = nullptr;  ///< Null: nothing is recorded. Outlives the worker.
    unsigned rest_beat_ms = 50;               ///< At rest: from one heartbeat to the next; well below what counts as stalled.
    std::shared_ptr<UdpSocket> browser_socket{};  ///< Null: no browser's legs live here.
  };

  static Result<std::unique_ptr<MediaWorker>> make(Options options);
  ~MediaWorker();

  void start();
  void stop();

  /// False when the ring is full; the command is untouched.
  bool post(WorkerCommand&& command) {
    if (!commands_.try_push(std::move(command))) return false;
    wake();
    return true;
  }
  std::optional<MediaEvent> next_event() { return events_.try_pop(); }
  std::optional<Retired> next_retired() { return retired_.try_pop(); }

  unsigned busy_percent() const { return busy_percent_.load(std::memory_order_relaxed); }
  std::int64_t heartbeat_us() const { return heartbeat_us_.load(std::memory_order_relaxed); }
  std::uint64_t dropped_events() const { return dropped_events_.load(std::memory_order_relaxed); }

  /// One turn of the loop at the given monotonic time.
  void tick(std::int64_t now_us);
  /// Time that passed without a turn, in whole rounds of 20 ms: stream clocks and recordings move on, a gap remains.
  void skip_rounds(std::uint64_t rounds);

 private:
  MediaWorker(Options options, int epoll_fd, int bell_fd);

  // media_worker.cpp: the thread and its sockets
  void run(const std::stop_token& stop);
  void serve(const std::stop_token& stop, const Ticker& ticker);
  void rest(const std::stop_token& stop);
  bool has_nothing_to_do() const;
  void wake();
  void enter_realtime();
  void drain_sockets();
  void on_rtp_ready(Leg& leg);
  void on_rtcp_ready(Leg& leg);
  bool on_rtp(Leg& leg, std::span<std::uint8_t> datagram, const UdpAddress& from);
  void on_rtcp(Leg& leg, std::span<std::uint8_t> datagram, const UdpAddress& from);
  void mark_heard(Leg& leg);
  void measure_load();

  // worker_browser.cpp: the port all browsers of this worker share
  struct BrowserRoute {
    std::uint16_t leg_index = 0;
    std::uint64_t page = 0;
  };
  struct AddressHash {
    std::size_t operator()(const UdpAddress& address) const { return address.hash(); }
  };
  void open_browser_port();
  void on_browser_ready();
  void on_browser_datagram(std::span<std::uint8_t> datagram, const UdpAddress& from);
  void on_browser_check(std::span<const std::uint8_t> datagram, const UdpAddress& from);
  void on_browser_handshake(std::span<const std::uint8_t> datagram, const UdpAddress& from);
  void on_browser_media(std::span<std::uint8_t> datagram, const UdpAddress& from);
  Leg* leg_named(std::string_view username);
  BrowserPath* path_of(const BrowserRoute& route);
  void on_command(StartBrowser& command);
  void watch_browser(Leg& leg);
  void judge_next(Leg& leg);
  void take_over(Leg& leg);
  void lose(Leg& leg, BrowserEnd reason);
  void give_up_next(Leg& leg, BrowserEnd reason);
  void drop_next(Leg& leg, BrowserEnd reason);
  void give_up_waiting(Leg& leg);
  void adopt(Leg& leg, MediaParts& parts);
  void adopt_at(Leg& leg, MediaParts& parts, const UdpAddress& address);
  void revive(Leg& leg);
  void move_to(Leg& leg);
  void close_browser(Leg& leg);
  void farewell(BrowserPath& path);
  void forget_route(const UdpAddress& address, std::uint64_t page);
  void retire_order(std::unique_ptr<BrowserOrder>&& order);

  // worker_commands.cpp
  void drain_commands();
  void on_command(std::monostate&);
  void on_command(AddLeg& command);
  void on_command(RemoveLeg& command);
  void on_command(DetachLeg& command);
  void on_command(StartMedia& command);
  void on_command(JoinLegs& command);
  void on_command(PartLeg& command);
  void on_command(MuteLeg& command);
  void on_command(HoldLeg& command);
  void on_command(StartPrompt& command);
  void on_command(StartSpeech& command);
  void on_command(SendDigits& command);
  void on_command(WatchLeg& command);
  void on_command(MonitorLeg& command);
  void on_command(StartTap& command);
  void on_command(PauseTap& command);
  void on_command(StopTap& command);
  void take_out(LegRef ref, bool is_detached);
  void unlink(Leg& leg);
  static void end_monitoring(Leg& supervisor);
  void enter_slot(Leg& leg, std::uint8_t slot);
  void leave_slot(Leg& leg);
  std::uint8_t least_loaded_slot() const;
  Leg* find(LegRef ref);
  void retire(Retired&& retired);
  void publish(MediaEvent&& event);

  // worker_audio.cpp
  void serve_slot(std::uint8_t slot);
  bool can_relay(const Leg& from, const Leg& to) const;
  bool wants_frames(const Leg& leg) const;
  void listen(Leg& leg);
  void hear_detectors(Leg& leg);
  void speak(Leg& leg);
  bool compose(Leg& leg, Frame& frame);
  void report(Leg& leg, bool is_final);
  void watch_silence(Leg& leg);
  void record(Leg& debtor);
  void append(RecordingTap& tap, const Frame& left, const Frame& right);
  void fill_gap(RecordingTap& tap);
  void end_tap(std::unique_ptr<RecordingTap>&& tap);
  void hand_over(RecordingTap& tap);
  bool flush(RecordingTap& tap);
  void flush_ended_taps();

  Options options_;
  int epoll_fd_;
  int bell_fd_;                             ///< An eventfd: rings a resting worker awake.
  SpscRing<WorkerCommand> commands_;
  SpscRing<MediaEvent> events_;
  SpscRing<Retired> retired_;
  std::vector<std::unique_ptr<Leg>> legs_;
  std::array<std::vector<Leg*>, slot_count> slots_;
  std::vector<std::unique_ptr<RecordingTap>> ended_taps_;  ///< Waiting for room in the ring for their last block.
  std::array<std::uint8_t, 2048> datagram_{};
  std::unordered_map<UdpAddress, BrowserRoute, AddressHash> routes_;  ///< Of proven addresses; changed by checks, never by media.
  int handshake_budget_ = 0;
  std::int64_t now_us_ = 0;
  std::uint64_t ticks_ = 0;
  bool is_overloaded_ = false;
  bool sheds_complexity_ = false;
  bool sheds_detectors_ = false;
  std::int64_t measured_at_us_ = 0;
  std::int64_t measured_cpu_us_ = 0;
  std::atomic<unsigned> busy_percent_{0};
  std::atomic<std::int64_t> heartbeat_us_{0};
  std::atomic<std::uint64_t> dropped_events_{0};
  std::atomic<bool> is_resting_{false};
  std::jthread thread_;
};

}  // namespace dunlin
