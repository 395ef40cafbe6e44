#include "core/case/told_times.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace dunlin {
namespace {

constexpr std::array<std::string_view, 7> weekday_names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::optional<int> two_digits(std::string_view text, int bound) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_read = text.size() == 2 && fault == std::errc() && end == text.data() + text.size();
  return is_read && value >= 0 && value < bound ? std::optional<int>(value) : std::nullopt;
}

/// "09:30" as seconds of the day.
std::optional<int> read_wall(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2), 24);
  const auto minute = two_digits(text.substr(3), 60);
  if (!hour || !minute) return std::nullopt;
  return *hour * 3600 + *minute * 60;
}

/// Calls `take` with every word between bars; false as soon as one is refused, and for an empty text.
template <class Take>
bool for_each_word(std::string_view text, Take take) {
  for (bool has_more = true; has_more;) {
    const std::size_t bar = text.find('|');
    has_more = bar != std::string_view::npos;
    if (!take(text.substr(0, bar))) return false;
    text.remove_prefix(has_more ? bar + 1 : text.size());
  }
  return true;
}

std::optional<std::uint8_t> read_weekdays(std::string_view text) {
  unsigned bits = 0;
  const bool is_read = for_each_word(text, [&bits](std::string_view word) {
    const auto* day = std::find(weekday_names.begin(), weekday_names.end(), word);
    if (day == weekday_names.end()) return false;
    bits |= 1U << static_cast<unsigned>(day - weekday_names.begin());
    return true;
  });
  return is_read ? std::optional<std::uint8_t>(static_cast<std::uint8_t>(bits)) : std::nullopt;
}

/// Who excludes the phone excludes every kind of call.
std::optional<ChannelSet> read_channels(std::string_view text) {
  ChannelSet channels;
  const bool is_read = for_each_word(text, [&channels](std::string_view word) {
    const auto channel = word == "phone" ? std::optional<Channel>(Channel::call) : parse_channel(word);
    if (!channel) return false;
    channels.add(*channel);
    if (*channel == Channel::call) channels.add(Channel::robot_call).add(Channel::voice_message);
    return true;
  });
  return is_read ? std::optional<ChannelSet>(channels) : std::nullopt;
}

}  // namespace

std::optional<ToldLimits> parse_told(std::string_view flag_name) {
  const std::size_t equals = flag_name.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view name = flag_name.substr(0, equals);
  const std::string_view value = flag_name.substr(equals + 1);
  ToldLimits told;
  if (name == "not_before" || name == "inconvenient_before") {
    told.times.not_before_s = read_wall(value);
    if (told.times.not_before_s) return told;
  } else if (name == "not_after" || name == "inconvenient_after") {
    told.times.not_after_s = read_wall(value);
    if (told.times.not_after_s) return told;
  } else if (name == "inconvenient_dow") {
    const auto days_closed = read_weekdays(value);
    if (days_closed) {
      told.times.closed_weekdays = *days_closed;
      return told;
    }
  } else if (name == "optout") {
    const auto channels = read_channels(value);
    if (channels) {
      told.opted_out = *channels;
      return told;
    }
  }
  return std::nullopt;
}

StatedTimes stricter_of(const StatedTimes& left, const StatedTimes& right) {
  StatedTimes both;
  both.closed_weekdays = static_cast<std::uint8_t>(left.closed_weekdays | right.closed_weekdays);
  both.not_before_s = std::max(left.not_before_s, right.not_before_s);  // Unset is less than every value.
  both.not_after_s = left.not_after_s ? left.not_after_s : right.not_after_s;
  if (left.not_after_s && right.not_after_s) both.not_after_s = std::min(*left.not_after_s, *right.not_after_s);
  return both;
}

}  // namespace dunlin
