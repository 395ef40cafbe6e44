#include "core/base/phone_number.hpp"

#include <algorithm>

namespace dunlin {

Result<PhoneNumber> PhoneNumber::from_e164(std::string_view text) {
  const bool is_shaped = text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
                         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_shaped) return invalid_input("a phone number in E.164 is a plus and 7 to 15 digits");
  PhoneNumber number;
  number.e164_ = std::string(text);
  return number;
}

std::string PhoneNumber::masked() const {
  if (e164_.size() < 8) return "***";
  return e164_.substr(0, std::min<std::size_t>(5, e164_.size() - 6)) + "***" + e164_.substr(e164_.size() - 4);
}

}  // namespace dunlin
