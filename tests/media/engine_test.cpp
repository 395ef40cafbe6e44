// The whole engine over loopback: real sockets, real threads, tones measured at the far ends.
#include <map>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

#include "media/media_engine.hpp"
#include "media/ticker.hpp"
#include "media/wav.hpp"
#include "tests/media/recording_reader.hpp"
#include "tests/media/rtp_peer.hpp"

namespace dunlin {
namespace {

constexpr double tone_a = 440;
constexpr double tone_b = 1000;

class EventLog : public MediaSink {
 public:
  void on_media_event(const MediaEvent& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  }
  template <class Event>
  std::vector<Event> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Event> found;
    for (const auto& event : events_) {
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<MediaEvent> events_;
};

TEST(MediaEngineStart, AnAddressOfAnotherMachineIsRefusedWithTheReason) {
  EventLog log;
  FixedKeys keys;
  MediaSettings settings;
  settings.utc_now = [] { return UtcTime{1'800'000'000'000}; };
  settings.bind_address = "203.0.113.1";  // TEST-NET-3 (RFC 5737): nobody's.
  const auto engine = MediaEngine::start(std::move(settings), log, &keys);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().detail, "media.bind_address = \"203.0.113.1\": UDP port 0: Cannot assign requested address; it must be an address of this machine");
}

/// Two peers, a and b, on one engine.
class MediaEngineTest : public testing::Test {
 protected:
  void start(MediaSettings settings = {}) {
    settings.first_port = 42000;
    settings.last_port = 42199;
    if (settings.workers == 0) settings.workers = 1;
    settings.wants_realtime = false;
    settings.rtcp_interval_ms = 300;
    settings.silent_after_ms = 300;
    settings.busy_limit_percent = 100;
    settings.utc_now = [] { return UtcTime{1'800'000'000'000 + media_now_us() / 1000}; };
    auto engine = MediaEngine::start(std::move(settings), log_, &keys_);
    ASSERT_TRUE(engine) << engine.error().detail;
    engine_ = std::move(*engine);
  }

  RtpPeer& connect(LegId leg, Codec codec, std::optional<CryptoSuite> suite, LegRole role) {
    LegProfile profile;
    profile.role = role;
    profile.codecs = {codec};
    profile.srtp = suite ? SrtpPolicy::required : SrtpPolicy::off;
    const auto offer = engine_->open_leg(leg, profile);
    EXPECT_TRUE(offer) << (offer ? "" : offer.error().detail);
    auto& peer = peers_.emplace(leg, std::make_unique<RtpPeer>(ports_, codec, suite)).first->second;
    const auto status = engine_->set_remote(leg, peer->answer(*offer));
    EXPECT_TRUE(status) << (status ? "" : status.error().detail);
    return *peer;
  }

  /// Both ends talk for a while; `tones` maps a leg to what it says (0: nothing).
  void talk(std::int64_t ms, std::map<LegId, double> tones) {
    const Ticker ticker(20'000);
    // Counted in frames sent, not in time passed, so that a starved machine only makes the test longer.
    for (std::int64_t left = ms / 20; left > 0;) {
      for (std::uint64_t i = std::min<std::uint64_t>(ticker.wait(), 2); i > 0; --i, --left) {
        for (const auto& [leg, tone] : tones) {
          if (tone > 0) peers_.at(leg)->send_tone(tone);
        }
      }
      for (auto& [leg, peer] : peers_) peer->receive();
    }
  }

  /// Waits until the condition holds, at most ten seconds.
  template <class Condition>
  bool eventually(Condition condition) {
    const Ticker ticker(20'000);
    for (int i = 0; i < 1500; ++i) {
      if (condition()) return true;
      ticker.wait();
      for (auto& [leg, peer] : peers_) peer->receive();
    }
    return condition();
  }

  void expect_both_ways(Codec codec_a, std::optional<CryptoSuite> suite_a, Codec codec_b,
                        std::optional<CryptoSuite> suite_b) {
    start();
    RtpPeer& a = connect(leg_a, codec_a, suite_a, LegRole::agent);
    RtpPeer& b = connect(leg_b, codec_b, suite_b, LegRole::trunk);
    ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
    talk(1500, {{leg_a, tone_a}, {leg_b, tone_b}});
    EXPECT_NEAR(a.tone().value_or(0), tone_b, 2);
    EXPECT_NEAR(b.tone().value_or(0), tone_a, 2);
    for (const RtpPeer* peer : {&a, &b}) {
      EXPECT_EQ(peer->sources(), 1u) << "one SSRC whatever feeds the stream";
      EXPECT_EQ(peer->refused(), 0u);
      EXPECT_GE(peer->packets(), 60u);
    }
  }

  const LegId leg_a{1};
  const LegId leg_b{2};
  FixedKeys keys_;
  EventLog log_;
  PortPool ports_{{43000, 43199}};
  std::unique_ptr<MediaEngine> engine_;
  std::map<LegId, std::unique_ptr<RtpPeer>> peers_;
};

TEST_F(MediaEngineTest, RelaysPlainAlaw) {
  expect_both_ways(Codec::pcma, std::nullopt, Codec::pcma, std::nullopt);
}

TEST_F(MediaEngineTest, RelaysBetweenTwoSrtpSuites) {
  expect_both_ways(Codec::pcma, CryptoSuite::aead_aes_128_gcm, Codec::pcma,
                   CryptoSuite::aes_cm_128_hmac_sha1_80);
}

TEST_F(MediaEngineTest, TranscodesOpusSrtpToPlainAlaw) {
  expect_both_ways(Codec::opus, CryptoSuite::aead_aes_128_gcm, Codec::pcma, std::nullopt);
}

TEST_F(MediaEngineTest, TranscodesMulawToAlaw) {
  expect_both_ways(Codec::pcmu, CryptoSuite::aes_cm_128_hmac_sha1_80, Codec::pcma, std::nullopt);
}

TEST_F(MediaEngineTest, HearsAndRecordsNothingFromAWrongKey) {
  MediaSettings settings;
  settings.recordings_dir = fresh_folder("engine_wrong_key");
  start(settings);
  RtpPeer& a = connect(leg_a, Codec::pcma, CryptoSuite::aead_aes_128_gcm, LegRole::agent);
  RtpPeer& b = connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  const RecordingId recording{0x78};
  ASSERT_TRUE(engine_->start_recording(recording, leg_b));
  a.spoil_key();
  talk(800, {{leg_a, tone_a}, {leg_b, tone_b}});
  EXPECT_FALSE(b.tone()) << "comfort noise only";
  EXPECT_GE(b.packets(), 25u) << "RTP never stops";
  EXPECT_NEAR(a.tone().value_or(0), tone_b, 2);
  for (const auto& first : log_.all<LegFirstRtp>()) EXPECT_NE(first.leg, leg_a);
  ASSERT_TRUE(engine_->stop_recording(recording));
  ASSERT_TRUE(eventually([&] { return !log_.all<RecordingFinished>().empty(); }));
  const auto audio = read_recording(log_.all<RecordingFinished>().front().audio_path, *keys_.key_for(recording));
  EXPECT_FALSE(loudest_tone(audio.left)) << "the agent's side is silence";
  EXPECT_NEAR(loudest_tone(audio.right).value_or(0), tone_b, 4);
  ASSERT_TRUE(eventually([&] {
    std::uint64_t refused = 0;
    for (const auto& quality : log_.all<LegQuality>()) {
      if (quality.leg == leg_a) refused = quality.packets_refused;
    }
    return refused >= 40;
  })) << "every packet that failed authentication is counted";
}

TEST_F(MediaEngineTest, RefusesPlainRtpFromAStranger) {
  start();
  connect(leg_a, Codec::pcma, std::nullopt, LegRole::agent);
  talk(200, {{leg_a, tone_a}});
  ASSERT_TRUE(eventually([&] { return !log_.all<LegFirstRtp>().empty(); }));
  // Another port of the negotiated address comes too late: the source is locked.
  RtpPeer stranger(ports_, Codec::pcma, std::nullopt);
  MediaDescription offer;
  offer.address = "127.0.0.1";
  offer.port = 42000;
  offer.codecs = {{Codec::pcma, 8}};
  stranger.answer(offer);
  for (int i = 0; i < 40; ++i) stranger.send_tone(tone_b);
  talk(400, {{leg_a, tone_a}});
  ASSERT_TRUE(eventually([&] {
    const auto all = log_.all<LegQuality>();
    return !all.empty() && all.back().packets_refused >= 40 && !log_.all<PacketsRefused>().empty();
  }));
  const auto told = log_.all<PacketsRefused>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.front().leg, leg_a);
  EXPECT_EQ(told.front().reason, RefusalReason::stranger);
  EXPECT_TRUE(told.front().from.has_same_address(told.front().expected));
  EXPECT_FALSE(told.front().from == told.front().expected) << "another port";
}

TEST_F(MediaEngineTest, TellsDtmfOnceAndPassesItOn) {
  start();
  RtpPeer& a = connect(leg_a, Codec::opus, CryptoSuite::aead_aes_128_gcm, LegRole::agent);
  RtpPeer& b = connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  talk(200, {{leg_a, tone_a}, {leg_b, tone_b}});
  b.send_digit('7');
  talk(300, {{leg_b, tone_b}});
  b.send_digit('#');
  ASSERT_TRUE(engine_->send_dtmf(leg_b, "42"));
  talk(800, {{leg_a, tone_a}, {leg_b, tone_b}});
  std::string told;
  for (const auto& digit : log_.all<DtmfReceived>()) told.push_back(digit.digit);
  EXPECT_EQ(told, "7#");
  EXPECT_EQ(a.digits(), "7#");
  EXPECT_EQ(b.digits(), "42");
  EXPECT_GE(log_.all<DtmfSent>().size(), 2u) << "once for each leg that sent digits";
}

TEST_F(MediaEngineTest, PlaysAPromptToItsEnd) {
  start();
  RtpPeer& a = connect(leg_a, Codec::pcma, std::nullopt, LegRole::trunk);
  const auto wav = make_wav(make_tone(700, 8000));
  ASSERT_TRUE(engine_->load_prompt_bytes(PromptId(5), wav));
  EXPECT_FALSE(engine_->play(leg_a, PromptId(6)));
  ASSERT_TRUE(engine_->play(leg_a, PromptId(5)));
  ASSERT_TRUE(eventually([&] { return !log_.all<PlayDone>().empty(); }));
  a.receive();
  std::size_t loud = 0;
  for (const auto sample : a.heard()) loud += std::abs(int{sample}) > 1000;
  EXPECT_NEAR(static_cast<double>(loud), 8000 * 0.92, 400) << "the prompt is heard once and whole";
}

TEST_F(MediaEngineTest, SaysPiecesWithoutAGapAndForgetsThem) {
  start();
  RtpPeer& a = connect(leg_a, Codec::pcma, std::nullopt, LegRole::trunk);
  // One tone cut at places no 20 ms frame ends at: a gap anywhere would be heard as silence or a second source.
  const std::vector<std::int16_t> tone = make_tone(700, 8000);
  Sounds pieces;
  for (std::size_t from = 0; from < tone.size(); from += 533) {
    const std::size_t until = std::min(tone.size(), from + 533);
    pieces.push_back(std::make_shared<const SpokenSound>(SpokenSound{{tone.begin() + static_cast<std::ptrdiff_t>(from), tone.begin() + static_cast<std::ptrdiff_t>(until)}}));
  }
  const std::weak_ptr<const SpokenSound> kept = pieces.front();
  EXPECT_FALSE(engine_->say(leg_a, {}, 1));
  EXPECT_FALSE(engine_->say(leg_a, Sounds(513, pieces.front()), 1));
  ASSERT_TRUE(engine_->say(leg_a, std::move(pieces), 7));
  ASSERT_TRUE(eventually([&] { return !log_.all<SpeechDone>().empty(); }));
  EXPECT_EQ(log_.all<SpeechDone>().front().round, 7u);
  a.receive();
  std::size_t loud = 0;
  for (const auto sample : a.heard()) loud += std::abs(int{sample}) > 1000;
  EXPECT_NEAR(static_cast<double>(loud), 8000 * 0.92, 400) << "all pieces are heard once and whole";
  engine_->close_leg(leg_a);
  EXPECT_TRUE(eventually([&] { return kept.expired(); })) << "the words of a call end with its leg";
}

TEST_F(MediaEngineTest, StoppedSpeechIsNotToldAsDone) {
  start();
  connect(leg_a, Codec::pcma, std::nullopt, LegRole::trunk);
  const auto sound = [](std::size_t samples) { return Sounds{std::make_shared<const SpokenSound>(SpokenSound{make_tone(700, samples)})}; };
  ASSERT_TRUE(engine_->say(leg_a, sound(80'000), 1));
  ASSERT_TRUE(engine_->stop_play(leg_a));
  ASSERT_TRUE(engine_->say(leg_a, sound(1'600), 2));
  ASSERT_TRUE(eventually([&] { return !log_.all<SpeechDone>().empty(); }));
  EXPECT_EQ(log_.all<SpeechDone>().front().round, 2u);
}

TEST_F(MediaEngineTest, HoldMusicReplacesThePeer) {
  start();
  connect(leg_a, Codec::pcma, std::nullopt, LegRole::agent);
  RtpPeer& b = connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  ASSERT_TRUE(engine_->load_prompt_bytes(PromptId(), make_wav(make_tone(600, 8000))));
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  ASSERT_TRUE(engine_->hold_music(leg_b, true));
  talk(900, {{leg_a, tone_a}, {leg_b, tone_b}});
  EXPECT_NEAR(b.tone().value_or(0), 600, 2);
  ASSERT_TRUE(engine_->hold_music(leg_b, false));
  talk(900, {{leg_a, tone_a}, {leg_b, tone_b}});
  EXPECT_NEAR(b.tone().value_or(0), tone_a, 2);
  EXPECT_EQ(b.sources(), 1u);
}

TEST_F(MediaEngineTest, MutedLegIsNotHeard) {
  start();
  connect(leg_a, Codec::pcma, std::nullopt, LegRole::agent);
  RtpPeer& b = connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  ASSERT_TRUE(engine_->mute(leg_a, true));
  talk(700, {{leg_a, tone_a}, {leg_b, tone_b}});
  EXPECT_FALSE(b.tone(300));
}

TEST_F(MediaEngineTest, SupervisorListensWhispersAndBarges) {
  const LegId supervisor{3};
  start();
  RtpPeer& agent = connect(leg_a, Codec::pcma, std::nullopt, LegRole::agent);
  RtpPeer& debtor = connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  RtpPeer& listener = connect(supervisor, Codec::pcma, std::nullopt, LegRole::agent);
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  ASSERT_TRUE(engine_->monitor(supervisor, leg_a, MonitorMode::listen));
  talk(900, {{leg_b, tone_b}, {supervisor, 300}});
  EXPECT_NEAR(listener.tone().value_or(0), tone_b, 2);
  EXPECT_FALSE(debtor.tone());
  ASSERT_TRUE(engine_->monitor(supervisor, leg_a, MonitorMode::whisper));
  talk(900, {{leg_a, 0}, {leg_b, 0}, {supervisor, 300}});
  EXPECT_NEAR(agent.tone().value_or(0), 300, 2);
  EXPECT_FALSE(debtor.tone());
  ASSERT_TRUE(engine_->monitor(supervisor, leg_a, MonitorMode::barge));
  talk(900, {{leg_a, 0}, {leg_b, 0}, {supervisor, 300}});
  EXPECT_NEAR(debtor.tone().value_or(0), 300, 2);
}

TEST_F(MediaEngineTest, ASupervisorOfAnotherWorkerMovesToTheTalkAndTakesItOver) {
  const LegId supervisor{3};
  MediaSettings settings;
  settings.workers = 2;
  start(settings);
  RtpPeer& agent = connect(leg_a, Codec::opus, CryptoSuite::aead_aes_128_gcm, LegRole::agent);               // worker 0
  RtpPeer& listener = connect(supervisor, Codec::pcma, CryptoSuite::aes_cm_128_hmac_sha1_80, LegRole::agent);  // worker 1
  RtpPeer& debtor = connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  ASSERT_TRUE(engine_->monitor(supervisor, leg_a, MonitorMode::whisper));
  talk(1200, {{leg_a, 0}, {leg_b, 0}, {supervisor, 300}});
  EXPECT_NEAR(agent.tone().value_or(0), 300, 2);
  EXPECT_FALSE(debtor.tone());
  talk(1200, {{leg_a, 0}, {leg_b, tone_b}, {supervisor, 0}});
  EXPECT_NEAR(listener.tone().value_or(0), tone_b, 2);
  ASSERT_TRUE(engine_->bridge(supervisor, leg_b));
  talk(1200, {{leg_a, tone_a}, {leg_b, tone_b}, {supervisor, 300}});
  EXPECT_NEAR(debtor.tone().value_or(0), 300, 2);
  EXPECT_NEAR(listener.tone().value_or(0), tone_b, 2);
  EXPECT_FALSE(agent.tone()) << "the agent is in no talk any more";
  for (const RtpPeer* peer : {&agent, &debtor, &listener}) EXPECT_EQ(peer->sources(), 1u);
}

TEST_F(MediaEngineTest, PausesOnlyARecordingThatRuns) {
  MediaSettings settings;
  settings.recordings_dir = fresh_folder("engine_paused_recording");
  start(settings);
  connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  const RecordingId recording{0x7B};
  EXPECT_EQ(engine_->pause_recording(recording, true).error().code, Errc::not_found);
  ASSERT_TRUE(engine_->start_recording(recording, leg_b));
  ASSERT_TRUE(engine_->pause_recording(recording, true));
  talk(1000, {{leg_b, tone_b}});
  ASSERT_TRUE(engine_->stop_recording(recording));
  ASSERT_TRUE(eventually([&] { return !log_.all<RecordingFinished>().empty(); }));
  const auto done = log_.all<RecordingFinished>().front();
  EXPECT_EQ(done.gap_ms, 0u);
  const auto audio = read_recording(done.audio_path, *keys_.key_for(recording));
  EXPECT_GE(audio.right.size(), 6000u);
  EXPECT_FALSE(loudest_tone(audio.right)) << "nothing of what was said is kept";
}

TEST_F(MediaEngineTest, TellsSilenceAndResumption) {
  start();
  connect(leg_a, Codec::pcma, std::nullopt, LegRole::agent);
  talk(200, {{leg_a, tone_a}});
  ASSERT_TRUE(eventually([&] { return log_.all<RtpSilent>().size() == 1; }));
  talk(200, {{leg_a, tone_a}});
  EXPECT_EQ(log_.all<RtpResumed>().size(), 1u);
}

TEST_F(MediaEngineTest, SendsReportsAndQuality) {
  start();
  RtpPeer& a = connect(leg_a, Codec::pcma, std::nullopt, LegRole::agent);
  talk(1000, {{leg_a, tone_a}});
  EXPECT_GE(a.reports(), 2u);
  const auto quality = log_.all<LegQuality>();
  ASSERT_FALSE(quality.empty());
  EXPECT_GT(quality.back().mos, 3.5f);
  EXPECT_GT(quality.back().packets_received, 30u);
}

class CountingListener : public FrameListener {
 public:
  std::optional<VoiceVerdict> on_frame(std::span<const std::int16_t> frame) override {
    if (++frames_ != 25 || frame.size() != 160) return std::nullopt;
    return VoiceVerdict{VoiceVerdict::AnswerClass::human, 0.75f, 500, false};
  }

 private:
  int frames_ = 0;
};

TEST_F(MediaEngineTest, ListenerVerdictBecomesAnEvent) {
  start();
  connect(leg_a, Codec::pcma, std::nullopt, LegRole::trunk);
  ASSERT_TRUE(engine_->watch(leg_a, std::make_unique<CountingListener>()));
  talk(900, {{leg_a, tone_a}});
  const auto verdicts = log_.all<VerdictFell>();
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].verdict.answer, VoiceVerdict::AnswerClass::human);
  EXPECT_EQ(verdicts[0].leg, leg_a);
}

TEST_F(MediaEngineTest, MovesALegToTheAgentsWorker) {
  MediaSettings settings;
  settings.workers = 2;
  start(settings);
  RtpPeer& a = connect(leg_a, Codec::pcma, CryptoSuite::aead_aes_128_gcm, LegRole::agent);  // worker 0
  RtpPeer& b = connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);                   // worker 1
  talk(200, {{leg_a, tone_a}, {leg_b, tone_b}});
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  ASSERT_TRUE(engine_->mute(leg_b, false)) << "commands wait while the leg moves";
  talk(1000, {{leg_a, tone_a}, {leg_b, tone_b}});
  EXPECT_NEAR(a.tone().value_or(0), tone_b, 2);
  EXPECT_NEAR(b.tone().value_or(0), tone_a, 2);
  EXPECT_EQ(b.sources(), 1u);
}

TEST_F(MediaEngineTest, RecordingBeginsBeforeTheBridgeAndMovesWithTheLeg) {
  MediaSettings settings;
  settings.workers = 2;
  settings.recordings_dir = fresh_folder("engine_moved_recording");
  start(settings);
  connect(leg_a, Codec::pcma, CryptoSuite::aead_aes_128_gcm, LegRole::agent);  // worker 0
  connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);                   // worker 1
  const RecordingId recording{0x79};
  ASSERT_TRUE(engine_->start_recording(recording, leg_b));
  talk(2000, {{leg_a, tone_a}, {leg_b, tone_b}});
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  talk(3000, {{leg_a, tone_a}, {leg_b, tone_b}});
  ASSERT_TRUE(engine_->stop_recording(recording));
  ASSERT_TRUE(eventually([&] { return !log_.all<RecordingFinished>().empty(); }));
  const auto done = log_.all<RecordingFinished>().front();
  EXPECT_EQ(done.gap_ms, 0u);
  const auto audio = read_recording(done.audio_path, *keys_.key_for(recording));
  ASSERT_GE(audio.left.size(), 36000u);
  const auto part = [](const std::vector<std::int16_t>& channel, std::size_t from) {
    return loudest_tone(std::span(channel).subspan(from, 8000));
  };
  EXPECT_FALSE(part(audio.left, 2000)) << "the agent was not in the call";
  EXPECT_NEAR(part(audio.right, 2000).value_or(0), tone_b, 2) << "the debtor is heard from the start";
  EXPECT_NEAR(part(audio.left, audio.left.size() - 10000).value_or(0), tone_a, 2);
  EXPECT_NEAR(part(audio.right, audio.right.size() - 10000).value_or(0), tone_b, 2) << "and after the move";
}

TEST_F(MediaEngineTest, ALegThatGoesEndsItsRecording) {
  MediaSettings settings;
  settings.recordings_dir = fresh_folder("engine_closed_recording");
  start(settings);
  connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  ASSERT_TRUE(engine_->start_recording(RecordingId{0x7A}, leg_b));
  talk(1000, {{leg_b, tone_b}});
  engine_->close_leg(leg_b);
  ASSERT_TRUE(eventually([&] { return !log_.all<RecordingFinished>().empty(); }));
  EXPECT_GE(log_.all<RecordingFinished>().front().duration_ms, 800u);
}

TEST_F(MediaEngineTest, SilenceOfAHeldLegIsToldAsAllowed) {
  start();
  LegProfile profile;
  profile.srtp = SrtpPolicy::off;
  MediaDescription offer;
  offer.address = "127.0.0.1";
  offer.port = 43100;
  offer.codecs = {{Codec::pcma, 8}};
  offer.direction = MediaDirection::recvonly;
  ASSERT_TRUE(engine_->open_leg_from_offer(leg_a, profile, offer));
  ASSERT_TRUE(eventually([&] { return !log_.all<RtpSilent>().empty(); }));
  EXPECT_TRUE(log_.all<RtpSilent>().front().may_be_silent);
  offer.direction = MediaDirection::sendrecv;
  ASSERT_TRUE(engine_->answer_reoffer(leg_a, offer));
  ASSERT_TRUE(eventually([&] { return log_.all<RtpSilent>().size() == 2; }));
  EXPECT_FALSE(log_.all<RtpSilent>().back().may_be_silent) << "back from hold it has to send";
}

TEST_F(MediaEngineTest, RecordsEachPartyOnItsChannel) {
  MediaSettings settings;
  settings.recordings_dir = fresh_folder("engine_recording");
  start(settings);
  connect(leg_a, Codec::opus, CryptoSuite::aead_aes_128_gcm, LegRole::agent);
  connect(leg_b, Codec::pcma, std::nullopt, LegRole::trunk);
  const RecordingId recording{0x77};
  ASSERT_TRUE(engine_->bridge(leg_a, leg_b));
  ASSERT_TRUE(engine_->start_recording(recording, leg_b));
  EXPECT_FALSE(engine_->start_recording(recording, leg_b)) << "runs already";
  talk(3000, {{leg_a, tone_a}, {leg_b, tone_b}});
  ASSERT_TRUE(engine_->stop_recording(recording, {{0, "talk"}}));
  ASSERT_TRUE(eventually([&] { return !log_.all<RecordingFinished>().empty(); }));
  const auto done = log_.all<RecordingFinished>().front();
  const auto audio = read_recording(done.audio_path, *keys_.key_for(recording));
  EXPECT_GE(audio.left.size(), 20000u);
  EXPECT_EQ(audio.left.size(), done.duration_ms * 8);
  EXPECT_NEAR(loudest_tone(std::span(audio.left).last(12000)).value_or(0), tone_a, 2);
  EXPECT_NEAR(loudest_tone(std::span(audio.right).last(12000)).value_or(0), tone_b, 2);
  EXPECT_FALSE(engine_->start_recording(recording, leg_b)) << "an attempt is recorded once";
}

TEST_F(MediaEngineTest, AnswersOffersAndKeepsItsKeyOnReoffer) {
  start();
  LegProfile profile;
  profile.srtp = SrtpPolicy::optional;
  MediaDescription offer;
  offer.address = "127.0.0.1";
  offer.port = 43100;
  offer.codecs = {{Codec::pcmu, 0}, {Codec::pcma, 8}};
  offer.crypto = {*make_crypto_key(CryptoSuite::aes_cm_128_hmac_sha1_80, 3)};
  const auto answer = engine_->open_leg_from_offer(leg_a, profile, offer);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->codecs, (std::vector<CodecChoice>{{Codec::pcma, 8}}));
  ASSERT_EQ(answer->crypto.size(), 1u);
  EXPECT_EQ(answer->crypto[0].tag, 3u);
  offer.direction = MediaDirection::sendonly;
  const auto again = engine_->answer_reoffer(leg_a, offer);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->crypto, answer->crypto);
  EXPECT_EQ(again->direction, MediaDirection::recvonly);
  offer.crypto.clear();
  profile.srtp = SrtpPolicy::required;
  EXPECT_FALSE(engine_->open_leg_from_offer(leg_b, profile, offer)) << "plain RTP against the policy";
  EXPECT_EQ(engine_->leg_count(), 1u);
}

TEST_F(MediaEngineTest, ALegTakesPortsOfItsOwnRangeAndGivesThemBack) {
  start();
  LegProfile narrow;
  narrow.rtp_ports = {42301, 42306};  // Two pairs: from the first even port on.
  const auto first = engine_->open_leg(LegId(1), narrow);
  const auto second = engine_->open_leg(LegId(2), narrow);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->port, 42302);
  EXPECT_EQ(second->port, 42304);
  const auto third = engine_->open_leg(LegId(3), narrow);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Errc::exhausted);
  EXPECT_EQ(third.error().detail, "no free RTP port pair in 42301-42306 (all are in use by this node's calls); widen this media port range");
  const auto of_node = engine_->open_leg(LegId(4), LegProfile{});
  ASSERT_TRUE(of_node) << "the node's range is another";
  EXPECT_TRUE(of_node->port >= 42000 && of_node->port <= 42199) << of_node->port;
  engine_->close_leg(LegId(1));
  EXPECT_TRUE(eventually([&] { return engine_->open_leg(LegId(3), narrow).ok(); }));
  EXPECT_FALSE(engine_->open_leg(LegId(5), narrow)) << "the one port that came back, and no other";
  EXPECT_EQ(engine_->leg_count(), 3U);
}

TEST_F(MediaEngineTest, RefusesARangeThatOverlapsAnother) {
  start();
  LegProfile across;
  across.rtp_ports = {42100, 42299};
  const auto refused = engine_->open_leg(LegId(1), across);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "media ports 42100-42299 overlap 42000-42199");
  across.rtp_ports = {42000, 42199};
  EXPECT_TRUE(engine_->open_leg(LegId(1), across)) << "the node's own range, named";
}

TEST_F(MediaEngineTest, GivesPortsBackAndRefusesWhenOut) {
  MediaSettings settings;
  start(settings);
  LegProfile profile;
  std::uint64_t opened = 0;
  Errc refusal = Errc::corrupt;
  for (std::uint64_t id = 1; id <= 101; ++id) {
    const auto offer = engine_->open_leg(LegId(id), profile);
    if (offer)
      ++opened;
    else
      refusal = offer.error().code;
  }
  EXPECT_EQ(opened, 100u);
  EXPECT_EQ(refusal, Errc::exhausted);
  for (std::uint64_t id = 1; id <= 100; ++id) engine_->close_leg(LegId(id));
  EXPECT_TRUE(eventually([&] { return engine_->open_leg(LegId(500), profile).ok(); }));
  EXPECT_FALSE(engine_->bridge(LegId(1), LegId(500))) << "closed legs are unknown";
}

}  // namespace
}  // namespace dunlin
