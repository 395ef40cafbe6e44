#pragma once
// Commands into a media worker and objects out of it. Everything a command carries is built on the control
// thread and moved in; what the worker no longer needs is moved out and destroyed there. A command whose
// LegRef has an old generation is late and is dropped (its cargo comes back all the same).
#include <memory>
#include <variant>

#include "core/voice/spoken_sound.hpp"
#include "media/browser_path.hpp"
#include "media/leg_receiver.hpp"
#include "media/leg_sender.hpp"
#include "media/recording_block.hpp"
#include "media/tones.hpp"

namespace dunlin {

struct LegRef {
  std::uint16_t index = 0;
  std::uint32_t generation = 0;  ///< 0: no leg.
  bool operator==(const LegRef&) const = default;
  bool is_set() const { return generation != 0; }
};

/// A loaded prompt; lives until the engine ends, so workers may keep plain pointers.
struct LoadedPrompt {
  PromptId id;
  std::vector<std::int16_t> samples;
};

/// Pieces said one after the other towards a leg, without a gap. Made and destroyed on the control side: the last of a
/// call's own pieces goes there too.
struct Speech {
  Sounds sounds;
  std::uint32_t round = 0;  ///< The asker's mark, told back with SpeechDone.
  std::size_t at = 0;       ///< The piece being said.
  std::size_t position = 0;

  bool is_on() const { return at < sounds.size(); }
  void stop() { at = sounds.size(); }
  /// Writes the next 20 ms; true when the last piece ended with this frame (then it is off).
  bool next(Frame& frame);
};

struct Leg;
struct RecordingTap;

/// Everything one agreement needs. After the swap it carries the previous agreement's parts home.
struct MediaParts {
  SendPlan send;
  ReceivePlan receive;
  std::unique_ptr<SrtpSession> srtp_out;  ///< Null on a secure leg: our key stays, keep the context.
  std::unique_ptr<SrtpSession> srtp_in;   ///< Null on a secure leg: the peer's key stays.
  std::unique_ptr<OpusVoiceEncoder> encoder;
  std::unique_ptr<OpusVoiceDecoder> decoder;
  std::unique_ptr<DtmfToneDetector> dtmf_detector;
  std::unique_ptr<FaxToneDetector> fax_detector;
};

/// What an offer of a page brings. After the swap it carries home what is not wanted any more.
struct BrowserOrder {
  std::uint64_t page = 0;
  std::unique_ptr<MediaParts> parts;  ///< SRTP comes with the handshake; the addresses with the checks.
  std::unique_ptr<BrowserPath> path;  ///< Null: the page is the leg's already and offers anew.
  IceCredentials fresh;               ///< With a null path: new credentials of ours (ICE restart), or empty.
};

struct AddLeg {
  LegRef leg;
  std::unique_ptr<Leg> body;
};
struct RemoveLeg {
  LegRef leg;
};
struct DetachLeg {
  LegRef leg;
};  ///< As RemoveLeg, but the body comes back alive, to be added to another worker.
struct StartMedia {
  LegRef leg;
  std::unique_ptr<MediaParts> parts;
};
struct StartBrowser {
  LegRef leg;
  std::unique_ptr<BrowserOrder> order;
};
struct JoinLegs {
  LegRef a;
  LegRef b;
};
struct PartLeg {
  LegRef leg;
};
struct MuteLeg {
  LegRef leg;
  bool is_muted = false;
};
struct HoldLeg {
  LegRef leg;
  const LoadedPrompt* music = nullptr;
};  ///< Null: off.
struct StartPrompt {
  LegRef leg;
  const LoadedPrompt* prompt = nullptr;
  bool is_looped = false;
};  ///< Null: stop.
struct StartSpeech {
  LegRef leg;
  std::unique_ptr<Speech> speech;
};
struct SendDigits {
  LegRef leg;
  std::array<char, DtmfSender::max_waiting> digits{};
  std::size_t count = 0;
};
struct WatchLeg {
  LegRef leg;
  std::unique_ptr<FrameListener> listener;
};
struct MonitorLeg {
  LegRef supervisor;
  LegRef agent;
  MonitorMode mode = MonitorMode::off;
};
struct StartTap {
  LegRef leg;
  std::unique_ptr<RecordingTap> tap;
};
struct PauseTap {
  LegRef leg;
  RecordingId recording;
  bool is_on = true;
};
struct StopTap {
  LegRef leg;
  RecordingId recording;
};

using WorkerCommand =
    std::variant<std::monostate, AddLeg, RemoveLeg, DetachLeg, StartMedia, StartBrowser, JoinLegs, PartLeg, MuteLeg,
                 HoldLeg, StartPrompt, StartSpeech, SendDigits, WatchLeg, MonitorLeg, StartTap, PauseTap, StopTap>;

/// Cargo on its way to be destroyed, or a detached leg on its way to another worker.
struct Retired {
  LegRef leg;  ///< Set when a leg left its place.
  bool is_detached = false;
  std::unique_ptr<Leg> body;
  std::unique_ptr<MediaParts> parts;
  std::unique_ptr<BrowserOrder> order;
  std::unique_ptr<FrameListener> listener;
  std::unique_ptr<RecordingTap> tap;
  std::unique_ptr<Speech> speech;
};

}  // namespace dunlin
