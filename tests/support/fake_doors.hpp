#pragma once
// The world behind the doors, under the test's command: a SIP edge that takes permits from the desk as the real one
// does, a media engine that knows which legs exist and who hears whom, and portfolio files in memory. Everything that
// was asked is kept for the test to read. What the far ends do is decided by whoever listens (hooks), or by the test.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/contracts/messages.hpp"
#include "tests/support/stage.hpp"

namespace dunlin::test {

/// One INVITE that left for a trunk.
struct SentInvite {
  TrunkCallRequest request;
  MonoTime at;
  UtcTime at_utc;
};

class FakeSip final : public SipDoor {
 public:
  FakeSip(Stage& stage, PermitDesk& permits) : stage_(stage), permits_(permits) {}

  Status place_call(const TrunkCallRequest& request, caf::actor owner) override;
  Status call_station(LegId leg, const std::string& user, const MediaDescription& offer, caf::actor owner) override;
  Status answer(LegId leg, int status, const MediaDescription& description) override;
  void reject(LegId leg, int status) override;
  void hang_up(LegId leg) override;
  void probe_leg(LegId leg) override { probes.push_back(leg); }
  void adopt(LegId leg, caf::actor owner) override { owners_[leg] = std::move(owner); }
  void set_desk(caf::actor desk) override { desk_ = std::move(desk); }
  void set_accounts(std::vector<StationAccount> accounts) override { accounts_ = std::move(accounts); }
  void probe_trunk(const std::string&) override {}
  bool is_registered(const std::string& user) const override { return registered_.count(user) != 0; }
  std::vector<TrunkHealthView> trunks() const override { return {}; }
  std::vector<LadderLine> ladder(LegId) const override { return {}; }

  // What the far end says; the owner of the leg hears it.
  void ring(LegId leg, int status = 180, std::optional<MediaDescription> early = std::nullopt);
  void pick_up(LegId leg);
  void end(LegId leg, EndCause cause);
  void tell_trunk_health(const std::string& trunk, bool is_up);

  // Stations.
  void register_station(const std::string& user);
  void unregister_station(const std::string& user);
  /// The agent's phone dials in on a leg of its own.
  void dial_in(LegId leg, const std::string& user);
  /// The station's side ends every leg it has.
  void lose_station_legs(const std::string& user);

  /// Between the request and the INVITE; unset = at once.
  std::function<Duration()> choose_wire_delay;
  std::function<void(const SentInvite&)> on_invite;
  std::function<void(LegId)> on_hang_up;          ///< Of trunk legs. Unset: our hang-up takes effect at once.
  bool answers_stations = true;
  bool ignores_expiry = false;                    ///< A broken edge for tests of judges: permits never expire.
  std::size_t repeats_every = 0;                  ///< Another: every n-th INVITE is sent twice; 0 = never.

  std::vector<SentInvite> invites;
  std::vector<LegId> hang_ups;
  std::vector<LegId> probes;                      ///< OPTIONS in a dialog; the far end always answers.
  std::vector<std::pair<LegId, int>> rejections;
  int refused_without_permit = 0;
  int expired_permits = 0;
  void forget_owners();

 private:
  void send_invite(const TrunkCallRequest& request, MonoTime permit_expires_at);
  caf::actor owner_of(LegId leg) const;

  Stage& stage_;
  PermitDesk& permits_;
  std::map<LegId, caf::actor> owners_;
  std::map<LegId, std::string> station_legs_;
  std::set<std::string> registered_;
  std::vector<StationAccount> accounts_;
  caf::actor desk_;
};

/// Speech whose sound is its text.
class FakeSpeech final : public SpeechDoor {
 public:
  void prepare(std::shared_ptr<const Flow> flow, Done done) override;
  void make_for_call(std::shared_ptr<const Flow> flow, SpokenPieces own, Done done) override;
  static std::string text_of(const SpokenSound& sound);

  std::optional<Error> error;                    ///< Of what every call shares.
  std::optional<Error> error_of_call;
  std::map<std::string, SpeechPointer> prepared;

 private:
  static SoundPointer sound_of(const std::string& text);
};

class FakeMedia final : public MediaDoor {
 public:
  explicit FakeMedia(Stage& stage) : stage_(stage) {}

  Result<MediaDescription> open_leg(LegId leg, const MediaLegRequest& request, caf::actor owner) override;
  Result<MediaDescription> answer_offer(LegId leg, const MediaLegRequest& request, const MediaDescription& offer, caf::actor owner) override;
  Result<MediaDescription> answer_reoffer(LegId leg, const MediaDescription& offer) override;
  Status set_remote(LegId leg, const MediaDescription& remote) override;
  void close_leg(LegId leg) override;
  Status bridge(LegId agent_leg, LegId debtor_leg) override;
  void unbridge(LegId leg) override;
  Status play(LegId leg, Prompt prompt, bool is_looped) override;
  Status say(LegId leg, Sounds sounds, std::uint32_t round) override;
  void stop_play(LegId leg) override { saying_.erase(leg); }
  void hold(LegId leg, bool is_on) override { held[leg] = is_on; }
  void mute(LegId leg, bool is_on) override { muted[leg] = is_on; }
  Status supervise(LegId supervisor_leg, LegId agent_leg, SupervisionMode mode) override;
  void end_supervision(LegId supervisor_leg) override { supervisions.erase(supervisor_leg); }
  Status pause_recording(AttemptId attempt, bool is_on) override;
  Status watch(LegId leg, std::unique_ptr<FrameListener> listener) override;
  Status start_recording(AttemptId attempt, LegId debtor_leg) override;
  void stop_recording(AttemptId attempt) override { recorded.erase(attempt); }
  unsigned busy_percent() const override { return 0; }
  std::size_t leg_count() const override { return owners_.size(); }

  /// The classifier at work on a leg speaks.
  void judge(LegId leg, VoiceVerdict::AnswerClass answer);
  void lose_rtp(LegId leg, bool may_be_silent = false);
  /// The far end presses keys.
  void press(LegId leg, const std::string& keys);
  bool is_open(LegId leg) const { return owners_.count(leg) != 0; }
  /// The debtor's leg the agent's leg is joined with.
  std::optional<LegId> partner_of(LegId leg) const;
  void forget_owners() { owners_.clear(); }

  std::function<void(LegId)> on_watch;                       ///< A classifier began to listen.
  std::function<void(LegId agent, LegId debtor, LegId former)> on_double_bridge;   ///< A leg that had a partner got another.
  bool is_full = false;
  std::vector<std::pair<LegId, MediaLegRequest>> requests;   ///< Every leg asked for, refused ones too.
  std::set<AttemptId> recorded;                              ///< Being recorded now.
  std::vector<std::pair<LegId, LegId>> bridges;              ///< Every one ever made: agent, debtor.
  std::vector<std::pair<LegId, Prompt>> prompts;
  std::vector<std::pair<LegId, std::string>> said;           ///< Speech of flows; each takes two seconds.
  struct Supervision {
    LegId agent;
    SupervisionMode mode = SupervisionMode::listen;
  };
  std::map<LegId, Supervision> supervisions;                 ///< By the supervisor's leg.
  std::map<LegId, bool> muted;
  std::set<AttemptId> paused;                                ///< Recordings that keep nothing now.
  bool refuses_supervisors = false;
  std::map<LegId, bool> held;                                ///< Who hears music, or did.

 private:
  MediaDescription description(LegId leg) const;

  Stage& stage_;
  std::map<LegId, caf::actor> owners_;
  std::map<LegId, LegId> partners_;
  std::map<LegId, std::uint32_t> saying_;
};

/// Hints nobody reads, and the node's own facts for the test to read.
class FakeFeed final : public LiveFeed, public NodeFactLog {
 public:
  void hint(std::string_view, std::vector<Field>) override { ++hints; }
  void record(NodeFact fact) override { facts.push_back(std::move(fact)); }
  std::uint64_t hints = 0;
  std::vector<NodeFact> facts;
};

/// Portfolio files by name. A row's person is who carries the same first key; rows that came back are kept.
class FakeImports final : public ImportDoor {
 public:
  Result<std::unique_ptr<ImportSource>> open(const ImportRequest& request, CivilDate today) override;
  Result<ImportColumns> columns(const ImportRequest&) override { return ImportColumns{}; }
  Result<std::string> make_template(const ImportRequest&, const std::string&, const std::vector<std::string>&) override { return std::string(); }
  std::map<std::string, std::vector<CaseDraft>> files;
  std::vector<std::uint64_t> given_back;           ///< Lines of all files.
};

}  // namespace dunlin::test
