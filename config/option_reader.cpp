#include "config/option_reader.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dunlin {
namespace {

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

}  // namespace

void report_unknown_variables(OptionLog& log) {
  const std::vector<std::string> known(log.known_variables.begin(), log.known_variables.end());
  for (const auto& [name, value] : log.environment) {
    if (log.known_variables.count(name) != 0) continue;
    const auto guess = nearest(name, known);
    log.problems.push_back(fmt::format("environment {}: unknown option{}", name, guess ? "; did you mean " + *guess + "?" : ""));
  }
}

const toml::node* OptionTable::take(std::string_view key) {
  known_.insert(std::string(key));
  return table_ ? table_->get(key) : nullptr;
}

std::string OptionTable::variable_name(std::string_view key) const {
  std::string name = "DUNLIN__";
  for (const char c : full_path(key)) {
    if (c == '.') name += "__";
    else name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::optional<std::string> OptionTable::overridden(std::string_view key) const {
  const std::string name = variable_name(key);
  log_.known_variables.insert(name);
  const auto found = log_.environment.find(name);
  if (found == log_.environment.end()) return std::nullopt;
  return found->second;
}

std::string OptionTable::place(const toml::node* node) const {
  const toml::node* where = node ? node : table_;
  if (!where || where->source().begin.line == 0) return log_.file_name;
  return fmt::format("{}:{}", log_.file_name, where->source().begin.line);
}

void OptionTable::complain(std::string_view key, const std::string& what) {
  const std::string variable = variable_name(key);
  const toml::node* node = table_ ? table_->get(key) : nullptr;
  const std::string where = log_.environment.count(variable) != 0 ? "environment " + variable : place(node);
  log_.problems.push_back(fmt::format("{}: {}: {}", where, full_path(key), what));
}

void OptionTable::remember(std::string_view key, std::string value, const toml::node* node, bool is_from_environment) {
  std::string origin = "default";
  if (is_from_environment) origin = "environment " + variable_name(key);
  else if (node) origin = place(node);
  log_.effective.push_back({full_path(key), std::move(value), std::move(origin)});
}

void OptionTable::text(std::string_view key, std::string& value) {
  const toml::node* node = take(key);
  const auto variable = overridden(key);
  if (variable) value = *variable;
  else if (node) {
    if (const auto given = node->value<std::string>(); given && node->is_string()) value = *given;
    else complain(key, "must be a text in quotes");
  }
  remember(key, "\"" + value + "\"", node, variable.has_value());
}

void OptionTable::text_of(std::string_view key, std::string& value, const std::vector<std::string>& allowed) {
  const std::string before = value;
  text(key, value);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  complain(key, fmt::format("\"{}\" is not allowed; allowed: {}", value, fmt::join(allowed, ", ")));
  value = before;
}

void OptionTable::path_value(std::string_view key, std::filesystem::path& value) {
  std::string as_text = value.string();
  text(key, as_text);
  value = as_text;
}

void OptionTable::integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high) {
  const toml::node* node = take(key);
  const auto variable = overridden(key);
  std::optional<std::int64_t> given;
  if (variable) given = read_number<std::int64_t>(*variable);
  else if (node) given = node->is_integer() ? node->value<std::int64_t>() : std::nullopt;
  if (variable || node) {
    if (given && *given >= low && *given <= high) value = *given;
    else complain(key, fmt::format("must be a whole number from {} to {}", low, high));
  }
  remember(key, std::to_string(value), node, variable.has_value());
}

void OptionTable::integer(std::string_view key, int& value, int low, int high) {
  std::int64_t wide = value;
  integer(key, wide, low, high);
  value = static_cast<int>(wide);
}

void OptionTable::number(std::string_view key, double& value, double low, double high) {
  const toml::node* node = take(key);
  const auto variable = overridden(key);
  std::optional<double> given;
  if (variable) given = read_number<double>(*variable);
  else if (node) given = node->is_number() ? node->value<double>() : std::nullopt;
  if (variable || node) {
    if (given && *given >= low && *given <= high) value = *given;
    else complain(key, fmt::format("must be a number from {} to {}", low, high));
  }
  remember(key, fmt::format("{}", value), node, variable.has_value());
}

void OptionTable::boolean(std::string_view key, bool& value) {
  const toml::node* node = take(key);
  const auto variable = overridden(key);
  std::optional<bool> given;
  if (variable) given = *variable == "true" ? std::optional(true) : *variable == "false" ? std::optional(false) : std::nullopt;
  else if (node) given = node->is_boolean() ? node->value<bool>() : std::nullopt;
  if (variable || node) {
    if (given) value = *given;
    else complain(key, "must be true or false");
  }
  remember(key, value ? "true" : "false", node, variable.has_value());
}

void OptionTable::texts(std::string_view key, std::vector<std::string>& value) {
  const toml::node* node = take(key);
  const auto variable = overridden(key);
  if (variable) value = split_at_commas(*variable);
  else if (node && node->is_array()) read_items(key, *node->as_array(), value);
  else if (node) complain(key, "must be a list of texts");
  remember(key, fmt::format("[{}]", fmt::join(value, ", ")), node, variable.has_value());
}

void OptionTable::read_items(std::string_view key, const toml::array& list, std::vector<std::string>& value) {
  value.clear();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto item = list[i].value<std::string>();
    if (item && list[i].is_string()) value.push_back(*item);
    else complain(key, fmt::format("item {} must be a text in quotes", i + 1));
  }
}

OptionTable OptionTable::child(std::string_view key) {
  const toml::node* node = take(key);
  if (node && !node->is_table()) complain(key, fmt::format("must be a table: [{}]", full_path(key)));
  return {log_, node ? node->as_table() : nullptr, full_path(key)};
}

std::vector<OptionTable> OptionTable::children(std::string_view key) {
  std::vector<OptionTable> tables;
  const toml::node* node = take(key);
  if (!node) return tables;
  const toml::array* list = node->as_array();
  if (!list) {
    complain(key, fmt::format("must be a list of tables: [[{}]]", full_path(key)));
    return tables;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (const toml::table* table = list->get(i)->as_table()) tables.emplace_back(log_, table, fmt::format("{}[{}]", full_path(key), i));
    else complain(key, fmt::format("item {} must be a table", i + 1));
  }
  return tables;
}

void OptionTable::finish() {
  if (!table_) return;
  const std::vector<std::string> candidates(known_.begin(), known_.end());
  for (const auto& [key, node] : *table_) {
    const std::string name(key.str());
    if (known_.count(name) != 0) continue;
    const auto guess = nearest(name, candidates);
    log_.problems.push_back(fmt::format("{}: {}: unknown option{}", place(&node), full_path(name), guess ? "; did you mean " + *guess + "?" : ""));
  }
}

}  // namespace dunlin
