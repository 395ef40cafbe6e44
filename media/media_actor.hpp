#pragma once
// The media engine as actors see it: maps their requests to profiles and its events to the legs' owners. Thread safe.
#include <mutex>
#include <unordered_map>

#include "actors/contracts/browser_leg.hpp"
#include "actors/contracts/doors.hpp"
#include "media/media_engine.hpp"

namespace dunlin {

class MediaDoorway final : public MediaDoor, public BrowserDoor, public MediaSink {
 public:
  /// Starts the engine and loads the prompts; call once, before any actor uses the door. `prompts_folder` is the operator's (empty:
  /// none; Errc::not_found when it is no folder), `made_prompts` holds what the node made itself and stands in for what the first
  /// one lacks. What neither has is told in the log; the abandon notice is then tones.
  Status start(MediaSettings settings, RecordingKeys* keys, const std::filesystem::path& prompts_folder, const std::filesystem::path& made_prompts);
  void stop() { engine_.reset(); }
  /// Who hears of finished recordings.
  void set_desk(caf::actor desk);

  Result<MediaDescription> open_leg(LegId leg, const MediaLegRequest& request, caf::actor owner) override;
  Result<MediaDescription> answer_offer(LegId leg, const MediaLegRequest& request, const MediaDescription& offer, caf::actor owner) override;
  Result<MediaDescription> answer_reoffer(LegId leg, const MediaDescription& offer) override { return engine_->answer_reoffer(leg, offer); }
  Result<BrowserLegAnswer> answer_browser(const BrowserLegOffer& offer, caf::actor owner) override;
  Status set_remote(LegId leg, const MediaDescription& remote) override { return engine_->set_remote(leg, remote); }
  void close_leg(LegId leg) override;
  Status bridge(LegId agent_leg, LegId debtor_leg) override { return engine_->bridge(agent_leg, debtor_leg); }
  void unbridge(LegId leg) override { (void)engine_->unbridge(leg); }
  Status play(LegId leg, Prompt prompt, bool is_looped) override;
  Status say(LegId leg, Sounds sounds, std::uint32_t round) override { return engine_->say(leg, std::move(sounds), round); }
  void stop_play(LegId leg) override { (void)engine_->stop_play(leg); }
  void mute(LegId leg, bool is_on) override { (void)engine_->mute(leg, is_on); }
  Status supervise(LegId supervisor_leg, LegId agent_leg, SupervisionMode mode) override;
  void end_supervision(LegId supervisor_leg) override { (void)engine_->monitor(supervisor_leg, {}, MonitorMode::off); }
  void hold(LegId leg, bool is_on) override { (void)engine_->hold_music(leg, is_on); }
  Status watch(LegId leg, std::unique_ptr<FrameListener> listener) override { return engine_->watch(leg, std::move(listener)); }
  Status start_recording(AttemptId attempt, LegId debtor_leg) override { return engine_->start_recording(attempt, debtor_leg); }
  void stop_recording(AttemptId attempt) override { (void)engine_->stop_recording(attempt); }
  Status pause_recording(AttemptId attempt, bool is_on) override { return engine_->pause_recording(attempt, is_on); }
  unsigned busy_percent() const override { return engine_->busy_percent(); }
  std::size_t leg_count() const override { return engine_->leg_count(); }

  void on_media_event(const MediaEvent& event) override;

 private:
  void on(const LegFirstRtp&) {}
  void on(const DtmfReceived& event);
  void on(const VerdictFell& event);
  void on(const PlayDone& event);
  void on(const SpeechDone& event);
  void on(const DtmfSent&) {}
  void on(const RtpSilent& event);
  void on(const RtpResumed& event);
  void on(const LegQuality& event);
  void on(const PacketsRefused& event);
  void on(const BrowserConnected& event);
  void on(const BrowserLost& event);
  void on(const RecordingFinished& event);
  void on(const RecordingFailed& event);
  void on(const WorkerStalled& event);
  void on(const MediaOverloaded& event);
  /// Errc::not_found: neither folder has the file.
  Status load(Prompt prompt, const char* name, const std::filesystem::path& prompts_folder, const std::filesystem::path& made_prompts);
  void adopt(LegId leg, caf::actor owner);
  caf::actor owner_of(LegId leg) const;

  mutable std::mutex mutex_;   ///< Guards owners_ and desk_.
  std::unordered_map<LegId, caf::actor> owners_;
  caf::actor desk_;
  bool has_prompt_[4] = {false, false, false, false};
  std::unique_ptr<MediaEngine> engine_;
};

}  // namespace dunlin
