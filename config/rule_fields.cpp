#include "config/rule_fields.hpp"

#include <cmath>
#include <utility>

namespace dunlin {

FieldReader::FieldReader(std::string file, std::string where, const TomlNode& table)
    : file_(std::move(file)), where_(std::move(where)), table_(table) {
  if (table.kind != TomlKind::table) fail("", "must be a table");
}

int FieldReader::line_of(std::string_view name) const {
  const auto found = table_.fields.find(name);
  return found == table_.fields.end() ? table_.line : found->second.line;
}

void FieldReader::fail(std::string_view field, const std::string& what) {
  if (fault_) return;
  std::string text = file_ + ":" + std::to_string(line_of(field)) + ": " + where_;
  if (!field.empty()) text += ", field " + std::string(field);
  fault_ = invalid_input(text + ": " + what);
}

const TomlNode* FieldReader::find(std::string_view name, TomlKind kind, std::string_view expected) {
  accept(name);
  const auto found = table_.fields.find(name);
  if (found == table_.fields.end()) {
    fail(name, "is missing, " + std::string(expected) + " is needed");
    return nullptr;
  }
  if (found->second.kind == kind) return &found->second;
  fail(name, std::string(expected) + " is needed");
  return nullptr;
}

std::string FieldReader::text(std::string_view name) {
  const TomlNode* node = find(name, TomlKind::text, "a text");
  if (node == nullptr) return {};
  if (node->text.empty()) fail(name, "must not be empty");
  return node->text;
}

std::string FieldReader::text_or(std::string_view name, std::string fallback) {
  return has(name) ? text(name) : std::move(fallback);
}

std::int64_t FieldReader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const TomlNode* node = find(name, TomlKind::integer, "a whole number");
  if (node == nullptr) return least;
  if (node->integer >= least && node->integer <= most) return node->integer;
  fail(name, "must lie between " + std::to_string(least) + " and " + std::to_string(most));
  return least;
}

int FieldReader::thousandths(std::string_view name, int least, int most) {
  accept(name);
  const auto found = table_.fields.find(name);
  double value = -1;
  if (found != table_.fields.end() && found->second.kind == TomlKind::real) value = found->second.real;
  if (found != table_.fields.end() && found->second.kind == TomlKind::integer) {
    value = static_cast<double>(found->second.integer);
  }
  const double scaled = std::round(value * 1000);
  if (scaled >= least && scaled <= most) return static_cast<int>(scaled);
  fail(name, "a number of percent is needed");
  return least;
}

bool FieldReader::boolean_or(std::string_view name, bool fallback) {
  if (!has(name)) return fallback;
  const TomlNode* node = find(name, TomlKind::boolean, "true or false");
  return node == nullptr ? fallback : node->boolean;
}

CivilDate FieldReader::date(std::string_view name) {
  const TomlNode* node = find(name, TomlKind::date, "a date like 2026-01-31");
  return node == nullptr ? CivilDate{1970, 1, 1} : node->date;
}

CivilDate FieldReader::date_or(std::string_view name, CivilDate fallback) { return has(name) ? date(name) : fallback; }

int FieldReader::second_of_day(std::string_view name) {
  const TomlNode* node = find(name, TomlKind::time, "a time like 08:00:00");
  return node == nullptr ? 0 : node->second_of_day;
}

std::vector<std::string> FieldReader::texts(std::string_view name) {
  std::vector<std::string> values;
  const TomlNode* list = find(name, TomlKind::list, "a list of texts");
  if (list == nullptr) return values;
  for (const TomlNode& item : list->items) {
    if (item.kind != TomlKind::text) fail(name, "every item must be a text");
    values.push_back(item.text);
  }
  return values;
}

std::vector<std::string> FieldReader::texts_or_none(std::string_view name) {
  return has(name) ? texts(name) : std::vector<std::string>();
}

std::vector<CivilDate> FieldReader::dates(std::string_view name) {
  std::vector<CivilDate> values;
  const TomlNode* list = find(name, TomlKind::list, "a list of dates");
  if (list == nullptr) return values;
  for (const TomlNode& item : list->items) {
    if (item.kind != TomlKind::date) fail(name, "every item must be a date");
    else values.push_back(item.date);
  }
  return values;
}

std::vector<const TomlNode*> FieldReader::tables(std::string_view name) {
  std::vector<const TomlNode*> values;
  if (!has(name)) return values;
  const TomlNode* list = find(name, TomlKind::list, "a list of tables");
  if (list == nullptr) return values;
  for (const TomlNode& item : list->items) {
    if (item.kind != TomlKind::table) fail(name, "every item must be a table");
    else values.push_back(&item);
  }
  return values;
}

Status FieldReader::finish() {
  for (const auto& [name, node] : table_.fields) {
    if (known_.find(name) == known_.end()) fail(name, "is not known here");
  }
  if (fault_) return *fault_;
  return Done{};
}

Error joined_faults(const std::vector<std::string>& faults) {
  std::string all;
  for (const std::string& fault : faults) all += (all.empty() ? "" : "\n") + fault;
  return invalid_input(all);
}

}  // namespace dunlin
