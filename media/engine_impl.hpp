#pragma once
// Inside of MediaEngine: who lives on which worker, and the event thread. Included by the engine's own files
// only. One mutex guards the control side; the event thread takes it to bury or re-home legs, never while
// calling the sink.
#include <mutex>
#include <thread>
#include <unordered_map>

#include "media/media_engine.hpp"
#include "media/media_worker.hpp"
#include "media/negotiation.hpp"
#include "media/port_pools.hpp"
#include "media/recorder.hpp"

namespace dunlin {

/// Errors: unavailable (no randomness).
Result<StreamSeed> random_seed();

class MediaEngine::Impl {
 public:
  Impl(MediaSettings settings, MediaSink& sink);
  ~Impl();
  Status start(RecordingKeys* keys);

  Result<MediaDescription> open(LegId id, const LegProfile& profile, const MediaDescription* offer);
  Status set_remote(LegId id, const MediaDescription& answer);
  Result<MediaDescription> answer_reoffer(LegId id, const MediaDescription& offer);
  Result<std::string> answer_browser(LegId id, const LegProfile& profile, std::string_view sdp);
  void close(LegId id);
  Status bridge(LegId a, LegId b);
  Status hold(LegId id, bool is_on);
  Status add_prompt(PromptId id, std::vector<std::int16_t> samples);
  Status play(LegId id, PromptId prompt, bool is_looped);
  Status send_dtmf(LegId id, std::string_view digits);
  Status monitor(LegId supervisor, LegId agent, MonitorMode mode);
  Status start_recording(RecordingId recording, LegId debtor);
  Status stop_recording(RecordingId recording, std::vector<RecordingMark> marks);
  Status pause_recording(RecordingId recording, bool is_on);
  unsigned busy_percent() const;
  std::size_t leg_count() const;

  /// Sends a command that needs nothing but the leg: `make` builds it from the leg's reference.
  template <class Make>
  Status command(LegId id, Make make) {
    const std::lock_guard lock(mutex_);
    Entry* entry = find(id);
    if (entry == nullptr) return unknown(id);
    return post(*entry, make(entry->ref));
  }

 private:
  /// A page that has offered itself for a leg.
  struct Page {
    std::uint64_t number = 0;  ///< Unique in this engine.
    std::uint64_t session_id = 0;
    CertificateFingerprint fingerprint;
    IceCredentials ours;
    IceCredentials theirs;
  };
  struct Entry {
    LegId id;
    LegProfile profile;
    unsigned worker = 0;
    LegRef ref;
    std::uint16_t rtp_port = 0;
    std::uint32_t ssrc = 0;
    MediaDescription ours;
    bool we_offered = true;
    std::optional<AgreedMedia> agreed;
    bool is_browser = false;             ///< Stays on its worker, whose port its page knows.
    std::vector<Page> pages;             ///< The latest first; at most max_pages.
    bool is_moving = false;
    unsigned target = 0;                 ///< Where it lands when moving.
    std::vector<WorkerCommand> pending;  ///< Commands that came while moving; at most max_pending.
  };
  struct Home {
    std::unique_ptr<MediaWorker> worker;
    std::unique_ptr<RecordingRing> ring;
    std::vector<std::uint16_t> free_indexes;
    std::size_t legs = 0;
    bool is_told_stalled = false;
  };
  static constexpr std::size_t max_pending = 64;
  static constexpr std::size_t max_pages = 2;

  static Error unknown(LegId id) { return {Errc::not_found, "no media leg " + id.str()}; }
  Entry* find(LegId id);
  Result<unsigned> choose_worker(const LegProfile& profile);
  Result<LegRef> take_place(unsigned worker);
  Status post(Entry& entry, WorkerCommand&& command);
  Status post_pair(Entry& a, Entry& b, WorkerCommand&& command);
  static unsigned place_of(const Entry& entry) { return entry.is_moving ? entry.target : entry.worker; }
  Status bring_together(Entry& a, Entry& b);
  Status bring_to(Entry& mover, unsigned target);
  Status apply(Entry& entry, const MediaDescription& theirs);
  Result<std::unique_ptr<MediaParts>> build_parts(const Entry& entry, const AgreedMedia& agreed);

  // engine_browser.cpp
  Status open_browser_ports();
  Result<Entry*> open_browser(LegId id, const LegProfile& profile);
  Result<BrowserOrder> order_for(Entry& entry, const BrowserOffer& offer, Page& page);
  Result<std::string> answer_page(Entry& entry, const BrowserOffer& offer);

  void run_events(const std::stop_token& stop);
  bool drain_events();
  void forget_finished(const MediaEvent& event);
  void drain_retired(unsigned worker);
  void land(Retired& retired);
  void bury(unsigned worker, Retired& retired);
  void watch_heartbeats();

  MediaSettings settings_;
  MediaSink& sink_;
  mutable std::mutex mutex_;
  PortPools ports_;
  std::vector<Home> homes_;
  std::unique_ptr<Recorder> recorder_;
  std::unordered_map<LegId, Entry> legs_;
  std::unordered_map<PromptId, const LoadedPrompt*> prompts_;
  std::vector<std::unique_ptr<LoadedPrompt>> prompt_store_;  ///< Never shrinks: workers keep plain pointers.
  std::unordered_map<RecordingId, LegId> recordings_;        ///< To the debtor's leg, which holds the tap.
  const LoadedPrompt* hold_music_ = nullptr;
  std::uint32_t next_generation_ = 1;
  std::uint64_t next_page_ = 1;
  std::shared_ptr<const DtlsIdentity> identity_;  ///< Set when browsers are taken.
  std::vector<std::shared_ptr<UdpSocket>> browser_sockets_;  ///< One a worker, or none at all.
  std::jthread event_thread_;
};

}  // namespace dunlin
