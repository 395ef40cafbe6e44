// One worker driven by hand: the packet path allocates nothing, late commands are ignored.
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "media/browser_names.hpp"
#include "media/media_worker.hpp"
#include "media/ticker.hpp"
#include "tests/media/browser_peer.hpp"
#include "tests/media/recording_reader.hpp"
#include "tests/media/rtp_peer.hpp"

namespace {
thread_local std::size_t allocations = 0;
}

// Counting replacements of the global allocation functions, for this test program only.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace dunlin {
namespace {

class MediaWorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    MediaWorker::Options options;
    options.max_legs = 8;
    options.rtcp_interval_ms = 100;
    options.utc_now = [] { return UtcTime{1'800'000'000'000}; };
    options.recording_ring = &ring_;
    worker_ = std::move(*MediaWorker::make(options));
  }

  LegRef add(std::uint16_t index, Codec codec, RtpPeer& peer, bool is_secure, LegRole role = LegRole::trunk) {
    const LegRef ref{index, next_generation_++};
    auto pair = std::move(*ports_.open("127.0.0.1"));
    MediaDescription offer;
    offer.address = "127.0.0.1";
    offer.port = pair.rtp_port;
    offer.codecs = {{codec, codec == Codec::opus ? std::uint8_t{111} : std::uint8_t{8}}};
    offer.telephone_event = 101;
    if (is_secure) offer.crypto = {*make_crypto_key(CryptoSuite::aead_aes_128_gcm, 1)};
    const auto answer = peer.answer(offer);
    const std::uint32_t ssrc = 0xD0000000u + index;
    auto parts = std::make_unique<MediaParts>();
    const auto remote = *UdpAddress::parse(answer.address, answer.port);
    const auto rtcp = remote.with_port(static_cast<std::uint16_t>(answer.port + 1));
    parts->send = {codec, offer.codecs[0].payload_type, 101, remote, rtcp, is_secure, true};
    parts->receive = {codec, offer.codecs[0].payload_type, 101, std::nullopt, remote, is_secure, true};
    if (is_secure) {
      parts->srtp_out = std::move(*SrtpSession::outbound(offer.crypto[0], ssrc));
      parts->srtp_in = std::move(*SrtpSession::inbound(answer.crypto[0]));
    }
    if (codec == Codec::opus) {
      parts->encoder = std::move(*OpusVoiceEncoder::make({}));
      parts->decoder = std::move(*OpusVoiceDecoder::make());
    }
    auto body =
        std::make_unique<Leg>(LegId(index + 1u), role, std::move(pair), StreamSeed{ssrc, {1}, {1}});
    EXPECT_TRUE(worker_->post(AddLeg{ref, std::move(body)}));
    EXPECT_TRUE(worker_->post(StartMedia{ref, std::move(parts)}));
    return ref;
  }

  struct Talker {
    RtpPeer* peer = nullptr;
    double tone = 0;
  };

  /// Runs one second of virtual time; returns what the worker's ticks allocated.
  std::size_t run_second(RtpPeer& a, RtpPeer& b) { return run_ms(1000, {{&a, 440}, {&b, 1000}}); }

  std::size_t run_ms(int ms, const std::vector<Talker>& talkers) {
    std::size_t counted = 0;
    const int ticks = static_cast<int>(ms * 1000 / MediaWorker::tick_us);
    for (int tick = 0; tick < ticks; ++tick, now_us_ += MediaWorker::tick_us) {
      if (tick % 10 == 0) {
        for (const Talker& talker : talkers) talker.peer->send_tone(talker.tone);
      }
      const std::size_t before = allocations;
      worker_->tick(now_us_);
      counted += allocations - before;
      for (const Talker& talker : talkers) talker.peer->receive();
      while (const auto event = worker_->next_event()) {
        if (const auto* told = std::get_if<PacketsRefused>(&*event)) refusals_.push_back(*told);
      }
      while (worker_->next_retired()) continue;
      for (const auto* block = ring_.front(); block != nullptr; ring_.pop_front(), block = ring_.front())
        keep(*block);
    }
    return counted;
  }

  void keep(const RecordingBlock& block) {
    holes_ += block.first_sample != next_sample_;
    next_sample_ = block.first_sample + block.samples;
    if (block.is_paused) paused_samples_ += block.samples;
    std::array<std::int16_t, block_samples> samples;
    decode_alaw(std::span(block.left).first(block.samples), std::span(samples).first(block.samples));
    left_.insert(left_.end(), samples.begin(), samples.begin() + block.samples);
    decode_alaw(std::span(block.right).first(block.samples), std::span(samples).first(block.samples));
    right_.insert(right_.end(), samples.begin(), samples.begin() + block.samples);
  }

  std::vector<PacketsRefused> refusals_;
  std::vector<std::int16_t> left_;
  std::vector<std::int16_t> right_;
  std::uint64_t next_sample_ = 0;
  std::uint64_t paused_samples_ = 0;
  int holes_ = 0;
  RecordingRing ring_{16};
  PortPool ports_{{44000, 44099}};
  std::unique_ptr<MediaWorker> worker_;
  std::uint32_t next_generation_ = 1;
  std::int64_t now_us_ = 1'000'000;
};

/// The worker's own thread. At rest the next beat comes in an hour: whatever happens there was woken by a command.
class RestingWorkerTest : public MediaWorkerTest {
 protected:
  void SetUp() override {
    MediaWorker::Options options;
    options.max_legs = 8;
    options.wants_realtime = false;
    options.utc_now = [] { return UtcTime{1'800'000'000'000}; };
    options.rest_beat_ms = 3'600'000;
    worker_ = std::move(*MediaWorker::make(options));
    worker_->start();
  }

  /// Turns of the loop within the time, as far as they can be seen from outside.
  int beats_within(std::int64_t span_us) const {
    int beats = 0;
    std::int64_t last = worker_->heartbeat_us();
    for (const std::int64_t end = media_now_us() + span_us; media_now_us() < end;) {
      const Ticker pause(1000);
      pause.wait();
      const std::int64_t next = worker_->heartbeat_us();
      beats += next != last;
      last = next;
    }
    return beats;
  }

  bool comes_to_rest() const {
    const std::int64_t deadline = media_now_us() + 30'000'000;
    while (media_now_us() < deadline) {
      if (beats_within(500'000) == 0) return true;
    }
    return false;
  }

  /// Waits for what the worker gives back of a leg.
  void expect_body_back() {
    const Ticker pause(1000);
    for (auto retired = worker_->next_retired(); !retired || !retired->body; retired = worker_->next_retired()) pause.wait();
  }
};

TEST_F(RestingWorkerTest, WithoutALegTheClockDoesNotWakeIt) { EXPECT_TRUE(comes_to_rest()); }

TEST_F(RestingWorkerTest, ACommandWakesItAndALegKeepsItAwake) {
  ASSERT_TRUE(comes_to_rest());
  RtpPeer peer(ports_, Codec::pcma, std::nullopt);
  const LegRef leg = add(0, Codec::pcma, peer, false);
  EXPECT_GT(beats_within(1'000'000), 20) << "a leg is served by the clock";
  ASSERT_TRUE(worker_->post(RemoveLeg{leg}));
  expect_body_back();
  EXPECT_TRUE(comes_to_rest());
}

TEST_F(RestingWorkerTest, CommandsOneByOneAllWakeIt) {
  for (std::uint16_t round = 0; round < 20; ++round) {
    // Posted at any moment of going to rest: none may wait for the beat.
    beats_within(180'000 + 4'000 * round);
    RtpPeer peer(ports_, Codec::pcma, std::nullopt);
    ASSERT_TRUE(worker_->post(RemoveLeg{add(0, Codec::pcma, peer, false)}));
    expect_body_back();
  }
}

TEST_F(RestingWorkerTest, AnEndWakesIt) {
  ASSERT_TRUE(comes_to_rest());
  worker_->stop();
}

TEST(WorkerBeatTest, AtRestTheHeartGoesOn) {
  MediaWorker::Options options;
  options.wants_realtime = false;
  options.rest_beat_ms = 10;
  const auto worker = std::move(*MediaWorker::make(options));
  worker->start();
  // Long after it came to rest.
  for (int beat = 0; beat < 50; ++beat) {
    const std::int64_t last = worker->heartbeat_us();
    const Ticker pause(10'000);
    while (worker->heartbeat_us() == last) pause.wait();
  }
}

TEST_F(MediaWorkerTest, PacketPathAllocatesNothing) {
  RtpPeer a(ports_, Codec::opus, CryptoSuite::aead_aes_128_gcm);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  const LegRef leg_a = add(0, Codec::opus, a, true);
  const LegRef leg_b = add(1, Codec::pcma, b, false);
  ASSERT_TRUE(worker_->post(JoinLegs{leg_a, leg_b}));
  ASSERT_TRUE(worker_->post(StartTap{leg_b, std::make_unique<RecordingTap>(RecordingId(9))}));
  run_second(a, b);
  EXPECT_EQ(run_second(a, b), 0u);
  EXPECT_NEAR(b.tone().value_or(0), 440, 2);
}

TEST_F(MediaWorkerTest, RelayAllocatesNothing) {
  RtpPeer a(ports_, Codec::pcma, CryptoSuite::aead_aes_128_gcm);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  const LegRef leg_a = add(0, Codec::pcma, a, true);
  const LegRef leg_b = add(1, Codec::pcma, b, false);
  ASSERT_TRUE(worker_->post(JoinLegs{leg_a, leg_b}));
  run_second(a, b);
  EXPECT_EQ(run_second(a, b), 0u);
  EXPECT_NEAR(a.tone().value_or(0), 1000, 2);
}

TEST_F(MediaWorkerTest, AWrongKeyIsToldOnceThoughItNeverEnds) {
  RtpPeer a(ports_, Codec::pcma, CryptoSuite::aead_aes_128_gcm);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  add(0, Codec::pcma, a, true, LegRole::agent);
  add(1, Codec::pcma, b, false);
  a.spoil_key();
  run_second(a, b);
  EXPECT_EQ(run_second(a, b), 0u) << "telling allocates nothing";
  ASSERT_EQ(refusals_.size(), 1u) << "twenty reports, one of them tells it";
  EXPECT_EQ(refusals_.front().leg, LegId(1));
  EXPECT_EQ(refusals_.front().role, LegRole::agent);
  EXPECT_EQ(refusals_.front().reason, RefusalReason::not_authentic);
  EXPECT_TRUE(refusals_.front().from == refusals_.front().expected);
}

TEST_F(MediaWorkerTest, AShortLegTellsItAtItsEnd) {
  RtpPeer a(ports_, Codec::pcma, CryptoSuite::aead_aes_128_gcm);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  const LegRef leg = add(0, Codec::pcma, a, true);
  a.spoil_key();
  for (int i = 0; i < 30; ++i) a.send_tone(440);  // All before the first report is due.
  run_ms(20, {{&b, 0}});
  ASSERT_TRUE(refusals_.empty());
  ASSERT_TRUE(worker_->post(RemoveLeg{leg}));
  run_ms(20, {{&b, 0}});
  EXPECT_EQ(refusals_.size(), 1u);
}

TEST_F(MediaWorkerTest, RecordsBothPartiesWithoutPauses) {
  RtpPeer a(ports_, Codec::opus, CryptoSuite::aead_aes_128_gcm);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  const LegRef leg_a = add(0, Codec::opus, a, true);
  const LegRef leg_b = add(1, Codec::pcma, b, false);
  ASSERT_TRUE(worker_->post(JoinLegs{leg_a, leg_b}));
  ASSERT_TRUE(worker_->post(StartTap{leg_b, std::make_unique<RecordingTap>(RecordingId(9))}));
  for (int i = 0; i < 4; ++i) run_second(a, b);
  ASSERT_GE(left_.size(), 28000u);
  EXPECT_NEAR(loudest_tone(std::span(left_).last(8000)).value_or(0), 440, 2);
  EXPECT_NEAR(loudest_tone(std::span(right_).last(8000)).value_or(0), 1000, 2);
  EXPECT_LT(longest_pause_ms(std::span(left_).last(24000)), 40u);
  EXPECT_LT(longest_pause_ms(std::span(right_).last(24000)), 40u);
}

TEST_F(MediaWorkerTest, NextRecordingOfTheSameAgentHearsEverything) {
  RtpPeer a(ports_, Codec::pcma, std::nullopt);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  const LegRef leg_a = add(0, Codec::pcma, a, false);
  const LegRef leg_b = add(1, Codec::pcma, b, false);
  ASSERT_TRUE(worker_->post(JoinLegs{leg_a, leg_b}));
  ASSERT_TRUE(worker_->post(StartTap{leg_b, std::make_unique<RecordingTap>(RecordingId(1))}));
  run_second(a, b);
  ASSERT_TRUE(worker_->post(StopTap{leg_b, RecordingId(1)}));
  ASSERT_TRUE(worker_->post(StartTap{leg_b, std::make_unique<RecordingTap>(RecordingId(2))}));
  run_second(a, b);
  left_.clear();
  run_second(a, b);
  EXPECT_NEAR(loudest_tone(left_).value_or(0), 440, 3);
}

TEST_F(MediaWorkerTest, MarksTheGapOfAStall) {
  RtpPeer a(ports_, Codec::pcma, std::nullopt);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  add(0, Codec::pcma, a, false);
  const LegRef leg_b = add(1, Codec::pcma, b, false);
  ASSERT_TRUE(worker_->post(StartTap{leg_b, std::make_unique<RecordingTap>(RecordingId(1))}));
  worker_->tick(now_us_);
  for (int i = 0; i < 20; ++i) worker_->tick(now_us_ += MediaWorker::tick_us);
  worker_->skip_rounds(50);
  ASSERT_NE(ring_.front(), nullptr) << "what was heard is handed over at once";
  const std::size_t heard = ring_.front()->samples;
  ring_.pop_front();
  ASSERT_TRUE(worker_->post(StopTap{leg_b, RecordingId(1)}));
  for (int i = 0; i < 20; ++i) worker_->tick(now_us_ += MediaWorker::tick_us);
  ASSERT_NE(ring_.front(), nullptr);
  EXPECT_EQ(ring_.front()->first_sample, heard + 8000);
}

TEST_F(MediaWorkerTest, IgnoresCommandsOfAnOldGeneration) {
  RtpPeer a(ports_, Codec::pcma, std::nullopt);
  RtpPeer b(ports_, Codec::pcma, std::nullopt);
  const LegRef old_leg = add(0, Codec::pcma, a, false);
  ASSERT_TRUE(worker_->post(RemoveLeg{old_leg}));
  worker_->tick(now_us_);
  const LegRef new_leg = add(0, Codec::pcma, a, false);
  ASSERT_NE(old_leg, new_leg);
  const LoadedPrompt prompt{PromptId(1), make_tone(700, 80000)};
  ASSERT_TRUE(worker_->post(StartPrompt{old_leg, &prompt, true}));
  ASSERT_TRUE(worker_->post(RemoveLeg{old_leg}));
  run_second(a, b);
  EXPECT_FALSE(a.tone()) << a.tone().value_or(0) << " Hz: the late command must not reach the new leg";
  EXPECT_GE(a.packets(), 45u) << "the new leg lives";
}

/// A browser's leg on a worker driven by hand: time passes as the test wants.
class BrowserWorkerTest : public MediaWorkerTest {
 protected:
  void SetUp() override {
    identity_ = *DtlsIdentity::make();
    socket_ = std::make_shared<UdpSocket>(std::move(*UdpSocket::bind(*UdpAddress::parse("127.0.0.1", 44200))));
    MediaWorker::Options options;
    options.max_legs = 8;
    options.rtcp_interval_ms = 100;
    options.utc_now = [] { return UtcTime{1'800'000'000'000}; };
    options.browser_socket = socket_;
    worker_ = std::move(*MediaWorker::make(options));
  }

  LegRef add_page(std::uint16_t index) {
    const LegRef ref{index, next_generation_++};
    auto body = std::make_unique<Leg>(LegId(index + 1u), LegRole::agent, UdpPair{}, StreamSeed{0xD0000000u + index, {1}, {1}});
    body->browser = std::make_unique<BrowserSide>();
    EXPECT_TRUE(worker_->post(AddLeg{ref, std::move(body)}));
    return ref;
  }

  /// The page's offer is taken: with a path of its own, or as a restart of the one it has.
  void offer(LegRef ref, bool is_new) {
    const auto ours = *make_credentials(ref.index);
    auto order = std::make_unique<BrowserOrder>();
    order->page = 1;
    order->parts = std::make_unique<MediaParts>();
    order->parts->send = {Codec::pcma, 8, 126, {}, {}, true, true};
    order->parts->receive = {Codec::pcma, 8, 126, std::nullopt, {}, true, true};
    const auto theirs = *parse_browser_offer(page_.offer());
    if (is_new) order->path = std::make_unique<BrowserPath>(1, ours, std::move(*DtlsPeer::make(identity_, theirs.fingerprint)));
    else order->fresh = ours;
    BrowserAnswer answer{theirs.audio, "0", true, ours, identity_->fingerprint(), 1};
    answer.audio.address = "127.0.0.1";
    answer.audio.port = 44200;
    page_.take_answer(write_browser_answer(answer));
    EXPECT_TRUE(worker_->post(StartBrowser{ref, std::move(order)}));
  }

  /// Turns of the worker with the page's steps between them; returns what the worker allocated.
  std::size_t turn(int ms, double tone = 0) {
    std::size_t counted = 0;
    for (int tick = 0; tick < ms / 2; ++tick, now_us_ += MediaWorker::tick_us) {
      if (tick % 10 == 0 && tone > 0) page_.send_tone(tone);
      if (tick % 10 == 5) page_.step();
      const std::size_t before = allocations;
      worker_->tick(now_us_);
      counted += allocations - before;
      while (const auto event = worker_->next_event()) {
        if (std::holds_alternative<BrowserConnected>(*event)) ++connected_;
        if (const auto* lost = std::get_if<BrowserLost>(&*event)) lost_.push_back(lost->reason);
      }
      while (worker_->next_retired()) continue;
    }
    return counted;
  }

  std::shared_ptr<const DtlsIdentity> identity_;
  std::shared_ptr<UdpSocket> socket_;
  BrowserPeer page_{1};
  int connected_ = 0;
  std::vector<BrowserEnd> lost_;
};

TEST_F(BrowserWorkerTest, OnceConnectedNothingIsAllocated) {
  const LegRef leg = add_page(0);
  offer(leg, true);
  RtpPeer carrier(ports_, Codec::pcma, std::nullopt);
  ASSERT_TRUE(worker_->post(JoinLegs{leg, add(1, Codec::pcma, carrier, false)}));
  turn(400, 440);
  ASSERT_EQ(connected_, 1);
  EXPECT_EQ(turn(1000, 440), 0u);
  carrier.receive();
  EXPECT_NEAR(carrier.tone(200).value_or(0), 440, 5);
}

TEST_F(BrowserWorkerTest, ASilentPageIsLostAfterHalfAMinuteAndComesBackByARestart) {
  const LegRef leg = add_page(0);
  offer(leg, true);
  turn(400, 440);
  ASSERT_EQ(connected_, 1);
  page_.is_checking = false;
  now_us_ += 29'000'000;
  turn(100, 440);
  EXPECT_TRUE(lost_.empty()) << "half a minute is not over";
  now_us_ += 1'500'000;
  turn(100);
  ASSERT_EQ(lost_, std::vector{BrowserEnd::silent});
  const auto packets = page_.packets();
  turn(200);
  EXPECT_EQ(page_.packets(), packets) << "nothing is sent without consent";
  page_.is_checking = true;
  turn(200);
  EXPECT_EQ(page_.packets(), packets) << "the old credentials are good for nothing now";
  page_.restart();
  offer(leg, false);
  turn(400, 440);
  EXPECT_EQ(connected_, 2);
  EXPECT_GT(page_.packets(), packets + 10) << "the same keys go on";
  EXPECT_EQ(page_.refused(), 0u);
}

TEST_F(BrowserWorkerTest, APageThatNeverComesIsTold) {
  add_page(0);
  page_.is_checking = false;
  offer(LegRef{0, 1}, true);
  turn(100);
  now_us_ += 29'000'000;
  turn(100);
  EXPECT_TRUE(lost_.empty());
  now_us_ += 1'500'000;
  turn(100);
  EXPECT_EQ(lost_, std::vector{BrowserEnd::never_came});
}

TEST_F(BrowserWorkerTest, AChangeOfAPageThatIsGoneIsTold) {
  const LegRef leg = add_page(0);
  offer(leg, false);
  turn(100);
  EXPECT_EQ(lost_, std::vector{BrowserEnd::replaced});
}

/// Decibels of one tone in the sound against what a peer sends.
double level_db(std::span<const std::int16_t> samples, double frequency) {
  const double power = std::max(1.0, tone_power(samples, frequency));
  return 20 * std::log10(2 * std::sqrt(power) / static_cast<double>(samples.size()) / 8000);
}

/// An agent, a debtor and a supervisor, each with a tone of its own and a codec of its own.
class SupervisionTest : public MediaWorkerTest {
 protected:
  void connect(Codec agent_codec, Codec supervisor_codec) {
    agent_ = std::make_unique<RtpPeer>(ports_, agent_codec, CryptoSuite::aead_aes_128_gcm);
    debtor_ = std::make_unique<RtpPeer>(ports_, Codec::pcma, std::nullopt);
    supervisor_ = std::make_unique<RtpPeer>(ports_, supervisor_codec, CryptoSuite::aead_aes_128_gcm);
    agent_leg_ = add(0, agent_codec, *agent_, true, LegRole::agent);
    debtor_leg_ = add(1, Codec::pcma, *debtor_, false, LegRole::trunk);
    supervisor_leg_ = add(2, supervisor_codec, *supervisor_, true, LegRole::agent);
    ASSERT_TRUE(worker_->post(JoinLegs{agent_leg_, debtor_leg_}));
    ASSERT_TRUE(worker_->post(StartTap{debtor_leg_, std::make_unique<RecordingTap>(RecordingId(9))}));
  }
  void connect_supervisor_again() {
    supervisor_ = std::make_unique<RtpPeer>(ports_, Codec::pcma, CryptoSuite::aead_aes_128_gcm);
    supervisor_leg_ = add(3, Codec::pcma, *supervisor_, true, LegRole::agent);
  }
  void monitor(MonitorMode mode) {
    const LegRef agent = mode == MonitorMode::off ? LegRef{} : agent_leg_;
    ASSERT_TRUE(worker_->post(MonitorLeg{supervisor_leg_, agent, mode}));
  }
  std::size_t run(int ms) { return run_ms(ms, {{agent_.get(), agent_tone}, {debtor_.get(), debtor_tone}, {supervisor_.get(), supervisor_tone}}); }

  /// Which of the three tones the samples hold: "a", "d" and "s", each at the level it was sent.
  static std::string tones_in(std::span<const std::int16_t> samples) {
    std::string found;
    for (const auto& [name, tone] : {std::pair{'a', agent_tone}, {'d', debtor_tone}, {'s', supervisor_tone}}) {
      const double level = level_db(samples, tone);
      if (level <= -30) continue;
      found += name;
      EXPECT_NEAR(level, 0, 3) << name;
    }
    return found;
  }
  /// "agent hears / debtor hears / supervisor hears | recorded left / right", of the last 400 ms.
  std::string heard() const {
    const auto last = [](const std::vector<std::int16_t>& samples) { return tones_in(std::span(samples).last(std::min<std::size_t>(samples.size(), 3200))); };
    return last(agent_->heard()) + "/" + last(debtor_->heard()) + "/" + last(supervisor_->heard()) + "|" + last(left_) + "/" + last(right_);
  }
  std::string heard_in(MonitorMode mode) {
    monitor(mode);
    run(1000);
    EXPECT_EQ(run(1000), 0u) << "the packet path allocates nothing";
    return heard();
  }

  static constexpr double agent_tone = 440;
  static constexpr double debtor_tone = 1000;
  static constexpr double supervisor_tone = 1500;
  std::unique_ptr<RtpPeer> agent_;
  std::unique_ptr<RtpPeer> debtor_;
  std::unique_ptr<RtpPeer> supervisor_;
  LegRef agent_leg_;
  LegRef debtor_leg_;
  LegRef supervisor_leg_;
};

TEST_F(SupervisionTest, EachModeIsHeardByWhomItShould) {
  connect(Codec::pcma, Codec::pcma);
  EXPECT_EQ(heard_in(MonitorMode::off), "d/a/|a/d");
  EXPECT_EQ(heard_in(MonitorMode::listen), "d/a/ad|a/d");
  EXPECT_EQ(heard_in(MonitorMode::whisper), "ds/a/ad|a/d") << "a whisper is not kept: the debtor's side cannot have heard it";
  EXPECT_EQ(heard_in(MonitorMode::barge), "ds/as/ad|as/d");
  EXPECT_EQ(heard_in(MonitorMode::listen), "d/a/ad|a/d");
  EXPECT_EQ(heard_in(MonitorMode::off), "d/a/|a/d");
  for (const RtpPeer* peer : {agent_.get(), debtor_.get(), supervisor_.get()}) {
    EXPECT_EQ(peer->sources(), 1u) << "one stream through relay and mixing";
    EXPECT_EQ(peer->sequence_breaks(), 0u);
  }
}

TEST_F(SupervisionTest, CodecsMayDifferOnEveryLeg) {
  connect(Codec::opus, Codec::pcma);
  EXPECT_EQ(heard_in(MonitorMode::listen), "d/a/ad|a/d");
  EXPECT_EQ(heard_in(MonitorMode::whisper), "ds/a/ad|a/d");
  EXPECT_EQ(heard_in(MonitorMode::barge), "ds/as/ad|as/d");
}

TEST_F(SupervisionTest, ASupervisorWhoTakesOverTalksAndListensNoMore) {
  connect(Codec::pcma, Codec::opus);
  EXPECT_EQ(heard_in(MonitorMode::whisper), "ds/a/ad|a/d");
  ASSERT_TRUE(worker_->post(JoinLegs{supervisor_leg_, debtor_leg_}));
  run(2000);
  EXPECT_EQ(heard(), "/s/d|s/d") << "the agent hears nobody and is heard by nobody";
}

TEST_F(SupervisionTest, TakesEffectWithinOneFrame) {
  connect(Codec::pcma, Codec::pcma);
  ASSERT_EQ(heard_in(MonitorMode::listen), "d/a/ad|a/d");
  const auto next_frame = [this](MonitorMode mode) {
    monitor(mode);
    debtor_->forget();
    run(20);
    EXPECT_EQ(debtor_->heard().size(), frame_samples) << "one frame a round";
    return level_db(debtor_->heard(), supervisor_tone) > -10;
  };
  EXPECT_TRUE(next_frame(MonitorMode::barge));
  EXPECT_FALSE(next_frame(MonitorMode::whisper));
  EXPECT_TRUE(next_frame(MonitorMode::barge));
  EXPECT_FALSE(next_frame(MonitorMode::off));
}

TEST_F(SupervisionTest, EndsWithEitherLeg) {
  connect(Codec::pcma, Codec::pcma);
  ASSERT_EQ(heard_in(MonitorMode::barge), "ds/as/ad|as/d");
  ASSERT_TRUE(worker_->post(RemoveLeg{supervisor_leg_}));
  run(1000);
  EXPECT_EQ(heard().substr(0, 3), "d/a") << "the talk goes on";
  connect_supervisor_again();
  ASSERT_EQ(heard_in(MonitorMode::listen), "d/a/ad|a/d");
  ASSERT_TRUE(worker_->post(RemoveLeg{agent_leg_}));
  run(1000);
  EXPECT_EQ(tones_in(std::span(supervisor_->heard()).last(3200)), "") << "nobody is left to be heard by";
}

TEST_F(SupervisionTest, APausedRecordingKeepsItsTimeLineAndNothingElse) {
  connect(Codec::pcma, Codec::pcma);
  run(1000);
  ASSERT_TRUE(worker_->post(PauseTap{debtor_leg_, RecordingId(8), true}));
  run(500);
  ASSERT_EQ(heard(), "d/a/|a/d") << "another recording's pause is not this one's";
  ASSERT_TRUE(worker_->post(PauseTap{debtor_leg_, RecordingId(9), true}));
  run(2000);
  EXPECT_EQ(heard(), "d/a/|/") << "the talk goes on, and nothing of it is kept";
  ASSERT_TRUE(worker_->post(PauseTap{debtor_leg_, RecordingId(9), false}));
  run(2000);
  EXPECT_EQ(heard(), "d/a/|a/d");
  EXPECT_NEAR(static_cast<double>(paused_samples_), 16'000, 320);
  EXPECT_EQ(holes_, 0) << "the time line goes on";
}

}  // namespace
}  // namespace dunlin
