#pragma once
// Reads the fields of one table of a law pack. The first fault is kept and every later read gives a harmless value, so
// that reading code stays straight; finish() answers the fault, or names a field nobody asked for. Loading only.
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/rule_toml.hpp"
#include "core/base/result.hpp"

namespace dunlin {

class FieldReader {
 public:
  /// The table must outlive the reader. `where` is what a fault calls the table: "rule RU-HRS-WD".
  FieldReader(std::string file, std::string where, const TomlNode& table);

  bool has(std::string_view name) const { return table_.fields.find(name) != table_.fields.end(); }
  int line_of(std::string_view name) const;

  std::string text(std::string_view name);
  std::string text_or(std::string_view name, std::string fallback);
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
  /// A number given as 3 or 3.0, in thousandths.
  int thousandths(std::string_view name, int least, int most);
  bool boolean_or(std::string_view name, bool fallback);
  CivilDate date(std::string_view name);
  CivilDate date_or(std::string_view name, CivilDate fallback);
  int second_of_day(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  std::vector<std::string> texts_or_none(std::string_view name);
  std::vector<CivilDate> dates(std::string_view name);
  /// The tables of a list; nothing when absent.
  std::vector<const TomlNode*> tables(std::string_view name);
  /// Marks the field as known without reading it.
  void accept(std::string_view name) { known_.insert(std::string(name)); }

  /// Keeps a fault about a field unless an earlier one is kept.
  void fail(std::string_view field, const std::string& what);
  const std::optional<Error>& fault() const { return fault_; }
  /// The first fault, or an unknown field, or Done.
  Status finish();

 private:
  const TomlNode* find(std::string_view name, TomlKind kind, std::string_view expected);

  std::string file_;
  std::string where_;
  const TomlNode& table_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> fault_;
};

/// The faults of several tables as one error, a line each.
Error joined_faults(const std::vector<std::string>& faults);

}  // namespace dunlin
