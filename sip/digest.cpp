#include "sip/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// A quoted-string without its quotes and escapes (RFC 3261 25.1), or the token as it is.
std::string unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    result += text[i];
  }
  return result;
}

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) result += c;
  }
  return result + "\"";
}

std::string* field_of(DigestParameters& p, std::string_view name) {
  if (name == "username") return &p.user;
  if (name == "realm") return &p.realm;
  if (name == "nonce") return &p.nonce;
  if (name == "uri") return &p.uri;
  if (name == "response") return &p.response;
  if (name == "algorithm") return &p.algorithm;
  if (name == "qop") return &p.qop;
  if (name == "cnonce") return &p.cnonce;
  if (name == "nc") return &p.nc;
  if (name == "opaque") return &p.opaque;
  return nullptr;
}

Result<DigestAlgorithm> algorithm_of(std::string_view name) {
  const auto text = lower(name);
  if (text.empty() || text == "md5") return DigestAlgorithm::md5;
  if (text == "sha-256") return DigestAlgorithm::sha256;
  return invalid_input("digest algorithm not spoken: " + std::string(name.substr(0, 32)));
}

/// qop is a list in a challenge; we speak auth only. Empty result: the challenge had none.
Result<std::string> choose_qop(std::string_view offered) {
  if (trim(offered).empty()) return std::string();
  while (!offered.empty()) {
    const auto comma = offered.find(',');
    if (lower(trim(offered.substr(0, comma))) == "auth") return std::string("auth");
    offered = comma == std::string_view::npos ? std::string_view() : offered.substr(comma + 1);
  }
  return invalid_input("digest qop without auth");
}

}  // namespace

std::string digest_hash(DigestAlgorithm algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned int size = 0;
  const EVP_MD* kind = algorithm == DigestAlgorithm::sha256 ? EVP_sha256() : EVP_md5();
  DUNLIN_CHECK(EVP_Digest(text.data(), text.size(), raw.data(), &size, kind, nullptr) == 1);
  static constexpr char hex[] = "0123456789abcdef";
  std::string result;
  for (unsigned int i = 0; i < size; ++i) {
    result += hex[raw[i] >> 4];
    result += hex[raw[i] & 15];
  }
  return result;
}

std::string make_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm, std::string_view password) {
  return digest_hash(algorithm, std::string(user) + ":" + std::string(realm) + ":" + std::string(password));
}

bool is_equal_constant_time(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other));
  }
  return difference == 0;
}

Result<DigestParameters> read_digest(const std::vector<std::string_view>& parameters) {
  if (parameters.size() > 32) return invalid_input("too many digest parameters");
  DigestParameters result;
  std::set<std::string> seen;
  for (const auto parameter : parameters) {
    if (parameter.size() > 512) return invalid_input("digest parameter too long");
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = lower(trim(parameter.substr(0, equals)));
    const auto value = unquote(trim(parameter.substr(equals + 1)));
    if (!seen.insert(name).second) return invalid_input("repeated digest parameter");
    if (name == "stale") result.is_stale = lower(value) == "true";
    if (auto* field = field_of(result, name)) *field = value;
  }
  return result;
}

std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1, const DigestParameters& p,
                            std::string_view method) {
  const auto ha2 = digest_hash(algorithm, std::string(method) + ":" + p.uri);
  const std::string start = std::string(ha1) + ":" + p.nonce + ":";
  if (p.qop.empty()) return digest_hash(algorithm, start + ha2);
  return digest_hash(algorithm, start + p.nc + ":" + p.cnonce + ":" + p.qop + ":" + ha2);
}

Result<std::string> answer_challenge(const DigestParameters& challenge, const DigestLogin& login, std::string_view method,
                                     std::string_view uri) {
  const auto algorithm = algorithm_of(challenge.algorithm);
  if (!algorithm) return algorithm.error();
  const auto qop = choose_qop(challenge.qop);
  if (!qop) return qop.error();
  DigestParameters p = challenge;
  p.uri = uri;
  p.qop = *qop;
  p.nc = "00000001";
  p.cnonce = login.cnonce;
  const auto ha1 = make_ha1(*algorithm, login.user, challenge.realm, login.password);
  std::string header = "Digest username=" + quote(login.user) + ", realm=" + quote(challenge.realm) + ", nonce=" +
                       quote(challenge.nonce) + ", uri=" + quote(uri) + ", response=\"" +
                       digest_response(*algorithm, ha1, p, method) + "\"";
  if (!challenge.algorithm.empty()) header += *algorithm == DigestAlgorithm::sha256 ? ", algorithm=SHA-256" : ", algorithm=MD5";
  if (!qop->empty()) header += ", qop=auth, nc=" + p.nc + ", cnonce=" + quote(p.cnonce);
  if (!challenge.opaque.empty()) header += ", opaque=" + quote(challenge.opaque);
  return header;
}

}  // namespace dunlin
