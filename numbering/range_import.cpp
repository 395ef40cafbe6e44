#include "numbering/range_import.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <unordered_map>

#include "core/exchange/person_key.hpp"
#include "core/exchange/region_code.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_line_bytes = 4096;
constexpr std::size_t max_unknown_names = 200;
constexpr std::uint64_t numbers_per_code = 10'000'000;

/// Lower case without kinds of places: "г. Санкт-Петербург" and "Санкт-Петербург" are one, as are "обл." and
/// "область".
std::string fold_region(std::string_view name) {
  struct Short {
    std::string_view from;
    std::string_view to;
  };
  static constexpr std::array<Short, 8> shorts{{{"обл", "область"},
                                                {"респ", "республика"},
                                                {"г", ""},
                                                {"город", ""},
                                                {"ао", "автономный округ"},
                                                {"аобл", "автономная область"},
                                                {"кр", "край"},
                                                {"р", "республика"}}};
  std::string out;
  const std::string folded = fold_title(name);
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.find(' ', at), folded.size());
    std::string_view word = std::string_view(folded).substr(at, end - at);
    at = end + 1;
    for (const auto& entry : shorts) {
      if (word != entry.from) continue;
      word = entry.to;
      break;
    }
    if (!word.empty()) out += (out.empty() ? "" : " ") + std::string(word);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '"' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '"' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

class RegionIndex {
 public:
  explicit RegionIndex(const std::vector<RegionEntry>& regions) {
    for (const auto& region : regions) {
      by_name_.emplace(fold_region(region.name), region.code);
      for (const auto& alias : region.aliases) by_name_.emplace(fold_region(alias), region.code);
    }
  }

  /// Codes of all regions a name speaks of; empty when one of them is unknown. Remembers every spelling.
  const std::vector<std::string>& find(std::string_view name) {
    const auto known = seen_.find(std::string(name));
    if (known != seen_.end()) return known->second;
    return seen_.emplace(std::string(name), look_up(name)).first->second;
  }

 private:
  std::vector<std::string> look_up(std::string_view name) const {
    if (auto codes = whole_or_joined(name); !codes.empty()) return codes;
    // "г. Екатеринбург|Свердловская обл.": places from the small to the large.
    for (std::size_t bar = name.rfind('|'); bar != std::string_view::npos && bar > 0;
         bar = name.rfind('|', bar - 1)) {
      std::string_view part = name.substr(bar + 1);
      part = part.substr(0, part.find('|'));
      if (auto codes = whole_or_joined(part); !codes.empty()) return codes;
    }
    return whole_or_joined(name.substr(0, name.find('|')));
  }

  std::vector<std::string> whole_or_joined(std::string_view name) const {
    const std::string folded = fold_region(name);
    if (by_name_.empty()) return codes_by_stem(folded);
    if (const auto whole = by_name_.find(folded); whole != by_name_.end()) return {whole->second};
    static constexpr std::string_view joint = " и ";
    const std::size_t at = folded.find(joint);
    if (at == std::string::npos) return {};
    const auto first = by_name_.find(folded.substr(0, at));
    const auto second = by_name_.find(folded.substr(at + joint.size()));
    if (first == by_name_.end() || second == by_name_.end()) return {};
    return {first->second, second->second};
  }

  static std::vector<std::string> codes_by_stem(std::string_view folded) {
    static constexpr std::string_view joint = " и ";
    const std::size_t at = folded.find(joint);
    const bool is_joined = at != std::string_view::npos;
    const auto first = region_code(folded.substr(0, at));
    const auto second = is_joined ? region_code(folded.substr(at + joint.size())) : std::nullopt;
    if (!first || (is_joined && !second)) return {};
    if (!is_joined || *first == *second) return {*first};
    return {*first, *second};
  }

  std::unordered_map<std::string, std::string> by_name_;
  std::unordered_map<std::string, std::vector<std::string>> seen_;
};

Result<std::uint64_t> number_in(std::string_view text, std::uint64_t limit) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value >= limit)
    return invalid_input("a number is expected");
  return value;
}

struct RangeLine {
  RangeEntry entry;
  std::string_view region;
};

/// "301;2110000;2129999;20000;ПАО …;Республика Бурятия;…": code, first, last, capacity, operator, region.
Result<RangeLine> parse_line(std::string_view line) {
  std::array<std::string_view, 6> fields;
  std::size_t count = 0;
  while (count < fields.size()) {
    const std::size_t end = line.find(';');
    fields[count++] = trimmed(line.substr(0, end));
    if (end == std::string_view::npos) break;
    line = line.substr(end + 1);
  }
  if (count < fields.size())
    return invalid_input("six columns are expected: code, first, last, capacity, operator, region");
  const auto code = number_in(fields[0], 1000);
  const auto first = number_in(fields[1], numbers_per_code);
  const auto last = number_in(fields[2], numbers_per_code);
  if (!code || !first || !last || *code < 100)
    return invalid_input("code, first and last must be numbers of 3 and 7 digits");
  if (*first > *last) return invalid_input("the range ends before it begins");
  return RangeLine{{*code * numbers_per_code + *first, *code * numbers_per_code + *last, {}}, fields[5]};
}

}  // namespace

Result<RangeImport> import_ranges(std::string_view csv, const std::vector<RegionEntry>& regions) {
  RegionIndex index(regions);
  RangeImport result;
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  for (std::size_t number = 1; !csv.empty(); ++number) {
    const std::size_t end = csv.find('\n');
    const std::string_view line = trimmed(csv.substr(0, end));
    csv = end == std::string_view::npos ? std::string_view() : csv.substr(end + 1);
    const bool is_title = number == 1 && (line.empty() || line[0] < '0' || line[0] > '9');
    if (line.empty() || is_title) continue;
    if (line.size() > max_line_bytes)
      return invalid_input("line " + std::to_string(number) + " is longer than 4096 bytes");
    auto parsed = parse_line(line);
    if (!parsed) return invalid_input("line " + std::to_string(number) + ": " + parsed.error().detail);
    result.codes.insert(parsed->entry.first / numbers_per_code);
    parsed->entry.regions = index.find(parsed->region);
    if (!parsed->entry.regions.empty()) {
      result.ranges.push_back(std::move(parsed->entry));
      continue;
    }
    ++result.skipped_ranges;
    auto& unknown = result.unknown_regions;
    const std::string name(parsed->region);
    if (unknown.size() < max_unknown_names &&
        std::find(unknown.begin(), unknown.end(), name) == unknown.end())
      unknown.push_back(name);
  }
  return result;
}

std::string write_ranges(std::vector<RangeEntry> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const RangeEntry& a, const RangeEntry& b) { return a.first < b.first; });
  std::string text;
  for (const RangeEntry& range : ranges) {
    text += std::to_string(range.first) + ";" + std::to_string(range.last) + ";";
    for (const std::string& region : range.regions) text += (&region == range.regions.data() ? "" : ",") + region;
    text += '\n';
  }
  return text;
}

Result<std::vector<RangeEntry>> read_ranges(std::string_view text) {
  std::vector<RangeEntry> ranges;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const Error bad{Errc::corrupt, "line " + std::to_string(number) + " of the kept number ranges cannot be read"};
    if (end == std::string_view::npos) return bad;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t second = line.find(';');
    const std::size_t third = second == std::string_view::npos ? second : line.find(';', second + 1);
    if (third == std::string_view::npos || third + 1 >= line.size()) return bad;
    const auto first = number_in(line.substr(0, second), 10'000'000'000);
    const auto last = number_in(line.substr(second + 1, third - second - 1), 10'000'000'000);
    if (!first || !last || *first > *last) return bad;
    RangeEntry range{*first, *last, {}};
    for (std::string_view rest = line.substr(third + 1); !rest.empty();) {
      const std::size_t comma = rest.find(',');
      range.regions.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

std::vector<RangeEntry> replace_codes(std::vector<RangeEntry> known, const RangeImport& imported) {
  known.erase(std::remove_if(known.begin(), known.end(), [&imported](const RangeEntry& r) { return imported.codes.count(r.first / numbers_per_code) != 0; }),
              known.end());
  known.insert(known.end(), imported.ranges.begin(), imported.ranges.end());
  return known;
}

}  // namespace dunlin
