// The answer model: is it any good, and what does it say of one person.
#include <algorithm>

#include <fmt/format.h>

#include "api/command.hpp"
#include "api/job_board.hpp"
#include "api/model_text.hpp"
#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

constexpr int searched_hours = 72;
constexpr int nothing_to_judge_exit = 7;

Result<TextLanguage> language_of(const Arguments& arguments) {
  const std::string language = arguments.option("lang", "ru");
  if (language == "ru") return TextLanguage::russian;
  if (language == "en") return TextLanguage::english;
  return invalid_input("--lang must be ru or en");
}

Result<View> model_report(const CommandContext& context, const Arguments& arguments) {
  const auto language = language_of(arguments);
  if (!language) return language.error();
  const auto run = context.services.model_report;
  const auto work = [run, portfolio = arguments.option("portfolio"), chosen = *language](JobHandle& handle) -> Result<JobOutcome> {
    const auto report = run(portfolio, [&handle](double share_done) { return handle.go_on(share_done); });
    // A young node is not broken: there is only nothing to judge by yet.
    if (!report && report.error().code == Errc::invalid_input) {
      return JobOutcome{{{"problem", report.error().detail}, {"text", report.error().detail + "\n"}}, nothing_to_judge_exit};
    }
    if (!report) return report.error();
    auto fields = model_report_fields(*report);
    fields["text"] = model_report_text(*report, chosen);
    return JobOutcome{std::move(fields), 0};
  };
  return follow_node_job(context, "model", work);
}

Result<View> learn_model(const CommandContext& context, const Arguments&) {
  const auto work = [learn = context.services.learn_model](JobHandle& handle) -> Result<JobOutcome> {
    auto fields = learn([&handle](double share_done) { return handle.go_on(share_done); });
    if (!fields) return fields.error();
    const bool decides = (*fields)["decides"];
    (*fields)["text"] = fmt::format("learned from {} attempts{}\n", (*fields)["attempts"].dump(),
                                    decides ? "; dialing asks the model" : "; too few: dialing goes on without the model");
    return JobOutcome{std::move(*fields), 0};
  };
  return follow_node_job(context, "model", work);
}

/// In which turn the first running campaign that takes the case would try its numbers; empty: it would try none.
std::vector<const ContactPhone*> numbers_in_turn(const CampaignBook& book, const CaseRecord& record, UtcTime at) {
  for (const Campaign& campaign : book.all()) {
    if (campaign.state != CampaignState::running || !matches(campaign.settings.filter, record)) continue;
    const WorkOrder order = book.order(campaign, record, at);
    if (order.is_open()) return numbers_to_try(record, *order.settings, at, book.odds());
  }
  return {};
}

/// The lawful hour within three days at which the number is likeliest to be answered; unset when the law allows none.
struct BestHour {
  UtcTime at;
  double live = 0;
};
Result<std::optional<BestHour>> best_hour(const CommandContext& context, const CaseRecord& record, const ContactPhone& phone, UtcTime from) {
  std::optional<BestHour> best;
  for (int hour = 0; hour < searched_hours; ++hour) {
    const UtcTime at = from + hours(hour);
    const auto decision = context.services.judge(record, phone, Channel::call, at);
    if (!decision) return decision.error();
    if (!decision->is_allowed()) continue;
    const auto forecast = context.services.answer_forecast(record, phone, at);
    if (!forecast) return forecast.error();
    if (!best || forecast->live > best->live) best = BestHour{at, forecast->live};
  }
  return best;
}

Result<nlohmann::json> forecast_row(const CommandContext& context, const CaseRecord& record, const ContactPhone& phone, UtcTime at, TextLanguage language) {
  const auto forecast = context.services.answer_forecast(record, phone, at);
  if (!forecast) return forecast.error();
  const auto best = best_hour(context, record, phone, at);
  if (!best) return best.error();
  nlohmann::json row = {{"number", phone.number.masked()}, {"owner", to_string(phone.owner)}, {"type", to_string(phone.type)},
                        {"live", fmt::format("{:.0f} %", 100 * forecast->live)}, {"right_party", fmt::format("{:.0f} %", 100 * forecast->right_party)},
                        {"best_hour", ""}, {"live_then", ""}, {"because", effects_text(*forecast, language)}};
  if (*best) {
    row["best_hour"] = format_utc((*best)->at).substr(0, 16) + "Z";
    row["live_then"] = fmt::format("{:.0f} %", 100 * (*best)->live);
  }
  return row;
}

Result<View> model_explain(const CommandContext& context, const Arguments& arguments) {
  const auto text = arguments.at(0, "case's id");
  if (!text) return text.error();
  const auto id = CaseId::parse(*text);
  if (!id) return id.error();
  const auto language = language_of(arguments);
  if (!language) return language.error();
  const auto at = arguments.has("at") ? parse_utc(arguments.option("at")) : Result<UtcTime>(context.node.clock->now_utc());
  if (!at) return at.error();
  const auto view = context.ask<msg::CaseView>(context.node.shard_for(*id), msg::GetCase{*id});
  if (!view) return view.error();
  if (!view->record->is_opened()) return Error{Errc::not_found, "no case " + id->str()};
  const auto book = context.ask<msg::BookView>(context.node.campaigns, msg::GetBook{});
  if (!book) return book.error();
  const auto turns = numbers_in_turn(*book->book, *view->record, *at);
  nlohmann::json rows = nlohmann::json::array();
  for (const ContactPhone& phone : view->record->phones) {
    auto row = forecast_row(context, *view->record, phone, *at, *language);
    if (!row) return row.error();
    const auto turn = std::find(turns.begin(), turns.end(), &phone);
    (*row)["turn"] = turn == turns.end() ? "" : std::to_string(turn - turns.begin() + 1);
    rows.push_back(std::move(*row));
  }
  View table = View::table({"turn", "number", "owner", "type", "live", "right_party", "best_hour", "live_then", "because"}, std::move(rows));
  table.body["dialing_asks"] = book->book->odds() != nullptr;
  return table;
}

}  // namespace

void add_model_commands(std::vector<Command>& commands) {
  commands.push_back({"model", "report", "[--portfolio P] [--lang ru|en]",
                      "is the answer model any good: learned from older attempts, judged by younger ones", model_report});
  commands.push_back({"model", "learn", "", "learn from the history now, not at the next full hour of the model's life, and give it to dialing", learn_model});
  commands.push_back({"model", "explain", "CASE [--at TIME] [--lang ru|en]",
                      "how likely each number of a person is answered, why, in which turn it is tried, and its best lawful hour within three days", model_explain});
}

}  // namespace dunlin
