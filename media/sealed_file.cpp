#include "media/sealed_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "media/byte_order.hpp"
#include "media/media_engine.hpp"

namespace dunlin {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::size_t header_bytes = 16;
constexpr std::uint32_t last_chunk_flag = 0x8000'0000u;
constexpr std::array<std::uint8_t, 8> file_magic = {'D', 'R', 'E', 'C', 1, 0, 0, 0};

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

std::array<std::uint8_t, 12> nonce_bytes(SealNonce nonce) {
  std::array<std::uint8_t, 12> bytes;
  write_u32(bytes, 0, nonce.salt);
  write_u64(bytes, 4, nonce.counter);
  return bytes;
}

Error crypto_failed() {
  return {Errc::unavailable, "OpenSSL refused AES-256-GCM"};
}

std::array<std::uint8_t, header_bytes> file_header(std::uint32_t salt) {
  std::array<std::uint8_t, header_bytes> header{};
  std::copy(file_magic.begin(), file_magic.end(), header.begin());
  write_u32(header, 8, salt);
  return header;
}

}  // namespace

Error disk_error(const std::filesystem::path& path) {
  return {Errc::unavailable, path.string() + ": " + std::strerror(errno)};
}

Result<std::uint32_t> make_salt(SealUse use) {
  std::uint32_t salt = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&salt), sizeof salt) != 1) {
    return Error{Errc::unavailable, "the system gave no random bytes"};
  }
  return use == SealUse::file ? salt | 0x8000'0000u : salt & 0x7FFF'FFFFu;
}

Result<std::vector<std::uint8_t>> seal(const RecordingKey& key, SealNonce nonce,
                                       std::span<const std::uint8_t> context,
                                       std::span<const std::uint8_t> plain) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const auto iv = nonce_bytes(nonce);
  std::vector<std::uint8_t> box(plain.size() + seal_overhead);
  int size = 0;
  int tail = 0;
  const bool is_done =
      cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, context.data(), static_cast<int>(context.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), box.data(), &size, plain.data(), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), box.data() + size, &tail) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, seal_overhead, box.data() + plain.size()) == 1;
  if (!is_done) return crypto_failed();
  return box;
}

Result<std::vector<std::uint8_t>> unseal(const RecordingKey& key, SealNonce nonce,
                                         std::span<const std::uint8_t> context,
                                         std::span<const std::uint8_t> box) {
  if (box.size() < seal_overhead) return Error{Errc::corrupt, "sealed box is too short"};
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const auto iv = nonce_bytes(nonce);
  std::vector<std::uint8_t> plain(box.size() - seal_overhead);
  std::array<std::uint8_t, seal_overhead> tag;
  std::copy(box.end() - seal_overhead, box.end(), tag.begin());
  int size = 0;
  int tail = 0;
  const bool is_ready =
      cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, context.data(), static_cast<int>(context.size())) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), plain.data(), &size, box.data(), static_cast<int>(plain.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, seal_overhead, tag.data()) == 1;
  if (!is_ready) return crypto_failed();
  if (EVP_DecryptFinal_ex(cipher.get(), plain.data() + size, &tail) != 1)
    return Error{Errc::corrupt, "sealed box does not open"};
  return plain;
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
}
Sha256::~Sha256() = default;
void Sha256::add(std::span<const std::uint8_t> bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Sha256::finish_hex() {
  std::array<std::uint8_t, 32> digest{};
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : digest) {
    hex.push_back(digits[byte >> 4]);
    hex.push_back(digits[byte & 0x0F]);
  }
  return hex;
}

Status sync_folder_of(const std::filesystem::path& file) {
  const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return disk_error(file);
  const int status = ::fsync(folder);
  ::close(folder);
  if (status != 0) return disk_error(file);
  return Done{};
}

AtomicFile::AtomicFile(std::filesystem::path final_path, std::filesystem::path work_path, int fd)
    : final_path_(std::move(final_path)), work_path_(std::move(work_path)), fd_(fd) {}

Result<std::unique_ptr<AtomicFile>> AtomicFile::create(const std::filesystem::path& final_path) {
  auto work_path = final_path;
  work_path += ".part";
  const int fd = ::open(work_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return disk_error(work_path);
  return std::unique_ptr<AtomicFile>(new AtomicFile(final_path, std::move(work_path), fd));
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!is_committed_) ::unlink(work_path_.c_str());
}

Status AtomicFile::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return disk_error(work_path_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Done{};
}

Status AtomicFile::commit() {
  if (::fsync(fd_) != 0) return disk_error(work_path_);
  if (::rename(work_path_.c_str(), final_path_.c_str()) != 0) return disk_error(final_path_);
  is_committed_ = true;
  return sync_folder_of(final_path_);
}

SealedFileWriter::SealedFileWriter(std::unique_ptr<AtomicFile> file, const RecordingKey& key,
                                   std::uint32_t salt)
    : file_(std::move(file)), key_(key), next_{salt, 0} {}

Result<std::unique_ptr<SealedFileWriter>> SealedFileWriter::create(const std::filesystem::path& path,
                                                                   const RecordingKey& key) {
  const auto salt = make_salt(SealUse::file);
  if (!salt) return salt.error();
  auto file = AtomicFile::create(path);
  if (!file) return file.error();
  if (auto status = (*file)->write(file_header(*salt)); !status) return status.error();
  return std::unique_ptr<SealedFileWriter>(new SealedFileWriter(std::move(*file), key, *salt));
}

Status SealedFileWriter::write(std::span<const std::uint8_t> plain) {
  while (!plain.empty()) {
    const std::size_t count = std::min(plain.size(), chunk_bytes - waiting_.size());
    waiting_.insert(waiting_.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(count));
    plain = plain.subspan(count);
    if (waiting_.size() < chunk_bytes) continue;
    if (auto status = put_chunk(false); !status) return status;
  }
  return Done{};
}

Status SealedFileWriter::put_chunk(bool is_last) {
  std::array<std::uint8_t, 4> length;
  write_u32(length, 0,
            static_cast<std::uint32_t>(waiting_.size() + seal_overhead) | (is_last ? last_chunk_flag : 0));
  const auto box = seal(key_, next_, length, waiting_);
  if (!box) return box.error();
  ++next_.counter;
  waiting_.clear();
  if (auto status = file_->write(length); !status) return status;
  return file_->write(*box);
}

Status SealedFileWriter::finish() {
  if (auto status = put_chunk(true); !status) return status;
  return file_->commit();
}

Status read_sealed_file(const std::filesystem::path& path, const RecordingKey& key,
                        const std::function<Status(std::span<const std::uint8_t>)>& sink) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::not_found, "no recording file: " + path.string()};
  const auto read = [&file](std::span<std::uint8_t> target) {
    return static_cast<bool>(
        file.read(reinterpret_cast<char*>(target.data()), static_cast<std::streamsize>(target.size())));
  };
  const Error is_cut{Errc::corrupt, "recording file is cut or changed: " + path.string()};
  std::array<std::uint8_t, header_bytes> header;
  if (!read(header) || !std::equal(file_magic.begin(), file_magic.end(), header.begin())) return is_cut;
  SealNonce next{read_u32(header, 8), 0};
  for (bool is_last = false; !is_last; ++next.counter) {
    std::array<std::uint8_t, 4> length;
    if (!read(length)) return is_cut;
    const std::uint32_t field = read_u32(length, 0);
    is_last = (field & last_chunk_flag) != 0;
    const std::size_t size = field & ~last_chunk_flag;
    if (size > chunk_bytes + seal_overhead) return is_cut;
    std::vector<std::uint8_t> box(size);
    if (!read(box)) return is_cut;
    const auto plain = unseal(key, next, length, box);
    if (!plain) return plain.error();
    if (auto status = sink(*plain); !status) return status;
  }
  return Done{};
}

Status decrypt_recording(const std::filesystem::path& audio_path, const RecordingKey& key,
                         const std::filesystem::path& target) {
  auto file = AtomicFile::create(target);
  if (!file) return file.error();
  auto status = read_sealed_file(audio_path, key,
                                 [&](std::span<const std::uint8_t> plain) { return (*file)->write(plain); });
  if (!status) return status;
  return (*file)->commit();
}

}  // namespace dunlin
