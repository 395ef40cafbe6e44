#include "api/campaign_fields.hpp"

#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/arguments.hpp"
#include "config/text_distance.hpp"
#include "core/dialing/campaign_trunks.hpp"

namespace dunlin {
namespace {

struct Field {
  std::string_view key;
  std::string_view effect;
  std::function<std::string(const CampaignSettings&)> read;
  std::function<Status(CampaignSettings&, const std::string&)> write;
};

Result<std::int64_t> whole(const std::string& text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  return invalid_input(fmt::format("must be a whole number from {} to {}", least, most));
}

Field number_field(std::string_view key, std::string_view effect, std::uint32_t CampaignSettings::*member, std::int64_t least, std::int64_t most) {
  return {key, effect, [member](const CampaignSettings& s) { return std::to_string(s.*member); },
          [member, least, most](CampaignSettings& s, const std::string& text) -> Status {
            const auto value = whole(text, least, most);
            if (!value) return value.error();
            s.*member = static_cast<std::uint32_t>(*value);
            return Done{};
          }};
}

Field text_field(std::string_view key, std::string_view effect, std::string CampaignSettings::*member) {
  return {key, effect, [member](const CampaignSettings& s) { return s.*member; },
          [member](CampaignSettings& s, const std::string& text) -> Status {
            s.*member = text;
            return Done{};
          }};
}

Field list_field(std::string_view key, std::string_view effect, std::vector<std::string> CaseFilter::*member) {
  return {key, effect, [member](const CampaignSettings& s) { return fmt::format("{}", fmt::join(s.filter.*member, ",")); },
          [member](CampaignSettings& s, const std::string& text) -> Status {
            s.filter.*member = split_list(text);
            return Done{};
          }};
}

Field bound_field(std::string_view key, std::string_view effect, std::optional<int> CaseFilter::*member) {
  return {key, effect, [member](const CampaignSettings& s) { return s.filter.*member ? std::to_string(*(s.filter.*member)) : std::string(); },
          [member](CampaignSettings& s, const std::string& text) -> Status {
            if (text.empty()) {
              (s.filter.*member).reset();
              return Done{};
            }
            const auto value = whole(text, 0, 36'500);
            if (!value) return value.error();
            s.filter.*member = static_cast<int>(*value);
            return Done{};
          }};
}

Field flag_field(std::string_view key, std::string_view effect, bool CampaignSettings::*member) {
  return {key, effect, [member](const CampaignSettings& s) { return std::string(s.*member ? "yes" : "no"); },
          [member](CampaignSettings& s, const std::string& text) -> Status {
            if (text != "yes" && text != "no") return invalid_input("must be yes or no");
            s.*member = text == "yes";
            return Done{};
          }};
}

Field price_field(std::string_view key, std::string_view effect, std::uint32_t CallPrices::*member) {
  return {key, effect, [member](const CampaignSettings& s) { return format_price(s.prices.*member); },
          [member](CampaignSettings& s, const std::string& text) -> Status {
            const auto price = parse_price(text);
            if (!price) return price.error();
            s.prices.*member = *price;
            return Done{};
          }};
}

Field currency_field() {
  return {"price_currency", "of all prices of the campaign", [](const CampaignSettings& s) { return std::string(to_string(s.prices.currency)); },
          [](CampaignSettings& s, const std::string& text) -> Status {
            const auto currency = parse_currency(text);
            if (!currency) return invalid_input("must be RUB, USD, EUR, KZT or GBP");
            s.prices.currency = *currency;
            return Done{};
          }};
}

Field mode_field() {
  return {"mode", "the next pacing tick dials this way", [](const CampaignSettings& s) { return std::string(to_string(s.mode)); },
          [](CampaignSettings& s, const std::string& text) -> Status {
            const auto mode = parse_dialing_mode(text);
            if (!mode) return mode.error();
            s.mode = *mode;
            return Done{};
          }};
}

Result<std::vector<TrunkShare>> parse_trunks(const std::string& text) {
  std::vector<TrunkShare> trunks;
  for (const std::string& word : split_list(text)) {
    auto share = parse_trunk_share(word);
    if (!share) return share.error();
    trunks.push_back(std::move(*share));
  }
  return trunks;
}

Field trunks_field() {
  return {"trunks", "new calls are shared out over these trunks by weight (name:weight; 0: only when the others cannot)",
          [](const CampaignSettings& s) { return to_text(s.trunks); },
          [](CampaignSettings& s, const std::string& text) -> Status {
            auto trunks = parse_trunks(text);
            if (!trunks) return trunks.error();
            s.trunks = std::move(*trunks);
            return Done{};
          }};
}

Field priority_field() {
  return {"priority", "lower goes first where campaigns share agents", [](const CampaignSettings& s) { return std::to_string(s.priority); },
          [](CampaignSettings& s, const std::string& text) -> Status {
            const auto value = whole(text, -most_priority, most_priority);
            if (!value) return value.error();
            s.priority = static_cast<std::int32_t>(*value);
            return Done{};
          }};
}

Field rank_field() {
  return {"rank", "cases are ordered anew as each is planned again", [](const CampaignSettings& s) { return std::string(to_string(s.rank)); },
          [](CampaignSettings& s, const std::string& text) -> Status {
            const auto rank = parse_rank_rule(text);
            if (!rank) return invalid_input("must be oldest_first, highest_overdue, highest_dpd or freshest_dpd");
            s.rank = *rank;
            return Done{};
          }};
}

/// A choice between two words, by its own parser.
template <class Choice>
Field choice_field(std::string_view key, std::string_view effect, Choice CampaignSettings::*member, Result<Choice> (*parse)(std::string_view)) {
  return {key, effect, [member](const CampaignSettings& s) { return std::string(to_string(s.*member)); },
          [member, parse](CampaignSettings& s, const std::string& text) -> Status {
            const auto choice = parse(text);
            if (!choice) return choice.error();
            s.*member = *choice;
            return Done{};
          }};
}

const std::vector<Field>& fields() {
  using S = CampaignSettings;
  constexpr const char* filter = "cases enter and leave as each is planned again, a million in about a minute";
  constexpr const char* next_call = "from the next call on";
  constexpr const char* next_plan = "from the next attempt of each case on; the law's own limits stay";
  static const std::vector<Field> all{
      mode_field(),
      list_field("portfolios", filter, &CaseFilter::portfolios),
      list_field("stages", filter, &CaseFilter::stages),
      list_field("products", filter, &CaseFilter::products),
      list_field("languages", filter, &CaseFilter::languages),
      bound_field("dpd_from", filter, &CaseFilter::dpd_from),
      bound_field("dpd_to", filter, &CaseFilter::dpd_to),
      trunks_field(),
      text_field("caller_id", "new calls show this number, of several (with commas) one of the debtor's region; over a trunk with none of them, one of that trunk's", &S::caller_id),
      text_field("skill", "agents without it get no more calls of this campaign", &S::skill),
      number_field("ring_timeout_ms", next_call, &S::ring_timeout_ms, 5'000, 120'000),
      number_field("abandon_after_ms", "a person waits at most so long for an agent", &S::abandon_after_ms, 0, 60'000),
      number_field("abandon_limit_permille", "predictive dialing stays under this share; progressive abandons nobody by design", &S::abandon_limit_permille, 0, 1000),
      number_field("max_attempts_per_number_day", next_plan, &S::max_attempts_per_number_day, 1, 1000),
      number_field("max_attempts_per_case_day", next_plan, &S::max_attempts_per_case_day, 1, 1000),
      number_field("max_attempts_per_number", next_plan, &S::max_attempts_per_number, 1, 100'000),
      number_field("max_attempts_per_case", next_plan, &S::max_attempts_per_case, 1, 100'000),
      priority_field(),
      number_field("weight", "its part of the agents it shares with campaigns of the same priority, within a second; 0: only what they leave", &S::weight, 0, most_weight),
      number_field("guaranteed_agents", "so many of each node's agents with the skill are its own as long as it has somebody to call; its waiting persons go first", &S::guaranteed_agents, 0, most_guaranteed_agents),
      rank_field(),
      choice_field("numbers", "best: from the next attempt on the likeliest number goes first where retries leave a choice; needs a grown answer model", &S::number_choice, parse_number_choice),
      choice_field("hours", "best: the next retry of each case goes into a clearly better lawful hour of its day; needs a grown answer model", &S::hour_choice, parse_hour_choice),
      number_field("odds_lead", "ranks a certain answer by the debtor is worth; cases are ordered anew as each is planned again", &S::odds_lead, 0, most_odds_lead),
      price_field("cost_per_attempt", "fee of each attempt; 0: none. With a value below, attempts that cost more than they bring wait or are not made; needs a grown answer model", &CallPrices::attempt),
      price_field("cost_per_minute", "fee of a minute of line from the pick-up on; 0: none", &CallPrices::minute),
      price_field("agent_hour", "what an hour of an agent costs: predictive dialing holds the waiting it saves against fees; 0: not weighed", &CallPrices::agent_hour),
      price_field("value_per_rpc", "what a talk with the debtor brings; 0: not told", &CallPrices::rpc_value),
      price_field("value_per_promise_kept", "what a kept promise brings beside its talk; 0: not told", &CallPrices::kept_value),
      currency_field(),
      number_field("target_idle_s", "seconds an agent may wait between two calls on average; predictive dialing takes no more risk than that needs; 0: as little waiting as the budget allows", &S::target_idle_s, 0, most_target_idle_s),
      number_field("wrap_up_seconds", "after the next talk a wrap-up of that length counts as overdue; the agent stays in it, simulate ends it", &S::wrap_up_seconds, 0, 3600),
      flag_field("classifies_answers", next_call, &S::classifies_answers),
      flag_field("records_calls", next_call, &S::records_calls),
      text_field("strategy", "cases are planned anew by its rules, a million in about a minute; empty: by these settings alone", &S::strategy),
      text_field("flow", "agentless calls speak by it from the next call on; its sounds are made first, nobody is dialed until then", &S::flow)};
  return all;
}

}  // namespace

std::vector<CampaignFieldView> campaign_fields(const CampaignSettings& settings) {
  std::vector<CampaignFieldView> views;
  for (const Field& field : fields()) views.push_back({std::string(field.key), field.read(settings), std::string(field.effect)});
  return views;
}

Status set_campaign_field(CampaignSettings& settings, std::string_view assignment) {
  const std::size_t mark = assignment.find('=');
  if (mark == std::string_view::npos) return invalid_input("\"" + std::string(assignment) + "\" is not key=value");
  const std::string key(assignment.substr(0, mark));
  std::vector<std::string> known;
  for (const Field& field : fields()) {
    known.emplace_back(field.key);
    if (field.key != key) continue;
    const Status written = field.write(settings, std::string(assignment.substr(mark + 1)));
    return written ? Status(Done{}) : Status(Error{written.error().code, key + " " + written.error().detail});
  }
  const auto guess = nearest(key, known);
  return invalid_input("no setting \"" + key + "\"" + (guess ? "; did you mean " + *guess + "?" : "; `campaign show NAME --settings` lists them"));
}

bool is_filter_field(std::string_view key) {
  return key == "portfolios" || key == "stages" || key == "products" || key == "languages" || key == "dpd_from" || key == "dpd_to";
}

}  // namespace dunlin
