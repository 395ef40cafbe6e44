#include "tests/support/fake_doors.hpp"

#include <algorithm>

#include "core/dialogue/flow_card.hpp"

namespace dunlin::test {

// --- SIP ----------------------------------------------------------------------------------------------------------

Status FakeSip::place_call(const TrunkCallRequest& request, caf::actor owner) {
  auto permit = permits_.take(request.attempt, request.leg_number);
  if (!permit) {
    ++refused_without_permit;
    return Error{Errc::denied, "no dial permit for " + request.attempt.str()};
  }
  adopt(request.leg, std::move(owner));
  const MonoTime expires_at = permit->expires_at();
  stage_.after(choose_wire_delay ? choose_wire_delay() : Duration{}, [this, request, expires_at] { send_invite(request, expires_at); });
  return Done{};
}

void FakeSip::send_invite(const TrunkCallRequest& request, MonoTime permit_expires_at) {
  if (!ignores_expiry && stage_.clock().now_mono() >= permit_expires_at) {
    ++expired_permits;
    EndCause cause;
    cause.origin = EndOrigin::not_sent;
    cause.text = "permit expired";
    return end(request.leg, cause);
  }
  invites.push_back({request, stage_.clock().now_mono(), stage_.now()});
  post(owner_of(request.leg), msg::LegInviteSent{request.leg});
  const SentInvite sent = invites.back();
  if (on_invite) on_invite(sent);
  if (on_invite && repeats_every != 0 && invites.size() % repeats_every == 0) on_invite(sent);
}

Status FakeSip::call_station(LegId leg, const std::string& user, const MediaDescription&, caf::actor owner) {
  if (!is_registered(user)) return Error{Errc::not_found, "the agent is not registered"};
  adopt(leg, std::move(owner));
  station_legs_[leg] = user;
  if (answers_stations) {
    stage_.after(milliseconds(200), [this, leg] {
      if (station_legs_.count(leg) != 0) pick_up(leg);
    });
  }
  return Done{};
}

Status FakeSip::answer(LegId, int, const MediaDescription&) { return Done{}; }
void FakeSip::reject(LegId leg, int status) { rejections.emplace_back(leg, status); }

void FakeSip::hang_up(LegId leg) {
  hang_ups.push_back(leg);
  if (station_legs_.count(leg) == 0 && on_hang_up) return on_hang_up(leg);
  EndCause cause;
  cause.origin = EndOrigin::local;
  end(leg, cause);
}

void FakeSip::ring(LegId leg, int status, std::optional<MediaDescription> early) { post(owner_of(leg), msg::LegProgressed{leg, status, std::move(early)}); }

void FakeSip::pick_up(LegId leg) {
  MediaDescription answer;
  answer.address = "127.0.0.1";
  answer.port = 40000;
  answer.codecs = {CodecChoice{}};
  post(owner_of(leg), msg::LegAnswered{leg, answer});
}

void FakeSip::end(LegId leg, EndCause cause) {
  post(owner_of(leg), msg::LegEnded{leg, std::move(cause)});
  owners_.erase(leg);
  station_legs_.erase(leg);
}

void FakeSip::tell_trunk_health(const std::string& trunk, bool is_up) {
  post(desk_, msg::TrunkHealthChanged{{trunk, is_up, milliseconds(5), is_up ? "" : "no answer to OPTIONS"}});
}

void FakeSip::register_station(const std::string& user) {
  if (registered_.insert(user).second) post(desk_, msg::StationRegistered{user, true});
}

void FakeSip::unregister_station(const std::string& user) {
  if (registered_.erase(user) != 0) post(desk_, msg::StationUnregistered{user, "expired"});
}

void FakeSip::dial_in(LegId leg, const std::string& user) {
  station_legs_[leg] = user;
  post(desk_, msg::StationDialedIn{leg, user, {}});
}

void FakeSip::lose_station_legs(const std::string& user) {
  std::vector<LegId> legs;
  for (const auto& [leg, name] : station_legs_) {
    if (name == user) legs.push_back(leg);
  }
  EndCause cause;
  cause.origin = EndOrigin::transport;
  for (const LegId leg : legs) end(leg, cause);
}

caf::actor FakeSip::owner_of(LegId leg) const {
  const auto found = owners_.find(leg);
  return found == owners_.end() ? caf::actor{} : found->second;
}

void FakeSip::forget_owners() {
  owners_.clear();
  desk_ = {};
}

// --- speech -------------------------------------------------------------------------------------------------------

std::string FakeSpeech::text_of(const SpokenSound& sound) {
  std::string text;
  for (const std::int16_t letter : sound.samples) text += static_cast<char>(letter);
  return text;
}

SoundPointer FakeSpeech::sound_of(const std::string& text) {
  SpokenSound sound;
  for (const char letter : text) sound.samples.push_back(letter);
  return std::make_shared<const SpokenSound>(std::move(sound));
}

void FakeSpeech::prepare(std::shared_ptr<const Flow> flow, Done done) {
  if (error) return done(*error);
  auto sounds = std::make_shared<SpeechSounds>();
  for (const SpokenPiece& piece : flow_fragments(*flow)) sounds->by_fragment[piece.fragment] = sound_of(piece.text);
  prepared[flow->name] = sounds;
  done(SpeechPointer(sounds));
}

void FakeSpeech::make_for_call(std::shared_ptr<const Flow> flow, SpokenPieces own, Done done) {
  if (error_of_call) return done(*error_of_call);
  auto sounds = std::make_shared<SpeechSounds>();
  for (const SpokenPiece& piece : own) sounds->by_text[piece.text] = sound_of(piece.text);
  const auto known = prepared.find(flow->name);
  if (known == prepared.end()) return done(Error{Errc::unavailable, "the flow was not prepared"});
  sounds->of_flow = known->second;
  done(SpeechPointer(sounds));
}

// --- media --------------------------------------------------------------------------------------------------------

MediaDescription FakeMedia::description(LegId leg) const {
  MediaDescription mine;
  mine.address = "127.0.0.1";
  mine.port = static_cast<std::uint16_t>(20000 + leg.value() % 10000);
  mine.codecs = {CodecChoice{}};
  return mine;
}

Result<MediaDescription> FakeMedia::open_leg(LegId leg, const MediaLegRequest& request, caf::actor owner) {
  requests.emplace_back(leg, request);
  if (is_open(leg)) return Error{Errc::conflict, "media leg is open already"};
  if (is_full) return Error{Errc::exhausted, "the media engine is full"};
  owners_[leg] = std::move(owner);
  return description(leg);
}

Result<MediaDescription> FakeMedia::answer_offer(LegId leg, const MediaLegRequest& request, const MediaDescription&, caf::actor owner) {
  return open_leg(leg, request, std::move(owner));
}

Result<MediaDescription> FakeMedia::answer_reoffer(LegId leg, const MediaDescription&) {
  if (!is_open(leg)) return Error{Errc::not_found, "no leg"};
  return description(leg);
}

Status FakeMedia::set_remote(LegId leg, const MediaDescription&) {
  return is_open(leg) ? Status(Done{}) : Status(Error{Errc::not_found, "no leg"});
}

void FakeMedia::close_leg(LegId leg) {
  unbridge(leg);
  supervisions.erase(leg);
  owners_.erase(leg);
}

Status FakeMedia::bridge(LegId agent_leg, LegId debtor_leg) {
  if (!is_open(agent_leg) || !is_open(debtor_leg)) return Error{Errc::not_found, "a leg of the bridge does not exist"};
  supervisions.erase(agent_leg);  // Who talks hears by the bridge.
  for (const LegId leg : {agent_leg, debtor_leg}) {
    const auto former = partner_of(leg);
    if (former && on_double_bridge) on_double_bridge(agent_leg, debtor_leg, *former);
    unbridge(leg);
  }
  partners_[agent_leg] = debtor_leg;
  partners_[debtor_leg] = agent_leg;
  bridges.emplace_back(agent_leg, debtor_leg);
  return Done{};
}

Status FakeMedia::supervise(LegId supervisor_leg, LegId agent_leg, SupervisionMode mode) {
  if (refuses_supervisors) return Error{Errc::exhausted, "media command ring is full"};
  if (!is_open(supervisor_leg) || !is_open(agent_leg)) return Error{Errc::not_found, "a leg of the supervision does not exist"};
  supervisions[supervisor_leg] = {agent_leg, mode};
  return Done{};
}

Status FakeMedia::pause_recording(AttemptId attempt, bool is_on) {
  if (recorded.count(attempt) == 0) return Error{Errc::not_found, "no such recording"};
  if (is_on) paused.insert(attempt);
  else paused.erase(attempt);
  return Done{};
}

void FakeMedia::unbridge(LegId leg) {
  const auto partner = partner_of(leg);
  if (!partner) return;
  partners_.erase(*partner);
  partners_.erase(leg);
}

std::optional<LegId> FakeMedia::partner_of(LegId leg) const {
  const auto found = partners_.find(leg);
  return found == partners_.end() ? std::nullopt : std::optional(found->second);
}

Status FakeMedia::say(LegId leg, Sounds sounds, std::uint32_t round) {
  if (!is_open(leg)) return Error{Errc::not_found, "no leg"};
  std::string words;
  for (const SoundPointer& sound : sounds) words += (words.empty() ? "" : " ") + FakeSpeech::text_of(*sound);
  said.push_back({leg, words});
  saying_[leg] = round;
  stage_.after(seconds(2), [this, leg, round] {
    const auto owner = owners_.find(leg);
    if (owner != owners_.end() && saying_[leg] == round) post(owner->second, msg::PromptFinished{leg, round});
  });
  return Done{};
}

void FakeMedia::press(LegId leg, const std::string& keys) {
  const auto owner = owners_.find(leg);
  for (const char key : keys) {
    if (owner != owners_.end()) post(owner->second, msg::DtmfHeard{leg, key});
  }
}

Status FakeMedia::play(LegId leg, Prompt prompt, bool) {
  if (!is_open(leg)) return Error{Errc::not_found, "no leg"};
  prompts.emplace_back(leg, prompt);
  stage_.after(seconds(4), [this, leg] {
    const auto owner = owners_.find(leg);
    if (owner != owners_.end()) post(owner->second, msg::PromptFinished{leg});
  });
  return Done{};
}

Status FakeMedia::watch(LegId leg, std::unique_ptr<FrameListener> listener) {
  if (!is_open(leg)) return Error{Errc::not_found, "no leg"};
  if (listener && on_watch) on_watch(leg);
  return Done{};
}

Status FakeMedia::start_recording(AttemptId attempt, LegId debtor_leg) {
  if (!is_open(debtor_leg)) return Error{Errc::not_found, "the leg of the recording does not exist"};
  recorded.insert(attempt);
  return Done{};
}

void FakeMedia::judge(LegId leg, VoiceVerdict::AnswerClass answer) {
  const auto owner = owners_.find(leg);
  if (owner != owners_.end()) post(owner->second, msg::AnswerJudged{leg, {answer, 0.9F, 700, false}});
}

void FakeMedia::lose_rtp(LegId leg, bool may_be_silent) {
  const auto owner = owners_.find(leg);
  if (owner != owners_.end()) post(owner->second, msg::RtpStopped{leg, 5000, may_be_silent});
}

// --- imports ------------------------------------------------------------------------------------------------------

namespace {

class MemorySource final : public ImportSource {
 public:
  /// A file named "torn…" gives its rows and then an error; of one named "full…" no row can come back.
  MemorySource(const std::string& name, const std::vector<CaseDraft>& drafts, std::vector<std::uint64_t>& given_back)
      : given_back_(given_back), is_torn_(name.starts_with("torn")), is_full_(name.starts_with("full")) {
    std::map<PersonKey, std::uint32_t> persons;
    for (const CaseDraft& draft : drafts) {
      const auto person = persons.emplace(draft.keys.front(), static_cast<std::uint32_t>(persons.size())).first->second;
      rows_.push_back({rows_.size() + 2, draft, person, {}});
    }
  }
  Result<std::vector<ImportRow>> next(std::size_t limit) override {
    std::vector<ImportRow> rows;
    for (; rows.size() < limit && read_ < rows_.size(); ++read_) rows.push_back(rows_[read_]);
    if (rows.empty() && is_torn_) return Error{Errc::corrupt, "the file is torn"};
    return rows;
  }
  ImportSourceProgress progress() const override { return {read_, 0, 0, 1.0}; }
  Status give_back(std::uint64_t line, const RowError&) override {
    if (is_full_) return Error{Errc::unavailable, "no room for rows that come back"};
    given_back_.push_back(line);
    return Done{};
  }
  void settle(const std::vector<std::uint64_t>&) override {}
  std::vector<ImportReview> reviews() const override { return {}; }
  Result<std::string> finish() override { return std::string(); }

 private:
  std::vector<ImportRow> rows_;
  std::vector<std::uint64_t>& given_back_;
  bool is_torn_;
  bool is_full_;
  std::size_t read_ = 0;
};

}  // namespace

Result<std::unique_ptr<ImportSource>> FakeImports::open(const ImportRequest& request, CivilDate) {
  const auto file = files.find(request.file);
  if (file == files.end()) return Error{Errc::not_found, request.file + ": no such file"};
  return std::unique_ptr<ImportSource>(std::make_unique<MemorySource>(file->first, file->second, given_back));
}

}  // namespace dunlin::test
