// Strategies: checked, put in force after a look at the effect, taken back, explained for one person, compared by group.
#include <algorithm>

#include <fmt/format.h>

#include "api/command.hpp"
#include "api/strategy_cases.hpp"
#include "api/strategy_text.hpp"
#include "api/text_revisions.hpp"
#include "config/strategy_loader.hpp"
#include "core/dialing/answer_worth.hpp"
#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

Result<msg::BookPointer> book_of(const CommandContext& context) {
  auto view = context.ask<msg::BookView>(context.node.campaigns, msg::GetBook{});
  if (!view) return view.error();
  return view->book;
}

Result<std::vector<TextRevision>> strategy_revisions(const CommandContext& context, const std::string& name) {
  return revisions_of<msg::StrategiesView, msg::GetStrategies>(context, "strategy", name);
}

Result<TextRevision> strategy_revision(const CommandContext& context, const std::string& name, const std::string& number) {
  const auto revisions = strategy_revisions(context, name);
  if (!revisions) return revisions.error();
  return revision_of("strategy", *revisions, number);
}

Result<View> check_strategy_file(const CommandContext& context, const Arguments& arguments) {
  const std::string file = *arguments.at(0, "file");
  const auto text = read_strategy_text(context.path_of(file));
  if (!text) return text.error();
  const auto strategy = parse_strategy(file, *text);
  if (!strategy) return strategy.error();
  return View::record({{"strategy", strategy->name}, {"rules", strategy->rules.size()}, {"groups", strategy->groups.size()}});
}

View effect_view(const StrategyEffect& effect, const Strategy& strategy) {
  nlohmann::json rows = nlohmann::json::array();
  for (const RuleEffect& rule : effect.rules) {
    rows.push_back({{"rule", rule.rule.empty() ? "(none)" : rule.rule}, {"before", rule.before}, {"after", rule.after}, {"orders", rule.orders}});
  }
  View view = View::table({"rule", "before", "after", "orders"}, std::move(rows));
  view.body["strategy"] = strategy.name;
  const std::string whose = effect.campaigns == 0 ? fmt::format("no campaign names the strategy yet, so all {} open ones are counted", effect.cases)
                                                  : fmt::format("{} of them belong to {} campaigns with this strategy", effect.cases, effect.campaigns);
  view.body["note"] = fmt::format("{} cases looked at; {}; another rule takes {}", effect.looked_at, whose, effect.changed);
  return view;
}

/// Shows what a text would do; saves it with `command` unless it is only a look.
template <class Command>
Result<View> put_in_force(const CommandContext& context, const Arguments& arguments, const Strategy& strategy, const Command& command) {
  const auto book = book_of(context);
  if (!book) return book.error();
  const auto effect = strategy_effect(context, **book, strategy);
  if (!effect) return effect.error();
  View view = effect_view(*effect, strategy);
  view.body["is_saved"] = !arguments.has("dry-run");
  if (arguments.has("dry-run")) return view;
  const auto saved = send_command(context, context.node.campaigns, command);
  if (!saved) return saved.error();
  view.body["revision"] = *saved;
  view.body["note"] = fmt::format("{} revision {} is in force; {}", strategy.name, *saved, view.body["note"].get<std::string>());
  return view;
}

Result<View> set_strategy(const CommandContext& context, const Arguments& arguments) {
  const std::string file = *arguments.at(0, "file");
  const auto text = read_strategy_text(context.path_of(file));
  if (!text) return text.error();
  const auto strategy = parse_strategy(file, *text);
  if (!strategy) return strategy.error();
  return put_in_force(context, arguments, *strategy, msg::PutStrategy{*text, std::filesystem::path(file).filename().string(), context.caller.name});
}

Result<View> rollback_strategy(const CommandContext& context, const Arguments& arguments) {
  const std::string name = *arguments.at(0, "strategy's name");
  const auto old = strategy_revision(context, name, *arguments.at(1, "revision"));
  if (!old) return old.error();
  const auto strategy = parse_strategy(name, old->text);
  if (!strategy) return strategy.error();
  return put_in_force(context, arguments, *strategy, msg::RollbackStrategy{name, old->revision, context.caller.name});
}

Result<View> list_strategies(const CommandContext& context, const Arguments&) {
  const auto view = context.ask<msg::StrategiesView>(context.node.campaigns, msg::GetStrategies{});
  if (!view) return view.error();
  const auto book = book_of(context);
  if (!book) return book.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const TextRevision& revision : view->revisions) {
    nlohmann::json campaigns = nlohmann::json::array();
    for (const Campaign& campaign : (*book)->all()) {
      if (campaign.settings.strategy == revision.name) campaigns.push_back(campaign.settings.name);
    }
    const Strategy* strategy = (*book)->find_strategy(revision.name);
    rows.push_back({{"strategy", revision.name}, {"revision", revision.revision}, {"rules", strategy != nullptr ? strategy->rules.size() : 0},
                    {"groups", strategy != nullptr ? strategy->groups.size() : 0}, {"is_in_force", strategy != nullptr}, {"campaigns", campaigns},
                    {"changed_at", format_utc(revision.at)}, {"author", revision.author}});
  }
  return View::table({"strategy", "revision", "rules", "groups", "is_in_force", "campaigns", "changed_at", "author"}, std::move(rows));
}

Result<View> show_strategy(const CommandContext& context, const Arguments& arguments) {
  const auto revision = strategy_revision(context, *arguments.at(0, "strategy's name"), arguments.option("revision"));
  if (!revision) return revision.error();
  if (!arguments.has("rules")) return View::text(revision->text);
  const auto strategy = parse_strategy(revision->name, revision->text);
  if (!strategy) return strategy.error();
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t i = 0; i < strategy->rules.size(); ++i) {
    const StrategyRule& rule = strategy->rules[i];
    rows.push_back({{"n", i + 1}, {"rule", rule.name}, {"when", condition_text(rule.when, strategy->currency)}, {"orders", orders_text(rule.then)}});
  }
  return View::table({"n", "rule", "when", "orders"}, std::move(rows));
}

Result<View> strategy_history(const CommandContext& context, const Arguments& arguments) {
  const auto revisions = strategy_revisions(context, *arguments.at(0, "strategy's name"));
  if (!revisions) return revisions.error();
  return revisions_table(*revisions);
}

/// How one campaign's strategy takes the case, rule by rule, up to the one that fires.
/// Which numbers the odds put first; empty when the order alone decides.
std::string odds_words(const CampaignBook& book, const WorkOrder& order, const CaseRecord& record, UtcTime at, const std::string& language) {
  if (!order.is_open() || order.settings->number_choice != NumberChoice::best_odds) return "";
  if (book.odds() == nullptr) return language == "en" ? "; the answer model is too young: numbers in order" : "; модель ответов ещё молода: номера по порядку";
  std::string words = language == "en" ? "; numbers by odds of reaching the debtor:" : "; номера по шансам застать должника:";
  for (const ContactPhone* phone : numbers_to_try(record, *order.settings, at, book.odds())) {
    words += fmt::format(" {} {:.0f} %", phone->number.masked(), 100 * book.odds()->forecast(record, *phone, at).right_party);
  }
  return words;
}

/// What an attempt on the best number would cost and bring now; empty when nothing is weighed.
std::string cost_words(const CampaignBook& book, const WorkOrder& order, const CaseRecord& record, UtcTime at, const std::string& language) {
  const CallPrices& prices = order.settings->prices;
  if (!order.is_open() || !prices.weighs_attempts() || book.odds() == nullptr) return "";
  const bool is_english = language == "en";
  if (is_owed(record)) return is_english ? "; a callback or a broken promise: called whatever it costs" : "; обратный звонок или нарушенное обещание: звоним, сколько бы ни стоило";
  auto numbers = numbers_to_try(record, *order.settings, at, book.odds());
  if (numbers.empty()) return "";
  const AnswerWorth worth = worth_of(prices, *book.odds(), record, *numbers.front(), at);
  std::string words = fmt::format(fmt::runtime(is_english ? "; an attempt costs {:.2f} {} and brings {:.2f}" : "; попытка стоит {:.2f} {} и приносит {:.2f}"),
                                  worth.cost, to_string(prices.currency), worth.value);
  const auto worthless = keep_worthwhile(numbers, record, *order.settings, book.odds(), book.clock(), at);
  if (!worthless) return words;
  if (worthless->is_better_then) return words + (is_english ? ": waits until " : ": ждёт до ") + format_utc(worthless->until);
  return words + (is_english ? ": not made, asked again " : ": не делается, пересмотр ") + format_utc(worthless->until);
}

void explain_campaign(nlohmann::json& rows, const CampaignBook& book, const Campaign& campaign, const CaseRecord& record, UtcTime at, const std::string& language) {
  const WorkOrder order = book.order(campaign, record, at);
  const std::string reach_words = odds_words(book, order, record, at, language) + cost_words(book, order, record, at, language);
  const auto add = [&](std::size_t n, const std::string& rule, const char* result, const std::string& why) {
    rows.push_back({{"campaign", campaign.settings.name}, {"strategy", campaign.settings.strategy}, {"n", n}, {"rule", rule}, {"result", result}, {"why", why},
                    {"at", format_utc(at)}});
    if (order.strategy == nullptr) return;
    rows.back()["revision"] = order.strategy->revision;
    rows.back()["group"] = std::string(group_of(*order.strategy, record.id));
  };
  if (order.strategy == nullptr) return add(0, "", "not_stored", order_words(order, campaign.settings, language));
  const StrategyFacts facts = strategy_facts(*order.strategy, campaign.settings.filter, record, at, book.clock());
  std::size_t n = 0;
  for (const StrategyRule& rule : order.strategy->rules) {
    ++n;
    if (&rule == order.rule) {
      const std::string words = order_words(order, campaign.settings, language);
      return add(n, rule.name, "fires", orders_text(rule.then) + (words.empty() ? "" : " — " + words) + reach_words);
    }
    const auto failed = first_failed(rule.when, facts);
    if (failed) add(n, rule.name, "does_not_fit", unmet_text(*failed, rule.when, facts, language));
  }
  add(0, "(none)", "fires", (language == "en" ? "the campaign's own settings" : "собственные настройки кампании") + reach_words);
}

Result<View> explain_strategy(const CommandContext& context, const Arguments& arguments) {
  const auto id = CaseId::parse(*arguments.at(0, "case's id"));
  if (!id) return id.error();
  const auto view = context.ask<msg::CaseView>(context.node.shard_for(*id), msg::GetCase{*id});
  if (!view) return view.error();
  if (!view->record->is_opened()) return Error{Errc::not_found, "no case " + id->str()};
  const auto book = book_of(context);
  if (!book) return book.error();
  const auto at = arguments.has("at") ? parse_utc(arguments.option("at")) : Result<UtcTime>(context.node.clock->now_utc());
  if (!at) return at.error();
  const std::string wanted = arguments.option("campaign");
  nlohmann::json rows = nlohmann::json::array();
  bool is_known = wanted.empty();
  for (const Campaign& campaign : (*book)->all()) {
    const bool is_named = campaign.settings.name == wanted || campaign.settings.id.str() == wanted;
    is_known = is_known || is_named;
    if (!wanted.empty() && !is_named) continue;
    if (campaign.settings.strategy.empty() || (wanted.empty() && !matches(campaign.settings.filter, *view->record))) continue;
    explain_campaign(rows, **book, campaign, *view->record, *at, arguments.option("lang", "ru"));
  }
  if (!is_known) return Error{Errc::not_found, "no campaign " + wanted};
  if (rows.empty()) return View::text(wanted.empty() ? "no campaign with a strategy takes this case" : "the campaign names no strategy");
  return View::table({"campaign", "n", "rule", "result", "why"}, std::move(rows));
}

/// Since the groups are what they are now: the first of the latest revisions that split the same way.
UtcTime split_since(const std::vector<TextRevision>& revisions) {
  const auto present = parse_strategy(revisions.back().name, revisions.back().text);
  UtcTime since = revisions.back().at;
  for (auto revision = revisions.rbegin(); present && revision != revisions.rend(); ++revision) {
    const auto strategy = parse_strategy(revision->name, revision->text);
    if (!strategy || !(strategy->groups == present->groups)) break;
    since = revision->at;
  }
  return since;
}

std::string per_hundred(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

Result<View> show_results(const CommandContext& context, const Arguments& arguments) {
  const std::string name = *arguments.at(0, "strategy's name");
  const auto revisions = strategy_revisions(context, name);
  if (!revisions) return revisions.error();
  const auto since = arguments.has("since") ? parse_since(arguments.option("since"), context.node.clock->now_utc()) : Result<UtcTime>(split_since(*revisions));
  if (!since) return since.error();
  const auto book = book_of(context);
  if (!book) return book.error();
  const Strategy* strategy = (*book)->find_strategy(name);
  if (strategy == nullptr) return Error{Errc::conflict, "the latest revision of " + name + " is not valid any more; `strategy check` says why"};
  const auto results = strategy_results(context, **book, *strategy, *since);
  if (!results) return results.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const GroupResult& g : results->groups) {
    rows.push_back({{"group", g.group.empty() ? "(all)" : g.group}, {"share", g.share}, {"cases", g.cases}, {"worked", g.worked}, {"attempts", g.attempts},
                    {"rpc", g.right_party}, {"promises", g.promises}, {"kept", g.kept}, {"payers", g.payers},
                    {"rpc_per_100_attempts", per_hundred(g.right_party, g.attempts)}, {"promises_per_100_cases", per_hundred(g.promises, g.cases)}});
  }
  View view = View::table({"group", "share", "cases", "worked", "attempts", "rpc", "promises", "kept", "payers", "rpc_per_100_attempts", "promises_per_100_cases"},
                          std::move(rows));
  view.body["since"] = format_utc(*since);
  view.body["note"] = fmt::format("{} cases looked at, since {}", results->looked_at, format_utc(*since));
  return view;
}

}  // namespace

void add_strategy_commands(std::vector<Command>& commands) {
  commands.push_back({"strategy", "check", "FILE", "is the file a good strategy, and what is wrong line by line; needs no node", check_strategy_file});
  commands.push_back({"strategy", "set", "FILE [--dry-run]", "put a file in force; shows cases by rule before and after", set_strategy});
  commands.push_back({"strategy", "list", "", "strategies with their campaigns", list_strategies});
  commands.push_back({"strategy", "show", "NAME [--revision N] [--rules]", "the text in force or of a revision; --rules as a table", show_strategy});
  commands.push_back({"strategy", "history", "NAME", "every revision: when, by whom, from which file", strategy_history});
  commands.push_back({"strategy", "rollback", "NAME REVISION [--dry-run]", "an old text in force again, as a new revision", rollback_strategy});
  commands.push_back({"strategy", "explain", "CASE [--campaign CAMPAIGN] [--at TIME] [--lang ru|en]", "which rule takes this person, why those before it do not, what it orders", explain_strategy});
  commands.push_back({"strategy", "results", "NAME [--since TIME]", "what came of each group of a comparison", show_results});
}

}  // namespace dunlin
