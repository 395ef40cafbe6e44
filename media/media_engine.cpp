#include "media/media_engine.hpp"

#include <fstream>
#include <iterator>

#include "media/engine_impl.hpp"
#include "media/wav.hpp"

namespace dunlin {
namespace {
constexpr std::uintmax_t max_wav_bytes = 2 * max_prompt_samples + 64 * 1024;
constexpr std::size_t max_speech_pieces = 512;
}

MediaEngine::MediaEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MediaEngine::~MediaEngine() = default;

Result<std::unique_ptr<MediaEngine>> MediaEngine::start(MediaSettings settings, MediaSink& sink,
                                                        RecordingKeys* keys) {
  if (!settings.utc_now) return invalid_input("media settings need a wall clock");
  if (!settings.recordings_dir.empty() && keys == nullptr)
    return invalid_input("recording needs a key store");
  auto impl = std::make_unique<Impl>(std::move(settings), sink);
  if (auto status = impl->start(keys); !status) return status.error();
  return std::unique_ptr<MediaEngine>(new MediaEngine(std::move(impl)));
}

Result<MediaDescription> MediaEngine::open_leg(LegId leg, const LegProfile& profile) {
  return impl_->open(leg, profile, nullptr);
}

Result<MediaDescription> MediaEngine::open_leg_from_offer(LegId leg, const LegProfile& profile,
                                                          const MediaDescription& offer) {
  return impl_->open(leg, profile, &offer);
}

Status MediaEngine::set_remote(LegId leg, const MediaDescription& answer) {
  return impl_->set_remote(leg, answer);
}

Result<MediaDescription> MediaEngine::answer_reoffer(LegId leg, const MediaDescription& offer) {
  return impl_->answer_reoffer(leg, offer);
}

Result<std::string> MediaEngine::answer_browser(LegId leg, const LegProfile& profile, std::string_view offer_sdp) {
  return impl_->answer_browser(leg, profile, offer_sdp);
}

void MediaEngine::close_leg(LegId leg) {
  impl_->close(leg);
}

Status MediaEngine::bridge(LegId a, LegId b) {
  return impl_->bridge(a, b);
}

Status MediaEngine::unbridge(LegId leg) {
  return impl_->command(leg, [](LegRef ref) { return PartLeg{ref}; });
}

Status MediaEngine::mute(LegId leg, bool is_muted) {
  return impl_->command(leg, [=](LegRef ref) { return MuteLeg{ref, is_muted}; });
}

Status MediaEngine::hold_music(LegId leg, bool is_on) {
  return impl_->hold(leg, is_on);
}

Status MediaEngine::load_prompt(PromptId prompt, const std::filesystem::path& wav_file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(wav_file, error);
  if (error) return Error{Errc::not_found, "prompt file: " + wav_file.string()};
  if (size > max_wav_bytes)
    return invalid_input("prompt file is longer than ten minutes: " + wav_file.string());
  std::ifstream file(wav_file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return load_prompt_bytes(prompt, bytes);
}

Status MediaEngine::load_prompt_bytes(PromptId prompt, std::string_view wav_bytes) {
  auto samples = parse_wav({reinterpret_cast<const std::uint8_t*>(wav_bytes.data()), wav_bytes.size()});
  if (!samples) return samples.error();
  return impl_->add_prompt(prompt, std::move(*samples));
}

Status MediaEngine::play(LegId leg, PromptId prompt, bool is_looped) {
  return impl_->play(leg, prompt, is_looped);
}

Status MediaEngine::say(LegId leg, Sounds sounds, std::uint32_t round) {
  if (sounds.empty() || sounds.size() > max_speech_pieces) return invalid_input("speech has 1 to 512 pieces");
  for (const SoundPointer& sound : sounds) {
    if (!sound) return invalid_input("a piece of speech is missing");
  }
  auto speech = std::make_unique<Speech>();
  speech->sounds = std::move(sounds);
  speech->round = round;
  return impl_->command(leg, [&](LegRef ref) { return StartSpeech{ref, std::move(speech)}; });
}

Status MediaEngine::stop_play(LegId leg) {
  return impl_->command(leg, [](LegRef ref) { return StartPrompt{ref, nullptr, false}; });
}

Status MediaEngine::send_dtmf(LegId leg, std::string_view digits) {
  return impl_->send_dtmf(leg, digits);
}

Status MediaEngine::watch(LegId leg, std::unique_ptr<FrameListener> listener) {
  return impl_->command(leg, [&](LegRef ref) { return WatchLeg{ref, std::move(listener)}; });
}

Status MediaEngine::monitor(LegId supervisor, LegId agent, MonitorMode mode) {
  return impl_->monitor(supervisor, agent, mode);
}

Status MediaEngine::start_recording(RecordingId recording, LegId debtor_leg) {
  return impl_->start_recording(recording, debtor_leg);
}

Status MediaEngine::stop_recording(RecordingId recording, std::vector<RecordingMark> marks) {
  return impl_->stop_recording(recording, std::move(marks));
}

Status MediaEngine::pause_recording(RecordingId recording, bool is_on) {
  return impl_->pause_recording(recording, is_on);
}

unsigned MediaEngine::busy_percent() const {
  return impl_->busy_percent();
}
std::size_t MediaEngine::leg_count() const {
  return impl_->leg_count();
}

}  // namespace dunlin
