#pragma once
// RTCP sender and receiver reports (RFC 3550 §6.4, appendix A.1, A.3, A.8) and the quality figures made of
// them. Pure values and a counter class for one thread; no clock: arrival times are arguments. Nothing
// allocates.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/result.hpp"
#include "media/rtp.hpp"

namespace dunlin {

/// RFC 3550 §6.4.1 report block.
struct ReportBlock {
  std::uint32_t ssrc = 0;              ///< Whose stream this reports.
  std::uint8_t fraction_lost = 0;      ///< Of 256.
  std::int32_t cumulative_lost = 0;    ///< 24-bit signed.
  std::uint32_t highest_sequence = 0;  ///< Extended.
  std::uint32_t jitter = 0;            ///< Media clock units.
  std::uint32_t last_sr = 0;           ///< Middle 32 bits of the NTP time of the last SR.
  std::uint32_t delay_since_sr = 0;    ///< 1/65536 s.
  bool operator==(const ReportBlock&) const = default;
};

struct SenderInfo {
  std::uint64_t ntp_time = 0;  ///< 32.32 fixed point since 1900.
  RtpTimestamp rtp_timestamp;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  bool operator==(const SenderInfo&) const = default;
};

/// What we use of one compound packet: the first SR or RR, the block about us, and a BYE.
struct RtcpReport {
  std::uint32_t sender_ssrc = 0;
  std::optional<SenderInfo> sender_info;
  std::array<ReportBlock, 31> blocks;
  std::size_t block_count = 0;
  bool has_bye = false;

  std::optional<ReportBlock> about(std::uint32_t ssrc) const;
};

Result<RtcpReport> parse_rtcp(std::span<const std::uint8_t> compound);

/// What to say in our report. Without sender_info an RR is written.
struct RtcpDraft {
  std::uint32_t ssrc = 0;
  std::optional<SenderInfo> sender_info;
  std::optional<ReportBlock> block;
};
inline constexpr std::size_t rtcp_draft_size = 80;
/// Writes SR or RR and an SDES with a CNAME made of the SSRC; returns the used front of `target` (>=
/// rtcp_draft_size).
std::span<std::uint8_t> write_rtcp(const RtcpDraft& draft, std::span<std::uint8_t> target);

/// RFC 3550 §4 NTP form of milliseconds since 1970.
std::uint64_t ntp_from_unix_ms(std::int64_t unix_ms);

/// Counts one received stream. A new SSRC starts it anew.
class ReceiveStats {
 public:
  explicit ReceiveStats(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}
  void on_packet(const RtpHeader& header, std::int64_t arrival_us);
  void on_sender_report(const SenderInfo& info, std::int64_t arrival_us);
  /// The block for our next report; closes the loss interval.
  ReportBlock take_report(std::int64_t now_us);
  float interval_loss() const { return interval_loss_; }  ///< Of the last closed interval, 0..1.
  float jitter_ms() const { return static_cast<float>(jitter_ * 1000.0 / clock_rate_); }
  std::uint64_t received() const { return total_received_; }
  bool has_source() const { return has_source_; }
  std::uint32_t ssrc() const { return ssrc_; }

 private:
  void start(const RtpHeader& header);
  void update_jitter(const RtpHeader& header, std::int64_t arrival_us);

  std::uint32_t clock_rate_;
  bool has_source_ = false;
  std::uint32_t ssrc_ = 0;
  std::uint32_t cycles_ = 0;
  std::uint16_t highest_ = 0;
  std::uint32_t base_ = 0;
  std::int64_t received_ = 0;
  std::int64_t expected_before_ = 0;
  std::int64_t received_before_ = 0;
  std::uint64_t total_received_ = 0;
  double jitter_ = 0;
  std::int64_t last_transit_ = 0;
  bool has_transit_ = false;
  std::uint32_t last_sr_ = 0;
  std::int64_t last_sr_at_us_ = 0;
  float interval_loss_ = 0;
};

/// Round trip from a report block about us: now (middle NTP) - last_sr - delay. 0 when unknown or negative.
float round_trip_ms(const ReportBlock& block, std::uint64_t now_ntp);

struct QualityInput {
  float loss = 0;  ///< 0..1.
  float jitter_ms = 0;
  float rtt_ms = 0;
  bool is_concealed = false;  ///< The codec hides loss well (Opus with FEC).
};
/// ITU-T G.107 in the usual short form: R = 93.2 - Id - Ie, MOS from R. An estimate, 1..4.5.
float estimate_mos(const QualityInput& input);

}  // namespace dunlin
