#pragma once
// Reads the regulator's number ranges: CSV files "АВС/ DEF;От;До;Емкость;Оператор;Регион;…" (UTF-8, with or
// without a byte order mark; further columns are ignored). Pure; runs on a blocking thread because the files
// are large.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "numbering/number_table.hpp"

namespace dunlin {

struct RangeImport {
  std::vector<RangeEntry> ranges;
  std::vector<std::string>
      unknown_regions;  ///< Distinct names without a RegionEntry, at most 200; their ranges are left out.
  std::size_t skipped_ranges = 0;
};

/// Errors name the line. `regions` give the names and aliases; "г. Екатеринбург|Свердловская обл." is tried
/// as a whole, then from its last part; "Москва и Московская область" becomes a range with both regions.
Result<RangeImport> import_ranges(std::string_view csv, const std::vector<RegionEntry>& regions);

}  // namespace dunlin
