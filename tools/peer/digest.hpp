#pragma once
// Digest access authentication for both sides (RFC 7616 and RFC 8760: MD5 and SHA-256, qop=auth). Pure apart
// from the random nonces, any thread.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin::peer {

enum class DigestHash { md5, sha256 };

struct Credentials {
  std::string user;
  std::string password;
};

struct Challenge {
  std::string realm;
  std::string nonce;
  std::string opaque;
  DigestHash hash = DigestHash::md5;
  bool has_qop_auth = false;
};

/// What is signed, and with what counter.
struct DigestRequest {
  std::string method;
  std::string uri;
  unsigned nonce_count = 1;
};

/// The strongest challenge among the header values (SHA-256 before MD5); nothing if none is understood.
std::optional<Challenge> choose_challenge(const std::vector<std::string>& header_values);
/// The value of an Authorization or Proxy-Authorization header.
std::string authorization(const Challenge& challenge, const Credentials& who, const DigestRequest& request);

std::string challenge_value(const Challenge& challenge);
/// Whether an Authorization value answers this challenge for this method with this password.
bool is_authorized(std::string_view value, const Challenge& challenge, const Credentials& who,
                   std::string_view method);

/// So many random lower-case hexadecimal digits: nonces, tags, branches.
std::string random_hex(std::size_t digits);
std::string hex_digest(DigestHash hash, std::string_view text);

}  // namespace dunlin::peer
