#include "storage/cipher.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstring>
#include <mutex>
#include <vector>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t nonces_drawn_at_once = 64;

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
int length(std::size_t size) {
  DUNLIN_CHECK(size <= 0x7fffffff);
  return static_cast<int>(size);
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct FreeAlgorithm {
  void operator()(EVP_CIPHER* algorithm) const { EVP_CIPHER_free(algorithm); }
};

/// One context with a stock of random nonces. The algorithm is set once: naming it again at every use would make
/// OpenSSL throw its state away and build it anew.
struct Workplace {
  explicit Workplace(const EVP_CIPHER* algorithm) {
    DUNLIN_CHECK(context != nullptr);
    DUNLIN_CHECK(EVP_EncryptInit_ex2(context.get(), algorithm, nullptr, nullptr, nullptr) == 1);
  }
  std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context{EVP_CIPHER_CTX_new()};
  std::array<unsigned char, nonce_size * nonces_drawn_at_once> nonces{};
  std::size_t next_nonce = nonces_drawn_at_once;
  SecretKey key{};              ///< What the context is keyed with for sealing, while `is_keyed`.
  bool is_keyed = false;
  ~Workplace() { OPENSSL_cleanse(key.data(), key.size()); }

  /// A case's events and view come one after another under one key: naming it again costs as much as sealing does.
  void begin_sealing(const SecretKey& with, const unsigned char* nonce) {
    const bool is_same = is_keyed && with == key;
    DUNLIN_CHECK(EVP_EncryptInit_ex2(context.get(), nullptr, is_same ? nullptr : with.data(), nonce, nullptr) == 1);
    key = with;
    is_keyed = true;
  }

  const unsigned char* draw_nonce() {
    if (next_nonce == nonces_drawn_at_once) {
      DUNLIN_CHECK(RAND_bytes(nonces.data(), length(nonces.size())) == 1);
      next_nonce = 0;
    }
    return nonces.data() + nonce_size * next_nonce++;
  }
};

}  // namespace

class Cipher::Pool {
 public:
  Pool() : algorithm_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)) { DUNLIN_CHECK(algorithm_ != nullptr); }

  std::unique_ptr<Workplace> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<Workplace>(algorithm_.get());
    auto workplace = std::move(free_.back());
    free_.pop_back();
    return workplace;
  }
  void give(std::unique_ptr<Workplace> workplace) {
    const std::lock_guard lock(mutex_);
    if (free_.size() < max_kept) free_.push_back(std::move(workplace));
  }

 private:
  static constexpr std::size_t max_kept = 16;
  std::unique_ptr<EVP_CIPHER, FreeAlgorithm> algorithm_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workplace>> free_;
};

Cipher::Cipher() : pool_(std::make_unique<Pool>()) {}
Cipher::~Cipher() = default;

std::string Cipher::seal(const SecretKey& key, std::string_view additional, std::string_view plain) const {
  auto workplace = pool_->take();
  auto* context = workplace->context.get();
  const auto* nonce = workplace->draw_nonce();
  std::string sealed(nonce_size + plain.size() + tag_size, '\0');
  std::memcpy(sealed.data(), nonce, nonce_size);
  auto* out = raw(sealed) + nonce_size;
  int written = 0;
  workplace->begin_sealing(key, nonce);
  DUNLIN_CHECK(EVP_EncryptUpdate(context, nullptr, &written, raw(additional), length(additional.size())) == 1);
  DUNLIN_CHECK(EVP_EncryptUpdate(context, out, &written, raw(plain), length(plain.size())) == 1);
  DUNLIN_CHECK(EVP_EncryptFinal_ex(context, out + plain.size(), &written) == 1);
  DUNLIN_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, length(tag_size), out + plain.size()) == 1);
  pool_->give(std::move(workplace));
  return sealed;
}

Result<std::string> Cipher::open(const SecretKey& key, std::string_view additional, std::string_view sealed) const {
  if (sealed.size() < nonce_size + tag_size) return Error{Errc::corrupt, "sealed bytes are too short"};
  const auto body = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
  std::array<unsigned char, tag_size> tag{};
  std::memcpy(tag.data(), sealed.data() + sealed.size() - tag_size, tag_size);
  auto workplace = pool_->take();
  auto* context = workplace->context.get();
  std::string plain(body.size(), '\0');
  int written = 0;
  workplace->is_keyed = false;
  DUNLIN_CHECK(EVP_DecryptInit_ex2(context, nullptr, key.data(), raw(sealed), nullptr) == 1);
  DUNLIN_CHECK(EVP_DecryptUpdate(context, nullptr, &written, raw(additional), length(additional.size())) == 1);
  DUNLIN_CHECK(EVP_DecryptUpdate(context, raw(plain), &written, raw(body), length(body.size())) == 1);
  DUNLIN_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length(tag_size), tag.data()) == 1);
  unsigned char rest[16];
  const bool is_authentic = EVP_DecryptFinal_ex(context, rest, &written) == 1;
  pool_->give(std::move(workplace));
  if (!is_authentic) return Error{Errc::corrupt, "sealed bytes do not authenticate"};
  return plain;
}

struct Hasher::Context {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA-256", nullptr);
  ~Context() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {
  DUNLIN_CHECK(context_->context != nullptr && context_->algorithm != nullptr);
}
Hasher::~Hasher() = default;

Digest Hasher::of(std::string_view first, std::string_view second, std::string_view third) {
  Digest digest{};
  auto* context = context_->context;
  DUNLIN_CHECK(EVP_DigestInit_ex2(context, context_->algorithm, nullptr) == 1);
  for (const auto part : {first, second, third}) {
    DUNLIN_CHECK(EVP_DigestUpdate(context, part.data(), part.size()) == 1);
  }
  DUNLIN_CHECK(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
  return digest;
}

Digest sha256(std::string_view bytes) { return Hasher().of(bytes); }

Digest hmac_sha256(const SecretKey& key, std::string_view bytes) {
  Digest digest{};
  unsigned int size = 0;
  DUNLIN_CHECK(HMAC(EVP_sha256(), key.data(), length(key.size()), raw(bytes), bytes.size(), digest.data(), &size) != nullptr);
  DUNLIN_CHECK(size == digest.size());
  return digest;
}

struct KeyedHasher::Contexts {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA-256", nullptr);
  EVP_MD_CTX* inner = EVP_MD_CTX_new();
  EVP_MD_CTX* outer = EVP_MD_CTX_new();
  ~Contexts() {
    EVP_MD_CTX_free(inner);
    EVP_MD_CTX_free(outer);
    EVP_MD_free(algorithm);
  }
};

// RFC 2104: H((K xor opad) || H((K xor ipad) || text)); the blocks with the key come first and never change.
KeyedHasher::KeyedHasher(const SecretKey& key) : contexts_(std::make_unique<Contexts>()) {
  constexpr std::size_t block_size = 64;
  const auto begin = [&](EVP_MD_CTX* context, unsigned char pad) {
    std::array<unsigned char, block_size> block{};
    std::memcpy(block.data(), key.data(), key.size());
    for (auto& byte : block) byte = static_cast<unsigned char>(byte ^ pad);
    DUNLIN_CHECK(EVP_DigestInit_ex2(context, contexts_->algorithm, nullptr) == 1);
    DUNLIN_CHECK(EVP_DigestUpdate(context, block.data(), block.size()) == 1);
    OPENSSL_cleanse(block.data(), block.size());
  };
  begin(contexts_->inner, 0x36);
  begin(contexts_->outer, 0x5c);
}
KeyedHasher::~KeyedHasher() = default;

Digest KeyedHasher::of(std::string_view bytes) const {
  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  // Copying into a context that was used before allocates nothing.
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  Digest digest{};
  DUNLIN_CHECK(EVP_MD_CTX_copy_ex(context.get(), contexts_->inner) == 1);
  DUNLIN_CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  DUNLIN_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  DUNLIN_CHECK(EVP_MD_CTX_copy_ex(context.get(), contexts_->outer) == 1);
  DUNLIN_CHECK(EVP_DigestUpdate(context.get(), digest.data(), digest.size()) == 1);
  DUNLIN_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

// One block of output needs one expansion step: T(1) = HMAC(PRK, purpose || 0x01).
SecretKey hkdf(const SecretKey& secret, std::string_view purpose) {
  const SecretKey no_salt{};
  const SecretKey pseudo_random = hmac_sha256(no_salt, view_of(secret));
  return hmac_sha256(pseudo_random, std::string(purpose) + '\x01');
}

SecretKey random_key() {
  SecretKey key{};
  DUNLIN_CHECK(RAND_bytes(key.data(), length(key.size())) == 1);
  return key;
}

SecretKey KeyStock::draw() {
  if (left_ == 0) {
    DUNLIN_CHECK(RAND_bytes(keys_.front().data(), length(sizeof(keys_))) == 1);
    left_ = keys_.size();
  }
  SecretKey& next = keys_[--left_];
  const SecretKey drawn = next;
  wipe(next);
  return drawn;
}

KeyStock::~KeyStock() {
  for (SecretKey& key : keys_) wipe(key);
}

std::string random_hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  DUNLIN_CHECK(RAND_bytes(raw(random), length(bytes)) == 1);
  return to_hex(random);
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex.push_back(digits[value >> 4]);
    hex.push_back(digits[value & 15]);
  }
  return hex;
}

Result<std::string> from_hex(std::string_view hex) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (hex.size() % 2 != 0) return invalid_input("an odd number of hex digits");
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = digits.find(hex[i]);
    const auto low = digits.find(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return invalid_input("not a hex digit");
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

void wipe(SecretKey& key) { OPENSSL_cleanse(key.data(), key.size()); }

}  // namespace dunlin
