#pragma once
// The bytes of a file on disk or in memory, read in pieces, with the first piece at hand for looking at.
// One owner, one thread. Errors: not_found, unavailable (reading failed), exhausted (longer than the bound).
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

class InputBytes {
 public:
  static Result<InputBytes> open(const std::filesystem::path& path, std::uint64_t max_bytes);
  static Result<InputBytes> of(std::string bytes, std::uint64_t max_bytes);

  /// Up to `count` further bytes; empty at the end.
  Result<std::string> read(std::size_t count);
  Status rewind();
  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return position_; }
  /// Empty for bytes in memory.
  const std::filesystem::path& path() const { return path_; }
  /// Gives the bytes in memory away; the object is spent.
  std::string take_memory() { return std::move(memory_); }

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  std::string memory_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace dunlin
