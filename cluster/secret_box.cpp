#include "cluster/secret_box.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

struct FreeCipher { void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); } };
struct FreeKdf { void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); } };
struct FreeKdfMethod { void operator()(EVP_KDF* method) const { EVP_KDF_free(method); } };
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* box_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

ClusterSecret derived_key(const BoxKey& key) {
  const std::unique_ptr<EVP_KDF, FreeKdfMethod> method(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  DUNLIN_CHECK(method != nullptr);
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(method.get()));
  char digest[] = "SHA256";
  std::string purpose(key.purpose);
  std::string salt(key.salt);
  auto secret = key.secret;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_octet_string("key", secret.data(), secret.size()),
                               OSSL_PARAM_construct_octet_string("salt", salt.data(), salt.size()),
                               OSSL_PARAM_construct_octet_string("info", purpose.data(), purpose.size()), OSSL_PARAM_construct_end()};
  ClusterSecret derived{};
  DUNLIN_CHECK(context != nullptr && EVP_KDF_derive(context.get(), derived.data(), derived.size(), params) == 1);
  return derived;
}

/// A cipher context ready for one box.
CipherContext started_cipher(const BoxKey& box_key, std::string_view belongs_to, bool is_sealing) {
  CipherContext context(EVP_CIPHER_CTX_new());
  const std::array<unsigned char, 12> nonce{};
  const ClusterSecret key = derived_key(box_key);
  DUNLIN_CHECK(context != nullptr);
  DUNLIN_CHECK(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data(), is_sealing ? 1 : 0) == 1);
  int size = 0;
  DUNLIN_CHECK(EVP_CipherUpdate(context.get(), nullptr, &size, box_bytes(belongs_to), static_cast<int>(belongs_to.size())) == 1);
  return context;
}

}  // namespace

std::string seal_box(const BoxKey& key, std::string_view belongs_to, std::string_view plain) {
  const auto context = started_cipher(key, belongs_to, true);
  std::string out(plain.size() + box_tag_bytes, '\0');
  auto* box = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  DUNLIN_CHECK(plain.empty() || EVP_CipherUpdate(context.get(), box, &size, box_bytes(plain), static_cast<int>(plain.size())) == 1);
  DUNLIN_CHECK(EVP_CipherFinal_ex(context.get(), box + size, &size) == 1);
  DUNLIN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, box_tag_bytes, box + plain.size()) == 1);
  return out;
}

std::optional<std::string> open_box(const BoxKey& key, std::string_view belongs_to, std::string_view bytes) {
  DUNLIN_CHECK(bytes.size() >= box_tag_bytes);
  const auto box = bytes.substr(0, bytes.size() - box_tag_bytes);
  std::string tag(bytes.substr(box.size()));
  const auto context = started_cipher(key, belongs_to, false);
  std::string opened(box.size(), '\0');
  auto* plain = reinterpret_cast<unsigned char*>(opened.data());
  int size = 0;
  DUNLIN_CHECK(box.empty() || EVP_CipherUpdate(context.get(), plain, &size, box_bytes(box), static_cast<int>(box.size())) == 1);
  DUNLIN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, box_tag_bytes, tag.data()) == 1);
  std::array<unsigned char, 16> rest{};
  if (EVP_CipherFinal_ex(context.get(), rest.data(), &size) != 1) return std::nullopt;
  return opened;
}

std::string keyed_name(const ClusterSecret& secret, std::string_view purpose, std::string_view text) {
  const ClusterSecret key = derived_key({secret, purpose, "name"});
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  DUNLIN_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), box_bytes(text), text.size(), digest.data(), &size) != nullptr);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name;
  for (std::size_t i = 0; i < 16; ++i) name += {digits[digest[i] >> 4], digits[digest[i] & 15]};
  return name;
}

}  // namespace dunlin
