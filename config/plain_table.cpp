#include "config/plain_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/text_distance.hpp"

namespace dunlin {
PlainTable::PlainTable(const std::string& file, std::string where, const TomlNode* table)
    : table_(table != nullptr ? *table : absent_table()), reader_(file, std::move(where), table_) {}

const TomlNode* PlainTable::find(std::string_view name) {
  known_.emplace_back(name);
  reader_.accept(name);
  const auto found = table_.fields.find(name);
  return found == table_.fields.end() ? nullptr : &found->second;
}

const TomlNode* PlainTable::child(std::string_view name) {
  const TomlNode* node = find(name);
  if (node == nullptr || node->kind == TomlKind::table) return node;
  fail(name, fmt::format("must be a table: [{}]", name));
  return nullptr;
}

void PlainTable::number(std::string_view name, double& value, Limits limits) {
  const TomlNode* node = find(name);
  if (node == nullptr) return;
  const bool is_number = node->kind == TomlKind::real || node->kind == TomlKind::integer;
  const double given = node->kind == TomlKind::integer ? static_cast<double>(node->integer) : node->real;
  if (is_number && given >= limits.least && given <= limits.most) value = given;
  else fail(name, fmt::format("must be a number from {:g} to {:g}", limits.least, limits.most));
}

void PlainTable::whole(std::string_view name, int& value, int least, int most) {
  if (find(name) != nullptr) value = static_cast<int>(reader_.integer(name, least, most));
}

void PlainTable::count(std::string_view name, std::uint32_t& value, std::uint32_t least, std::uint32_t most) {
  if (find(name) != nullptr) value = static_cast<std::uint32_t>(reader_.integer(name, least, most));
}

void PlainTable::text(std::string_view name, std::string& value) {
  if (find(name) != nullptr) value = reader_.text(name);
}

void PlainTable::flag(std::string_view name, bool& value) {
  if (find(name) != nullptr) value = reader_.boolean_or(name, value);
}

void PlainTable::time_of_day(std::string_view name, int& value) {
  if (find(name) != nullptr) value = reader_.second_of_day(name);
}

void PlainTable::texts(std::string_view name, std::vector<std::string>& value) {
  const TomlNode* node = find(name);
  if (node == nullptr) return;
  value = node->kind == TomlKind::text ? std::vector<std::string>{node->text} : reader_.texts(name);
}

void PlainTable::finish(std::vector<std::string>& faults) {
  for (const auto& [name, node] : table_.fields) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    fail(name, "is not known here" + guess_text(name, known_));
  }
  if (const Status status = reader_.finish(); !status) faults.push_back(status.error().detail);
}

}  // namespace dunlin
