#pragma once
// Big-endian writing and bounds-checked reading of the numbers in keys and records. Pure, any thread.
// A reader that ran past the end stays failed: read everything, then ask is_whole().
#include <cstdint>
#include <string>
#include <string_view>

// Named apart from core/base/bytes.hpp, whose writer is little-endian: the linker must never take one for the other.
namespace dunlin::big_endian {

class ByteWriter {
 public:
  ByteWriter() = default;
  /// Room for so many bytes, so that a record is one allocation.
  explicit ByteWriter(std::size_t capacity) { bytes_.reserve(capacity); }
  ByteWriter& u8(std::uint8_t value) { return number(value, 1); }
  ByteWriter& u16(std::uint16_t value) { return number(value, 2); }
  ByteWriter& u32(std::uint32_t value) { return number(value, 4); }
  ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
  ByteWriter& i32(std::int32_t value) { return u32(static_cast<std::uint32_t>(value)); }
  ByteWriter& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
  ByteWriter& raw(std::string_view bytes) {
    bytes_.append(bytes);
    return *this;
  }
  /// Its size, 32 bits, then the bytes as they are.
  ByteWriter& sized(std::string_view text) { return u32(static_cast<std::uint32_t>(text.size())).raw(text); }
  std::string& bytes() { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  ByteWriter& number(std::uint64_t value, int size) {
    char buffer[8];
    for (int i = 0; i < size; ++i) buffer[i] = static_cast<char>((value >> (8 * (size - 1 - i))) & 0xff);
    bytes_.append(buffer, static_cast<std::size_t>(size));
    return *this;
  }
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::string_view raw(std::size_t size) {
    if (is_failed_ || rest_.size() < size) {
      is_failed_ = true;
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view sized() {
    const auto size = u32();
    return raw(size);
  }
  /// Everything that is left.
  std::string_view rest() { return raw(rest_.size()); }

  bool is_failed() const { return is_failed_; }
  /// Everything was there and nothing is left over.
  bool is_whole() const { return !is_failed_ && rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

 private:
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : raw(size)) value = (value << 8) | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view rest_;
  bool is_failed_ = false;
};

}  // namespace dunlin::big_endian

namespace dunlin {

using big_endian::ByteReader;
using big_endian::ByteWriter;

}  // namespace dunlin
