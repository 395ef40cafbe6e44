#pragma once
// One table of a TOML file whose fields are all optional: a field that is there replaces the default, and is checked. The
// first fault of a table is kept and names file, line, field and what is allowed. Loading only.
#include <string>
#include <string_view>
#include <vector>

#include "config/rule_fields.hpp"

namespace dunlin {

class PlainTable {
 public:
  struct Limits {
    double least = 0;
    double most = 1;
  };
  /// `table` must outlive this; nullptr = the file has no such table.
  PlainTable(const std::string& file, std::string where, const TomlNode* table);

  void number(std::string_view name, double& value, Limits limits);
  void share(std::string_view name, double& value) { number(name, value, {0, 1}); }
  void whole(std::string_view name, int& value, int least, int most);
  void count(std::string_view name, std::uint32_t& value, std::uint32_t least, std::uint32_t most);
  void text(std::string_view name, std::string& value);
  void flag(std::string_view name, bool& value);
  /// Seconds of the day, written as 09:00:00.
  void time_of_day(std::string_view name, int& value);
  /// One text alone is a list of one.
  void texts(std::string_view name, std::vector<std::string>& value);
  /// A table of the table; nullptr when absent.
  const TomlNode* child(std::string_view name);
  const TomlNode* find(std::string_view name);
  void fail(std::string_view name, const std::string& what) { reader_.fail(name, what); }
  /// The first fault, or an unknown field with the nearest known one, goes to the end of the list.
  void finish(std::vector<std::string>& faults);

 private:
  const TomlNode& table_;
  FieldReader reader_;
  std::vector<std::string> known_;
};

}  // namespace dunlin
