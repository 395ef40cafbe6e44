#include "cluster/event_envelope.hpp"

namespace dunlin {
namespace {

constexpr std::string_view type_prefix = "ru.dunlin.";
constexpr std::string_view type_version = ".v1";

/// The classic two-pointer match: on a mismatch the last star swallows one character more.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// The CloudEvents sequence extension wants texts whose order is the order of the numbers.
std::string padded(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 20 ? 20 - digits.size() : 0, '0') + digits;
}

}  // namespace

std::string_view family_of(std::string_view type) { return type.substr(0, type.find('.')); }

std::string full_type(std::string_view type) {
  return std::string(type_prefix) + std::string(type) + std::string(type_version);
}

nlohmann::ordered_json cloud_event(const EventEnvelope& event, const EventOrigin& origin) {
  nlohmann::ordered_json document = {{"specversion", "1.0"},
                                     {"id", event.id},
                                     {"source", "/dunlin/" + origin.tenant},
                                     {"type", full_type(event.type)},
                                     {"subject", event.subject},
                                     {"time", format_utc(event.time)},
                                     {"datacontenttype", "application/json"},
                                     {"tenant", origin.tenant}};
  if (!event.campaign.empty()) document["campaign"] = event.campaign;
  document["partitionkey"] = event.partition;
  document["sequence"] = padded(event.sequence);
  document["data"] = event.data;
  return document;
}

std::string to_line(const nlohmann::ordered_json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool matches_type(std::string_view pattern, std::string_view type) {
  return matches(pattern, type) || matches(pattern, full_type(type));
}

}  // namespace dunlin
