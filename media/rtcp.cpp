#include "media/rtcp.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "media/byte_order.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t type_sr = 200;
constexpr std::uint8_t type_rr = 201;
constexpr std::uint8_t type_sdes = 202;
constexpr std::uint8_t type_bye = 203;
constexpr std::size_t block_size = 24;

ReportBlock read_block(std::span<const std::uint8_t> bytes) {
  ReportBlock block;
  block.ssrc = read_u32(bytes, 0);
  const std::uint32_t loss = read_u32(bytes, 4);
  block.fraction_lost = static_cast<std::uint8_t>(loss >> 24);
  block.cumulative_lost = static_cast<std::int32_t>(loss << 8) >> 8;
  block.highest_sequence = read_u32(bytes, 8);
  block.jitter = read_u32(bytes, 12);
  block.last_sr = read_u32(bytes, 16);
  block.delay_since_sr = read_u32(bytes, 20);
  return block;
}

void write_block(const ReportBlock& block, std::span<std::uint8_t> target) {
  write_u32(target, 0, block.ssrc);
  write_u32(target, 4,
            static_cast<std::uint32_t>(block.fraction_lost) << 24 |
                (static_cast<std::uint32_t>(block.cumulative_lost) & 0xFFFFFFu));
  write_u32(target, 8, block.highest_sequence);
  write_u32(target, 12, block.jitter);
  write_u32(target, 16, block.last_sr);
  write_u32(target, 20, block.delay_since_sr);
}

/// Reads one SR or RR body into the report; false when its counts do not fit its length.
bool read_report(std::span<const std::uint8_t> packet, RtcpReport& report) {
  const bool is_sender = packet[1] == type_sr;
  const std::size_t count = packet[0] & 0x1F;
  std::size_t at = 8;
  if (packet.size() < at + (is_sender ? 20 : 0) + count * block_size) return false;
  report.sender_ssrc = read_u32(packet, 4);
  if (is_sender) {
    report.sender_info =
        SenderInfo{read_u64(packet, 8), {read_u32(packet, 16)}, read_u32(packet, 20), read_u32(packet, 24)};
    at += 20;
  }
  report.block_count = count;
  for (std::size_t i = 0; i < count; ++i)
    report.blocks[i] = read_block(packet.subspan(at + i * block_size, block_size));
  return true;
}

}  // namespace

std::optional<ReportBlock> RtcpReport::about(std::uint32_t ssrc) const {
  for (std::size_t i = 0; i < block_count; ++i) {
    if (blocks[i].ssrc == ssrc) return blocks[i];
  }
  return std::nullopt;
}

Result<RtcpReport> parse_rtcp(std::span<const std::uint8_t> compound) {
  RtcpReport report;
  bool has_report = false;
  std::size_t at = 0;
  while (at < compound.size()) {
    if (compound.size() - at < 4) return invalid_input("rtcp tail");
    if (compound[at] >> 6 != 2) return invalid_input("rtcp version");
    const std::size_t size = 4u * (read_u16(compound, at + 2) + 1u);
    if (size > compound.size() - at) return invalid_input("rtcp length");
    const auto packet = compound.subspan(at, size);
    const std::uint8_t type = packet[1];
    if (at == 0 && type != type_sr && type != type_rr) return invalid_input("rtcp first");
    if (type == type_sr || type == type_rr) {
      if (size < 8) return invalid_input("rtcp short");
      // Only the first report is ours to read: a second one would describe streams of a mixer.
      if (!has_report && !read_report(packet, report)) return invalid_input("rtcp blocks");
      has_report = true;
    } else if (type == type_bye) {
      report.has_bye = true;
    }
    at += size;
  }
  if (!has_report) return invalid_input("rtcp empty");
  return report;
}

std::span<std::uint8_t> write_rtcp(const RtcpDraft& draft, std::span<std::uint8_t> target) {
  const std::size_t blocks = draft.block ? 1 : 0;
  std::size_t at = 8;
  write_u32(target, 4, draft.ssrc);
  if (draft.sender_info) {
    write_u64(target, 8, draft.sender_info->ntp_time);
    write_u32(target, 16, draft.sender_info->rtp_timestamp.value);
    write_u32(target, 20, draft.sender_info->packets);
    write_u32(target, 24, draft.sender_info->octets);
    at += 20;
  }
  if (draft.block) {
    write_block(*draft.block, target.subspan(at, block_size));
    at += block_size;
  }
  target[0] = static_cast<std::uint8_t>(0x80 | blocks);
  target[1] = draft.sender_info ? type_sr : type_rr;
  write_u16(target, 2, static_cast<std::uint16_t>(at / 4 - 1));

  // SDES with CNAME "xxxxxxxx" (RFC 7022: a short random name); chunk = ssrc, item(2+8), two zero bytes.
  auto sdes = target.subspan(at, 20);
  sdes[0] = 0x81;
  sdes[1] = type_sdes;
  write_u16(sdes, 2, 4);
  write_u32(sdes, 4, draft.ssrc);
  sdes[8] = 1;
  sdes[9] = 8;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint32_t nibble = (draft.ssrc >> (28 - 4 * i)) & 0xF;
    sdes[10 + i] = static_cast<std::uint8_t>(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
  }
  sdes[18] = 0;
  sdes[19] = 0;
  return target.first(at + 20);
}

std::uint64_t ntp_from_unix_ms(std::int64_t unix_ms) {
  constexpr std::uint64_t seconds_1900_to_1970 = 2'208'988'800ull;
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ms, 0));
  return ((ms / 1000 + seconds_1900_to_1970) << 32) | ((ms % 1000) << 32) / 1000;
}

void ReceiveStats::start(const RtpHeader& header) {
  has_source_ = true;
  ssrc_ = header.ssrc;
  cycles_ = 0;
  highest_ = header.sequence.value;
  base_ = header.sequence.value;
  received_ = 0;
  expected_before_ = 0;
  received_before_ = 0;
  jitter_ = 0;
  has_transit_ = false;
  last_sr_ = 0;
}

void ReceiveStats::on_packet(const RtpHeader& header, std::int64_t arrival_us) {
  if (!has_source_ || ssrc_ != header.ssrc) start(header);
  const int step = header.sequence.after({highest_});
  if (step > 0) {
    if (step > 3000)
      start(header);  // RFC 3550 A.1 MAX_DROPOUT: the source restarted
    else if (header.sequence.value < highest_)
      cycles_ += 65536;
    highest_ = header.sequence.value;
  } else if (step < -3000) {
    start(header);
  }
  ++received_;
  ++total_received_;
  update_jitter(header, arrival_us);
}

void ReceiveStats::update_jitter(const RtpHeader& header, std::int64_t arrival_us) {
  const std::int64_t arrival_units = arrival_us * static_cast<std::int64_t>(clock_rate_) / 1'000'000;
  const std::int64_t transit =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(arrival_units) - header.timestamp.value);
  if (has_transit_) {
    const std::int64_t change = std::llabs(transit - last_transit_);
    // A jump of the sender's clock (a new talk spurt source) is not jitter.
    if (change < static_cast<std::int64_t>(clock_rate_))
      jitter_ += (static_cast<double>(change) - jitter_) / 16.0;
  }
  last_transit_ = transit;
  has_transit_ = true;
}

void ReceiveStats::on_sender_report(const SenderInfo& info, std::int64_t arrival_us) {
  last_sr_ = static_cast<std::uint32_t>(info.ntp_time >> 16);
  last_sr_at_us_ = arrival_us;
}

ReportBlock ReceiveStats::take_report(std::int64_t now_us) {
  const std::int64_t extended = static_cast<std::int64_t>(cycles_) + highest_;
  const std::int64_t expected = has_source_ ? extended - static_cast<std::int64_t>(base_) + 1 : 0;
  const std::int64_t lost = expected - received_;
  const std::int64_t expected_interval = expected - expected_before_;
  const std::int64_t lost_interval = expected_interval - (received_ - received_before_);
  expected_before_ = expected;
  received_before_ = received_;
  const double fraction = expected_interval > 0 && lost_interval > 0
                              ? static_cast<double>(lost_interval) / static_cast<double>(expected_interval)
                              : 0;
  interval_loss_ = static_cast<float>(fraction);
  ReportBlock block;
  block.ssrc = ssrc_;
  block.fraction_lost = static_cast<std::uint8_t>(std::min(255.0, fraction * 256));
  block.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost, -0x800000, 0x7FFFFF));
  block.highest_sequence = static_cast<std::uint32_t>(extended);
  block.jitter = static_cast<std::uint32_t>(jitter_);
  block.last_sr = last_sr_;
  if (last_sr_ != 0)
    block.delay_since_sr = static_cast<std::uint32_t>((now_us - last_sr_at_us_) * 65536 / 1'000'000);
  return block;
}

float round_trip_ms(const ReportBlock& block, std::uint64_t now_ntp) {
  if (block.last_sr == 0) return 0;
  const auto now_middle = static_cast<std::uint32_t>(now_ntp >> 16);
  const auto round_trip = static_cast<std::int32_t>(now_middle - block.last_sr - block.delay_since_sr);
  return round_trip > 0 ? static_cast<float>(round_trip) * 1000.0f / 65536.0f : 0;
}

float estimate_mos(const QualityInput& input) {
  // Delay seen by the ear: half the round trip, a jitter buffer of twice the jitter, packetisation.
  const double delay = input.rtt_ms / 2.0 + 2.0 * input.jitter_ms + 20.0;
  const double delay_impairment = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0.0);
  const double robustness = input.is_concealed ? 20.0 : 10.0;  // G.113 Bpl, conservative
  const double loss_percent = std::clamp(static_cast<double>(input.loss), 0.0, 1.0) * 100.0;
  const double loss_impairment = 95.0 * loss_percent / (loss_percent + robustness);
  const double r = std::clamp(93.2 - delay_impairment - loss_impairment, 0.0, 100.0);
  return static_cast<float>(std::clamp(1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6, 1.0, 4.5));
}

}  // namespace dunlin
