#include "config/rule_loader.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <openssl/evp.h>

#include "config/rule_compiler.hpp"
#include "config/zone_data.hpp"

namespace dunlin {
namespace {

constexpr std::size_t most_rule_bytes = 4U << 20;
constexpr std::size_t most_rule_files = 200;

struct ParsedFile {
  std::string name;
  std::string sha256;
  TomlNode root;
  bool has(std::string_view table) const { return root.fields.find(table) != root.fields.end(); }
};

std::string sha256_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) return {};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

Result<std::vector<ParsedFile>> parse_files(std::vector<RuleFile> files) {
  std::sort(files.begin(), files.end(), [](const RuleFile& left, const RuleFile& right) { return left.name < right.name; });
  std::vector<ParsedFile> parsed;
  for (const RuleFile& file : files) {
    auto root = parse_toml(file.name, file.text);
    if (!root) return root.error();
    parsed.push_back({file.name, sha256_of(file.text), std::move(*root)});
    const ParsedFile& last = parsed.back();
    const bool is_known = last.has("pack") || last.has("calendar") || last.has("regions") || last.has("prefix") ||
                          last.has("operator");
    if (!is_known) {
      return invalid_input(file.name + ":1: file, field pack: one of [pack], [calendar], [regions], [[prefix]], "
                                       "[operator] is needed");
    }
  }
  return parsed;
}

Result<std::map<std::string, DayCalendar>> read_calendars(const std::vector<ParsedFile>& files) {
  std::map<std::string, DayCalendar> calendars;
  for (const ParsedFile& file : files) {
    if (!file.has("calendar")) continue;
    auto named = compile_calendar(file.name, file.root);
    if (!named) return named.error();
    if (!calendars.emplace(named->id, named->calendar).second) {
      return invalid_input(file.name + ":1: calendar, field id: " + named->id + " is loaded twice");
    }
  }
  return calendars;
}

/// The stricter of two packs' options: one set of options serves all packs.
std::optional<int> stricter(std::optional<int> left, std::optional<int> right, bool smaller_is_stricter) {
  if (!left || !right) return left ? left : right;
  return smaller_is_stricter ? std::min(*left, *right) : std::max(*left, *right);
}

void merge_options(OperatorOptions& into, const OperatorOptions& from) {
  into.strict_weekend = into.strict_weekend || from.strict_weekend;
  into.strict_rolling = into.strict_rolling || from.strict_rolling;
  into.tail_s = stricter(into.tail_s, from.tail_s, false);
  into.max_unanswered_day = stricter(into.max_unanswered_day, from.max_unanswered_day, true);
  into.max_unanswered_week = stricter(into.max_unanswered_week, from.max_unanswered_week, true);
  into.max_unanswered_month = stricter(into.max_unanswered_month, from.max_unanswered_month, true);
  into.unanswered_gap_s = stricter(into.unanswered_gap_s, from.unanswered_gap_s, false);
  into.next_number_gap_s = stricter(into.next_number_gap_s, from.next_number_gap_s, false);
}

Status add_pack(const ParsedFile& file, const std::map<std::string, DayCalendar>& calendars, RuleSet& rules) {
  auto compiled = compile_pack(file.name, file.root);
  if (!compiled) return compiled.error();
  LawPack& pack = compiled->pack;
  const std::string place = file.name + ":" + std::to_string(file.root.fields.find("pack")->second.line) + ": pack, field ";
  if (compiled->calendar != "none") {
    const auto calendar = calendars.find(compiled->calendar);
    if (calendar == calendars.end()) return invalid_input(place + "calendar: " + compiled->calendar + " is not loaded");
    pack.calendar = calendar->second;
    rules.calendar_version += (rules.calendar_version.empty() ? "" : " ") + pack.calendar.version;
  }
  for (const std::string& zone : pack.unknown_zones) {
    if (rules.zones->find(zone) == nullptr) {
      return invalid_input(place + "unknown_zones: \"" + zone + "\" is not a zone of tzdata");
    }
  }
  pack.sha256 = file.sha256;
  merge_options(rules.default_options, compiled->options);
  const std::string id = pack.id;
  if (!rules.packs.emplace(id, std::move(pack)).second) return invalid_input(place + "id: " + id + " is loaded twice");
  return Done{};
}

template <class Compile>
Status for_files_with(std::string_view table, const std::vector<ParsedFile>& files, RuleSet& rules, Compile compile) {
  for (const ParsedFile& file : files) {
    if (!file.has(table)) continue;
    if (auto status = compile(file.name, file.root, rules); !status) return status;
  }
  return Done{};
}

Result<RuleFile> read_one(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  RuleFile file{path.filename().string(), {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}};
  if (!stream.is_open() || stream.bad()) return Error{Errc::unavailable, "cannot read " + path.string()};
  if (file.text.size() > most_rule_bytes) return Error{Errc::exhausted, path.string() + " is larger than 4 MB"};
  return file;
}

}  // namespace

Result<std::vector<RuleFile>> read_rule_folder(const std::filesystem::path& folder) {
  std::error_code fault;
  std::filesystem::directory_iterator entries(folder, fault);
  if (fault) return Error{Errc::not_found, "cannot read the rule folder " + folder.string() + ": " + fault.message()};
  std::vector<RuleFile> files;
  for (; entries != std::filesystem::directory_iterator(); entries.increment(fault)) {
    if (entries->path().extension() != ".toml") continue;
    if (files.size() == most_rule_files) return Error{Errc::exhausted, "more than 200 files in " + folder.string()};
    auto file = read_one(entries->path());
    if (!file) return file.error();
    files.push_back(std::move(*file));
  }
  if (fault) return Error{Errc::unavailable, "cannot read the rule folder " + folder.string() + ": " + fault.message()};
  return files;
}

Result<std::shared_ptr<const RuleSet>> compile_rule_set(const std::vector<RuleFile>& files) {
  auto zones = load_zone_book();
  if (!zones) return zones.error();
  auto parsed = parse_files(files);
  if (!parsed) return parsed.error();
  auto rules = std::make_shared<RuleSet>();
  rules->zones = *zones;
  auto calendars = read_calendars(*parsed);
  if (!calendars) return calendars.error();
  std::string hashes;
  for (const ParsedFile& file : *parsed) {
    hashes += file.name + "=" + file.sha256 + "\n";
    if (!file.has("pack")) continue;
    if (auto status = add_pack(file, *calendars, *rules); !status) return status.error();
  }
  rules->version = sha256_of(hashes);
  if (rules->packs.empty()) return invalid_input("no law pack among the rule files");
  if (auto status = for_files_with("regions", *parsed, *rules, compile_regions); !status) return status.error();
  if (auto status = for_files_with("prefix", *parsed, *rules, compile_prefixes); !status) return status.error();
  if (auto status = for_files_with("operator", *parsed, *rules, apply_operator); !status) return status.error();
  return std::shared_ptr<const RuleSet>(std::move(rules));
}

Result<std::vector<RuleFile>> rule_files_of(const std::filesystem::path& folder) {
  std::vector<RuleFile> files = embedded_rule_files();
  if (!folder.empty()) {
    auto own = read_rule_folder(folder);
    if (!own) return own.error();
    for (RuleFile& file : *own) {
      const auto same = std::find_if(files.begin(), files.end(), [&](const RuleFile& f) { return f.name == file.name; });
      if (same == files.end()) files.push_back(std::move(file));
      else *same = std::move(file);
    }
  }
  return files;
}

Result<std::shared_ptr<const RuleSet>> load_rule_set(const std::filesystem::path& folder) {
  const auto files = rule_files_of(folder);
  if (!files) return files.error();
  return compile_rule_set(*files);
}

}  // namespace dunlin
