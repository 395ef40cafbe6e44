#pragma once
// Reads typed options out of a TOML table, remembers where each value came from and lists every problem found.
// Used by config/settings and by other TOML documents of the node; single thread, at start only.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "config/settings.hpp"
#include "config/text_distance.hpp"

namespace dunlin {

/// Collects problems and origins over a whole document.
struct OptionLog {
  std::string file_name;
  Environment environment;
  std::vector<SettingView> effective;
  std::vector<std::string> problems;
  std::set<std::string> known_variables;  ///< Of options that were read, whether the environment holds them or not.
};

/// Every variable of the environment that no option was read from becomes a problem: a mistyped one must not be silent.
void report_unknown_variables(OptionLog& log);

/// One table of the document. Every option read is marked known; finish() reports the rest as unknown.
class OptionTable {
 public:
  OptionTable(OptionLog& log, const toml::table* table, std::string path) : log_(log), table_(table), path_(std::move(path)) {}

  void text(std::string_view key, std::string& value);
  void text_of(std::string_view key, std::string& value, const std::vector<std::string>& allowed);
  void path_value(std::string_view key, std::filesystem::path& value);
  void integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high);
  void integer(std::string_view key, int& value, int low, int high);
  void number(std::string_view key, double& value, double low, double high);
  void boolean(std::string_view key, bool& value);
  /// From the environment: "a, b"; empty = an empty list.
  void texts(std::string_view key, std::vector<std::string>& value);

  OptionTable child(std::string_view key);
  std::vector<OptionTable> children(std::string_view key);
  /// Adds a problem at the place of `key`: the variable that gives it, its line, or the table when the key is absent.
  void complain(std::string_view key, const std::string& what);
  /// Reports unknown keys with the nearest known one.
  void finish();

 private:
  const toml::node* take(std::string_view key);
  std::optional<std::string> overridden(std::string_view key) const;
  std::string variable_name(std::string_view key) const;
  void read_items(std::string_view key, const toml::array& list, std::vector<std::string>& value);
  void remember(std::string_view key, std::string value, const toml::node* node, bool is_from_environment);
  std::string full_path(std::string_view key) const { return path_.empty() ? std::string(key) : path_ + "." + std::string(key); }
  std::string place(const toml::node* node) const;

  OptionLog& log_;
  const toml::table* table_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace dunlin
