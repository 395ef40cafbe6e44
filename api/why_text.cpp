#include "api/why_text.hpp"

#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <regex>

#include <fmt/format.h>

namespace dunlin {
namespace {

struct Words {
  std::string_view kind;
  std::string_view ru;
  std::string_view en;
};

/// What a rule of a kind says when it denies. Frequencies and windows add their numbers.
constexpr std::array<Words, 19> words{{
    {"calling_window", "у должника сейчас не то время", "it is outside lawful hours where the person lives"},
    {"window_tail", "часы вот-вот закончатся, разговор не успеет завершиться", "lawful hours end too soon to finish a talk"},
    {"delivery_window", "сообщение дошло бы вне разрешённых часов", "the message would arrive outside lawful hours"},
    {"stated_times", "человек назвал это время неудобным", "the person called this time inconvenient"},
    {"frequency", "лимит контактов исчерпан", "the contact limit is used up"},
    {"quiet_period", "после прошлой попытки прошло слишком мало времени", "too little time has passed since the last attempt"},
    {"in_flight", "другой контакт с этим человеком ещё не завершён", "another contact with this person is still open"},
    {"person_flag", "данные о человеке запрещают контакт", "what is known of the person forbids contact"},
    {"organisation_channel", "этой организации этот канал закрыт", "this channel is closed to this organisation"},
    {"third_party", "нет согласий на контакт с третьим лицом", "consents to contact a third party are missing"},
    {"refusal", "человек отказался от взаимодействия", "the person refused contact"},
    {"medium_optout", "человек отказался от этого канала", "the person opted out of this channel"},
    {"consent", "нет согласия на этот канал", "there is no consent for this channel"},
    {"caller_id", "номер звонящего не разрешён", "the caller id is not permitted"},
    {"disclosure", "не будет сказано то, что обязательно сказать", "a required disclosure would be missing"},
    {"recording", "разговор не будет записан, а запись обязательна", "the talk would not be recorded, and it must be"},
    {"mass_call", "массовый вызов без договора о маркировке", "a mass call without its label contract"},
    {"abandon_limit", "слишком много брошенных вызовов", "too many abandoned calls"},
    {"ring_time", "время вызова короче положенного", "the call would ring too briefly"},
}};

const Rule* find_rule(const RuleSet& rules, const std::string& id) {
  for (const auto& [name, pack] : rules.packs) {
    for (const Rule& rule : pack.rules) {
      if (rule.id == id) return &rule;
    }
  }
  return nullptr;
}

/// "used=1 limit=1 period=day zone=Europe/Moscow" → its parts.
std::map<std::string, std::string> parts_of(const std::string& reason) {
  std::map<std::string, std::string> parts;
  std::size_t at = 0;
  while (at < reason.size()) {
    const std::size_t end = std::min(reason.find(' ', at), reason.size());
    const std::string word = reason.substr(at, end - at);
    const std::size_t mark = word.find('=');
    if (mark != std::string::npos) parts[word.substr(0, mark)] = word.substr(mark + 1);
    at = end + 1;
  }
  return parts;
}

std::string period_name(const std::string& period, bool is_russian) {
  if (period == "day") return is_russian ? "сутки" : "a day";
  if (period == "week") return is_russian ? "неделю" : "a week";
  if (period == "month") return is_russian ? "месяц" : "a month";
  return is_russian ? "период" : "the period";
}

std::string cause_of(const RuleFinding& finding, const Rule* rule, bool is_russian) {
  const std::string kind = rule != nullptr ? rule->kind : "";
  std::string cause = is_russian ? "правило " + finding.rule_id + " запрещает контакт" : "rule " + finding.rule_id + " forbids the contact";
  for (const Words& known : words) {
    if (known.kind == kind) cause = is_russian ? known.ru : known.en;
  }
  const auto parts = parts_of(finding.reason);
  if (kind == "frequency" && parts.count("used") != 0 && parts.count("limit") != 0) {
    const auto period = parts.find("period");
    const std::string span = period_name(period == parts.end() ? "" : period->second, is_russian);
    cause += is_russian ? fmt::format(": {} из {} за {}", parts.at("used"), parts.at("limit"), span)
                        : fmt::format(": {} of {} for {}", parts.at("used"), parts.at("limit"), span);
  }
  return cause;
}

/// The wall clock of the person: the first zone of the decision that is known.
std::string local_time(UtcTime at, const Decision& decision, const RuleSet& rules) {
  for (const std::string& name : decision.zones) {
    const ZoneTable* zone = rules.zones ? rules.zones->find(name) : nullptr;
    if (zone == nullptr) continue;
    const LocalTime local = zone->local(at);
    const CivilDate date = civil_from_days(local.day);
    return fmt::format("{:02}.{:02}.{} {:02}:{:02} ({})", date.day, date.month, date.year, local.second_of_day / 3600, local.second_of_day / 60 % 60, name);
  }
  return format_utc(at);
}

}  // namespace

std::string russian_source(const std::string& source) {
  static const std::regex article("(\\d+)-FZ art\\. ?([\\d.]+)((?: part [\\d.]+)?)((?: item [\\d.]+)?)");
  std::smatch found;
  if (!std::regex_search(source, found, article)) return source;
  const std::string part = found[3].length() > 0 ? "ч. " + found[3].str().substr(6) + " " : "";
  const std::string item = found[4].length() > 0 ? "п. " + found[4].str().substr(6) + " " : "";
  return item + part + "ст. " + found[2].str() + " " + found[1].str() + "-ФЗ";
}

std::string why_sentences(const Decision& decision, const RuleSet& rules, const std::string& language) {
  const bool is_russian = language != "en";
  if (decision.is_allowed()) {
    const std::string now = local_time(decision.at, decision, rules);
    return is_russian ? "Можно: у должника " + now + ", часы открыты и лимиты не исчерпаны."
                      : "Allowed: it is " + now + " where the person lives, within lawful hours and limits.";
  }
  if (decision.findings.empty()) return is_russian ? "Нельзя: решение без правила." : "Not allowed: a decision without a rule.";
  // The finding that forbids longest is the one to tell; one that time does not heal comes first.
  const RuleFinding* told = &decision.findings.front();
  for (const RuleFinding& finding : decision.findings) {
    if (told->until && (!finding.until || *finding.until > *told->until)) told = &finding;
  }
  const Rule* rule = find_rule(rules, told->rule_id);
  const std::string source = rule == nullptr ? told->rule_id : is_russian ? russian_source(rule->source) : rule->source;
  const std::string cause = cause_of(*told, rule, is_russian);
  const std::string first = is_russian ? "Нельзя: " + cause + " (" + source + ")." : "Not allowed: " + cause + " (" + source + ").";
  if (decision.until) return first + (is_russian ? " Можно с " : " Possible from ") + local_time(*decision.until, decision, rules) + ".";
  return first + (is_russian ? " Время этого не изменит: нужны новые данные." : " Time alone does not change it: the data must.");
}

}  // namespace dunlin
