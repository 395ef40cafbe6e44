#include "api/digest_secret.hpp"

#include <array>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/base/check.hpp"

namespace dunlin {

std::string make_sip_secret() {
  static constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.~+=*:,";
  static_assert(alphabet.size() == 64);
  std::array<unsigned char, 20> random{};
  DUNLIN_CHECK(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
  std::string secret;
  for (const unsigned char byte : random) secret += alphabet[byte % alphabet.size()];
  return secret;
}

Result<std::string> digest_secret(const std::string& user, const std::string& realm, const std::string& secret, bool is_md5) {
  const std::string text = user + ":" + realm + ":" + secret;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &length, is_md5 ? EVP_md5() : EVP_sha256(), nullptr) != 1) {
    return Error{Errc::unavailable, "the digest is not available in this OpenSSL"};
  }
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += digits[hash[i] >> 4];
    hex += digits[hash[i] & 15];
  }
  return hex;
}

}  // namespace dunlin
