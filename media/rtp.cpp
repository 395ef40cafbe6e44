#include "media/rtp.hpp"

#include "media/byte_order.hpp"

namespace dunlin {

Result<RtpPacket> parse_rtp(std::span<const std::uint8_t> datagram) {
  if (datagram.size() < rtp_header_size) return invalid_input("rtp short");
  if (datagram[0] >> 6 != 2) return invalid_input("rtp version");
  std::size_t offset = rtp_header_size + 4u * (datagram[0] & 0x0Fu);
  const bool has_extension = (datagram[0] & 0x10) != 0;
  const bool has_padding = (datagram[0] & 0x20) != 0;
  if (offset > datagram.size()) return invalid_input("rtp csrc");
  if (has_extension) {
    if (offset + 4 > datagram.size()) return invalid_input("rtp extension");
    offset += 4u + 4u * read_u16(datagram, offset + 2);
    if (offset > datagram.size()) return invalid_input("rtp extension");
  }
  std::size_t end = datagram.size();
  if (has_padding) {
    const std::size_t padding = datagram[end - 1];
    if (padding == 0 || padding > end - offset) return invalid_input("rtp padding");
    end -= padding;
  }
  RtpPacket packet;
  packet.header.has_marker = (datagram[1] & 0x80) != 0;
  packet.header.payload_type = datagram[1] & 0x7F;
  packet.header.sequence = {read_u16(datagram, 2)};
  packet.header.timestamp = {read_u32(datagram, 4)};
  packet.header.ssrc = read_u32(datagram, 8);
  packet.payload = datagram.subspan(offset, end - offset);
  packet.payload_offset = offset;
  return packet;
}

void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t> target) {
  target[0] = 0x80;
  target[1] = static_cast<std::uint8_t>((header.has_marker ? 0x80 : 0) | (header.payload_type & 0x7F));
  write_u16(target, 2, header.sequence.value);
  write_u32(target, 4, header.timestamp.value);
  write_u32(target, 8, header.ssrc);
}

bool looks_like_rtcp(std::span<const std::uint8_t> datagram) {
  return datagram.size() >= 8 && datagram[0] >> 6 == 2 && datagram[1] >= 192 && datagram[1] <= 223;
}

}  // namespace dunlin
