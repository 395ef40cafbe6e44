#include "api/compare_text.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dunlin {
namespace {

constexpr std::size_t most_lines = 40;

bool speaks_russian(TextLanguage language) { return language == TextLanguage::russian; }

std::string_view state_word(CopyState state) {
  switch (state) {
    case CopyState::equal: return "equal";
    case CopyState::behind: return "behind";
    case CopyState::different: return "different";
    case CopyState::not_there: return "not_there";
  }
  return "";
}

std::string_view state_text(CopyState state, TextLanguage language) {
  const bool ru = speaks_russian(language);
  switch (state) {
    case CopyState::equal: return ru ? "одинаковы" : "equal";
    case CopyState::behind: return ru ? "отстаёт" : "behind";
    case CopyState::different: return ru ? "РАЗЛИЧАЮТСЯ" : "DIFFERENT";
    case CopyState::not_there: return ru ? "нет на связи" : "not there";
  }
  return "";
}

std::string_view what_text(FirstDifference::What what, TextLanguage language) {
  const bool ru = speaks_russian(language);
  switch (what) {
    case FirstDifference::What::row_missing: return ru ? "строки нет" : "the row is missing";
    case FirstDifference::What::row_extra: return ru ? "лишняя строка" : "a row too many";
    case FirstDifference::What::row_differs: return ru ? "другая строка" : "another row";
    case FirstDifference::What::key_differs: return ru ? "другой ключ дела" : "another key of the case";
    case FirstDifference::What::index_differs: return ru ? "другой указатель событий дела" : "another index of the case's events";
    case FirstDifference::What::chain_broken: return ru ? "цепочка не сходится: событие изменено" : "the chain does not match: an event was changed";
  }
  return "";
}

std::string name_of(const ComparedCopy& copy) { return copy.place.node.empty() ? "?" + copy.place.store.substr(0, 8) : copy.place.node; }

std::string nodes_of(const ComparedShard& shard) {
  std::vector<std::string> names;
  for (const ComparedCopy& copy : shard.copies) names.push_back(name_of(copy));
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, " "));
}

/// "b: behind at 17, node b does not answer".
std::string troubles_of(const ComparedShard& shard, TextLanguage language) {
  std::string text;
  for (const ComparedCopy& copy : shard.copies) {
    if (copy.state == CopyState::equal) continue;
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", name_of(copy), state_text(copy.state, language));
    if (copy.state == CopyState::behind) text += fmt::format(" ({})", copy.sequence);
    if (!copy.trouble.empty()) text += " (" + copy.trouble + ")";
  }
  return text;
}

std::string difference_text(const FirstDifference& found, TextLanguage language) {
  const bool ru = speaks_russian(language);
  std::string text = fmt::format("{} {}", ru ? "Первое различие: шард" : "First difference: shard", found.shard);
  if (found.case_id.is_set()) text += ", " + found.case_id.str();
  if (found.sequence > 0) text += fmt::format("{} {}", ru ? ", событие шарда" : ", event of the shard", found.sequence);
  if (found.version > 0) text += fmt::format("{} {}", ru ? ", событие дела" : ", event of the case", found.version);
  text += fmt::format("{} {}: {}", ru ? ", на узле" : ", on node", found.node, what_text(found.what, language));
  if (!found.from_node.empty()) text += fmt::format(" ({} {})", ru ? "не как на" : "not as on", found.from_node);
  return text + "\n";
}

std::string summary_text(const HistoryComparison& comparison, TextLanguage language) {
  const bool ru = speaks_russian(language);
  const auto equal = comparison.count_of(CopyState::equal);
  std::string text = comparison.case_id ? comparison.case_id->str()
                                        : fmt::format(fmt::runtime(ru ? "Шардов {}, дел {}, событий {}" : "{} shards, {} cases, {} events"), comparison.shards.size(),
                                                      comparison.cases(), comparison.events());
  const bool is_single = std::all_of(comparison.shards.begin(), comparison.shards.end(), [](const auto& shard) { return shard.copies.size() == 1; });
  if (is_single && equal == comparison.shards.size()) {
    if (comparison.case_id) return text + (ru ? ": копия одна, сравнивать не с чем\n" : ": there is one copy, nothing to compare it with\n");
    return text + (ru ? ": копия одна, её цепочка цела\n" : ": there is one copy, its chain is whole\n");
  }
  if (equal == comparison.shards.size()) return text + (ru ? ": все копии одинаковы\n" : ": all copies are equal\n");
  return text + fmt::format(fmt::runtime(ru ? ": одинаковы {}, различаются {}, отстают {}, нет на связи {}\n" : ": {} equal, {} different, {} behind, {} not there\n"), equal,
                            comparison.count_of(CopyState::different), comparison.count_of(CopyState::behind), comparison.count_of(CopyState::not_there));
}

}  // namespace

std::string comparison_text(const HistoryComparison& comparison, TextLanguage language) {
  const bool ru = speaks_russian(language);
  std::map<std::string, std::pair<std::size_t, std::uint64_t>> equal;
  std::string others;
  std::size_t lines = 0;
  for (const ComparedShard& shard : comparison.shards) {
    const auto nodes = nodes_of(shard);
    if (shard.state == CopyState::equal && comparison.shards.size() > 1) {
      auto& [shards, events] = equal[nodes];
      ++shards;
      events += shard.sequence;
    } else if (++lines <= most_lines) {
      const auto result = shard.state == CopyState::equal ? std::string(state_text(shard.state, language)) : troubles_of(shard, language);
      others += fmt::format("{:<8} {:<20} {:>12}  {}\n", shard.shard, nodes, shard.sequence, result);
    }
  }
  std::string text = fmt::format("{:<8} {:<20} {:>12}  {}\n", ru ? "ШАРД" : "SHARD", ru ? "УЗЛЫ" : "NODES", ru ? "СОБЫТИЙ" : "SEQUENCE", ru ? "КОПИИ" : "COPIES");
  for (const auto& [nodes, sum] : equal) {
    text += fmt::format("{:<8} {:<20} {:>12}  {}\n", fmt::format("{}{}", sum.first, ru ? " шт." : ""), nodes, sum.second, state_text(CopyState::equal, language));
  }
  text += others;
  if (lines > most_lines) text += fmt::format(fmt::runtime(ru ? "… и ещё {}: все в -o json\n" : "… and {} more: all with -o json\n"), lines - most_lines);
  if (const auto* difference = comparison.first_difference()) text += difference_text(*difference, language);
  return text + summary_text(comparison, language);
}

nlohmann::ordered_json comparison_fields(const HistoryComparison& comparison) {
  nlohmann::ordered_json shards = nlohmann::ordered_json::array();
  for (const ComparedShard& shard : comparison.shards) {
    nlohmann::ordered_json copies = nlohmann::ordered_json::array();
    for (const ComparedCopy& copy : shard.copies) {
      copies.push_back({{"node", copy.place.node}, {"store", copy.place.store}, {"result", state_word(copy.state)}, {"sequence", copy.sequence}, {"trouble", copy.trouble}});
    }
    std::string digest;
    for (const unsigned char byte : shard.digest) digest += fmt::format("{:02x}", byte);
    shards.push_back({{"shard", shard.shard}, {"result", state_word(shard.state)}, {"sequence", shard.sequence}, {"cases", shard.cases}, {"digest", digest}, {"copies", std::move(copies)}});
  }
  nlohmann::ordered_json fields = {{"case", comparison.case_id ? comparison.case_id->str() : ""},
                                   {"compared", comparison.shards.size()},
                                   {"equal", comparison.count_of(CopyState::equal)},
                                   {"different", comparison.count_of(CopyState::different)},
                                   {"behind", comparison.count_of(CopyState::behind)},
                                   {"not_there", comparison.count_of(CopyState::not_there)},
                                   {"cases", comparison.cases()},
                                   {"events", comparison.events()},
                                   {"first_difference", nullptr},
                                   {"shards", std::move(shards)}};
  if (const auto* found = comparison.first_difference()) {
    fields["first_difference"] = {{"shard", found->shard}, {"case", found->case_id.is_set() ? found->case_id.str() : ""}, {"sequence", found->sequence},
                                  {"version", found->version}, {"node", found->node}, {"from_node", found->from_node},
                                  {"what", what_text(found->what, TextLanguage::english)}};
  }
  return fields;
}

}  // namespace dunlin
