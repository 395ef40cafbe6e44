#pragma once
// The cryptography the vault is made of, from OpenSSL 3: AES-256-GCM (NIST SP 800-38D), HMAC-SHA-256, HKDF-SHA-256,
// SHA-256, random bytes. Sealed form: nonce(12), ciphertext, tag(16). Thread safe: contexts are pooled.
// An OpenSSL call that can fail only by misuse or lack of memory ends the process (DUNLIN_CHECK).
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

using SecretKey = std::array<unsigned char, 32>;
using Digest = std::array<unsigned char, 32>;

inline constexpr std::size_t sealed_overhead = 12 + 16;

/// AES-256-GCM with random nonces and a pool of contexts, so that sealing allocates nothing but the result.
class Cipher {
 public:
  Cipher();
  ~Cipher();
  std::string seal(const SecretKey& key, std::string_view additional, std::string_view plain) const;
  /// corrupt when key, additional data or bytes do not belong together.
  Result<std::string> open(const SecretKey& key, std::string_view additional, std::string_view sealed) const;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

/// SHA-256 with a reused context. One thread.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Digest of(std::string_view first, std::string_view second = {}, std::string_view third = {});

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Digest sha256(std::string_view bytes);
Digest hmac_sha256(const SecretKey& key, std::string_view bytes);

/// The same for many texts under one key: the key's two blocks are digested once, which makes a short text several times
/// cheaper. Thread safe.
class KeyedHasher {
 public:
  explicit KeyedHasher(const SecretKey& key);
  ~KeyedHasher();
  KeyedHasher(const KeyedHasher&) = delete;
  KeyedHasher& operator=(const KeyedHasher&) = delete;
  Digest of(std::string_view bytes) const;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};
/// RFC 5869 with SHA-256, no salt, 32 bytes.
SecretKey hkdf(const SecretKey& secret, std::string_view purpose);
SecretKey random_key();

/// Random keys, many drawn at once: asking the generator costs more than the bytes do. A key is wiped from the stock when it
/// is given away. One thread.
class KeyStock {
 public:
  ~KeyStock();
  SecretKey draw();

 private:
  std::array<SecretKey, 64> keys_{};
  std::size_t left_ = 0;
};

std::string random_hex(std::size_t bytes);
std::string to_hex(std::string_view bytes);
Result<std::string> from_hex(std::string_view hex);
/// Overwrites a secret; the compiler may not leave it out.
void wipe(SecretKey& key);

template <std::size_t size>
std::string_view view_of(const std::array<unsigned char, size>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace dunlin
