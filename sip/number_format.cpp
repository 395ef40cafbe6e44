#include "sip/number_format.hpp"

namespace dunlin {

std::string format_number(const PhoneNumber& number, NumberFormat format, const std::string& prefix) {
  const auto& e164 = number.e164();
  switch (format) {
    case NumberFormat::plus_e164: return prefix + e164;
    case NumberFormat::digits: return prefix + e164.substr(1);
    case NumberFormat::national_8: return prefix + (e164.rfind("+7", 0) == 0 ? "8" + e164.substr(2) : e164.substr(1));
  }
  return e164;
}

}  // namespace dunlin
