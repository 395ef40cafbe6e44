#include "config/law_case.hpp"

#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace dunlin {
namespace {

constexpr std::size_t most_history = 100'000;
constexpr int seconds_per_minute = 60;

Error bad_word(std::string_view what, std::string_view word) {
  return invalid_input(std::string(what) + " \"" + std::string(word.substr(0, 60)) + "\" is not known");
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<int> read_integer(std::string_view text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// "14:00" or "14:00:00" as seconds of the day.
std::optional<int> read_wall(std::string_view text) {
  const auto parts = split_words(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  constexpr std::array<int, 3> bounds{24, 60, 60};
  int seconds_of_day = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto value = i < parts.size() ? read_integer(parts[i]) : std::optional<int>(0);
    if (!value || *value >= bounds[i]) return std::nullopt;
    seconds_of_day = seconds_of_day * seconds_per_minute + *value;
  }
  return seconds_of_day;
}

/// "3.1" percent as thousandths of a percent, without floating point.
std::optional<int> read_percent(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto whole = read_integer(text.substr(0, dot));
  if (!whole || *whole > 100) return std::nullopt;
  int thousandths = 0;
  if (dot != std::string_view::npos) {
    std::string digits(text.substr(dot + 1));
    if (digits.empty() || digits.size() > 3) return std::nullopt;
    digits.resize(3, '0');
    const auto value = read_integer(digits);
    if (!value) return std::nullopt;
    thousandths = *value;
  }
  return *whole * 1000 + thousandths;
}

std::optional<Channel> channel_word(std::string_view word) {
  static const std::map<std::string_view, Channel> aliases{
      {"meeting", Channel::visit}, {"letter", Channel::post},          {"mail", Channel::post},
      {"text", Channel::sms},      {"voicemail", Channel::voice_message}};
  const auto alias = aliases.find(word);
  return alias == aliases.end() ? parse_channel(word) : std::optional<Channel>(alias->second);
}

std::optional<Counterparty> counterparty_word(std::string_view word) {
  static const std::map<std::string_view, Counterparty> aliases{
      {"pledgor", Counterparty::guarantor},    {"cohabitant", Counterparty::relative},
      {"family", Counterparty::relative},      {"spouse", Counterparty::relative},
      {"neighbour", Counterparty::third_party}, {"neighbor", Counterparty::third_party},
      {"colleague", Counterparty::third_party}, {"employer", Counterparty::third_party},
      {"attorney", Counterparty::representative}, {"advocate", Counterparty::representative}};
  const auto alias = aliases.find(word);
  return alias == aliases.end() ? parse_counterparty(word) : std::optional<Counterparty>(alias->second);
}

std::optional<ContactResult> result_word(std::string_view word) {
  static const std::map<std::string_view, ContactResult> aliases{
      {"inbound_talked", ContactResult::inbound},
      {"inbound_call", ContactResult::inbound},
      {"inbound_message", ContactResult::inbound},
      {"inbound_missed", ContactResult::inbound_unanswered},
      {"inbound_no_answer", ContactResult::inbound_unanswered},
      {"inbound_abandoned", ContactResult::inbound_unanswered},
      {"failed", ContactResult::network_failure}};
  const auto alias = aliases.find(word);
  return alias == aliases.end() ? parse_contact_result(word) : std::optional<ContactResult>(alias->second);
}

/// One item of the history: "2026-03-04T09:00:00+03:00 call talked debt=A".
Result<ContactFact> read_history_item(std::string_view item, std::uint64_t attempt) {
  const auto words = split_words(item, ' ');
  if (words.size() < 3) return bad_word("history item", item);
  const auto at = parse_utc(words[0]);
  if (!at) return at.error();
  const auto channel = channel_word(words[1]);
  if (!channel) return bad_word("channel", words[1]);
  const auto result = result_word(words[2]);
  if (!result) return bad_word("outcome", words[2]);
  ContactFact fact;
  fact.at = *at;
  fact.channel = *channel;
  fact.result = *result;
  fact.attempt = attempt;
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string_view key = words[i].substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : words[i].substr(equals + 1);
    if (value.empty()) return bad_word("history key", words[i]);
    if (key == "debt") fact.debt = contact_key(value);
    else if (key == "to") fact.party = contact_key(value);
    else if (key == "num") fact.number = contact_key(value);
    else return bad_word("history key", words[i]);
  }
  return fact;
}

bool add_weekdays(std::string_view value, StatedTimes& stated) {
  static const std::map<std::string_view, int> days{{"Mon", 0}, {"Tue", 1}, {"Wed", 2}, {"Thu", 3},
                                                    {"Fri", 4}, {"Sat", 5}, {"Sun", 6}};
  const char separator = value.find('|') != std::string_view::npos ? '|' : ',';
  for (const std::string_view word : split_words(value, separator)) {
    const auto day = days.find(word);
    if (day == days.end()) return false;
    stated.closed_weekdays = static_cast<std::uint8_t>(stated.closed_weekdays | 1U << day->second);
  }
  return stated.closed_weekdays != 0;
}

/// Who excludes the phone excludes every kind of call.
bool add_optouts(std::string_view value, ChannelSet& opted_out) {
  const char separator = value.find('|') != std::string_view::npos ? '|' : ',';
  for (const std::string_view word : split_words(value, separator)) {
    const auto channel = word == "phone" ? std::optional<Channel>(Channel::call) : channel_word(word);
    if (!channel) return false;
    opted_out.add(*channel);
    if (*channel == Channel::call) opted_out.add(Channel::robot_call).add(Channel::voice_message);
  }
  return !opted_out.is_empty();
}

bool set_agreement(std::string_view value, std::optional<AgreedFrequency>& agreed) {
  const auto parts = split_words(value, '/');
  if (parts.size() != 3) return false;
  const auto day = read_integer(parts[0]);
  const auto week = read_integer(parts[1]);
  const auto month = read_integer(parts[2]);
  if (!day || !week || !month) return false;
  agreed = AgreedFrequency{*day, *week, *month};
  return true;
}

bool set_integer(std::string_view value, std::optional<int>& into) {
  into = read_integer(value);
  return into.has_value();
}

bool set_wall(std::string_view value, std::optional<int>& into) {
  into = read_wall(value);
  return into.has_value();
}

bool set_delivery(std::string_view value, ContactQuery& query) {
  const auto at = parse_utc(value);
  if (at) query.expected_delivery = *at;
  return at.ok();
}

bool set_organisation(std::string_view value, ContactQuery& query) {
  const auto organisation = parse_organisation(value == "mfo" ? "microfinance" : value);
  if (organisation) query.organisation = *organisation;
  return organisation.has_value();
}

void add_regions(std::string_view value, PersonFacts& person) {
  for (const std::string_view region : split_words(value, '|')) person.regions.emplace_back(region);
}

using SetFlag = std::function<bool(std::string_view, LawCase&)>;

/// Flags with a value that are neither dates nor rates of a person.
const std::map<std::string_view, SetFlag>& valued_flags() {
  static const std::map<std::string_view, SetFlag> flags{
      {"policy_max_unanswered_day", [](auto v, LawCase& c) { return set_integer(v, c.options.max_unanswered_day); }},
      {"policy_max_unanswered_week", [](auto v, LawCase& c) { return set_integer(v, c.options.max_unanswered_week); }},
      {"policy_max_unanswered_month", [](auto v, LawCase& c) { return set_integer(v, c.options.max_unanswered_month); }},
      {"policy_unanswered_gap_s", [](auto v, LawCase& c) { return set_integer(v, c.options.unanswered_gap_s); }},
      {"policy_next_number_gap_s", [](auto v, LawCase& c) { return set_integer(v, c.options.next_number_gap_s); }},
      {"policy_tail_s", [](auto v, LawCase& c) { return set_integer(v, c.options.tail_s); }},
      {"agreement_calls", [](auto v, LawCase& c) { return set_agreement(v, c.query.person.agreed_calls); }},
      {"agreement_messages", [](auto v, LawCase& c) { return set_agreement(v, c.query.person.agreed_messages); }},
      {"expected_delivery", [](auto v, LawCase& c) { return set_delivery(v, c.query); }},
      {"region", [](auto v, LawCase& c) { return add_regions(v, c.query.person), true; }},
      {"phone", [](auto v, LawCase& c) { return c.query.person.phone_e164 = std::string(v), true; }},
      {"inconvenient_dow", [](auto v, LawCase& c) { return add_weekdays(v, c.query.person.stated_times); }},
      {"inconvenient_after", [](auto v, LawCase& c) { return set_wall(v, c.query.person.stated_times.not_after_s); }},
      {"inconvenient_before", [](auto v, LawCase& c) { return set_wall(v, c.query.person.stated_times.not_before_s); }},
      {"not_before", [](auto v, LawCase& c) { return set_wall(v, c.query.person.stated_times.not_before_s); }},
      {"not_after", [](auto v, LawCase& c) { return set_wall(v, c.query.person.stated_times.not_after_s); }},
      {"optout", [](auto v, LawCase& c) { return add_optouts(v, c.query.person.opted_out); }},
      {"organisation", [](auto v, LawCase& c) { return set_organisation(v, c.query); }},
      {"ring_s", [](auto v, LawCase& c) { return set_integer(v, c.query.ring_timeout_s); }},
      {"debt", [](auto v, LawCase& c) { return c.query.debt = contact_key(v), true; }},
      {"to", [](auto v, LawCase& c) { return c.query.party = contact_key(v), true; }},
      {"num", [](auto v, LawCase& c) { return c.query.number = contact_key(v), true; }},
  };
  return flags;
}

bool set_rate(FactRate rate, std::string_view value, ContactQuery& query) {
  auto& slot = query.rates[static_cast<std::size_t>(rate)];
  slot = read_percent(value);
  return slot.has_value();
}

bool set_date(FactDate which, std::string_view value, PersonFacts& person) {
  const auto date = parse_date(value);
  if (!date) return false;
  person.set_date(which, *date);
  if (which == FactDate::direct_consent_at) person.facts.add(Fact::direct_consent);
  return true;
}

Status read_valued_flag(std::string_view name, std::string_view value, LawCase& law_case) {
  bool is_read = false;
  const auto valued = valued_flags().find(name);
  const auto date = parse_fact_date(name);
  const auto rate = parse_fact_rate(name);
  if (value.empty()) return bad_word("flag without value", name);
  if (valued != valued_flags().end()) is_read = valued->second(value, law_case);
  else if (date) is_read = set_date(*date, value, law_case.query.person);
  else if (rate) is_read = set_rate(*rate, value, law_case.query);
  else return bad_word("flag", name);
  if (!is_read) return invalid_input("flag " + std::string(name) + " has a value that cannot be read");
  return Done{};
}

Status read_bare_flag(std::string_view word, LawCase& law_case) {
  if (word == "strict_weekend") {
    law_case.options.strict_weekend = true;
  } else if (word == "strict_rolling") {
    law_case.options.strict_rolling = true;
  } else if (word == "prerecorded_oneway") {
    if (law_case.query.channel != Channel::robot_call && law_case.query.channel != Channel::voice_message) {
      return invalid_input("flag prerecorded_oneway contradicts the channel");
    }
    law_case.query.channel = Channel::voice_message;
  } else if (const auto fact = parse_fact(word)) {
    law_case.query.facts.add(*fact);
  } else {
    return bad_word("flag", word);
  }
  return Done{};
}

Status read_flags(std::string_view cell, LawCase& law_case) {
  std::map<std::string_view, std::string_view> seen;
  for (const std::string_view flag : split_words(cell, ';')) {
    const std::size_t equals = flag.find('=');
    const std::string_view name = trim(flag.substr(0, equals));
    const bool is_new = seen.emplace(name, flag).second;
    if (!is_new && seen[name] != flag) return invalid_input("flag " + std::string(name) + " is given twice");
    if (!is_new) continue;
    const Status status = equals == std::string_view::npos
                              ? read_bare_flag(name, law_case)
                              : read_valued_flag(name, trim(flag.substr(equals + 1)), law_case);
    if (!status) return status;
  }
  return Done{};
}

Status read_history(std::string_view cell, ContactHistory& history) {
  std::uint64_t attempt = 0;
  for (const std::string_view item : split_words(cell, ';')) {
    if (attempt == most_history) return Error{Errc::exhausted, "history has more than 100000 items"};
    const auto fact = read_history_item(item, ++attempt);
    if (!fact) return fact.error();
    history.append(*fact);
  }
  return Done{};
}

}  // namespace

std::vector<std::string_view> split_words(std::string_view text, char separator) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    const std::string_view word = trim(text.substr(0, end));
    if (!word.empty()) words.push_back(word);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return words;
}

Result<LawCase> read_law_case(const LawCaseCells& cells) {
  LawCase law_case;
  ContactQuery& query = law_case.query;
  for (const std::string_view pack : split_words(cells.jurisdiction, '|')) query.person.jurisdictions.emplace_back(pack);
  for (const std::string_view zone : split_words(cells.local_zone, '|')) query.person.zones.emplace_back(zone);
  const auto at = parse_utc(trim(cells.attempt_at));
  if (!at) return at.error();
  query.at = *at;
  const auto channel = channel_word(trim(cells.channel));
  if (!channel) return bad_word("channel", cells.channel);
  query.channel = *channel;
  const auto counterparty = counterparty_word(trim(cells.counterparty));
  if (!counterparty) return bad_word("counterparty", cells.counterparty);
  query.counterparty = *counterparty;
  if (trim(cells.counterparty) == "spouse") query.facts.add(Fact::spouse);
  if (auto status = read_flags(cells.flags, law_case); !status) return status.error();
  if (auto status = read_history(cells.history, law_case.history); !status) return status.error();
  return law_case;
}

}  // namespace dunlin
