#include "tools/peer/media_leg.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <unistd.h>

#include <sys/socket.h>

#include "tools/peer/address.hpp"
#include "tools/peer/clock.hpp"

namespace dunlin::peer {
namespace {

constexpr std::size_t datagram_bytes = 1500;
constexpr int batch = 16;
constexpr std::size_t max_echoes = 10;
constexpr std::size_t max_delayed = 100;
constexpr int digit_frames = 5;
constexpr int end_frames = 3;
constexpr int pause_frames = 3;

/// Room for one batch of datagrams with their kernel time stamps. One per thread: the media loop reuses it
/// for every leg.
struct Inbox {
  std::array<std::array<std::uint8_t, datagram_bytes + srtp_trailer_bytes>, batch> bytes{};
  std::array<std::array<char, 64>, batch> control{};
  std::array<iovec, batch> vectors{};
  std::array<mmsghdr, batch> headers{};

  void prepare() {
    for (std::size_t i = 0; i < batch; ++i) {
      vectors[i] = {bytes[i].data(), datagram_bytes};
      headers[i] = {};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_control = control[i].data();
      headers[i].msg_hdr.msg_controllen = control[i].size();
    }
  }
};

std::int64_t arrival_of(msghdr& header) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(item), sizeof stamp);
    return static_cast<std::int64_t>(stamp.tv_sec) * 1'000'000 + stamp.tv_nsec / 1000;
  }
  return wall_us();
}

bool same_keys(const std::optional<SrtpKeys>& a, const std::optional<SrtpKeys>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->suite == b->suite && a->ours == b->ours && a->theirs == b->theirs);
}

}  // namespace

Result<std::shared_ptr<MediaLeg>> MediaLeg::open(const LegOptions& options) {
  const auto fd = open_udp(options.local);
  if (!fd) return fd.failure();
  const int on = 1;
  setsockopt(*fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  return std::shared_ptr<MediaLeg>(new MediaLeg(*fd, options));
}

MediaLeg::MediaLeg(int fd, const LegOptions& options)
    : fd_(fd),
      local_(options.local),
      impairment_(options.impairment),
      player_(options.seed ^ 1),
      dice_(options.seed),
      meter_(wall_us()),
      ssrc_(static_cast<std::uint32_t>(dice_.next())),
      sequence_(static_cast<std::uint16_t>(dice_.next() & 0x7FFF)),
      timestamp_(static_cast<std::uint32_t>(dice_.next())) {
  socklen_t length = sizeof local_;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&local_), &length);
}

MediaLeg::~MediaLeg() {
  ::close(fd_);
}

Status MediaLeg::configure(const LegSession& session) {
  const std::lock_guard lock(mutex_);
  if (!codec_ || codec_->codec() != session.codec.codec) {
    auto codec = VoiceCodec::create(session.codec.codec);
    if (!codec) return codec.failure();
    codec_.emplace(std::move(*codec));
  }
  if (!session_ || !same_keys(session_->srtp, session.srtp)) {
    srtp_.reset();
    if (session.srtp) {
      auto pair = SrtpPair::create(*session.srtp);
      if (!pair) return pair.failure();
      srtp_.emplace(std::move(*pair));
    }
  }
  session_ = session;
  return Done{};
}

void MediaLeg::set_sending(bool is_sending) {
  const std::lock_guard lock(mutex_);
  is_sending_ = is_sending;
}

void MediaLeg::play(SoundPlan plan) {
  const std::lock_guard lock(mutex_);
  player_.play(std::move(plan));
}

void MediaLeg::set_echo(bool is_echo) {
  const std::lock_guard lock(mutex_);
  is_echo_ = is_echo;
}

void MediaLeg::send_digits(const std::string& digits) {
  const std::lock_guard lock(mutex_);
  digits_ += digits;
}

bool MediaLeg::has_heard_voice() const {
  const std::lock_guard lock(mutex_);
  return meter_.has_heard_voice();
}

void MediaLeg::reset_meter() {
  const std::lock_guard lock(mutex_);
  meter_ = AudioMeter(wall_us());
  rtp_rx_ = rtp_tx_ = auth_failures_ = 0;
}

MediaReport MediaLeg::report() const {
  const std::lock_guard lock(mutex_);
  MediaReport report;
  meter_.fill(report);
  report.rtp_rx = rtp_rx_;
  report.rtp_tx = rtp_tx_;
  report.auth_failures = auth_failures_;
  if (session_) {
    report.codec = to_string(session_->codec.codec);
    if (session_->srtp) report.srtp = to_string(session_->srtp->suite);
  }
  return report;
}

void MediaLeg::tick() {
  const std::lock_guard lock(mutex_);
  receive();
  if (!session_ || !is_sending_) return;
  if (!send_dtmf_frame()) send_frame();
}

void MediaLeg::receive() {
  thread_local Inbox inbox;
  int count = batch;
  // A short batch means that the socket is empty; the bound on rounds keeps a flood from holding the loop.
  for (int round = 0; round < 4 && count == batch; ++round) {
    inbox.prepare();
    count = recvmmsg(fd_, inbox.headers.data(), batch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      take_packet(inbox.bytes[at], inbox.headers[at].msg_len, arrival_of(inbox.headers[at].msg_hdr));
    }
  }
}

void MediaLeg::take_packet(std::span<std::uint8_t> buffer, std::size_t length, std::int64_t arrival_us) {
  if (!session_ || !parse_rtp(buffer.first(length))) return;
  if (srtp_) {
    length = srtp_->unprotect(buffer, length);
    if (length == 0) {
      ++auth_failures_;
      return;
    }
  }
  const auto packet = parse_rtp(buffer.first(length));
  if (packet) hear(*packet, arrival_us);
}

void MediaLeg::hear(const RtpPacket& packet, std::int64_t arrival_us) {
  ++rtp_rx_;
  meter_.on_packet(packet.header, arrival_us);
  if (packet.header.payload_type == session_->event_type) {
    meter_.on_dtmf(packet);
    return;
  }
  if (packet.header.payload_type != session_->codec.payload_type) return;
  std::array<std::int16_t, max_decoded_samples> samples{};
  const std::size_t count = codec_->decode(packet.payload, samples);
  meter_.on_audio(std::span(samples).first(count), arrival_us);
  if (!is_echo_ || count < frame_samples || echoes_.size() >= max_echoes) return;
  std::copy_n(samples.begin(), frame_samples, echoes_.emplace_back().begin());
}

void MediaLeg::send_frame() {
  std::array<std::int16_t, frame_samples> frame{};
  player_.fill(frame);
  if (is_echo_ && !echoes_.empty()) {
    frame = echoes_.front();
    echoes_.pop_front();
  }
  std::array<std::uint8_t, max_payload_bytes> payload{};
  const std::size_t size = codec_->encode(frame, payload);
  send_packet(
      {static_cast<std::uint8_t>(session_->codec.payload_type), is_marked_, sequence_++, timestamp_, ssrc_},
      std::span(payload).first(size));
  timestamp_ += codec_->frame_ticks();
  is_marked_ = false;
}

bool MediaLeg::send_dtmf_frame() {
  if (digits_.empty() || session_->event_type < 0) return false;
  const int frame = dtmf_frame_++;
  if (frame >= digit_frames + end_frames) {
    if (frame + 1 >= digit_frames + end_frames + pause_frames) {
      digits_.erase(0, 1);
      dtmf_frame_ = 0;
    }
    return false;
  }
  const int code = std::max(0, code_of(digits_.front()));
  const bool is_end = frame >= digit_frames;
  const int duration = 160 * std::min(frame + 1, digit_frames);
  const std::array<std::uint8_t, 4> payload{
      static_cast<std::uint8_t>(code), static_cast<std::uint8_t>((is_end ? 0x80 : 0) | 10),
      static_cast<std::uint8_t>(duration >> 8), static_cast<std::uint8_t>(duration & 255)};
  // All packets of a digit carry the time of its beginning (RFC 4733 §2.5.1.2).
  const auto began = timestamp_ - static_cast<std::uint32_t>(frame) * codec_->frame_ticks();
  send_packet({static_cast<std::uint8_t>(session_->event_type), frame == 0, sequence_++, began, ssrc_},
              payload);
  timestamp_ += codec_->frame_ticks();
  return true;
}

void MediaLeg::send_packet(const RtpHeader& header, std::span<const std::uint8_t> payload) {
  std::array<std::uint8_t, datagram_bytes> buffer{};
  const std::span bytes(buffer);
  write_rtp_header(header, bytes.first<rtp_header_bytes>());
  std::copy(payload.begin(), payload.end(), buffer.begin() + rtp_header_bytes);
  std::size_t length = rtp_header_bytes + payload.size();
  if (srtp_) length = srtp_->protect(bytes, length);
  if (length == 0) return;
  ++rtp_tx_;
  if (impairment_.loss > 0 && dice_.happens(impairment_.loss)) return;
  if (impairment_.jitter_ms == 0) return emit(bytes.first(length));
  if (delayed_.size() >= max_delayed) return;
  const auto hold_us =
      static_cast<std::int64_t>(dice_.uniform() * static_cast<double>(impairment_.jitter_ms) * 1000.0);
  last_due_us_ = std::max(last_due_us_, mono_us() + hold_us);
  delayed_.push_back({last_due_us_, {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(length)}});
}

void MediaLeg::emit(std::span<const std::uint8_t> bytes) {
  const auto* to = reinterpret_cast<const sockaddr*>(&session_->remote);
  // A refused datagram is a lost packet: the far end counts it.
  if (::sendto(fd_, bytes.data(), bytes.size(), 0, to, sizeof session_->remote) < 0) return;
}

void MediaLeg::send_due(std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  while (!delayed_.empty() && delayed_.front().due_us <= now_us) {
    if (session_) emit(delayed_.front().bytes);
    delayed_.pop_front();
  }
}

}  // namespace dunlin::peer
