// One worker driven by hand: the packet path allocates nothing, late commands are ignored.
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "media/media_worker.hpp"
#include "media/ticker.hpp"
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

  LegRef add(std::uint16_t index, Codec codec, RtpPeer& peer, bool is_secure) {
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
        std::make_unique<Leg>(LegId(index + 1u), LegRole::trunk, std::move(pair), StreamSeed{ssrc, {1}, {1}});
    EXPECT_TRUE(worker_->post(AddLeg{ref, std::move(body)}));
    EXPECT_TRUE(worker_->post(StartMedia{ref, std::move(parts)}));
    return ref;
  }

  /// Runs one second of virtual time; returns what the worker's ticks allocated.
  std::size_t run_second(RtpPeer& a, RtpPeer& b) {
    std::size_t counted = 0;
    for (int tick = 0; tick < 500; ++tick, now_us_ += MediaWorker::tick_us) {
      if (tick % 10 == 0) {
        a.send_tone(440);
        b.send_tone(1000);
      }
      const std::size_t before = allocations;
      worker_->tick(now_us_);
      counted += allocations - before;
      a.receive();
      b.receive();
      while (worker_->next_event()) continue;
      while (worker_->next_retired()) continue;
      for (const auto* block = ring_.front(); block != nullptr; ring_.pop_front(), block = ring_.front())
        keep(*block);
    }
    return counted;
  }

  void keep(const RecordingBlock& block) {
    std::array<std::int16_t, block_samples> samples;
    decode_alaw(std::span(block.left).first(block.samples), std::span(samples).first(block.samples));
    left_.insert(left_.end(), samples.begin(), samples.begin() + block.samples);
    decode_alaw(std::span(block.right).first(block.samples), std::span(samples).first(block.samples));
    right_.insert(right_.end(), samples.begin(), samples.begin() + block.samples);
  }

  std::vector<std::int16_t> left_;
  std::vector<std::int16_t> right_;
  RecordingRing ring_{16};
  PortPool ports_{44000, 44099};
  std::unique_ptr<MediaWorker> worker_;
  std::uint32_t next_generation_ = 1;
  std::int64_t now_us_ = 1'000'000;
};

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

}  // namespace
}  // namespace dunlin
