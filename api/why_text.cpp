#include "api/why_text.hpp"

#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <regex>

#include <fmt/format.h>
#include <fmt/ranges.h>

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
    {"mass_call", "человек запретил массовые вызовы", "the person barred mass calls"},
    {"abandon_limit", "слишком много брошенных вызовов", "too many abandoned calls"},
    {"ring_time", "время вызова короче положенного", "the call would ring too briefly"},
}};

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

/// What the packs' pools count.
constexpr std::array<Words, 9> pools{{
    {"talk", "разговоры", "talks"},
    {"conversation", "разговоры", "talks"},
    {"message", "сообщения", "messages"},
    {"meeting", "встречи", "meetings"},
    {"unanswered", "звонки без ответа", "unanswered calls"},
    {"call", "звонки", "calls"},
    {"placed", "звонки", "calls"},
    {"robot_placed", "звонки робота", "robot calls"},
    {"inquiry", "запросы", "inquiries"},
}};

/// The word of the facts by which a kind of rule is known: parts of one rule may be of different kinds.
std::string_view mark_of_kind(const std::string& kind) {
  if (kind == "frequency") return "used";
  if (kind == "quiet_period") return "quiet_s";
  if (kind == "medium_optout") return "opted_out";
  if (kind == "person_flag") return "facts";
  return "";
}

/// The part of the rule that spoke; nullptr when these packs have no such rule.
const Rule* find_rule(const RuleSet& rules, const RuleFinding& finding) {
  const auto parts = parts_of(finding.reason);
  const Rule* other = nullptr;
  for (const auto& [name, pack] : rules.packs) {
    for (const Rule& rule : pack.rules) {
      if (rule.id != finding.rule_id) continue;
      const std::string_view mark = mark_of_kind(rule.kind);
      if (!mark.empty() && parts.count(std::string(mark)) != 0) return &rule;
      if (other == nullptr || mark.empty()) other = &rule;
    }
  }
  return other;
}

/// "day", "rolling:86400" (seconds), "dates:7".
std::string period_name(const std::string& period, bool is_russian) {
  if (period == "day") return is_russian ? "сутки" : "a day";
  if (period == "week") return is_russian ? "неделю" : "a week";
  if (period == "month") return is_russian ? "месяц" : "a month";
  if (period == "ever") return is_russian ? "всё время" : "all time";
  const std::size_t colon = period.find(':');
  if (colon == std::string::npos) return is_russian ? "период" : "the period";
  const long length = std::atol(period.c_str() + colon + 1);
  if (period.starts_with("dates")) return fmt::format("{} {}", length, is_russian ? "дн." : "days");
  return fmt::format("{} {}", length / 3600, is_russian ? "ч" : "hours");
}

std::string_view pool_name(std::string_view pool, bool is_russian) {
  for (const Words& known : pools) {
    if (known.kind == pool) return is_russian ? known.ru : known.en;
  }
  return is_russian ? "контакты" : "contacts";
}

/// "talks 0 of 1 for a day".
std::string use_text(const std::map<std::string, std::string>& parts, bool is_russian) {
  const auto text = [&parts](const char* name) {
    const auto found = parts.find(name);
    return found == parts.end() ? std::string() : found->second;
  };
  return fmt::format("{} {} {} {} {} {}", pool_name(text("pool"), is_russian), text("used"), is_russian ? "из" : "of", text("limit"),
                     is_russian ? "за" : "for", period_name(text("period"), is_russian));
}

bool is_use(const std::map<std::string, std::string>& parts) { return parts.count("used") != 0 && parts.count("limit") != 0; }

std::string cause_of(const RuleFinding& finding, const Rule* rule, bool is_russian) {
  const std::string kind = rule != nullptr ? rule->kind : "";
  std::string cause = is_russian ? "правило " + finding.rule_id + " запрещает контакт" : "rule " + finding.rule_id + " forbids the contact";
  for (const Words& known : words) {
    if (known.kind == kind) cause = is_russian ? known.ru : known.en;
  }
  const auto parts = parts_of(finding.reason);
  if (kind == "frequency" && is_use(parts)) cause += ": " + use_text(parts, is_russian);
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

std::string source_of(const Rule& rule, bool is_russian) { return is_russian ? russian_source(rule.source) : rule.source; }

/// The hours with their paragraph, then the limits that are nearest to being used up.
std::string allowed_sentences(const Decision& decision, const RuleSet& rules, bool is_russian) {
  constexpr std::size_t most_limits = 3;
  std::string hours;
  std::vector<std::string> limits;
  for (const RuleFinding& finding : decision.findings) {
    const Rule* rule = find_rule(rules, finding);
    const auto parts = parts_of(finding.reason);
    if (is_use(parts) && limits.size() < most_limits) limits.push_back(use_text(parts, is_russian));
    if (hours.empty() && rule != nullptr && rule->kind == "calling_window") hours = " (" + source_of(*rule, is_russian) + ")";
  }
  const std::string now = local_time(decision.at, decision, rules);
  const std::string first = is_russian ? "Можно: у должника " + now + ", это разрешённые часы" + hours + "."
                                       : "Allowed: it is " + now + " where the person lives, within lawful hours" + hours + ".";
  if (limits.empty()) return first + (is_russian ? " Лимиты контактов этому не мешают." : " No contact limit stands against it.");
  return fmt::format("{} {}: {}.", first, is_russian ? "Лимиты не исчерпаны" : "Limits are not used up", fmt::join(limits, ", "));
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
  if (decision.is_allowed()) return allowed_sentences(decision, rules, is_russian);
  if (decision.findings.empty()) return is_russian ? "Нельзя: решение без правила." : "Not allowed: a decision without a rule.";
  // The finding that forbids longest is the one to tell; one that time does not heal comes first.
  const RuleFinding* told = &decision.findings.front();
  for (const RuleFinding& finding : decision.findings) {
    if (told->until && (!finding.until || *finding.until > *told->until)) told = &finding;
  }
  const Rule* rule = find_rule(rules, *told);
  const std::string source = rule == nullptr ? told->rule_id : source_of(*rule, is_russian);
  const std::string cause = cause_of(*told, rule, is_russian);
  const std::string first = is_russian ? "Нельзя: " + cause + " (" + source + ")." : "Not allowed: " + cause + " (" + source + ").";
  if (decision.until) return first + (is_russian ? " Можно с " : " Possible from ") + local_time(*decision.until, decision, rules) + ".";
  return first + (is_russian ? " Время этого не изменит: нужны новые данные." : " Time alone does not change it: the data must.");
}

}  // namespace dunlin
