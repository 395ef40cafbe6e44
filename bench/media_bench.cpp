// CPU per forwarded packet of the media worker, relay and transcode, as ratios to a plain recv + send of the
// same size measured in the same run. Usage: media_bench [calls] [seconds of virtual time]. Prints one line
// per case.
#include <cstdlib>
#include <ctime>

#include <fmt/core.h>

#include "media/media_worker.hpp"
#include "media/port_pools.hpp"
#include "media/ticker.hpp"

namespace dunlin {
namespace {

double cpu_us() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e6 + static_cast<double>(spent.tv_nsec) / 1e3;
}

struct Case {
  const char* name;
  Codec codec_a;
  Codec codec_b;
  std::optional<CryptoSuite> suite_a;
  std::optional<CryptoSuite> suite_b;
  bool is_recorded;
};

/// The far end of a leg: sends ready-made packets, discards what it gets.
class Load {
 public:
  Load(PortPool& ports, Codec codec, std::optional<CryptoSuite> suite)
      : codec_(codec),
        pair_(std::move(*ports.open("127.0.0.1"))),
        key_(suite ? *make_crypto_key(*suite, 1) : CryptoKey{}) {
    if (suite) srtp_ = std::move(*SrtpSession::outbound(key_, 7));
    payload_.assign(160, 0x55);
    if (codec != Codec::opus) return;
    auto encoder = std::move(*OpusVoiceEncoder::make({}));
    std::array<std::int16_t, frame_samples> frame;
    for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<std::int16_t>((i * 7919) % 4000);
    payload_.resize(max_encoded_bytes);
    payload_.resize(*encoder->encode(frame, payload_));
  }

  void send(const UdpAddress& to) {
    std::array<std::uint8_t, 600> buffer;
    write_rtp_header({false, type(), sequence_, timestamp_, 7}, buffer);
    std::copy(payload_.begin(), payload_.end(), buffer.begin() + rtp_header_size);
    std::size_t size = rtp_header_size + payload_.size();
    if (srtp_) size = *srtp_->protect(buffer, size);
    pair_.rtp.send(std::span(buffer).first(size), to);
    sequence_ = sequence_.next();
    timestamp_ = timestamp_.plus(clock_rate_of(codec_) / 50);
  }
  std::size_t drain() {
    std::array<std::uint8_t, 2048> buffer;
    std::size_t count = 0;
    while (pair_.rtp.receive(buffer)) ++count;
    return count;
  }
  std::uint8_t type() const { return codec_ == Codec::opus ? 111 : 8; }
  Codec codec() const { return codec_; }
  const CryptoKey& key() const { return key_; }
  bool is_secure() const { return srtp_ != nullptr; }
  UdpAddress endpoint() const { return *UdpAddress::parse("127.0.0.1", pair_.rtp_port); }

 private:
  Codec codec_;
  UdpPair pair_;
  CryptoKey key_;
  std::unique_ptr<SrtpSession> srtp_;
  std::vector<std::uint8_t> payload_;
  SequenceNumber sequence_{1};
  RtpTimestamp timestamp_{1};
};

/// The baseline: the same number of packets through one recv and one send each, nothing else.
double plain_us_per_packet(PortPool& ports, int packets) {
  auto in = std::move(*ports.open("127.0.0.1"));
  auto out = std::move(*ports.open("127.0.0.1"));
  auto sink = std::move(*ports.open("127.0.0.1"));
  const auto in_at = *UdpAddress::parse("127.0.0.1", in.rtp_port);
  const auto sink_at = *UdpAddress::parse("127.0.0.1", sink.rtp_port);
  std::array<std::uint8_t, 172> packet{};
  std::array<std::uint8_t, 2048> buffer;
  double spent = 0;
  for (int i = 0; i < packets; ++i) {
    out.rtp.send(packet, in_at);
    const double before = cpu_us();
    if (const auto got = in.rtp.receive(buffer)) out.rtp.send(std::span(buffer).first(got->size), sink_at);
    spent += cpu_us() - before;
    (void)sink.rtp.receive(buffer);
  }
  return spent / packets;
}

class Bench {
 public:
  Bench(const Case& one, int calls) : case_(one), ring_(4096) {
    MediaWorker::Options options;
    options.max_legs = static_cast<unsigned>(2 * calls);
    options.utc_now = [] { return UtcTime{1'800'000'000'000}; };
    options.recording_ring = &ring_;
    worker_ = std::move(*MediaWorker::make(options));
    for (int i = 0; i < calls; ++i) {
      const LegRef a = add(static_cast<std::uint16_t>(2 * i), one.codec_a, one.suite_a);
      const LegRef b = add(static_cast<std::uint16_t>(2 * i + 1), one.codec_b, one.suite_b);
      post(JoinLegs{a, b});
      if (one.is_recorded)
        post(StartTap{b, std::make_unique<RecordingTap>(RecordingId(static_cast<std::uint64_t>(i) + 1))});
    }
  }

  /// CPU microseconds of the worker per packet it received, over virtual seconds.
  double run(int seconds) {
    step(50 * seconds / 10 + 10);
    spent_us_ = 0;
    sent_ = 0;
    step(50 * seconds);
    return spent_us_ / static_cast<double>(sent_);
  }

 private:
  void post(WorkerCommand&& command) {
    while (!worker_->post(std::move(command))) tick();
  }

  LegRef add(std::uint16_t index, Codec codec, std::optional<CryptoSuite> suite) {
    const LegRef ref{index, index + 1u};
    auto pair = std::move(*ports_.open("127.0.0.1"));
    auto& peer = peers_.emplace_back(std::make_unique<Load>(ports_, codec, suite));
    targets_.push_back(*UdpAddress::parse("127.0.0.1", pair.rtp_port));
    auto parts = std::make_unique<MediaParts>();
    const bool is_secure = suite.has_value();
    parts->send = {codec, peer->type(), std::nullopt, peer->endpoint(), peer->endpoint(), is_secure, true};
    parts->receive = {codec, peer->type(), std::nullopt, std::nullopt, peer->endpoint(), is_secure, true};
    if (suite) {
      parts->srtp_out = std::move(*SrtpSession::outbound(*make_crypto_key(*suite, 1), index + 1u));
      parts->srtp_in = std::move(*SrtpSession::inbound(peer->key()));
    }
    if (codec == Codec::opus) {
      parts->encoder = std::move(*OpusVoiceEncoder::make({}));
      parts->decoder = std::move(*OpusVoiceDecoder::make());
    }
    post(AddLeg{ref, std::make_unique<Leg>(LegId(index + 1u), LegRole::trunk, std::move(pair),
                                           StreamSeed{index + 1u, {1}, {1}})});
    post(StartMedia{ref, std::move(parts)});
    return ref;
  }

  void tick() {
    const double before = cpu_us();
    worker_->tick(now_us_);
    spent_us_ += cpu_us() - before;
    now_us_ += MediaWorker::tick_us;
    while (worker_->next_event()) continue;
    while (worker_->next_retired()) continue;
    while (ring_.front() != nullptr) ring_.pop_front();
  }

  /// Each frame is ten ticks; the peers send spread over them as in life.
  void step(int frames) {
    for (int frame = 0; frame < frames; ++frame) {
      for (std::size_t part = 0; part < 10; ++part) {
        for (std::size_t i = part; i < peers_.size(); i += 10) {
          peers_[i]->send(targets_[i]);
          ++sent_;
        }
        tick();
        for (std::size_t i = part; i < peers_.size(); i += 10) peers_[i]->drain();
      }
    }
  }

  Case case_;
  RecordingRing ring_;
  PortPool ports_{{46000, 59998}};
  std::unique_ptr<MediaWorker> worker_;
  std::vector<std::unique_ptr<Load>> peers_;
  std::vector<UdpAddress> targets_;
  std::int64_t now_us_ = 1'000'000;
  double spent_us_ = 0;
  std::size_t sent_ = 0;
};

int run(int calls, int seconds) {
  constexpr auto cm = CryptoSuite::aes_cm_128_hmac_sha1_80;
  constexpr auto gcm = CryptoSuite::aead_aes_128_gcm;
  const Case cases[] = {
      {"PCMA relay, RTP both sides", Codec::pcma, Codec::pcma, std::nullopt, std::nullopt, false},
      {"PCMA relay, RTP to SRTP CM-80", Codec::pcma, Codec::pcma, std::nullopt, cm, false},
      {"PCMA relay, SRTP GCM to SRTP CM-80", Codec::pcma, Codec::pcma, gcm, cm, false},
      {"PCMA relay, SRTP GCM to RTP, recorded", Codec::pcma, Codec::pcma, gcm, std::nullopt, true},
      {"Opus/SRTP GCM to PCMA/RTP, recorded", Codec::opus, Codec::pcma, gcm, std::nullopt, true},
  };
  for (const Case& one : cases) {
    PortPool ports({45000, 45998});
    const double plain = plain_us_per_packet(ports, 20000);
    const double ours = Bench(one, calls).run(seconds);
    // A call is two legs, so a hundred packets a second come in and a hundred go out.
    fmt::print("{:<40} {:6.2f} us/packet  plain recv+send {:5.2f} us  ratio {:5.2f}  calls/core {:6.0f}\n",
               one.name, ours, plain, ours / plain, 1e6 / (100 * ours));
  }
  return 0;
}

}  // namespace
}  // namespace dunlin

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 100;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 4;
  if (calls < 1 || calls > 1000 || seconds < 1) {
    fmt::print(stderr, "usage: media_bench [calls 1..1000] [seconds]\n");
    return 2;
  }
  return dunlin::run(calls, seconds);
}
