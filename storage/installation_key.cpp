// The installation key's file: made once, read-only, exported as one line for the safe.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "storage/cipher.hpp"
#include "storage/vault.hpp"

namespace dunlin {
namespace {

constexpr std::string_view export_tag = "dunlin-key-1 ";
constexpr std::size_t key_size = 32;
constexpr mode_t owner_reads_only = 0400;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string reason(int error) { return std::generic_category().message(error); }

Error cannot_write(const std::filesystem::path& file, int error) {
  return {Errc::unavailable, "cannot write the key file " + file.string() + ": " + reason(error)};
}

/// The name must survive a power loss as well as the bytes.
Status sync_folder(const std::filesystem::path& file) {
  const auto folder = file.parent_path().empty() ? std::filesystem::path(".") : file.parent_path();
  const Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.is_open() || ::fsync(handle.get()) != 0) return cannot_write(file, errno);
  return Done{};
}

Status write_new(const std::filesystem::path& file, const SecretKey& key) {
  const Descriptor handle(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_reads_only));
  if (!handle.is_open()) {
    if (errno == EEXIST) return Error{Errc::conflict, "the key file " + file.string() + " exists already"};
    return cannot_write(file, errno);
  }
  if (::write(handle.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) return cannot_write(file, errno);
  if (::fsync(handle.get()) != 0) return cannot_write(file, errno);
  return sync_folder(file);
}

}  // namespace

InstallationKey::~InstallationKey() { wipe(bytes_); }

Result<InstallationKey> InstallationKey::load(const std::filesystem::path& file) {
  const Descriptor handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!handle.is_open()) {
    if (errno == ENOENT) return Error{Errc::not_found, "no key file " + file.string()};
    return Error{Errc::denied, "cannot read the key file " + file.string() + ": " + reason(errno)};
  }
  struct stat facts {};
  if (::fstat(handle.get(), &facts) != 0) {
    return Error{Errc::unavailable, "cannot read the key file " + file.string() + ": " + reason(errno)};
  }
  if ((facts.st_mode & 077) != 0) {
    return invalid_input("the key file " + file.string() + " is open to other users: chmod 0400 it");
  }
  InstallationKey key;
  std::array<unsigned char, key_size + 1> buffer{};
  const auto got = ::read(handle.get(), buffer.data(), buffer.size());
  if (got != static_cast<ssize_t>(key_size)) {
    return invalid_input("the key file " + file.string() + " does not hold exactly 32 bytes");
  }
  std::copy_n(buffer.begin(), key_size, key.bytes_.begin());
  return key;
}

Result<InstallationKey> InstallationKey::create(const std::filesystem::path& file) {
  InstallationKey key;
  key.bytes_ = random_key();
  const auto written = write_new(file, key.bytes_);
  if (!written) return written.error();
  return key;
}

Result<InstallationKey> InstallationKey::install(const std::filesystem::path& file, std::string_view exported) {
  while (!exported.empty() && (exported.back() == '\n' || exported.back() == '\r' || exported.back() == ' ')) {
    exported.remove_suffix(1);
  }
  constexpr std::size_t expected_size = export_tag.size() + key_size * 2 + 1 + 16;
  if (exported.size() != expected_size || exported.substr(0, export_tag.size()) != export_tag) {
    return invalid_input("not an exported key: one line \"dunlin-key-1 <64 hex digits> <16 hex digits>\" is expected");
  }
  const auto bytes = from_hex(exported.substr(export_tag.size(), key_size * 2));
  if (!bytes) return bytes.error();
  InstallationKey key;
  std::memcpy(key.bytes_.data(), bytes->data(), key_size);
  if (exported.substr(exported.size() - 16) != key.fingerprint()) {
    return invalid_input("the exported key was mistyped: its fingerprint differs");
  }
  const auto written = write_new(file, key.bytes_);
  if (!written) return written.error();
  return key;
}

std::string InstallationKey::fingerprint() const { return to_hex(view_of(sha256(view_of(bytes_))).substr(0, 8)); }

std::string InstallationKey::export_text() const {
  return std::string(export_tag) + to_hex(view_of(bytes_)) + ' ' + fingerprint();
}

}  // namespace dunlin
