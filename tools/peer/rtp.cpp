#include "tools/peer/rtp.hpp"

#include <algorithm>
#include <string_view>

namespace dunlin::peer {
namespace {

constexpr std::string_view digits = "0123456789*#ABCD";

std::uint32_t read_be(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}

template <std::size_t N>
void write_be(std::uint32_t value, std::span<std::uint8_t, N> out) {
  for (std::size_t i = 0; i < N; ++i) out[N - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace

std::optional<RtpPacket> parse_rtp(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < rtp_header_bytes || (bytes[0] >> 6) != 2) return std::nullopt;
  if (bytes[1] >= 192 && bytes[1] <= 223) return std::nullopt;
  std::size_t start = rtp_header_bytes + 4u * (bytes[0] & 15u);
  if ((bytes[0] & 0x10) != 0) {
    if (bytes.size() < start + 4) return std::nullopt;
    start += 4 + 4u * read_be(bytes.subspan(start + 2, 2));
  }
  std::size_t end = bytes.size();
  if ((bytes[0] & 0x20) != 0) end -= std::min<std::size_t>(end, bytes.back());
  if (start > end) return std::nullopt;
  RtpPacket packet;
  packet.header = {static_cast<std::uint8_t>(bytes[1] & 0x7F), (bytes[1] & 0x80) != 0,
                   static_cast<std::uint16_t>(read_be(bytes.subspan(2, 2))), read_be(bytes.subspan(4, 4)),
                   read_be(bytes.subspan(8, 4))};
  packet.payload = bytes.subspan(start, end - start);
  return packet;
}

void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t, rtp_header_bytes> out) {
  out[0] = 0x80;
  out[1] = static_cast<std::uint8_t>((header.is_marked ? 0x80 : 0) | header.payload_type);
  write_be<2>(header.sequence, out.subspan<2, 2>());
  write_be<4>(header.timestamp, out.subspan<4, 4>());
  write_be<4>(header.ssrc, out.subspan<8, 4>());
}

std::optional<DtmfEvent> parse_dtmf_event(std::span<const std::uint8_t> payload) {
  if (payload.size() < 4) return std::nullopt;
  return DtmfEvent{payload[0], (payload[1] & 0x80) != 0,
                   static_cast<std::uint16_t>(read_be(payload.subspan(2, 2)))};
}

char digit_of(std::uint8_t code) {
  return code < digits.size() ? digits[code] : '?';
}

int code_of(char digit) {
  const auto at = digits.find(digit);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace dunlin::peer
