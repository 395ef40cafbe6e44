#include "numbering/number_table.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

namespace dunlin {
namespace {

constexpr std::size_t max_ranges = 2'000'000;
constexpr std::size_t max_regions = 1'000;
constexpr std::size_t max_abc = 50'000;
constexpr std::uint64_t first_national = 1'000'000'000;
constexpr std::uint64_t last_national = 9'999'999'999;
constexpr std::size_t national_digits = 10;
constexpr std::size_t max_prefix_digits = 7;

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

/// One home for all of Kazakhstan: since 1 March 2024 the country keeps a single time.
const std::vector<std::string>& kazakh_zones() {
  static const std::vector<std::string> zones{"Asia/Almaty"};
  return zones;
}

}  // namespace

/// Collects the homes while the tables are read; equal homes share one place.
struct NumberTable::Builder {
  std::unordered_map<std::string, const RegionEntry*> regions;
  std::map<std::pair<std::vector<std::string>, std::vector<std::string>>, std::uint32_t> known;
  NumberTable table;

  Status add_regions(const std::vector<RegionEntry>& entries) {
    if (entries.size() > max_regions) return Error{Errc::exhausted, "more than 1000 regions"};
    for (const auto& entry : entries) {
      if (entry.code.empty() || entry.zones.empty())
        return invalid_input("region \"" + entry.name + "\" lacks a code or a zone");
      if (!regions.emplace(entry.code, &entry).second)
        return invalid_input("region \"" + entry.code + "\" is given twice");
    }
    return Done{};
  }

  Result<std::uint32_t> home_of(const std::vector<std::string>& codes,
                                const std::vector<std::string>& own_zones) {
    std::vector<std::string> zones = own_zones;
    for (const auto& code : codes) {
      const auto found = regions.find(code);
      if (found == regions.end()) return invalid_input("unknown region \"" + code + "\"");
      if (!own_zones.empty()) continue;
      for (const auto& zone : found->second->zones) add_once(zones, zone);
    }
    const auto [place, is_new] =
        known.emplace(std::pair(codes, zones), static_cast<std::uint32_t>(table.homes_.size()));
    if (is_new) table.homes_.push_back({codes, std::move(zones)});
    return place->second;
  }

  Status add_prefix(const AbcEntry& entry) {
    const std::string& text = entry.prefix;
    std::uint64_t digits = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), digits);
    const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (!is_number || text.size() < 3 || text.size() > max_prefix_digits)
      return invalid_input("bad area code \"" + text + "\"");
    const auto home = home_of(entry.regions, entry.zones);
    if (!home) return invalid_input("area code " + text + ": " + home.error().detail);
    table.prefixes_[text.size()].push_back({digits, *home});
    return Done{};
  }

  Status add_range(const RangeEntry& entry) {
    const std::string place = "range " + std::to_string(entry.first) + "-" + std::to_string(entry.last);
    if (entry.first < first_national || entry.last > last_national || entry.first > entry.last) {
      return invalid_input(place + ": two national numbers of ten digits in order are expected");
    }
    const auto home = home_of(entry.regions, {});
    if (!home) return invalid_input(place + ": " + home.error().detail);
    table.ranges_.push_back({entry.first, entry.last, *home});
    return Done{};
  }

  /// Sorts, joins neighbours of one home and refuses contradictions.
  Status settle() {
    auto& ranges = table.ranges_;
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> joined;
    for (const auto& range : ranges) {
      if (!joined.empty() && range.first <= joined.back().last && range.home != joined.back().home) {
        return invalid_input("ranges overlap with different homes at " + std::to_string(range.first));
      }
      if (!joined.empty() && range.home == joined.back().home && range.first <= joined.back().last + 1) {
        joined.back().last = std::max(joined.back().last, range.last);
      } else {
        joined.push_back(range);
      }
    }
    ranges = std::move(joined);
    for (auto& list : table.prefixes_) {
      std::sort(list.begin(), list.end(),
                [](const Prefix& a, const Prefix& b) { return a.digits < b.digits; });
      const auto twin = std::adjacent_find(
          list.begin(), list.end(), [](const Prefix& a, const Prefix& b) { return a.digits == b.digits; });
      if (twin != list.end())
        return invalid_input("area code " + std::to_string(twin->digits) + " is given twice");
    }
    return Done{};
  }
};

Result<NumberTable> NumberTable::build(NumberTableData data) {
  if (data.ranges.size() > max_ranges || data.abc.size() > max_abc)
    return Error{Errc::exhausted, "the numbering table is too long"};
  Builder builder;
  builder.table.prefixes_.resize(max_prefix_digits + 1);
  if (const auto status = builder.add_regions(data.regions); !status) return status.error();
  for (const auto& entry : data.abc) {
    if (const auto status = builder.add_prefix(entry); !status) return status.error();
  }
  for (const auto& entry : data.ranges) {
    if (const auto status = builder.add_range(entry); !status) return status.error();
  }
  if (const auto status = builder.settle(); !status) return status.error();
  return std::move(builder.table);
}

const NumberTable::Home* NumberTable::find(std::uint64_t national) const {
  const auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), national,
                       [](std::uint64_t number, const Range& range) { return number < range.first; });
  if (after != ranges_.begin() && national <= std::prev(after)->last) return &homes_[std::prev(after)->home];
  // The longest area code wins: parts of a region with a time of their own have longer codes.
  for (std::size_t length = prefixes_.size(); length-- > 3;) {
    std::uint64_t digits = national;
    for (std::size_t i = length; i < national_digits; ++i) digits /= 10;
    const auto& list = prefixes_[length];
    const auto found =
        std::lower_bound(list.begin(), list.end(), digits,
                         [](const Prefix& prefix, std::uint64_t wanted) { return prefix.digits < wanted; });
    if (found != list.end() && found->digits == digits) return &homes_[found->home];
  }
  return nullptr;
}

NumberHome NumberTable::home_of(const PhoneNumber& number) const {
  const std::string& text = number.e164();
  if (!text.starts_with("+7") || text.size() != national_digits + 2) return {};
  if (text[2] == '6' || text[2] == '7') return {"KZ", nullptr, &kazakh_zones()};
  std::uint64_t national = 0;
  std::from_chars(text.data() + 2, text.data() + text.size(), national);
  const Home* home = find(national);
  if (home == nullptr) return {"RU", nullptr, nullptr};
  return {"RU", &home->regions, &home->zones};
}

}  // namespace dunlin
