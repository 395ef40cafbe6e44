#pragma once
// Encryption at rest. One installation key (a sealed file, 32 bytes) derives the wrapping key, the document key and the
// keyed-hash keys (HKDF-SHA-256, RFC 5869); every case has its own random AES-256-GCM key, wrapped, in a database of
// its own so that its backups can expire sooner than the history's. Destroying a case's key erases the person
// (152-FZ art. 21). Thread safe; storing and destroying keys is done by the journal's writer thread only.
// Errors: not_found = the key was destroyed, corrupt = the bytes do not authenticate. Keys never leave this class.
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/case/journal.hpp"

namespace dunlin {

class Database;

/// The installation key as read from its file.
class InstallationKey {
 public:
  /// Reads the file; not_found when it does not exist, invalid_input when it is not 32 bytes or readable by others.
  static Result<InstallationKey> load(const std::filesystem::path& file);
  /// Makes 32 random bytes and writes them with mode 0400; conflict when the file exists.
  static Result<InstallationKey> create(const std::filesystem::path& file);
  /// Reads what export_text printed (checks the fingerprint) and writes the file; conflict when the file exists.
  static Result<InstallationKey> install(const std::filesystem::path& file, std::string_view exported);

  ~InstallationKey();
  InstallationKey(const InstallationKey&) = default;
  InstallationKey& operator=(const InstallationKey&) = default;

  /// First 16 hex digits of SHA-256 of the key: names it without revealing it.
  std::string fingerprint() const;
  /// One line for a safe or a password manager: "dunlin-key-1 <64 hex digits> <fingerprint>". A secret.
  std::string export_text() const;

 private:
  friend class Vault;
  InstallationKey() = default;
  std::array<unsigned char, 32> bytes_{};
};

/// What binds a ciphertext to its place: moved elsewhere, it does not open.
struct EventPlace {
  ShardIndex shard = 0;
  std::uint64_t sequence = 0;
  CaseId case_id;
  std::uint16_t type = 0;
};
/// Of all events of one commit, which are sealed as one.
struct CommitPlace {
  ShardIndex shard = 0;
  std::uint64_t first_sequence = 0;
  CaseId case_id;
  std::uint64_t first_version = 0;
  std::uint32_t count = 0;
};
struct ViewPlace {
  CaseId case_id;
  std::uint64_t version = 0;
};
struct DocumentPlace {
  std::string_view kind;
  std::string_view id;
  std::uint64_t revision = 0;
};

using CaseKeyGeneration = std::uint16_t;
using KeyedHash = std::array<unsigned char, 16>;

class Vault {
 public:
  Vault(const InstallationKey& key, Database& keys);
  ~Vault();

  /// A case's key opened for sealing. Copies live on the writer thread for the length of one group.
  struct CaseKey {
    std::array<unsigned char, 32> bytes{};
    CaseKeyGeneration generation = 0;
  };
  /// Keys made for one group; they must be stored before anything sealed with them is written.
  using NewKeys = std::map<CaseId, CaseKey>;

  /// The live key of the case, or a fresh one added to `fresh`.
  Result<CaseKey> key_for_writing(CaseId case_id, NewKeys& fresh);
  Status store(const NewKeys& fresh);
  /// The same in steps: several threads may wrap, and other stores with the same installation key take wrapped keys too.
  struct WrappedKey {
    CaseId case_id;
    CaseKeyGeneration generation = 0;
    std::string wrapped;
    bool operator==(const WrappedKey&) const = default;
  };
  std::vector<WrappedKey> wrap(const NewKeys& fresh) const;
  Status store(const std::vector<WrappedKey>& keys);
  /// Keys that are stored are at hand from now on.
  void remember(const NewKeys& stored);
  /// Afterwards nothing sealed with the key can be opened. Its wrapped bytes leave the disk with purge_destroyed().
  Status destroy_case_key(CaseId case_id);
  /// Rewrites the key database without the destroyed keys. Any thread; takes seconds with millions of cases.
  Status purge_destroyed();
  /// Wrapped keys came into the database by another way: what is remembered of them is read anew.
  void forget_cached();
  /// After a refused write of keys: see Database::recover.
  Status recover();

  Result<std::string> seal_event(const CaseKey& key, const EventPlace& place, std::string_view plain) const;
  Result<std::string> open_event(CaseKeyGeneration generation, const EventPlace& place, std::string_view sealed) const;
  Result<std::string> seal_commit(const CaseKey& key, const CommitPlace& place, std::string_view plain) const;
  Result<std::string> open_commit(CaseKeyGeneration generation, const CommitPlace& place, std::string_view sealed) const;
  Result<std::string> seal_view(const CaseKey& key, const ViewPlace& place, std::string_view plain) const;
  Result<std::string> open_view(CaseKeyGeneration generation, const ViewPlace& place, std::string_view sealed) const;
  Result<std::string> seal_document(const DocumentPlace& place, std::string_view plain) const;
  Result<std::string> open_document(const DocumentPlace& place, std::string_view sealed) const;

  /// HMAC-SHA-256 cut to 16 bytes: equal texts of one kind meet, the text cannot be read back.
  KeyedHash lookup_hash(const LookupKey& key) const;
  /// The id of the person with this key ("inn|7707083893"); the same on every node with the same installation key.
  CaseId case_id_for(std::string_view person_key) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dunlin
