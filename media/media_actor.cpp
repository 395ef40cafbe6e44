#include "media/media_actor.hpp"

#include "actors/contracts/media_refusals.hpp"
#include "actors/contracts/messages.hpp"
#include "config/log.hpp"
#include "media/filler_audio.hpp"
#include "media/refusal_words.hpp"
#include "media/wav.hpp"

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

struct PromptFile {
  Prompt prompt;
  const char* name;
  const char* instead;   ///< What is heard without the file.
};

constexpr PromptFile prompt_files[] = {{Prompt::abandon_notice, "abandon.wav", "tones are played to people who get no agent"},
                                       {Prompt::agent_return, "return.wav", "a debtor whose agent is lost waits in silence"},
                                       {Prompt::voicemail, "voicemail.wav", "no message is left"},
                                       {Prompt::hold_music, "hold.wav", "the built-in melody is played on hold"}};

}  // namespace

Status MediaDoorway::start(MediaSettings settings, RecordingKeys* keys, const std::filesystem::path& prompts_folder, const std::filesystem::path& made_prompts) {
  std::error_code fault;
  if (!prompts_folder.empty() && !std::filesystem::is_directory(prompts_folder, fault)) {
    return Error{Errc::not_found, "media.prompts_folder = \"" + prompts_folder.string() + "\" is not a folder that can be read; leave it empty for built-in sounds"};
  }
  auto engine = MediaEngine::start(std::move(settings), *this, keys);
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  for (const PromptFile& file : prompt_files) {
    const Status loaded = load(file.prompt, file.name, prompts_folder, made_prompts);
    has_prompt_[static_cast<std::size_t>(file.prompt)] = loaded.ok();
    if (!loaded && loaded.error().code != Errc::not_found) return loaded;
    // Who gives a folder means its files; without one everything is as built in.
    if (!loaded && !prompts_folder.empty()) log_warn("media", "prompt_missing", "{}: {}", (prompts_folder / file.name).string(), file.instead);
  }
  if (has_prompt_[static_cast<std::size_t>(Prompt::abandon_notice)]) return Done{};
  has_prompt_[static_cast<std::size_t>(Prompt::abandon_notice)] = true;
  return engine_->load_prompt_bytes(id_of(Prompt::abandon_notice), make_wav(make_notice_tones()));
}

Status MediaDoorway::load(Prompt prompt, const char* name, const std::filesystem::path& prompts_folder, const std::filesystem::path& made_prompts) {
  std::error_code fault;
  for (const auto& folder : {prompts_folder, made_prompts}) {
    const auto file = folder / name;
    if (folder.empty() || !std::filesystem::exists(file, fault)) continue;
    const Status loaded = engine_->load_prompt(id_of(prompt), file);
    return loaded ? loaded : Status(Error{Errc::invalid_input, file.string() + ": " + loaded.error().detail});
  }
  return Error{Errc::not_found, name};
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

Result<BrowserLegAnswer> MediaDoorway::answer_browser(const BrowserLegOffer& offer, caf::actor owner) {
  LegProfile profile;
  profile.role = LegRole::agent;
  profile.near_leg = offer.near_leg;
  // G.711 is passed on as it is where the trunk speaks it; Opus is coded anew, but hides what a bad network loses.
  profile.codecs = offer.has_poor_network ? std::vector{Codec::opus, Codec::pcma, Codec::pcmu} : std::vector{Codec::pcma, Codec::pcmu, Codec::opus};
  auto answer = engine_->answer_browser(offer.leg, profile, offer.sdp);
  if (!answer) return answer.error();
  adopt(offer.leg, std::move(owner));
  return BrowserLegAnswer{std::move(*answer)};
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

void MediaDoorway::on(const BrowserConnected& event) { post(owner_of(event.leg), msg::BrowserLegConnected{event.leg}); }

void MediaDoorway::on(const BrowserLost& event) {
  log_info("media", "browser_lost", "leg={} reason={} has_other={}", event.leg.str(), to_string(event.reason), event.has_other);
  post(owner_of(event.leg), msg::BrowserLegLost{event.leg, std::string(to_string(event.reason)), event.has_other});
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
