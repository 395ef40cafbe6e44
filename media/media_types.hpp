#pragma once
// The vocabulary of the media engine: settings, leg profiles, events. Plain values, any thread.
// Units: milliseconds, 8 kHz samples. The packet path itself never sees a string of this file.
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/port_range.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/call/media_description.hpp"
#include "core/voice/frame_listener.hpp"
#include "media/browser_path.hpp"
#include "media/refusal_book.hpp"

namespace dunlin {

struct PromptTag {
  static constexpr std::string_view prefix = "prompt";
};
using PromptId = Id<PromptTag>;  ///< One loaded piece of audio.
using RecordingId = AttemptId;   ///< A recording belongs to one attempt and carries its number.

enum class LegRole : std::uint8_t { agent, trunk };
enum class SrtpPolicy : std::uint8_t { off, optional, required };

enum class MonitorMode : std::uint8_t { off, listen, whisper, barge };

/// What a leg may speak. Fixed when the leg opens.
struct LegProfile {
  LegRole role = LegRole::trunk;
  std::vector<Codec> codecs{Codec::pcma, Codec::pcmu};  ///< In order of preference.
  SrtpPolicy srtp = SrtpPolicy::required;
  std::vector<CryptoSuite> suites{CryptoSuite::aead_aes_128_gcm, CryptoSuite::aes_cm_128_hmac_sha1_80};
  bool has_telephone_event = true;   ///< Offer RFC 4733 events.
  bool detects_inband_dtmf = false;  ///< Listen for DTMF in the audio when the peer has no RFC 4733.
  bool detects_fax = false;          ///< Listen for CED (ITU-T T.30); reported as a Verdict.
  std::string advertised_address;    ///< Empty: the address of MediaSettings.
  PortRange rtp_ports;               ///< Not set: the range of MediaSettings.
  LegId near_leg;                    ///< Place beside this leg (same worker) when set.
};

/// Keys of recordings at rest: AES-256, one key a recording, wrapped and kept by the caller's vault.
/// Called from the control thread and from the finisher thread at once: the implementation must be thread
/// safe. The same id must give the same key until the key is destroyed; a destroyed key answers
/// Errc::not_found.
using RecordingKey = std::array<std::uint8_t, 32>;
class RecordingKeys {
 public:
  virtual ~RecordingKeys() = default;
  virtual Result<RecordingKey> key_for(RecordingId recording) = 0;
};

struct MediaSettings {
  std::string bind_address = "127.0.0.1";  ///< Numeric IPv4 or IPv6.
  std::string advertised_address;          ///< Written into descriptions; empty: bind_address.
  std::uint16_t first_port = 20000;        ///< Even; RTP takes even ports, RTCP the next odd one.
  std::uint16_t last_port = 29999;
  std::uint16_t browser_port = 0;  ///< Worker n takes browsers on browser_port + n; 0: none are taken.
  unsigned workers = 0;  ///< 0: one per core.
  unsigned max_legs_per_worker = 1024;
  bool is_pinned = false;            ///< Pin worker n to core n.
  bool wants_realtime = true;        ///< SCHED_FIFO when the system allows it; the log says when not.
  unsigned busy_limit_percent = 70;  ///< open_leg refuses above this measured share of a core.
  unsigned silent_after_ms = 2000;   ///< No RTP and no RTCP for this long: RtpSilent.
  unsigned rtcp_interval_ms = 5000;
  unsigned stalled_after_ms = 200;       ///< A worker without heartbeat for this long is reported.
  unsigned opus_complexity = 5;          ///< 0..10; lowered to 0 under load.
  std::filesystem::path recordings_dir;  ///< Empty: recording is refused.
  std::filesystem::path hold_music_wav;  ///< 8 kHz mono 16-bit WAV; empty: a built-in quiet melody.
  std::function<UtcTime()> utc_now;      ///< Required. Called by several threads.
};

/// Named stretch of a talk for the side-car file ("ringing", "talk", "hold"). Names only, no personal data.
struct RecordingMark {
  std::uint64_t at_ms = 0;  ///< Since the recording began.
  std::string name;
};

// ---- events, all past tense, delivered to MediaSink on the engine's event thread ----

struct LegFirstRtp {
  LegId leg;
};
struct DtmfReceived {
  LegId leg;
  char digit = 0;
};
struct VerdictFell {
  LegId leg;
  VoiceVerdict verdict;
};
struct PlayDone {
  LegId leg;
  PromptId prompt;
};
/// Every piece of what was said last has been heard; not told of speech that was stopped or replaced.
struct SpeechDone {
  LegId leg;
  std::uint32_t round = 0;
};
struct DtmfSent {
  LegId leg;
};
struct RtpSilent {
  LegId leg;
  std::uint32_t silent_ms = 0;
  bool may_be_silent = false;  ///< Hold or agreed silence suppression: silence alone proves nothing.
};
struct RtpResumed {
  LegId leg;
};

/// Sent each RTCP interval and once at the end of a leg.
struct LegQuality {
  LegId leg;
  float received_loss = 0;  ///< 0..1 over the interval, as we receive.
  float reported_loss = 0;  ///< 0..1, as the peer reports it of our stream.
  float jitter_ms = 0;      ///< RFC 3550 §6.4.1.
  float rtt_ms = 0;         ///< 0 until the peer's first report block.
  float mos = 0;            ///< 1..4.5 by the E-model (ITU-T G.107, short form).
  std::uint64_t packets_received = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_refused = 0;  ///< Failed authentication, replayed, foreign source or malformed.
  bool is_final = false;
};

/// Packets a leg refused for one reason. Told with LegQuality, each reason at most once a minute and leg.
struct PacketsRefused {
  LegId leg;
  LegRole role = LegRole::trunk;
  RefusalReason reason = RefusalReason::malformed;
  std::uint64_t count = 0;  ///< Since it was told last.
  UdpAddress from;
  UdpAddress expected;      ///< Where the far end says it is.
};

/// A page's connection stands: from now on it is the one the leg hears.
struct BrowserConnected {
  LegId leg;
};
/// A page is heard no more. With `has_other` an older one still is.
struct BrowserLost {
  LegId leg;
  BrowserEnd reason = BrowserEnd::silent;
  bool has_other = false;
};

struct RecordingFinished {
  RecordingId recording;
  std::filesystem::path audio_path;    ///< Ogg/Opus, stereo, encrypted; read it with decrypt_recording().
  std::filesystem::path peaks_path;    ///< 20 values a second and channel.
  std::filesystem::path sidecar_path;  ///< JSON.
  std::uint64_t duration_ms = 0;
  std::uint64_t gap_ms = 0;  ///< Audio lost to a full disk or an overrun writer; silence in the file.
  std::string sha256_hex;    ///< Of the Ogg/Opus bytes before encryption.
};
struct RecordingFailed {
  RecordingId recording;
  std::string reason;
};

struct WorkerStalled {
  unsigned worker = 0;
  std::uint32_t silent_ms = 0;
};
struct MediaOverloaded {
  unsigned worker = 0;
  unsigned busy_percent = 0;
  bool is_overloaded = false;
};

using MediaEvent =
    std::variant<LegFirstRtp, DtmfReceived, VerdictFell, PlayDone, SpeechDone, DtmfSent, RtpSilent, RtpResumed,
                 LegQuality, PacketsRefused, BrowserConnected, BrowserLost, RecordingFinished, RecordingFailed, WorkerStalled, MediaOverloaded>;

/// Receives every event of the engine, one at a time, on the engine's event thread. Must return soon and must
/// not call back into the engine's destructor; calling its other functions is allowed. Must outlive the
/// engine.
class MediaSink {
 public:
  virtual ~MediaSink() = default;
  virtual void on_media_event(const MediaEvent& event) = 0;
};

}  // namespace dunlin
