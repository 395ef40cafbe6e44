#include "storage/shipped_rows.hpp"

#include <utility>

#include "storage/bytes.hpp"
#include "storage/key_space.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t shipped_version = 1;
constexpr std::uint8_t put_mark = 1;
constexpr std::uint8_t erase_mark = 2;

Error damaged(const std::string& what) { return {Errc::corrupt, "a batch of rows " + what}; }

Result<std::vector<Vault::WrappedKey>> read_keys(ShardIndex shard, ByteReader& in) {
  std::vector<Vault::WrappedKey> keys;
  for (auto left = in.u32(); left > 0 && !in.is_failed(); --left) {
    Vault::WrappedKey key;
    key.case_id = CaseId(in.u64());
    key.generation = in.u16();
    key.wrapped = std::string(in.sized());
    if (!in.is_failed() && (shard_of(key.case_id) != shard || key.wrapped.empty())) return damaged("has a key that is not its shard's");
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

std::string encode_shipped(const std::vector<Vault::WrappedKey>& keys, StagedRows& rows) {
  ByteWriter out;
  out.u8(shipped_version).u32(static_cast<std::uint32_t>(keys.size()));
  for (const auto& key : keys) {
    out.u64(key.case_id.value()).u16(key.generation);
    out.sized(key.wrapped);
  }
  rows.each([&out](std::string_view key, const std::string_view* value) {
    out.u8(value == nullptr ? erase_mark : put_mark);
    out.sized(key);
    if (value != nullptr) out.sized(*value);
  });
  return out.take();
}

Result<ShippedRows> decode_shipped(ShardIndex shard, std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = in.u8();
  if (version > shipped_version) {
    return Error{Errc::denied, "a batch of rows was written by a newer Dunlin: its format is " + std::to_string(version) +
                                   ", this program reads up to " + std::to_string(shipped_version)};
  }
  if (version == 0) return damaged("has no version");
  auto keys = read_keys(shard, in);
  if (!keys) return keys.error();
  ShippedRows shipped{std::move(*keys), {}};
  while (!in.is_failed() && in.remaining() > 0) {
    ShippedRow row;
    const auto mark = in.u8();
    if (mark != put_mark && mark != erase_mark) return damaged("has an unknown change");
    row.is_erased = mark == erase_mark;
    row.key = in.sized();
    if (!row.is_erased) row.value = in.sized();
    if (!in.is_failed() && !key_space::is_written_by(shard, row.key)) return damaged("has a row that is not its shard's");
    shipped.rows.push_back(row);
  }
  if (in.is_failed()) return damaged("ends too early");
  return shipped;
}

}  // namespace dunlin
