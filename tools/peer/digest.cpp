#include "tools/peer/digest.hpp"

#include <array>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "tools/peer/sip_message.hpp"

namespace dunlin::peer {
namespace {

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(count * 2);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(digits[bytes[i] >> 4]);
    out.push_back(digits[bytes[i] & 15]);
  }
  return out;
}

std::string_view name_of(DigestHash hash) {
  return hash == DigestHash::sha256 ? "SHA-256" : "MD5";
}

/// name="value" or name=value out of a Digest header, quotes removed.
std::string field(std::string_view value, std::string_view name) {
  std::size_t at = value.find(' ');
  while (at != std::string_view::npos && at < value.size()) {
    at = value.find_first_not_of(" ,\t", at);
    const auto equals = at == std::string_view::npos ? at : value.find('=', at);
    if (equals == std::string_view::npos) return {};
    const bool is_quoted = equals + 1 < value.size() && value[equals + 1] == '"';
    const auto start = equals + (is_quoted ? 2 : 1);
    auto end = value.find(is_quoted ? '"' : ',', start);
    if (end == std::string_view::npos) end = value.size();
    if (same_text(trimmed(value.substr(at, equals - at)), name))
      return std::string(trimmed(value.substr(start, end - start)));
    at = end + 1;
  }
  return {};
}

struct Signed {
  std::string nonce_count;
  std::string cnonce;
};

std::string response_of(const Challenge& challenge, const Credentials& who, const DigestRequest& request,
                        const Signed& extra) {
  const auto h = [&](const std::string& text) { return hex_digest(challenge.hash, text); };
  const std::string a1 = h(who.user + ":" + challenge.realm + ":" + who.password);
  const std::string a2 = h(request.method + ":" + request.uri);
  if (!challenge.has_qop_auth) return h(a1 + ":" + challenge.nonce + ":" + a2);
  return h(a1 + ":" + challenge.nonce + ":" + extra.nonce_count + ":" + extra.cnonce + ":auth:" + a2);
}

std::optional<Challenge> read_challenge(std::string_view value) {
  if (!same_text(value.substr(0, 7), "Digest ")) return std::nullopt;
  const std::string algorithm = field(value, "algorithm");
  Challenge challenge{field(value, "realm"), field(value, "nonce"), field(value, "opaque")};
  if (same_text(algorithm, "SHA-256"))
    challenge.hash = DigestHash::sha256;
  else if (!algorithm.empty() && !same_text(algorithm, "MD5"))
    return std::nullopt;
  challenge.has_qop_auth = field(value, "qop").find("auth") != std::string::npos;
  return challenge;
}

}  // namespace

std::string hex_digest(DigestHash hash, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), out.data(), &length,
             hash == DigestHash::sha256 ? EVP_sha256() : EVP_md5(), nullptr);
  return to_hex(out.data(), length);
}

std::string random_hex(std::size_t digits) {
  std::array<unsigned char, 32> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return to_hex(bytes.data(), bytes.size()).substr(0, digits);
}

std::optional<Challenge> choose_challenge(const std::vector<std::string>& header_values) {
  std::optional<Challenge> best;
  for (const auto& value : header_values) {
    const auto challenge = read_challenge(value);
    if (challenge && (!best || challenge->hash == DigestHash::sha256)) best = challenge;
  }
  return best;
}

std::string authorization(const Challenge& challenge, const Credentials& who, const DigestRequest& request) {
  static constexpr char digits[] = "0123456789abcdef";
  Signed extra{"00000000", random_hex(16)};
  for (unsigned place = 0, left = request.nonce_count; place < 8; ++place, left >>= 4)
    extra.nonce_count[7 - place] = digits[left & 15];
  std::string out = "Digest username=\"" + who.user + "\", realm=\"" + challenge.realm + "\", nonce=\"" +
                    challenge.nonce + "\", uri=\"" + request.uri + "\", response=\"" +
                    response_of(challenge, who, request, extra) +
                    "\", algorithm=" + std::string(name_of(challenge.hash));
  if (!challenge.opaque.empty()) out += ", opaque=\"" + challenge.opaque + "\"";
  if (challenge.has_qop_auth)
    out += ", qop=auth, nc=" + extra.nonce_count + ", cnonce=\"" + extra.cnonce + "\"";
  return out;
}

std::string challenge_value(const Challenge& challenge) {
  return "Digest realm=\"" + challenge.realm + "\", nonce=\"" + challenge.nonce +
         "\", algorithm=" + std::string(name_of(challenge.hash)) +
         (challenge.has_qop_auth ? ", qop=\"auth\"" : "");
}

bool is_authorized(std::string_view value, const Challenge& challenge, const Credentials& who,
                   std::string_view method) {
  if (!same_text(value.substr(0, 7), "Digest ")) return false;
  if (field(value, "nonce") != challenge.nonce || field(value, "username") != who.user) return false;
  const DigestRequest request{std::string(method), field(value, "uri")};
  const std::string wanted =
      response_of(challenge, who, request, {field(value, "nc"), field(value, "cnonce")});
  return field(value, "response") == wanted;
}

}  // namespace dunlin::peer
