#pragma once
// RTP packets (RFC 3550 §5.1): reading and writing headers in place. Pure, any thread, never allocates on
// success; error details stay short enough not to allocate either, for this is the packet path.
#include <cstdint>
#include <span>

#include "core/base/result.hpp"

namespace dunlin {

/// 16-bit sequence number; distances wrap.
struct SequenceNumber {
  std::uint16_t value = 0;
  bool operator==(const SequenceNumber&) const = default;
  SequenceNumber next() const { return {static_cast<std::uint16_t>(value + 1)}; }
  /// How far `this` is after `other`, -32768..32767.
  int after(SequenceNumber other) const { return static_cast<std::int16_t>(value - other.value); }
};

/// Media clock units (8000/s for G.711, 48000/s for Opus); distances wrap.
struct RtpTimestamp {
  std::uint32_t value = 0;
  bool operator==(const RtpTimestamp&) const = default;
  RtpTimestamp plus(std::uint32_t units) const { return {value + units}; }
  std::int32_t after(RtpTimestamp other) const { return static_cast<std::int32_t>(value - other.value); }
};

struct RtpHeader {
  bool has_marker = false;
  std::uint8_t payload_type = 0;
  SequenceNumber sequence;
  RtpTimestamp timestamp;
  std::uint32_t ssrc = 0;
  bool operator==(const RtpHeader&) const = default;
};

/// A parsed packet: the payload points into the datagram, behind CSRCs and extension, without padding.
struct RtpPacket {
  RtpHeader header;
  std::span<const std::uint8_t> payload;
  std::size_t payload_offset = 12;
};

inline constexpr std::size_t rtp_header_size = 12;

Result<RtpPacket> parse_rtp(std::span<const std::uint8_t> datagram);

/// Writes a 12-byte header without CSRC and extension. `target` must hold at least 12 bytes.
void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t> target);

/// RFC 5761 §4: on a shared port, payload types 64..95 with version 2 are RTCP (types 192..223).
bool looks_like_rtcp(std::span<const std::uint8_t> datagram);

}  // namespace dunlin
