#pragma once
// Recordings at rest: AES-256-GCM boxes and a file of sealed chunks. Used by the writer and finisher threads
// and by exports, never by a media worker. A nonce is salt (4 bytes, random per writer) and counter (8
// bytes); the salt's top bit keeps journals and finished files apart, for both use the recording's one key.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "media/media_types.hpp"

namespace dunlin {

struct SealNonce {
  std::uint32_t salt = 0;
  std::uint64_t counter = 0;
};
enum class SealUse : std::uint8_t { journal, file };
/// A random salt for one writer.
Result<std::uint32_t> make_salt(SealUse use);

inline constexpr std::size_t seal_overhead = 16;
/// Ciphertext followed by the tag.
Result<std::vector<std::uint8_t>> seal(const RecordingKey& key, SealNonce nonce,
                                       std::span<const std::uint8_t> context,
                                       std::span<const std::uint8_t> plain);
/// Errc::corrupt when the box, its context or the key is not the one it was sealed with.
Result<std::vector<std::uint8_t>> unseal(const RecordingKey& key, SealNonce nonce,
                                         std::span<const std::uint8_t> context,
                                         std::span<const std::uint8_t> box);

/// What errno says of this file, for people. Call it before anything else can change errno.
Error disk_error(const std::filesystem::path& path);

/// A running SHA-256.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::span<const std::uint8_t> bytes);
  std::string finish_hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// fsync of the folder that holds the file: its name, too, survives a power cut.
Status sync_folder_of(const std::filesystem::path& file);

/// Owns a file being written; removed again unless commit() has put it at its final name.
class AtomicFile {
 public:
  static Result<std::unique_ptr<AtomicFile>> create(const std::filesystem::path& final_path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  Status write(std::span<const std::uint8_t> bytes);
  /// fsync, rename, fsync of the folder.
  Status commit();

 private:
  AtomicFile(std::filesystem::path final_path, std::filesystem::path work_path, int fd);
  std::filesystem::path final_path_;
  std::filesystem::path work_path_;
  int fd_;
  bool is_committed_ = false;
};

/// Writes plain bytes as sealed chunks of 64 KiB; the last chunk is marked, so that a cut file is noticed.
class SealedFileWriter {
 public:
  static Result<std::unique_ptr<SealedFileWriter>> create(const std::filesystem::path& path,
                                                          const RecordingKey& key);
  Status write(std::span<const std::uint8_t> plain);
  Status finish();

 private:
  SealedFileWriter(std::unique_ptr<AtomicFile> file, const RecordingKey& key, std::uint32_t salt);
  Status put_chunk(bool is_last);

  std::unique_ptr<AtomicFile> file_;
  RecordingKey key_;
  SealNonce next_;
  std::vector<std::uint8_t> waiting_;
};

/// Gives the plain bytes chunk by chunk. Errors: not_found, corrupt (wrong key, cut or changed file), or the
/// sink's.
Status read_sealed_file(const std::filesystem::path& path, const RecordingKey& key,
                        const std::function<Status(std::span<const std::uint8_t>)>& sink);

}  // namespace dunlin
