#include "api/pace_text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace dunlin {
namespace {

std::string in_words(TextLanguage language, std::string_view russian, std::string_view english) {
  return std::string(language == TextLanguage::russian ? russian : english);
}

std::string doubt_text(PacingDoubt doubt, TextLanguage language) {
  switch (doubt) {
    case PacingDoubt::none: return {};
    case PacingDoubt::clock_went_back: return in_words(language, "часы пошли назад: звонки не начинаются", "the clock went back: no call is started");
    case PacingDoubt::stale_view: return in_words(language, "сведения старше десяти секунд: звонки не начинаются", "what is seen is older than ten seconds: no call is started");
    case PacingDoubt::contradiction: return in_words(language, "сведения противоречат друг другу: звонки не начинаются", "what is seen contradicts itself: no call is started");
    case PacingDoubt::clock_jumped: return in_words(language, "был перерыв в работе: пока по одной линии на свободного оператора", "the node stood still: one line per idle agent for now");
    case PacingDoubt::calls_fail: return in_words(language, "почти все звонки срываются до гудков, посмотрите на транки: по одной линии на свободного оператора",
                                                  "nearly every call fails before it rings, look at the trunks: one line per idle agent");
    case PacingDoubt::nobody_answers: return in_words(language, "сотни звонков и почти ни одного человека: по одной линии на свободного оператора",
                                                      "hundreds of calls and next to no person: one line per idle agent");
  }
  return {};
}

std::string counts_text(const PacingDecision& d, TextLanguage language) {
  return fmt::format(fmt::runtime(in_words(language, "операторы: свободны {}, говорят {}, заполняют {}; звонков в пути {}; в списке {}; свободных линий {}",
                                           "agents: idle {}, talking {}, wrapping up {}; calls on the way {}; in the list {}; free lines {}")),
                     d.agents_ready, d.agents_talking, d.agents_wrapping, d.calls_in_flight, d.list_available, d.channels_free);
}

std::string forecast_text(const PacingDecision& d, TextLanguage language) {
  return fmt::format(fmt::runtime(in_words(language, "за {:.0f} с ожидается: ответят людей {:.1f}, свободных операторов {:.1f}; новый звонок отвечает человек с вероятностью {:.0f} %",
                                           "within {:.0f} s: {:.1f} persons expected, {:.1f} agents free; a new call is answered by a person with a chance of {:.0f} %")),
                     d.horizon_s, d.expected_live, d.expected_free, 100 * d.answer_rate);
}

std::string budget_text(const PacingDecision& d, TextLanguage language) {
  return fmt::format(fmt::runtime(in_words(language, "брошено {:.1f} % ответивших; бюджет выдержит ещё {:.1f} (меньше нуля: перерасход)",
                                           "{:.1f} % of those who answered were abandoned; the budget bears {:.1f} more (below zero: overdrawn)")),
                     100 * d.abandon_rate, d.budget_left);
}

/// Which limit bound how often.
std::string shares_text(const std::vector<PacingDecision>& decisions, TextLanguage language) {
  using Bound = std::pair<PacingLimit, PacingDoubt>;
  std::map<Bound, std::size_t> counts;
  for (const PacingDecision& d : decisions) ++counts[{d.limit, d.limit == PacingLimit::doubt ? d.doubt : PacingDoubt::none}];
  std::vector<std::pair<std::size_t, Bound>> rows;
  for (const auto& [bound, count] : counts) rows.emplace_back(count, bound);
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (const auto& [count, bound] : rows) {
    const PacingLimit limit = bound.first;
    PacingDecision example;
    example.limit = limit;
    example.doubt = bound.second;
    example.is_progressive = std::all_of(decisions.begin(), decisions.end(), [limit](const PacingDecision& d) { return d.limit != limit || d.is_progressive; });
    text += fmt::format("  {:>3.0f} %  {}\n", 100.0 * static_cast<double>(count) / static_cast<double>(decisions.size()), pace_limit_text(example, language));
  }
  return text;
}

}  // namespace

std::string pace_limit_text(const PacingDecision& d, TextLanguage language) {
  if (d.doubt != PacingDoubt::none) return doubt_text(d.doubt, language);
  switch (d.limit) {
    case PacingLimit::agents:
      return d.is_progressive ? in_words(language, "по одной линии на свободного оператора", "one line per idle agent")
                              : in_words(language, "ещё один звонок слишком вероятно найдёт человека без оператора", "one more call would too likely find its person without an agent");
    case PacingLimit::budget: return in_words(language, "бюджет брошенных не выдержит ещё одного: по одной линии на свободного оператора", "the abandon budget cannot bear one more: one line per idle agent");
    case PacingLimit::cold_start: return in_words(language, "звонков ещё мало, чтобы предсказывать: по одной линии на свободного оператора", "too few calls yet to forecast: one line per idle agent");
    case PacingLimit::channels: return in_words(language, "у транков кампании нет свободных линий: заняты или транк недоступен", "the campaign's trunks have no free line: in use, or a trunk is down");
    case PacingLimit::start_rate: return in_words(language, "предел новых звонков в секунду", "the limit of new calls a second");
    case PacingLimit::list: return in_words(language, "звонить больше некому", "nobody is left to be dialed now");
    case PacingLimit::nobody: return in_words(language, "нет ни одного оператора", "no agent is there");
    case PacingLimit::cost: return in_words(language, "звонок впрок стоит дороже, чем приносит: по одной линии на свободного оператора", "a line ahead of the agents costs more than it brings: one line per idle agent");
    case PacingLimit::target_idle: return in_words(language, "операторы ждут не дольше заданного, рисковать больше незачем", "agents wait no longer than the target: no more risk is taken");
    case PacingLimit::doubt: return in_words(language, "сведениям нельзя верить", "what is seen cannot be believed");
  }
  return {};
}

std::string pace_text(const std::vector<PacingDecision>& decisions, TextLanguage language) {
  if (decisions.empty()) return in_words(language, "Решений ещё не было: кампания не запущена или запущена только что.\n",
                                         "No decision yet: the campaign has not run, or has only just begun to.\n");
  int dials = 0;
  for (const PacingDecision& d : decisions) dials += d.dials;
  const PacingDecision& last = decisions.back();
  std::string text = fmt::format(fmt::runtime(in_words(language, "Решений: {} за {:.1f} с, запрошено звонков: {}.\n\nПоследнее решение, звонков: {}\n",
                                                       "Decisions: {} in {:.1f} s, calls asked for: {}.\n\nThe last decision, calls: {}\n")),
                                 decisions.size(), last.at_s - decisions.front().at_s, dials, last.dials);
  text += "  " + counts_text(last, language) + "\n";
  if (last.horizon_s > 0) text += "  " + forecast_text(last, language) + "\n";
  text += "  " + budget_text(last, language) + "\n";
  text += "  " + in_words(language, "почему не больше: ", "why not more: ") + pace_limit_text(last, language) + "\n";
  return text + in_words(language, "\nЧто ограничивало все эти решения:\n", "\nWhat limited all these decisions:\n") + shares_text(decisions, language);
}

}  // namespace dunlin
