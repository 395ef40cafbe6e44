#pragma once
// A phone number in E.164. Made only through a NumberingPlan, so that an unparsed text cannot be dialed.
// No plain formatter: logging shows the mask; e164() is for the wire and the vault only.
#include <compare>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

class PhoneNumber {
 public:
  PhoneNumber() = default;

  /// "+79120001122": a plus and 7 to 15 digits (ITU-T E.164). Anything else is an error.
  static Result<PhoneNumber> from_e164(std::string_view text);

  const std::string& e164() const { return e164_; }
  /// "+7912***1122": what logs and screens show.
  std::string masked() const;
  bool is_set() const { return !e164_.empty(); }
  auto operator<=>(const PhoneNumber&) const = default;

 private:
  std::string e164_;
};

/// The world's phone numbers, as far as a row or a rule must understand them. Implemented by numbering/.
class NumberingPlan {
 public:
  virtual ~NumberingPlan() = default;
  /// Reads what people write ("8 (912) 000-11-22") as a number of the given region ("RU"). Errors say what is wrong.
  virtual Result<PhoneNumber> parse(std::string_view text, std::string_view default_region) const = 0;
};

}  // namespace dunlin
