#pragma once
// One leg inside its media worker: sockets, the two halves of its stream, and what it is joined to. Owned by
// exactly one worker at a time; plain pointers to other legs are valid only within that worker and are
// cleared when a leg leaves.
#include <memory>

#include "media/filler_audio.hpp"
#include "media/worker_messages.hpp"

namespace dunlin {

/// A prompt being played towards a leg.
struct Playback {
  const LoadedPrompt* prompt = nullptr;
  std::size_t position = 0;
  bool is_looped = false;

  bool is_on() const { return prompt != nullptr; }
  /// Writes the next 20 ms; true when the prompt ended with this frame (then it is off).
  bool next(Frame& frame);
};

/// One recording being cut into blocks: the leg's far end right, whoever is bridged to the leg (and our prompts) left.
struct RecordingTap {
  explicit RecordingTap(RecordingId id) { block.recording = id; }
  RecordingBlock block;
  std::int64_t recorded_at_us = 0;  ///< When the last 20 ms were taken.
  std::uint64_t dropped_blocks = 0;
};

/// Of a browser's leg. A newer page takes over when its connection stands; until then the one before is heard.
struct BrowserSide {
  const UdpSocket* socket = nullptr;    ///< The worker's, shared by all its browsers.
  std::unique_ptr<BrowserPath> path;    ///< Connected.
  std::unique_ptr<BrowserPath> next;    ///< On its way.
  std::unique_ptr<MediaParts> waiting;  ///< What `next` will speak.
  bool is_lost = false;                 ///< `path` has ended, which was told.
};

struct Leg {
  Leg(LegId leg_id, LegRole leg_role, UdpPair pair, const StreamSeed& seed)
      : id(leg_id), role(leg_role), sockets(std::move(pair)), sender(seed), noise(seed.ssrc) {}

  LegId id;
  LegRole role;
  LegRef ref;
  UdpPair sockets;
  std::unique_ptr<BrowserSide> browser;  ///< Null: a leg with sockets of its own.
  LegReceiver receiver;
  LegSender sender;
  ComfortNoise noise;
  std::unique_ptr<DtmfToneDetector> dtmf_detector;
  std::unique_ptr<FaxToneDetector> fax_detector;
  std::unique_ptr<FrameListener> listener;

  Leg* peer = nullptr;                          ///< The other end of the bridge.
  Leg* monitor = nullptr;                       ///< A supervisor on this (agent) leg.
  Leg* monitored = nullptr;                     ///< The agent leg this supervisor hears.
  MonitorMode monitor_mode = MonitorMode::off;  ///< On the agent's leg.
  bool is_muted = false;
  std::unique_ptr<RecordingTap> tap;  ///< The recording of this (debtor's) leg; goes with it to another worker.
  Playback playback;
  Playback hold;
  std::unique_ptr<Speech> speech;  ///< Kept when it is over, until the next one or the end of the leg.

  std::uint8_t slot = 0;
  bool is_decoding = false;  ///< Its audio is wanted as frames, not only relayed.
  Frame frame{};             ///< What the far end said in this slot.
  bool has_frame = false;
  Frame played{};  ///< The prompt frame of this slot, for the recording.
  bool has_played = false;

  bool has_told_first = false;
  bool is_silent = false;
  std::int64_t heard_at_us = 0;
  std::int64_t report_at_us = 0;
  float rtt_ms = 0;
  float reported_loss = 0;

  const UdpSocket& rtp_socket() const { return browser ? *browser->socket : sockets.rtp; }
  const UdpSocket& rtcp_socket() const { return browser ? *browser->socket : sockets.rtcp; }
  bool is_speaking() const { return speech && speech->is_on(); }
  /// What others may hear of this leg in this slot.
  bool is_heard() const { return has_frame && !is_muted; }
};

}  // namespace dunlin
