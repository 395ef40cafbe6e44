#pragma once
// Digest authentication, both ends: RFC 7616 and RFC 8760 (SHA-256), RFC 2617 MD5 for carriers and desk phones.
// qop=auth only; without qop (old carriers, client side only) the RFC 2069 form. Pure, any thread.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "sip/sip_types.hpp"

namespace dunlin {

/// Hex digest, lower case.
std::string digest_hash(DigestAlgorithm algorithm, std::string_view text);
std::string make_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm, std::string_view password);
/// Equal without telling by time where they differ.
bool is_equal_constant_time(std::string_view a, std::string_view b);

/// The parameters of one WWW-/Proxy-Authenticate or (Proxy-)Authorization value; missing ones are empty.
struct DigestParameters {
  std::string user;
  std::string realm;
  std::string nonce;
  std::string uri;
  std::string response;
  std::string algorithm;
  std::string qop;
  std::string cnonce;
  std::string nc;
  std::string opaque;
  bool is_stale = false;
};

/// From "name=value" pairs as they stand in the header, quotes included. Errors: more than 32, longer than 512 bytes,
/// a repeated name.
Result<DigestParameters> read_digest(const std::vector<std::string_view>& parameters);

/// The response value for HA1 and these parameters.
std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1, const DigestParameters& p, std::string_view method);

/// Answers a challenge: the complete header value ("Digest username=..."). Errors: unknown algorithm or qop.
struct DigestLogin {
  std::string user;
  std::string password;
  std::string cnonce;  ///< Fresh random hex.
};
Result<std::string> answer_challenge(const DigestParameters& challenge, const DigestLogin& login, std::string_view method,
                                     std::string_view uri);

}  // namespace dunlin
