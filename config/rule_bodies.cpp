#include <array>
#include <utility>

#include "config/rule_compiler.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t longest_period_s = 366LL * 86'400;
constexpr std::int64_t most_contacts = 10'000;
constexpr int all_weekdays = 0x7f;

template <class E, std::size_t N, class Parse>
EnumSet<E, N> read_set(FieldReader& fields, std::string_view name, Parse parse) {
  EnumSet<E, N> set;
  for (const std::string& word : fields.texts_or_none(name)) {
    const auto value = parse(word);
    if (value) set.add(*value);
    else fields.fail(name, "\"" + word + "\" is not known");
  }
  return set;
}

/// A word out of a short list, by its index.
template <class E, std::size_t N>
E read_word(FieldReader& fields, std::string_view name, const std::array<std::pair<std::string_view, E>, N>& words) {
  const std::string word = fields.text(name);
  for (const auto& [text, value] : words) {
    if (text == word) return value;
  }
  fields.fail(name, "\"" + word + "\" is not known");
  return words.front().second;
}

std::uint8_t read_weekdays(FieldReader& fields) {
  constexpr std::array<std::string_view, 7> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  if (!fields.has("weekdays")) return all_weekdays;
  unsigned bits = 0;
  for (const std::string& word : fields.texts("weekdays")) {
    std::size_t day = 0;
    while (day < names.size() && names[day] != word) ++day;
    if (day == names.size()) fields.fail("weekdays", "\"" + word + "\" is not a weekday");
    else bits |= 1U << day;
  }
  if (bits == 0) fields.fail("weekdays", "must name a day");
  return static_cast<std::uint8_t>(bits);
}

RuleBody window_body(FieldReader& fields) {
  CallingWindow window;
  window.day_types = read_set<DayType, day_type_count>(fields, "day_types", parse_day_type);
  if (window.day_types.is_empty()) fields.fail("day_types", "must name a type of day");
  window.weekdays = read_weekdays(fields);
  if (fields.boolean_or("closed", false)) {
    if (fields.has("open") || fields.has("close")) fields.fail("closed", "a closed day has no hours");
    return window;
  }
  window.open_s = fields.second_of_day("open");
  window.close_s = fields.second_of_day("close");
  if (window.open_s >= window.close_s) fields.fail("close", "must be later than open");
  return window;
}

constexpr std::array<std::pair<std::string_view, Period>, 6> period_words{{{"day", Period::day},
                                                                           {"week", Period::week},
                                                                           {"month", Period::month},
                                                                           {"rolling", Period::rolling},
                                                                           {"dates", Period::dates},
                                                                           {"lifetime", Period::lifetime}}};
constexpr std::array<std::pair<std::string_view, OptionValue>, 3> limit_words{
    {{"max_unanswered_day", OptionValue::max_unanswered_day},
     {"max_unanswered_week", OptionValue::max_unanswered_week},
     {"max_unanswered_month", OptionValue::max_unanswered_month}}};
constexpr std::array<std::pair<std::string_view, OptionValue>, 2> seconds_words{
    {{"unanswered_gap_s", OptionValue::unanswered_gap_s}, {"next_number_gap_s", OptionValue::next_number_gap_s}}};
constexpr std::array<std::pair<std::string_view, Agreement>, 2> agreement_words{
    {{"calls", Agreement::calls}, {"messages", Agreement::messages}}};

RuleBody frequency_body(FieldReader& fields, const PackNames& names) {
  FrequencyRule rule;
  rule.pool = read_pool(fields, "pool", names);
  rule.period = read_word(fields, "period", period_words);
  if (rule.period == Period::rolling) rule.length = fields.integer("length_s", 1, longest_period_s);
  if (rule.period == Period::dates) rule.length = fields.integer("length_days", 1, 366);
  if (fields.has("limit_option")) rule.limit_option = read_word(fields, "limit_option", limit_words);
  else rule.limit = static_cast<int>(fields.integer("limit", 0, most_contacts));
  rule.is_per_debt = fields.boolean_or("per_debt", false);
  rule.requires_facts = read_facts(fields, "requires_facts");
  rule.exempt_facts = read_facts(fields, "exempt_facts");
  if (fields.has("agreement")) {
    rule.agreement = read_word(fields, "agreement", agreement_words);
    rule.agreement_period = rule.period;
    const bool has_number = rule.period == Period::day || rule.period == Period::week || rule.period == Period::month;
    if (!has_number) fields.fail("agreement", "an agreement has numbers for a day, a week and a month only");
  }
  rule.can_reply = fields.boolean_or("can_reply", false);
  rule.uses_direct_consent = fields.boolean_or("uses_direct_consent", false);
  rule.skips_consented = fields.boolean_or("skips_consented", false);
  return rule;
}

RuleBody quiet_body(FieldReader& fields, const PackNames& names) {
  QuietPeriod rule;
  rule.pool = read_pool(fields, "pool", names);
  if (fields.has("seconds_option")) rule.seconds_option = read_word(fields, "seconds_option", seconds_words);
  else rule.seconds = fields.integer("seconds", 1, longest_period_s);
  rule.unless = read_facts(fields, "unless");
  rule.is_per_number = fields.boolean_or("per_number", false);
  return rule;
}

RuleBody flag_body(FieldReader& fields, const PackNames& names) {
  FlagRule rule;
  rule.all = read_facts(fields, "all");
  rule.any = read_facts(fields, "any");
  rule.unless = read_facts(fields, "unless");
  if (fields.has("implied_channels")) rule.implied_channels = read_channels(fields, "implied_channels", names);
  if (fields.has("from_date")) {
    const std::string word = fields.text("from_date");
    rule.from_date = parse_fact_date(word);
    if (!rule.from_date) fields.fail("from_date", "\"" + word + "\" is not a date of a person");
  }
  if (rule.all.is_empty() && rule.any.is_empty()) fields.fail("all", "all or any must name a fact");
  return rule;
}

RuleBody organisation_body(FieldReader& fields) {
  OrganisationRule rule;
  rule.organisations = read_set<Organisation, organisation_count>(fields, "organisations", parse_organisation);
  rule.all = read_facts(fields, "all");
  if (rule.organisations.is_empty()) fields.fail("organisations", "must name an organisation");
  return rule;
}

RuleBody third_party_body(FieldReader& fields) {
  ThirdPartyRule rule;
  if (!fields.has("consents")) fields.fail("consents", "is missing; an empty list means nothing opens the door");
  rule.consents = read_facts(fields, "consents");
  rule.open_facts = read_facts(fields, "open_facts");
  rule.silent_facts = read_facts(fields, "silent_facts");
  return rule;
}

RuleBody refusal_body(FieldReader& fields) {
  RefusalRule rule;
  rule.months_after_arrears = static_cast<int>(fields.integer("months_after_arrears", 0, 120));
  rule.suspended_months = static_cast<int>(fields.integer("suspended_months", 0, 120));
  return rule;
}

RuleBody consent_body(FieldReader& fields, const PackNames& names) {
  ConsentRule rule;
  rule.consents = read_facts(fields, "consents");
  rule.unless = read_facts(fields, "unless");
  rule.only_when = read_facts(fields, "only_when");
  if (fields.has("implied_channels")) rule.implied_channels = read_channels(fields, "implied_channels", names);
  if (rule.consents.is_empty()) fields.fail("consents", "must name a consent");
  return rule;
}

RuleBody abandon_body(FieldReader& fields) {
  AbandonLimit rule;
  const std::string word = fields.text("rate");
  const auto rate = parse_fact_rate(word);
  if (rate) rule.rate = *rate;
  else fields.fail("rate", "\"" + word + "\" is not a measured rate");
  rule.limit = fields.thousandths("limit_percent", 0, 100'000);
  rule.all = read_facts(fields, "all");
  return rule;
}

RuleBody consent_window_body(FieldReader& fields, const PackNames& names) {
  ConsentWindow rule;
  rule.dates = static_cast<int>(fields.integer("length_days", 1, 366));
  rule.ended_by = read_pool(fields, "ended_by", names);
  return rule;
}

bool is_flag_kind(const std::string& kind) {
  return kind == "person_flag" || kind == "caller_id" || kind == "disclosure" || kind == "recording" ||
         kind == "mass_call";
}

}  // namespace

FactSet read_facts(FieldReader& fields, std::string_view name) {
  return read_set<Fact, fact_count>(fields, name, parse_fact);
}

ChannelSet read_channels(FieldReader& fields, std::string_view name, const PackNames& names) {
  ChannelSet set;
  for (const std::string& word : fields.texts(name)) {
    const auto group = names.groups.find(word);
    const auto channel = parse_channel(word);
    if (group != names.groups.end()) set = set | group->second;
    else if (channel) set.add(*channel);
    else fields.fail(name, "\"" + word + "\" is neither a channel nor a group of the pack");
  }
  if (set.is_empty()) fields.fail(name, "must name a channel");
  return set;
}

Pool read_pool(FieldReader& fields, std::string_view name, const PackNames& names) {
  const std::string word = fields.text(name);
  const auto found = names.pools.find(word);
  if (found != names.pools.end()) return found->second;
  fields.fail(name, "\"" + word + "\" is not a pool of the pack");
  return {};
}

RuleBody compile_body(const std::string& kind, FieldReader& fields, const PackNames& names, ChannelSet channels) {
  if (kind == "calling_window") return window_body(fields);
  if (kind == "window_tail") return WindowTail{};
  if (kind == "delivery_window") return DeliveryWindow{};
  if (kind == "stated_times") return StatedTimesRule{};
  if (kind == "frequency") return frequency_body(fields, names);
  if (kind == "quiet_period") return quiet_body(fields, names);
  if (kind == "in_flight") return InFlightRule{channels};
  if (is_flag_kind(kind)) return flag_body(fields, names);
  if (kind == "organisation_channel") return organisation_body(fields);
  if (kind == "third_party") return third_party_body(fields);
  if (kind == "refusal") return refusal_body(fields);
  if (kind == "medium_optout") return MediumOptout{};
  if (kind == "consent") return consent_body(fields, names);
  if (kind == "abandon_limit") return abandon_body(fields);
  if (kind == "ring_time") return RingTime{static_cast<int>(fields.integer("seconds", 1, 600))};
  if (kind == "reply_exemption") return ReplyExemption{fields.integer("within_s", 1, longest_period_s)};
  if (kind == "consent_window") return consent_window_body(fields, names);
  if (kind == "agreement") return AgreementRule{};
  fields.fail("kind", "\"" + kind + "\" is not a kind of rule");
  return AgreementRule{};
}

}  // namespace dunlin
