#include "media/browser_names.hpp"

#include <array>

#include <openssl/rand.h>

namespace dunlin {
namespace {

constexpr std::string_view ice_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t place_letters = 3;
constexpr std::size_t ufrag_letters = 12;
constexpr std::size_t password_letters = 24;

}  // namespace

Result<IceCredentials> make_credentials(std::uint16_t leg_index) {
  std::array<unsigned char, ufrag_letters - place_letters + password_letters> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return Error{Errc::unavailable, "the system gave no random bytes"};
  IceCredentials made;
  for (std::size_t i = 0; i < place_letters; ++i) made.ufrag += ice_letters[leg_index >> (6 * i) & 63];
  for (std::size_t i = 0; i < random.size(); ++i) (made.ufrag.size() < ufrag_letters ? made.ufrag : made.password) += ice_letters[random[i] & 63];
  return made;
}

std::optional<std::uint16_t> leg_index_of(std::string_view username) {
  if (username.size() < ufrag_letters + 1 || username[ufrag_letters] != ':') return std::nullopt;
  std::uint32_t index = 0;
  for (std::size_t i = 0; i < place_letters; ++i) {
    const auto at = ice_letters.find(username[i]);
    if (at == std::string_view::npos) return std::nullopt;
    index |= static_cast<std::uint32_t>(at) << (6 * i);
  }
  if (index > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(index);
}

}  // namespace dunlin
