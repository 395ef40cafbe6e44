#include "media/media_actor.hpp"

#include "actors/contracts/media_refusals.hpp"
#include "actors/contracts/messages.hpp"
#include "config/log.hpp"
#include "media/refusal_words.hpp"

namespace dunlin {
namespace {

LegProfile profile_of(const MediaLegRequest& request) {
  LegProfile profile;
  profile.role = request.is_agent ? LegRole::agent : LegRole::trunk;
  profile.codecs = request.codecs;
  profile.srtp = request.requires_srtp ? SrtpPolicy::required : request.allows_srtp ? SrtpPolicy::optional : SrtpPolicy::off;
  profile.advertised_address = request.advertised_address;
  profile.rtp_ports = request.rtp_ports;
  profile.detects_fax = !request.is_agent;
  profile.detects_inband_dtmf = request.hears_tones;
  return profile;
}

PromptId id_of(Prompt prompt) { return PromptId(static_cast<std::uint64_t>(prompt) + 1); }

constexpr std::pair<Prompt, const char*> prompt_files[] = {
    {Prompt::abandon_notice, "abandon.wav"}, {Prompt::agent_return, "return.wav"}, {Prompt::voicemail, "voicemail.wav"}, {Prompt::hold_music, "hold.wav"}};

}  // namespace

Status MediaDoorway::start(MediaSettings settings, RecordingKeys* keys, const std::filesystem::path& prompts_folder) {
  auto engine = MediaEngine::start(std::move(settings), *this, keys);
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  for (const auto& [prompt, file] : prompt_files) {
    if (prompts_folder.empty() || !std::filesystem::exists(prompts_folder / file)) continue;
    const Status loaded = engine_->load_prompt(id_of(prompt), prompts_folder / file);
    if (!loaded) return Error{loaded.error().code, (prompts_folder / file).string() + ": " + loaded.error().detail};
    has_prompt_[static_cast<std::size_t>(prompt)] = true;
  }
  return Done{};
}

void MediaDoorway::set_desk(caf::actor desk) {
  const std::lock_guard lock(mutex_);
  desk_ = std::move(desk);
}

void MediaDoorway::adopt(LegId leg, caf::actor owner) {
  const std::lock_guard lock(mutex_);
  owners_[leg] = std::move(owner);
}

caf::actor MediaDoorway::owner_of(LegId leg) const {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(leg);
  return found == owners_.end() ? caf::actor{} : found->second;
}

Result<MediaDescription> MediaDoorway::open_leg(LegId leg, const MediaLegRequest& request, caf::actor owner) {
  auto offer = engine_->open_leg(leg, profile_of(request));
  if (offer) adopt(leg, std::move(owner));
  return offer;
}

Result<MediaDescription> MediaDoorway::answer_offer(LegId leg, const MediaLegRequest& request, const MediaDescription& offer, caf::actor owner) {
  auto answer = engine_->open_leg_from_offer(leg, profile_of(request), offer);
  if (answer) adopt(leg, std::move(owner));
  return answer;
}

void MediaDoorway::close_leg(LegId leg) {
  engine_->close_leg(leg);
  const std::lock_guard lock(mutex_);
  owners_.erase(leg);
}

/// Without a recorded prompt there is nothing to play: the caller goes on as if it had been played.
Status MediaDoorway::play(LegId leg, Prompt prompt, bool is_looped) {
  if (!has_prompt_[static_cast<std::size_t>(prompt)]) return Error{Errc::not_found, "no such prompt is loaded"};
  return engine_->play(leg, id_of(prompt), is_looped);
}

Status MediaDoorway::supervise(LegId supervisor_leg, LegId agent_leg, SupervisionMode mode) {
  const auto how = [mode] {
    switch (mode) {
      case SupervisionMode::listen: return MonitorMode::listen;
      case SupervisionMode::whisper: return MonitorMode::whisper;
      case SupervisionMode::barge: return MonitorMode::barge;
    }
    return MonitorMode::listen;
  };
  return engine_->monitor(supervisor_leg, agent_leg, how());
}

void MediaDoorway::on_media_event(const MediaEvent& event) {
  std::visit([this](const auto& e) { on(e); }, event);
}

void MediaDoorway::on(const DtmfReceived& event) { post(owner_of(event.leg), msg::DtmfHeard{event.leg, event.digit}); }
void MediaDoorway::on(const VerdictFell& event) { post(owner_of(event.leg), msg::AnswerJudged{event.leg, event.verdict}); }
void MediaDoorway::on(const PlayDone& event) { post(owner_of(event.leg), msg::PromptFinished{event.leg}); }
void MediaDoorway::on(const SpeechDone& event) { post(owner_of(event.leg), msg::PromptFinished{event.leg, event.round}); }
void MediaDoorway::on(const RtpSilent& event) { post(owner_of(event.leg), msg::RtpStopped{event.leg, event.silent_ms, event.may_be_silent}); }
void MediaDoorway::on(const RtpResumed& event) { post(owner_of(event.leg), msg::RtpCameBack{event.leg}); }

void MediaDoorway::on(const LegQuality& event) {
  post(owner_of(event.leg), msg::LegQualityMeasured{event.leg, event.received_loss, event.jitter_ms, event.rtt_ms, event.mos, event.is_final, event.packets_refused});
}

void MediaDoorway::on(const PacketsRefused& event) {
  const std::string words = refusal_words(event);
  if (const caf::actor owner = owner_of(event.leg)) return post(owner, msg::MediaRefused{event.leg, words});
  // The last report of a leg comes when its owner has let go of it.
  log_warn("media", "packets_refused", "leg={} side={} {}", event.leg.str(), event.role == LegRole::agent ? "agent" : "trunk", words);
}

void MediaDoorway::on(const RecordingFinished& event) {
  const std::lock_guard lock(mutex_);
  post(desk_, msg::RecordingReady{event.recording, event.audio_path.string(), event.duration_ms, event.gap_ms, event.sha256_hex, {}});
}

void MediaDoorway::on(const RecordingFailed& event) {
  log_error("media", "recording_failed", "recording={} {}", event.recording.str(), event.reason);
  const std::lock_guard lock(mutex_);
  post(desk_, msg::RecordingReady{event.recording, {}, 0, 0, {}, event.reason});
}

void MediaDoorway::on(const WorkerStalled& event) { log_error("media", "worker_stalled", "worker={} silent_ms={}", event.worker, event.silent_ms); }

void MediaDoorway::on(const MediaOverloaded& event) {
  log_warn("media", "load", "worker={} busy_percent={} overloaded={}", event.worker, event.busy_percent, event.is_overloaded);
}

}  // namespace dunlin
