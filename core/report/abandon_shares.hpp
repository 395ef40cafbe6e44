#pragma once
// Shares of abandoned among the live calls of one campaign over the last 24 hours and 30 days, as the abandon rules of the
// law packs count them (UK-ABN-02: abandoned / (abandoned + passed to an agent)). Kept by hours: an hour that began within
// the period counts whole. Fixed size. Pure, no clock; times that go back count into their own hour.
#include <array>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/compliance/contact_vocabulary.hpp"

namespace dunlin {

class AbandonShares {
 public:
  /// A call a person answered: passed to an agent, or abandoned.
  void add(UtcTime at, bool is_abandoned);
  /// In thousandths of a percent, rounded up; unset while no live call is within the period.
  FactRates rates(UtcTime now) const;

 private:
  static constexpr std::int64_t hours_kept = 30 * 24 + 1;
  struct Hour {
    std::int64_t number = -1;  ///< Hours since 1970; -1 = empty.
    std::uint32_t live = 0;
    std::uint32_t abandoned = 0;
  };
  std::optional<int> share(std::int64_t first_hour, std::int64_t last_hour) const;

  std::array<Hour, hours_kept> hours_{};
};

}  // namespace dunlin
