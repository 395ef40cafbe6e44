#include "config/field_table.hpp"

#include <charconv>

namespace dunlin {

Result<Duration> parse_span(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const bool is_number = fault == std::errc() && value > 0 && value <= 366 * 86'400;
  if (is_number && unit == "s") return seconds(value);
  if (is_number && unit == "m" && value <= 366 * 1440) return minutes(value);
  if (is_number && unit == "h" && value <= 366 * 24) return hours(value);
  if (is_number && unit == "d" && value <= 366) return days(value);
  return invalid_input("a time like \"90s\", \"15m\", \"2h\" or \"3d\" is needed, at most 366 days");
}

std::string span_text(Duration span) {
  if (span.ms % days(1).ms == 0) return std::to_string(span.ms / days(1).ms) + "d";
  if (span.ms % hours(1).ms == 0) return std::to_string(span.ms / hours(1).ms) + "h";
  if (span.ms % minutes(1).ms == 0) return std::to_string(span.ms / minutes(1).ms) + "m";
  return std::to_string(span.ms / 1000) + "s";
}

}  // namespace dunlin
