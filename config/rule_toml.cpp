#include "config/rule_toml.hpp"

#include <toml++/toml.h>

namespace dunlin {
namespace {

CivilDate date_of(const toml::date& date) { return {date.year, date.month, date.day}; }

TomlNode convert(const toml::node& node);

void convert_value(const toml::node& node, TomlNode& result) {
  if (const auto* text = node.as_string()) {
    result.kind = TomlKind::text;
    result.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    result.kind = TomlKind::integer;
    result.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    result.kind = TomlKind::real;
    result.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    result.kind = TomlKind::boolean;
    result.boolean = boolean->get();
  } else if (const auto* date = node.as_date()) {
    result.kind = TomlKind::date;
    result.date = date_of(date->get());
  } else if (const auto* time = node.as_time()) {
    result.kind = TomlKind::time;
    const toml::time& wall = time->get();
    result.second_of_day = wall.hour * 3600 + wall.minute * 60 + wall.second;
  }
}

TomlNode convert(const toml::node& node) {
  TomlNode result;
  result.line = static_cast<int>(node.source().begin.line);
  if (const auto* table = node.as_table()) {
    result.kind = TomlKind::table;
    for (const auto& [key, value] : *table) result.fields.emplace(std::string(key.str()), convert(value));
  } else if (const auto* list = node.as_array()) {
    result.kind = TomlKind::list;
    for (const toml::node& item : *list) result.items.push_back(convert(item));
  } else {
    convert_value(node, result);
  }
  return result;
}

}  // namespace

const TomlNode& absent_table() {
  static const TomlNode table = [] {
    TomlNode node;
    node.kind = TomlKind::table;
    return node;
  }();
  return table;
}

Result<TomlNode> parse_toml(const std::string& file, std::string_view text) {
  try {
    return convert(toml::parse(text, file));
  } catch (const toml::parse_error& fault) {
    return invalid_input(file + ":" + std::to_string(fault.source().begin.line) + ":" +
                         std::to_string(fault.source().begin.column) + ": " + std::string(fault.description()));
  }
}

}  // namespace dunlin
