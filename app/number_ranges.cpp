#include "app/number_ranges.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr const char* ranges_kind = "number_ranges";
constexpr const char* document_id = "table";
constexpr std::uintmax_t most_bytes = 256U << 20;

Result<std::vector<RangeEntry>> kept_ranges(const Documents& documents) {
  const auto document = documents.get(ranges_kind, document_id);
  if (!document) return document.error();
  if (!document->has_value()) return std::vector<RangeEntry>();
  return read_ranges((*document)->bytes);
}

Result<NumberTable> table_of(std::vector<RangeEntry> ranges, const RuleSet& rules) {
  NumberTableData data;
  for (const auto& [code, zones] : rules.region_zones) data.regions.push_back({code, code, {}, zones});
  data.ranges = std::move(ranges);
  return NumberTable::build(std::move(data));
}

}  // namespace

Result<RangeReport> import_number_file(Documents& documents, const RuleSet& rules, const std::filesystem::path& file) {
  std::error_code fault;
  const auto size = std::filesystem::file_size(file, fault);
  std::ifstream stream(file, std::ios::binary);
  if (fault || !stream) return Error{Errc::not_found, "cannot read " + file.string()};
  if (size > most_bytes) return Error{Errc::exhausted, file.string() + " is larger than 256 MB"};
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  auto imported = import_ranges(text, {});
  if (!imported) return Error{imported.error().code, file.string() + ": " + imported.error().detail};
  auto known = kept_ranges(documents);
  if (!known) return known.error();
  const std::vector<RangeEntry> all = replace_codes(std::move(*known), *imported);
  const auto table = table_of(all, rules);
  if (!table) return Error{table.error().code, file.string() + ": " + table.error().detail};
  const auto written = documents.put_and_wait({ranges_kind, document_id, write_ranges(all), std::nullopt});
  if (!written) return written.error();
  return RangeReport{imported->ranges.size(), imported->skipped_ranges, std::move(imported->unknown_regions), all.size()};
}

Status NumberDesk::load(const Documents& documents, const RuleSet& rules) {
  auto ranges = kept_ranges(documents);
  if (!ranges) return ranges.error();
  // A region may have left the region table since: its numbers are of unknown place, so the strictest hours hold.
  const std::size_t kept = ranges->size();
  const auto is_unknown = [&rules](const std::string& code) { return rules.region_zones.count(code) == 0; };
  ranges->erase(std::remove_if(ranges->begin(), ranges->end(),
                               [&](const RangeEntry& r) { return std::any_of(r.regions.begin(), r.regions.end(), is_unknown); }),
                ranges->end());
  if (ranges->size() < kept) log_warn("numbering", "ranges_left_out", "{} ranges name a region without zones", kept - ranges->size());
  auto table = table_of(std::move(*ranges), rules);
  if (!table) return table.error();
  table_.store(std::make_shared<const NumberTable>(std::move(*table)));
  return Done{};
}

std::vector<std::string> NumberDesk::regions_of(const PhoneNumber& number) const {
  const auto table = table_.load();
  if (table == nullptr) return {};
  const NumberHome home = table->home_of(number);
  return home.regions == nullptr ? std::vector<std::string>() : *home.regions;
}

}  // namespace dunlin
