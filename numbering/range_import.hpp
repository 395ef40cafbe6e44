#pragma once
// Reads the regulator's number ranges: CSV files "АВС/ DEF;От;До;Емкость;Оператор;Регион;…" (UTF-8, with or
// without a byte order mark; further columns are ignored). Pure; runs on a blocking thread because the files
// are large.
#include <cstddef>
#include <cstdint>
#include <set>
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
  std::set<std::uint64_t> codes;  ///< Three-digit codes the file speaks of, those of left-out ranges too.
};

/// Errors name the line. `regions` give the names and aliases, without any the names become ISO 3166-2 codes; "г. Екатеринбург|Свердловская обл." is tried
/// as a whole, then from its last part; "Москва и Московская область" becomes a range with both regions.
Result<RangeImport> import_ranges(std::string_view csv, const std::vector<RegionEntry>& regions);

/// Ranges as the store keeps them, a line each: "9120000000;9120099999;RU-SVE,RU-KGN". Sorted.
std::string write_ranges(std::vector<RangeEntry> ranges);
/// corrupt, with the line, for anything write_ranges() does not write.
Result<std::vector<RangeEntry>> read_ranges(std::string_view text);

/// The new file replaces everything known of the three-digit codes it speaks of; the regulator gives four files.
std::vector<RangeEntry> replace_codes(std::vector<RangeEntry> known, const RangeImport& imported);

}  // namespace dunlin
