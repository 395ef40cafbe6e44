#include "storage/copied_rows.hpp"

#include "storage/bytes.hpp"
#include "storage/key_space.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t copied_version = 1;

Error bad_piece(const std::string& what) { return {Errc::corrupt, "a piece of a shard's copy " + what}; }

bool is_of_shard(ShardIndex shard, CopyPart part, std::string_view key) {
  ByteReader reader(key);
  const auto space = reader.u16();
  const auto kind = static_cast<char>(reader.u8());
  if (reader.is_failed() || space != shard) return false;
  return part == CopyPart::keys ? kind == 'k' && reader.remaining() == 8 : kind != 'b';
}

}  // namespace

std::string begin_copied(CopyPart part) { return ByteWriter().u8(copied_version).u8(static_cast<std::uint8_t>(part)).take(); }

void add_copied(std::string& bytes, std::string_view key, std::string_view value) {
  bytes += ByteWriter(key.size() + value.size() + 8).sized(key).sized(value).take();
}

Result<CopiedRows> decode_copied(ShardIndex shard, std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = in.u8();
  if (version > copied_version) {
    return Error{Errc::denied, "a piece of a shard's copy was written by a newer Dunlin: its format is " + std::to_string(version) +
                                   ", this program reads up to " + std::to_string(copied_version)};
  }
  const auto part = in.u8();
  if (version == 0 || in.is_failed()) return bad_piece("has no version");
  if (part != static_cast<std::uint8_t>(CopyPart::keys) && part != static_cast<std::uint8_t>(CopyPart::rows)) return bad_piece("is of an unknown part");
  CopiedRows copied{static_cast<CopyPart>(part), {}};
  while (!in.is_failed() && in.remaining() > 0) {
    const CopiedRow row{in.sized(), in.sized()};
    if (in.is_failed()) break;
    if (!is_of_shard(shard, copied.part, row.key)) return bad_piece("has a row that is not its shard's");
    if (!copied.rows.empty() && row.key <= copied.rows.back().key) return bad_piece("is not in order");
    copied.rows.push_back(row);
  }
  if (in.is_failed()) return bad_piece("ends too early");
  return copied;
}

}  // namespace dunlin
