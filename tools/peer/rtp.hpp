#pragma once
// RTP fixed header (RFC 3550 §5.1) and telephone-event payload (RFC 4733 §2.3). Pure, any thread.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace dunlin::peer {

inline constexpr std::size_t rtp_header_bytes = 12;

struct RtpHeader {
  std::uint8_t payload_type = 0;
  bool is_marked = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
};

struct RtpPacket {
  RtpHeader header;
  std::span<const std::uint8_t> payload;  ///< Into the bytes given to parse_rtp.
};

/// Nothing for RTCP (types 192–223 of RFC 5761), a wrong version or lengths that do not fit.
std::optional<RtpPacket> parse_rtp(std::span<const std::uint8_t> bytes);
void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t, rtp_header_bytes> out);

struct DtmfEvent {
  std::uint8_t code = 0;
  bool is_end = false;
  std::uint16_t duration = 0;  ///< In units of the 8 kHz clock.
};
std::optional<DtmfEvent> parse_dtmf_event(std::span<const std::uint8_t> payload);
char digit_of(std::uint8_t code);  ///< '?' above 15.
int code_of(char digit);           ///< -1 if it is no DTMF digit.

}  // namespace dunlin::peer
