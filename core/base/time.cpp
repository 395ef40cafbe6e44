#include "core/base/time.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace dunlin {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0); }

bool read_number(std::string_view text, std::size_t from, std::size_t count, int& out) {
  if (text.size() < from + count) return false;
  const char* begin = text.data() + from;
  for (std::size_t i = 0; i < count; ++i) {
    if (begin[i] < '0' || begin[i] > '9') return false;
  }
  return std::from_chars(begin, begin + count, out).ec == std::errc();
}

Error bad_time(std::string_view text) {
  return invalid_input("time must look like 2026-11-24T11:00:00+03:00, got \"" + std::string(text.substr(0, 40)) + "\"");
}

/// Offset in minutes from "Z", "+03:00" or "-05:30"; false when the text is anything else.
bool read_offset(std::string_view text, int& minutes_east) {
  if (text == "Z" || text == "z") {
    minutes_east = 0;
    return true;
  }
  int h = 0;
  int m = 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !read_number(text, 1, 2, h) || !read_number(text, 4, 2, m)) {
    return false;
  }
  if (h > 23 || m > 59) return false;
  minutes_east = (h * 60 + m) * (text[0] == '-' ? -1 : 1);
  return true;
}

/// Reads an optional ".123456" and moves `position` behind it; keeps milliseconds.
int read_fraction_ms(std::string_view text, std::size_t& position) {
  if (position >= text.size() || text[position] != '.') return 0;
  int ms = 0;
  int scale = 100;
  for (++position; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position) {
    ms += (text[position] - '0') * scale;
    scale /= 10;
  }
  return ms;
}

}  // namespace

std::int64_t days_from_civil(CivilDate date) {
  const int y = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_div(y, 400);
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(std::int64_t days_since_epoch) {
  const std::int64_t z = days_since_epoch + 719468;
  const std::int64_t era = floor_div(z, 146097);
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t mp = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  const int year = static_cast<int>(year_of_era + era * 400) + (month <= 2 ? 1 : 0);
  return {year, month, static_cast<int>(day_of_year - (153 * mp + 2) / 5 + 1)};
}

bool is_valid(CivilDate date) {
  if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) return false;
  return civil_from_days(days_from_civil(date)) == date;
}

std::string format_date(CivilDate date) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", date.year % 10000, date.month % 100, date.day % 100);
  return text.data();
}

Result<CivilDate> parse_date(std::string_view iso_text) {
  CivilDate date;
  const bool is_shaped = iso_text.size() == 10 && iso_text[4] == '-' && iso_text[7] == '-' && read_number(iso_text, 0, 4, date.year) &&
                         read_number(iso_text, 5, 2, date.month) && read_number(iso_text, 8, 2, date.day);
  if (!is_shaped || !is_valid(date)) return invalid_input("date must look like 2026-11-24, got \"" + std::string(iso_text.substr(0, 40)) + "\"");
  return date;
}

std::string format_utc(UtcTime time) {
  const std::int64_t day = floor_div(time.ms, ms_per_day);
  const std::int64_t in_day = time.ms - day * ms_per_day;
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "T%02d:%02d:%02d.%03dZ", static_cast<int>(in_day / 3'600'000), static_cast<int>(in_day / 60'000 % 60),
                static_cast<int>(in_day / 1000 % 60), static_cast<int>(in_day % 1000));
  return format_date(civil_from_days(day)) + text.data();
}

Result<UtcTime> parse_utc(std::string_view text) {
  int h = 0;
  int m = 0;
  int s = 0;
  if (text.size() < 17 || (text[10] != 'T' && text[10] != ' ') || text[13] != ':') return bad_time(text);
  const auto date = parse_date(text.substr(0, 10));
  if (!date || !read_number(text, 11, 2, h) || !read_number(text, 14, 2, m)) return bad_time(text);
  std::size_t position = 16;
  if (text[position] == ':') {
    if (!read_number(text, 17, 2, s)) return bad_time(text);
    position = 19;
  }
  const int fraction_ms = read_fraction_ms(text, position);
  int offset_minutes = 0;
  if (h > 23 || m > 59 || s > 59 || !read_offset(text.substr(position), offset_minutes)) return bad_time(text);
  const std::int64_t in_day = ((h * 60 + m - offset_minutes) * 60LL + s) * 1000 + fraction_ms;
  return UtcTime{days_from_civil(*date) * ms_per_day + in_day};
}

}  // namespace dunlin
