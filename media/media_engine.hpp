#pragma once
// The media engine: RTP legs, bridges, prompts, recordings. The control side of the workers.
// Runs: every function may be called from any thread (one mutex, never taken on the packet path); none blocks
// on the network. Commands travel to the workers by bounded rings and take effect within about 2 ms; they
// carry the leg's generation, so that a command late for a closed leg is ignored. Errors: not_found (no such
// leg), conflict (wrong state), exhausted (ports, legs, ring or the admission bound), invalid_input
// (descriptions that do not match). RFC 3550, 3551, 3711, 4568, 4733, 6716, 7587, 7714.
#include <memory>
#include <string_view>

#include "core/voice/spoken_sound.hpp"
#include "media/media_types.hpp"

namespace dunlin {

class MediaEngine {
 public:
  /// Starts the workers, the event thread, the journal writer and the finisher (which first finishes the
  /// journals of an earlier life). `keys` may be null when recordings_dir is empty; sink and keys must
  /// outlive the engine.
  static Result<std::unique_ptr<MediaEngine>> start(MediaSettings settings, MediaSink& sink,
                                                    RecordingKeys* keys);
  ~MediaEngine();

  /// Binds a port pair and makes keys; the result is our offer. Refused (exhausted) above the busy limit.
  Result<MediaDescription> open_leg(LegId leg, const LegProfile& profile);
  /// The same as answerer: the result is our answer, RTP starts at once.
  Result<MediaDescription> open_leg_from_offer(LegId leg, const LegProfile& profile,
                                               const MediaDescription& offer);
  /// The peer's answer to our offer, or its new offer's description later on (re-INVITE): RTP starts or
  /// moves.
  Status set_remote(LegId leg, const MediaDescription& answer);
  /// Answers a re-offer on an open leg: adopts the peer's new address or direction, returns our description.
  Result<MediaDescription> answer_reoffer(LegId leg, const MediaDescription& offer);
  /// Answers the offer of a browser's page (RFC 8829), whatever it is for: the first one opens the leg; one of the same page
  /// renews it (with new ICE credentials: an ICE restart, media goes on meanwhile); one of another page lets that page take the
  /// leg over, and the one before is heard until the new connection stands. The result is our SDP. `profile` counts when
  /// the leg opens, but for its codecs, which count each time. BrowserConnected or BrowserLost follow. Such a leg stays
  /// on its worker: bridged, the other leg moves; two browsers of different workers cannot be joined (conflict).
  Result<std::string> answer_browser(LegId leg, const LegProfile& profile, std::string_view offer_sdp);
  void close_leg(LegId leg);

  /// Joins two legs. A leg of another worker moves first. Bridging a bridged leg unbridges it from its old
  /// peer.
  Status bridge(LegId a, LegId b);
  Status unbridge(LegId leg);
  /// A muted leg is heard by nobody and recorded as silence.
  Status mute(LegId leg, bool is_muted);
  /// The peer's audio is replaced by music towards this leg.
  Status hold_music(LegId leg, bool is_on);

  /// Loads 8 kHz mono 16-bit PCM WAV into memory. Reads the file on the caller's thread. At most 1024
  /// prompts.
  Status load_prompt(PromptId prompt, const std::filesystem::path& wav_file);
  Status load_prompt_bytes(PromptId prompt, std::string_view wav_bytes);
  /// Plays towards the leg, over any bridge audio. A new prompt replaces the present one. PlayDone at its
  /// end.
  Status play(LegId leg, PromptId prompt, bool is_looped = false);
  /// Says the pieces one after the other without a gap, in place of any prompt or speech. SpeechDone at the end, with the
  /// asker's `round`. Pieces are shared and go with the last speech that names them; at most 512.
  Status say(LegId leg, Sounds sounds, std::uint32_t round);
  /// Of a prompt or of speech.
  Status stop_play(LegId leg);
  /// Digits 0-9 * # A-D, at most 32 waiting. RFC 4733 when negotiated, otherwise tones in the audio.
  Status send_dtmf(LegId leg, std::string_view digits);
  /// Feeds the leg's decoded audio to the listener from now on; its verdicts arrive as VerdictFell. Null:
  /// stop.
  Status watch(LegId leg, std::unique_ptr<FrameListener> listener);

  /// Lets a supervisor's leg hear an agent's talk, speak to the agent only (whisper) or to both (barge). off:
  /// leaves. One supervisor per agent leg; a later one takes over. The supervisor's leg moves to the agent's
  /// worker.
  Status monitor(LegId supervisor, LegId agent, MonitorMode mode);

  /// Records from now on: the debtor right, whoever is bridged to the debtor (and our prompts) left. The recording
  /// goes with the leg when that moves to another worker. One recording a leg; a new one ends the old.
  Status start_recording(RecordingId recording, LegId debtor_leg);
  /// Stops and hands over to the finisher; RecordingFinished follows. Marks go into the side-car file.
  Status stop_recording(RecordingId recording, std::vector<RecordingMark> marks = {});

  /// Paused, the time line goes on with silence, and the side-car file names the stretch under "pauses".
  Status pause_recording(RecordingId recording, bool is_on);

  /// Highest busy share of the workers, percent of a core, over the last 200 ms.
  unsigned busy_percent() const;
  std::size_t leg_count() const;

  MediaEngine(const MediaEngine&) = delete;
  MediaEngine& operator=(const MediaEngine&) = delete;

 private:
  class Impl;
  explicit MediaEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Writes the plain Ogg/Opus file of a finished recording. Any thread; blocks on the disk. Used by operators'
/// exports.
Status decrypt_recording(const std::filesystem::path& audio_path, const RecordingKey& key,
                         const std::filesystem::path& target);

/// Which libsrtp is linked, for the start-up log.
std::string_view srtp_build();

}  // namespace dunlin
