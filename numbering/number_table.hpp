#pragma once
// Where a Russian number lives: region and time zones by area code (ABC) and by the regulator's number ranges
// (DEF). Built once from plain values (the law package and the range files give them), then immutable and
// shared by threads. Look-up: two binary searches, under a microsecond, no allocation.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/phone_number.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// A subject of the federation as the tables know it.
struct RegionEntry {
  std::string code;                  ///< "66", "RU-SVE": whatever the law package uses; unique.
  std::string name;                  ///< "Свердловская область".
  std::vector<std::string> aliases;  ///< Other spellings of range files: "Свердловская обл.".
  std::vector<std::string> zones;    ///< IANA names, all that are used in the region.
};

/// An area code, or the first digits of one with a sub-zone: "343", "8142", "41144".
struct AbcEntry {
  std::string prefix;                ///< 3 to 7 digits behind +7.
  std::vector<std::string> regions;  ///< Codes of RegionEntry.
  std::vector<std::string> zones;  ///< Narrower than the region's when known; empty takes the regions' zones.
};

/// Consecutive national numbers (ten digits) of one home.
struct RangeEntry {
  std::uint64_t first = 0;
  std::uint64_t last = 0;            ///< Inclusive.
  std::vector<std::string> regions;  ///< Codes of RegionEntry.
  bool operator==(const RangeEntry&) const = default;
};

struct NumberTableData {
  std::vector<RegionEntry> regions;
  std::vector<AbcEntry> abc;
  std::vector<RangeEntry> ranges;
};

/// Valid as long as the table. Empty zones: nothing is known, only hours legal everywhere may be used.
struct NumberHome {
  std::string country;                                ///< ISO 3166: "RU", "KZ"; empty when unknown.
  const std::vector<std::string>* regions = nullptr;  ///< Codes; null when unknown.
  const std::vector<std::string>* zones = nullptr;    ///< IANA names; null when unknown.
};

class NumberTable {
 public:
  NumberTable() = default;
  /// invalid_input names the entry: an unknown region, a bad prefix, an inverted range, ranges that overlap
  /// with different homes. exhausted beyond 2 million ranges.
  static Result<NumberTable> build(NumberTableData data);

  /// +7 numbers by the tables (+76 and +77 are Kazakhstan); anything else has an empty home.
  NumberHome home_of(const PhoneNumber& number) const;
  std::size_t range_count() const { return ranges_.size(); }

 private:
  struct Home {
    std::vector<std::string> regions;
    std::vector<std::string> zones;
  };
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint32_t home = 0;
  };
  struct Prefix {
    std::uint64_t digits = 0;
    std::uint32_t home = 0;
  };
  struct Builder;

  const Home* find(std::uint64_t national) const;

  std::vector<Home> homes_;
  std::vector<Range> ranges_;
  std::vector<std::vector<Prefix>> prefixes_;  ///< By length of the prefix, 0 to 7; sorted by digits.
};

}  // namespace dunlin
