#include "sip/client_auth.hpp"

#include "sip/office.hpp"

namespace dunlin {

std::optional<std::string> ClientAuth::answer(const sip_t* challenge, const char* method, const std::string& uri) {
  if (!credentials_) return std::nullopt;
  const bool is_proxy = nta::status_of(challenge) == 407;
  const msg_auth_t* list = is_proxy ? challenge->sip_proxy_authenticate : challenge->sip_www_authenticate;
  for (; list != nullptr; list = list->au_next) {
    const auto digest = nta::digest_of(list);
    if (!digest) return std::nullopt;
    if (tries_ > (digest->is_stale ? 1 : 0)) return std::nullopt;
    const auto value = answer_challenge(*digest, {credentials_->user, credentials_->password, random_token(8)}, method, uri);
    if (!value) continue;
    ++tries_;
    return std::string(is_proxy ? "Proxy-Authorization: " : "Authorization: ") + *value + "\r\n";
  }
  return std::nullopt;
}

}  // namespace dunlin
