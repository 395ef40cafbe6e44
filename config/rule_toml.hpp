#pragma once
// The law packs' door to toml++: a TOML text becomes a neutral tree that remembers its lines. Any thread, no files.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

enum class TomlKind : std::uint8_t { text, integer, real, boolean, date, time, list, table, other };

struct TomlNode {
  TomlKind kind = TomlKind::other;
  int line = 0;
  std::string text;
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  CivilDate date;
  int second_of_day = 0;
  std::vector<TomlNode> items;
  std::map<std::string, TomlNode, std::less<>> fields;
};

/// Stands for a table the file does not have.
const TomlNode& absent_table();

/// Errors name file, line and column.
Result<TomlNode> parse_toml(const std::string& file, std::string_view text);

}  // namespace dunlin
