#include "core/base/bytes.hpp"

namespace dunlin {

void ByteWriter::varint(std::uint64_t value) {
  if (value < 0x80) return u8(static_cast<std::uint8_t>(value));
  std::array<char, 10> groups;
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) groups[size++] = static_cast<char>(static_cast<std::uint8_t>(value | 0x80));
  groups[size++] = static_cast<char>(value);
  out_.append(groups.data(), size);
}

void ByteWriter::text(std::string_view bytes) {
  varint(bytes.size());
  out_.append(bytes);
}

std::uint64_t ByteReader::fixed(int width) {
  if (has_failed_) return 0;
  if (remaining() < static_cast<std::size_t>(width)) {
    fail("ends early");
    return 0;
  }
  std::uint64_t value = 0;
  for (int i = 0; i < width; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[at_ + static_cast<std::size_t>(i)])) << (8 * i);
  }
  at_ += static_cast<std::size_t>(width);
  return value;
}

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = u8();
    if (has_failed_) return 0;
    const std::uint64_t bits = byte & 0x7FU;
    const bool is_padded = byte == 0 && shift > 0;
    if (is_padded || (shift == 63 && bits > 1)) break;
    value |= bits << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  fail("bad variable-length number");
  return 0;
}

std::string ByteReader::text() {
  const std::size_t size = count();
  if (has_failed_) return {};
  std::string value(bytes_.substr(at_, size));
  at_ += size;
  return value;
}

std::size_t ByteReader::count() {
  const std::uint64_t value = varint();
  if (has_failed_) return 0;
  if (value > remaining()) {
    fail("length past the end");
    return 0;
  }
  return static_cast<std::size_t>(value);
}

void ByteReader::fail(std::string_view reason) {
  if (has_failed_) return;
  has_failed_ = true;
  reason_ = std::string(reason);
}

Status ByteReader::finish() const {
  if (has_failed_) return Error{Errc::corrupt, reason_ + " at byte " + std::to_string(at_)};
  if (remaining() > 0) return Error{Errc::corrupt, std::to_string(remaining()) + " bytes too many"};
  return Done{};
}

}  // namespace dunlin
