#pragma once
// Bounded little-endian byte writer and reader for the versioned encodings of what outlives a process (events, views).
// The reader never reads past the end: after the first bad read it stays failed, gives zeros and says where it failed.
// Pure, any thread.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

class ByteWriter {
 public:
  /// Room for so many bytes in all: no growing on the way there.
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u16(std::uint16_t value) { fixed(value, 2); }
  void u32(std::uint32_t value) { fixed(value, 4); }
  void u64(std::uint64_t value) { fixed(value, 8); }
  void i64(std::int64_t value) { fixed(static_cast<std::uint64_t>(value), 8); }
  /// Unsigned LEB128, at most ten bytes.
  void varint(std::uint64_t value);
  /// A varint length, then the bytes as they are.
  void text(std::string_view bytes);

  const std::string& bytes() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void fixed(std::uint64_t value, int width) {
    std::array<char, 8> bytes;
    for (int i = 0; i < width; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>((value >> (8 * i)) & 0xFF);
    out_.append(bytes.data(), static_cast<std::size_t>(width));
  }
  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(fixed(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(fixed(4)); }
  std::uint64_t u64() { return fixed(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(fixed(8)); }
  /// Non-canonical encodings (padded with zero groups) fail, so that equal values have equal bytes.
  std::uint64_t varint();
  std::string text();
  /// A count of elements of at least one byte each: more than the remaining bytes fails before anything is allocated.
  std::size_t count();

  std::size_t remaining() const { return bytes_.size() - at_; }
  bool has_failed() const { return has_failed_; }
  /// The first reason wins; later reads give zeros.
  void fail(std::string_view reason);
  /// Done when everything was read and nothing failed; Errc::corrupt with the offset otherwise.
  Status finish() const;

 private:
  std::uint64_t fixed(int width);
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool has_failed_ = false;
  std::string reason_;
};

}  // namespace dunlin
