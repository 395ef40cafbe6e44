#pragma once
// A shard copied from one store to another (docs/cluster.md, seeding). The reader hands out the shard as it was at one
// moment, while the store goes on; the writer collects the pieces in files of their own and takes all of them into the
// store in one step together with the position, so that a copy is there whole or not at all. A writer that is given up
// leaves nothing behind. Node-wide rows (lookups, attempts) are made from the shard's own; those of a former copy go.
// Each object: one thread at a time. The databases and the store outlive it. May block on the disk.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster/shard_head.hpp"
#include "storage/copied_rows.hpp"
#include "storage/database.hpp"
#include "storage/shard_store.hpp"

namespace dunlin {

/// SHA-256 of (digest before, piece); all zero before the first piece.
using CopyDigest = std::array<unsigned char, 32>;
CopyDigest digest_after(const CopyDigest& before, std::string_view piece);

struct CopyPiece {
  std::string bytes;
  CopyDigest digest{};      ///< Of all pieces up to this one.
  bool is_last = false;
};

class ShardCopyReader {
 public:
  /// Where the copy ends.
  const ShardHead& position() const { return position_; }
  /// About so many bytes, at least one row. Not to be called after the last piece. Errors: corrupt, unavailable.
  Result<CopyPiece> next(std::size_t about_bytes);

 private:
  friend class ShardCopies;
  ShardCopyReader(const Database& history, const Database& keys, ShardIndex shard);
  Result<bool> fill(std::string& bytes, std::size_t about_bytes);

  const Database& history_;
  const Database& keys_;
  ShardIndex shard_;
  Database::Snapshot snapshot_;
  ShardHead position_;
  CopyPart part_ = CopyPart::keys;
  std::string from_;        ///< The next row's key, or the least that may be.
  CopyDigest digest_{};
};

class ShardCopyWriter {
 public:
  ~ShardCopyWriter();

  /// The next piece. Errors: corrupt (not this shard's, out of order, a broken chain), denied (a newer format), exhausted
  /// (less room on the disk than must stay free), unavailable (the disk).
  Status take(std::string_view piece);
  /// Every piece was taken, and they had this digest at their source: the store has the shard from now on. Errors: as
  /// take(); conflict when the store has moved beyond the copy meanwhile.
  Status finish(const CopyDigest& digest);
  std::uint64_t bytes() const { return bytes_; }

 private:
  friend class ShardCopies;
  struct Parts;
  explicit ShardCopyWriter(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
  std::uint64_t bytes_ = 0;
  CopyDigest digest_{};
};

class ShardCopies {
 public:
  /// `folder` is on the databases' disk; what a former life left in it is deleted.
  ShardCopies(Database& history, Database& keys, Vault& vault, ShardStore& shards, std::filesystem::path folder, std::uint64_t min_free_bytes);

  /// Errors: not_found (no batch of the shard is here), corrupt (its position cannot be read).
  Result<std::unique_ptr<ShardCopyReader>> read(ShardIndex shard) const;
  /// How far the store is.
  Result<ShardHead> position(ShardIndex shard) const { return shards_.applied(shard); }
  /// One writer of a shard at a time. Errors: conflict (the store has more than this), exhausted, unavailable.
  Result<std::unique_ptr<ShardCopyWriter>> write(ShardIndex shard, const ShardHead& position);

 private:
  Database& history_;
  Database& keys_;
  Vault& vault_;
  ShardStore& shards_;
  const std::filesystem::path folder_;
  const std::uint64_t min_free_bytes_;
};

}  // namespace dunlin
