#pragma once
// The door to libphonenumber: what people write becomes E.164, and E.164 gets its country.
// Thread-safe after construction (libphonenumber's util is a process-wide singleton with its own locks).
// Plain Russian numbers take a short way of our own (well under a microsecond); the rest costs about 15 µs.
#include <memory>
#include <string>
#include <string_view>

#include "core/base/phone_number.hpp"
#include "core/base/result.hpp"
#include "numbering/number_table.hpp"

namespace dunlin {

class PhonePlan : public NumberingPlan {
 public:
  /// Without a table every Russian number is known to be Russian and nothing more.
  explicit PhonePlan(std::shared_ptr<const NumberTable> table = nullptr);

  /// Errors are sentences without the number itself: "номер короче 10 цифр".
  Result<PhoneNumber> parse(std::string_view text, std::string_view default_region) const override;

  /// Region and zones; of foreign numbers only the country.
  NumberHome home_of(const PhoneNumber& number) const;

 private:
  std::shared_ptr<const NumberTable> table_;
};

}  // namespace dunlin
