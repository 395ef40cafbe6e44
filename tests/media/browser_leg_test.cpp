// Legs of browsers over loopback: the whole engine against a page's browser of our own (tests/media/browser_peer.hpp).
#include <mutex>

#include <gtest/gtest.h>

#include "media/browser_names.hpp"
#include "media/media_engine.hpp"
#include "media/ticker.hpp"
#include "tests/media/browser_peer.hpp"
#include "tests/media/recording_reader.hpp"

namespace dunlin {
namespace {

class BrowserEvents : public MediaSink {
 public:
  void on_media_event(const MediaEvent& event) override {
    const std::lock_guard lock(mutex_);
    if (std::holds_alternative<BrowserConnected>(event)) ++connected_;
    if (const auto* lost = std::get_if<BrowserLost>(&event)) lost_.push_back(*lost);
    if (const auto* digit = std::get_if<DtmfReceived>(&event)) digits_.push_back(digit->digit);
  }
  template <class Read>
  auto locked(Read read) const {
    const std::lock_guard lock(mutex_);
    return read();
  }
  int connected() const { return locked([this] { return connected_; }); }
  std::vector<BrowserLost> lost() const { return locked([this] { return lost_; }); }
  std::string digits() const { return locked([this] { return digits_; }); }

 private:
  mutable std::mutex mutex_;
  int connected_ = 0;
  std::vector<BrowserLost> lost_;
  std::string digits_;
};

class BrowserLegTest : public testing::Test {
 protected:
  void SetUp() override { start(1); }

  void start(unsigned workers) {
    engine_.reset();
    MediaSettings settings;
    settings.first_port = 46000;
    settings.last_port = 46199;
    settings.browser_port = 46400;
    settings.workers = workers;
    settings.wants_realtime = false;
    settings.rtcp_interval_ms = 300;
    settings.busy_limit_percent = 100;
    settings.utc_now = [] { return UtcTime{1'800'000'000'000 + media_now_us() / 1000}; };
    auto engine = MediaEngine::start(std::move(settings), events_, nullptr);
    ASSERT_TRUE(engine) << engine.error().detail;
    engine_ = std::move(*engine);
    profile_.role = LegRole::agent;
    profile_.codecs = {Codec::pcma, Codec::pcmu, Codec::opus};
  }

  void offer(LegId leg, BrowserPeer& page) {
    const auto answer = engine_->answer_browser(leg, profile_, page.offer());
    ASSERT_TRUE(answer) << answer.error().detail;
    page.take_answer(*answer);
  }

  /// A trunk's far end in plain PCMA, bridged to the page.
  void bridge_carrier() {
    LegProfile trunk;
    trunk.srtp = SrtpPolicy::off;
    const auto sdp = engine_->open_leg(carrier_leg, trunk);
    ASSERT_TRUE(sdp) << sdp.error().detail;
    carrier_ = std::make_unique<RtpPeer>(ports_, Codec::pcma, std::nullopt);
    ASSERT_TRUE(engine_->set_remote(carrier_leg, carrier_->answer(*sdp)));
    ASSERT_TRUE(engine_->bridge(page_leg, carrier_leg));
  }

  void run(std::int64_t ms, const std::vector<BrowserPeer*>& pages, double page_tone = 0, double carrier_tone = 0) {
    const Ticker ticker(20'000);
    for (std::int64_t left = ms / 20; left > 0;) {
      for (std::uint64_t i = std::min<std::uint64_t>(ticker.wait(), 5); i > 0; --i, --left) {
        if (page_tone > 0) pages.back()->send_tone(page_tone);
        if (carrier_ && carrier_tone > 0) carrier_->send_tone(carrier_tone);
      }
      for (BrowserPeer* page : pages) page->step();
      if (carrier_) carrier_->receive();
    }
  }

  /// Waits until the condition holds, at most ten seconds.
  template <class Condition>
  bool eventually(const std::vector<BrowserPeer*>& pages, Condition condition) {
    for (int i = 0; i < 500 && !condition(); ++i) run(20, pages);
    return condition();
  }

  const LegId page_leg{1};
  const LegId carrier_leg{2};
  LegProfile profile_;
  BrowserEvents events_;
  PortPool ports_{{46600, 46699}};
  std::unique_ptr<RtpPeer> carrier_;
  std::unique_ptr<MediaEngine> engine_;
};

TEST_F(BrowserLegTest, IsHeardBothWaysAndReported) {
  BrowserPeer page(1);
  offer(page_leg, page);
  bridge_carrier();
  ASSERT_TRUE(eventually({&page}, [&] { return events_.connected() == 1; }));
  run(700, {&page}, 440, 1000);
  EXPECT_NEAR(page.tone().value_or(0), 1000, 5);
  EXPECT_NEAR(carrier_->tone(200).value_or(0), 440, 5);
  EXPECT_EQ(page.refused(), 0u);
  EXPECT_EQ(page.sequence_breaks(), 0u);
  EXPECT_GE(page.reports(), 2u) << "RTCP comes on the same port";
  EXPECT_NE(page.answer().find("SAVPF 8 126\r\n"), std::string::npos) << page.answer();
}

TEST_F(BrowserLegTest, TellsKeysOnceEach) {
  BrowserPeer page(1);
  offer(page_leg, page);
  ASSERT_TRUE(eventually({&page}, [&] { return page.is_connected() && events_.connected() == 1; }));
  for (const char digit : std::string("15#")) {
    page.send_digit(digit);
    run(60, {&page}, 440);
  }
  EXPECT_TRUE(eventually({&page}, [&] { return events_.digits() == "15#"; })) << events_.digits();
}

TEST_F(BrowserLegTest, AnotherCertificateIsRefused) {
  BrowserPeer page(1);
  page.told_fingerprint = *parse_fingerprint(browser_fingerprint);
  offer(page_leg, page);
  ASSERT_TRUE(eventually({&page}, [&] { return !events_.lost().empty(); }));
  EXPECT_EQ(events_.lost().front().reason, BrowserEnd::wrong_fingerprint);
  EXPECT_FALSE(events_.lost().front().has_other);
  EXPECT_EQ(events_.connected(), 0);
  EXPECT_EQ(page.packets(), 0u);
}

TEST_F(BrowserLegTest, RestartsIceWithoutLosingAPacket) {
  BrowserPeer page(1);
  offer(page_leg, page);
  bridge_carrier();
  ASSERT_TRUE(eventually({&page}, [&] { return page.is_connected() && events_.connected() == 1; }));
  run(400, {&page}, 440, 1000);
  const std::string before = page.value("a=ice-ufrag:");
  page.restart();
  page.open_socket();
  page.priority = 10;  // A worse network, and still the new credentials count.
  offer(page_leg, page);
  EXPECT_NE(page.value("a=ice-ufrag:"), before);
  run(700, {&page}, 440, 1000);
  EXPECT_NEAR(page.tone().value_or(0), 1000, 5);
  EXPECT_NEAR(carrier_->tone(200).value_or(0), 440, 5);
  EXPECT_EQ(page.sequence_breaks(), 0u);
  EXPECT_EQ(page.refused(), 0u);
  EXPECT_EQ(carrier_->sequence_breaks(), 0u);
  EXPECT_EQ(events_.connected(), 1) << "the same association goes on";
}

TEST_F(BrowserLegTest, AChangedAddressIsFollowedAfterACheckOnly) {
  BrowserPeer page(1);
  offer(page_leg, page);
  bridge_carrier();
  ASSERT_TRUE(eventually({&page}, [&] { return page.is_connected() && events_.connected() == 1; }));
  run(200, {&page}, 440, 1000);
  page.open_socket();
  page.is_hasty = true;
  page.is_checking = false;
  run(700, {&page}, 600, 1000);
  EXPECT_NEAR(carrier_->tone(200).value_or(0), 0, 1) << "nobody has proven that address";
  page.is_checking = true;
  page.priority = 10;
  run(600, {&page}, 600, 1000);
  EXPECT_NEAR(carrier_->tone(200).value_or(0), 600, 5);
  EXPECT_NEAR(page.tone().value_or(0), 1000, 5);
}

TEST_F(BrowserLegTest, ANewPageTakesOverWhenItsConnectionStands) {
  BrowserPeer first(1);
  offer(page_leg, first);
  bridge_carrier();
  ASSERT_TRUE(eventually({&first}, [&] { return events_.connected() == 1; }));
  run(300, {&first}, 440, 1000);
  BrowserPeer second(2);
  offer(page_leg, second);
  const auto heard = first.packets();
  run(200, {&first}, 440, 1000);
  EXPECT_GT(first.packets(), heard) << "heard until then";
  ASSERT_TRUE(eventually({&first, &second}, [&] { return events_.connected() == 2; }));
  run(600, {&first, &second}, 600, 1000);
  EXPECT_EQ(first.dtls_state(), DtlsState::closed) << "it is told";
  EXPECT_NEAR(second.tone().value_or(0), 1000, 5);
  EXPECT_NEAR(carrier_->tone(200).value_or(0), 600, 5);
  EXPECT_TRUE(events_.lost().empty());
}

TEST_F(BrowserLegTest, APageThatFailsLeavesTheOneBefore) {
  BrowserPeer first(1);
  offer(page_leg, first);
  bridge_carrier();
  ASSERT_TRUE(eventually({&first}, [&] { return first.is_connected() && events_.connected() == 1; }));
  BrowserPeer second(2);
  second.told_fingerprint = *parse_fingerprint(browser_fingerprint);
  offer(page_leg, second);
  ASSERT_TRUE(eventually({&first, &second}, [&] { return !events_.lost().empty(); }));
  EXPECT_TRUE(events_.lost().front().has_other);
  // And it may still restart: the engine remembers whose it is.
  first.restart();
  first.open_socket();
  offer(page_leg, first);
  run(600, {&first}, 440, 1000);
  EXPECT_NEAR(first.tone().value_or(0), 1000, 5);
  EXPECT_NEAR(carrier_->tone(200).value_or(0), 440, 5);
}

TEST_F(BrowserLegTest, AGoodByeEndsItAtOnce) {
  BrowserPeer page(1);
  offer(page_leg, page);
  ASSERT_TRUE(eventually({&page}, [&] { return page.is_connected() && events_.connected() == 1; }));
  page.say_good_bye();
  ASSERT_TRUE(eventually({&page}, [&] { return !events_.lost().empty(); }));
  EXPECT_EQ(events_.lost().front().reason, BrowserEnd::closed);
  run(100, {&page});
  const auto packets = page.packets();
  run(300, {&page});
  EXPECT_EQ(page.packets(), packets) << "nobody is sent anything he has not asked for";
}

TEST_F(BrowserLegTest, RefusesForeignAndWrongChecks) {
  BrowserPeer page(1);
  offer(page_leg, page);
  BrowserPeer stranger(9);
  std::string guess = page.answer();
  guess.replace(guess.find("a=ice-pwd:") + 10, 4, "XXXX");
  stranger.take_answer(guess);
  stranger.step();
  ASSERT_TRUE(eventually({&stranger}, [&] { return stranger.last_error().has_value(); }));
  EXPECT_EQ(stranger.last_error(), 401);
  EXPECT_EQ(stranger.responses(), 0u);
  for (const std::size_t size : {std::size_t{1}, std::size_t{13}, std::size_t{200}, std::size_t{1400}}) {
    for (const int first : {0, 3, 22, 63, 64, 128, 200, 255}) stranger.send_raw(std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(first)));
  }
  page.is_controlled = true;
  ASSERT_TRUE(eventually({&page}, [&] { return page.last_error().has_value(); }));
  EXPECT_EQ(page.last_error(), 487) << "both ends think they are controlled";
  page.is_controlled = false;
  EXPECT_TRUE(eventually({&page}, [&] { return events_.connected() == 1; })) << "nothing of it has done harm";
}

TEST_F(BrowserLegTest, OpusIsSpokenWhereItIsPreferred) {
  profile_.codecs = {Codec::opus, Codec::pcma};
  BrowserPeer page(1);
  offer(page_leg, page);
  EXPECT_NE(page.answer().find("SAVPF 111 126 110\r\n"), std::string::npos) << page.answer();
  EXPECT_NE(page.answer().find("maxplaybackrate=8000"), std::string::npos);
  page.formats = "9 111";
  BrowserPeer poor(2);
  poor.formats = "9 13";
  const auto refused = engine_->answer_browser(LegId(7), profile_, poor.offer());
  ASSERT_FALSE(refused);
  EXPECT_EQ(engine_->leg_count(), 1u) << "a refused offer opens nothing";
}

TEST_F(BrowserLegTest, OtherWaysToALegAreRefused) {
  BrowserPeer page(1);
  offer(page_leg, page);
  MediaDescription sdp;
  sdp.address = "127.0.0.1";
  sdp.port = 4000;
  sdp.codecs = {{Codec::pcma, 8}};
  EXPECT_EQ(engine_->set_remote(page_leg, sdp).error().code, Errc::conflict);
  EXPECT_EQ(engine_->answer_reoffer(page_leg, sdp).error().code, Errc::conflict);
  bridge_carrier();
  EXPECT_EQ(engine_->answer_browser(carrier_leg, profile_, page.offer()).error().code, Errc::conflict);
}

TEST_F(BrowserLegTest, TheOtherLegMovesToTheBrowsersWorker) {
  start(2);
  BrowserPeer page(1);
  BrowserPeer supervisor(2);
  offer(page_leg, page);          // worker 0
  offer(LegId(3), supervisor);    // worker 1
  bridge_carrier();
  ASSERT_TRUE(engine_->bridge(LegId(3), carrier_leg));
  ASSERT_TRUE(eventually({&page, &supervisor}, [&] { return events_.connected() == 2; }));
  run(600, {&page, &supervisor}, 440, 1000);
  EXPECT_NEAR(carrier_->tone(200).value_or(0), 440, 5);
  EXPECT_NEAR(supervisor.tone().value_or(0), 1000, 5);
  const auto joined = engine_->bridge(page_leg, LegId(3));
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().code, Errc::conflict);
}

TEST_F(BrowserLegTest, ASupervisorsPageElsewhereDoesNotDisturbTheTalk) {
  start(2);
  BrowserPeer supervisor(1);
  offer(LegId(3), supervisor);  // worker 0
  LegProfile plain;
  plain.role = LegRole::agent;
  plain.srtp = SrtpPolicy::off;
  const auto sdp = engine_->open_leg(page_leg, plain);  // worker 1
  ASSERT_TRUE(sdp) << sdp.error().detail;
  RtpPeer agent(ports_, Codec::pcma, std::nullopt);
  ASSERT_TRUE(engine_->set_remote(page_leg, agent.answer(*sdp)));
  bridge_carrier();
  run(300, {&supervisor}, 0, 1000);
  const auto refused = engine_->monitor(LegId(3), page_leg, MonitorMode::listen);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().detail.find("offer anew"), std::string::npos) << refused.error().detail;
  run(600, {&supervisor}, 0, 1000);
  agent.receive();
  EXPECT_NEAR(agent.tone(200).value_or(0), 1000, 5) << "the talk goes on";
  engine_->close_leg(LegId(3));
  BrowserPeer again(2);
  profile_.near_leg = page_leg;
  offer(LegId(3), again);
  EXPECT_TRUE(engine_->monitor(LegId(3), page_leg, MonitorMode::listen)) << "opened beside the talk it may listen";
}

TEST(BrowserNames, TellThePlaceAndNothingElse) {
  for (const std::uint16_t place : {std::uint16_t{0}, std::uint16_t{1023}, std::uint16_t{65535}}) {
    const auto made = *make_credentials(place);
    EXPECT_EQ(leg_index_of(made.ufrag + ":abcd"), place);
    EXPECT_GE(made.password.size(), 22u);
    EXPECT_NE(make_credentials(place)->password, made.password);
  }
  EXPECT_FALSE(leg_index_of("AAAAAAAAAAAA"));
  EXPECT_FALSE(leg_index_of("AA%AAAAAAAAA:x"));
  EXPECT_FALSE(leg_index_of("///AAAAAAAAA:x")) << "65535 is the last place";
  EXPECT_FALSE(leg_index_of(""));
}

}  // namespace
}  // namespace dunlin
