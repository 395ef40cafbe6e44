#include "numbering/phone_plan.hpp"

#include <algorithm>
#include <array>

#include <phonenumbers/phonenumberutil.h>

namespace dunlin {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;
constexpr std::size_t max_text_bytes = 100;

/// The ten national digits of a plainly written Russian number; no value when the text is anything else.
struct NationalDigits {
  std::array<char, 10> digits{};
  bool is_found = false;
};

/// Skips what people put between digits; false for any other sign.
bool skip_filler(std::string_view text, std::size_t& i) {
  const char c = text[i];
  if (c == ' ' || c == '-' || c == '(' || c == ')' || c == '.' || c == '\t') return true;
  if (text.substr(i).starts_with("\xC2\xA0")) {
    ++i;
    return true;
  }
  return false;
}

NationalDigits plain_russian(std::string_view text) {
  std::array<char, 11> digits{};
  std::size_t count = 0;
  bool has_plus = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      if (count == digits.size()) return {};
      digits[count++] = c;
    } else if (c == '+' && count == 0 && !has_plus) {
      has_plus = true;
    } else if (!skip_filler(text, i)) {
      return {};
    }
  }
  const bool has_country = count == 11 && (digits[0] == '7' || (digits[0] == '8' && !has_plus));
  const bool is_national = count == 10 && !has_plus;
  if (!has_country && !is_national) return {};
  NationalDigits result;
  for (std::size_t i = 0; i < 10; ++i) result.digits[i] = digits[i + (has_country ? 1 : 0)];
  result.is_found = true;
  return result;
}

/// Area codes in use; a number of any other area, a service or Kazakhstan (6xx, 7xx) goes the long way and is
/// judged there.
constexpr auto area_codes = std::to_array<int>(
    {301, 302, 341, 342, 343, 345, 346, 347, 349, 351, 352, 353, 365, 381, 382, 383, 384, 385, 388,
     390, 391, 394, 395, 401, 411, 413, 415, 416, 421, 423, 424, 426, 427, 471, 472, 473, 474, 475,
     481, 482, 483, 484, 485, 486, 487, 491, 492, 493, 494, 495, 496, 498, 499, 811, 812, 813, 814,
     815, 816, 817, 818, 820, 821, 831, 833, 834, 835, 836, 841, 842, 843, 844, 845, 846, 847, 848,
     851, 855, 861, 862, 863, 865, 866, 867, 869, 871, 872, 873, 877, 878, 879});

bool is_subscriber_code(const std::array<char, 10>& digits) {
  const int code = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  return digits[0] == '9' || std::binary_search(area_codes.begin(), area_codes.end(), code);
}

/// "9999999999" and "9120000000": what is typed into a field that may not stay empty.
bool is_filler(const std::array<char, 10>& digits) {
  const auto tail = std::string_view(digits.data(), digits.size()).substr(3);
  return tail == "0000000" ||
         std::string_view(digits.data(), digits.size()) == std::string(digits.size(), digits[0]);
}

Error describe(PhoneNumberUtil::ErrorType error) {
  switch (error) {
    case PhoneNumberUtil::NO_PARSING_ERROR:
      break;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
      return invalid_input("unknown country code");
    case PhoneNumberUtil::NOT_A_NUMBER:
      return invalid_input("not a phone number");
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
      return invalid_input("the number is too short");
    case PhoneNumberUtil::TOO_LONG_NSN:
      return invalid_input("the number is too long");
  }
  return invalid_input("not a phone number");
}

Result<PhoneNumber> parse_with_library(std::string_view text, std::string_view region) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  i18n::phonenumbers::PhoneNumber number;
  const auto error = util.Parse(std::string(text), std::string(region), &number);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return describe(error);
  if (!util.IsValidNumber(number)) return invalid_input("no such number in the plan of its country");
  std::string e164;
  util.Format(number, PhoneNumberUtil::E164, &e164);
  return PhoneNumber::from_e164(e164);
}

}  // namespace

PhonePlan::PhonePlan(std::shared_ptr<const NumberTable> table) : table_(std::move(table)) {}

Result<PhoneNumber> PhonePlan::parse(std::string_view text, std::string_view default_region) const {
  if (text.size() > max_text_bytes) return invalid_input("the text is too long for a phone number");
  const bool may_be_russian = default_region == "RU" || text.find('+') != std::string_view::npos;
  const NationalDigits plain = may_be_russian ? plain_russian(text) : NationalDigits{};
  if (!plain.is_found || !is_subscriber_code(plain.digits)) return parse_with_library(text, default_region);
  if (is_filler(plain.digits)) return invalid_input("the number is a filler of equal digits");
  return PhoneNumber::from_e164("+7" + std::string(plain.digits.begin(), plain.digits.end()));
}

NumberHome PhonePlan::home_of(const PhoneNumber& number) const {
  static const NumberTable without_ranges;
  const NumberHome home = (table_ ? *table_ : without_ranges).home_of(number);
  if (!home.country.empty() || !number.is_set()) return home;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  i18n::phonenumbers::PhoneNumber parsed;
  if (util.Parse(number.e164(), "ZZ", &parsed) != PhoneNumberUtil::NO_PARSING_ERROR) return home;
  NumberHome foreign;
  util.GetRegionCodeForNumber(parsed, &foreign.country);
  if (foreign.country == "ZZ") foreign.country.clear();
  return foreign;
}

}  // namespace dunlin
