#pragma once
// Words of one request, read by the usage text of its command: the text people see is the grammar that is checked.
// "USER [REASON] [--skills a,b] [--force]": one required word, one optional, an option with a value, a flag. A last
// word that ends in "..." may be repeated. Pure.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

struct OptionSpec {
  std::string name;        ///< Without the dashes.
  std::string value;       ///< What the usage calls its value ("N", "ru|en"); empty: a flag.
  bool is_flag() const { return value.empty(); }
};

struct Usage {
  std::vector<std::string> words;     ///< Names of positional words, optional ones included.
  std::size_t required = 0;
  bool takes_more = false;
  std::vector<OptionSpec> options;
};
Usage parse_usage(std::string_view text);

class Arguments {
 public:
  /// Errors: an unknown option (with the nearest known one), a missing value or word, a word too many.
  static Result<Arguments> parse(const std::vector<std::string>& words, const Usage& usage);
  std::size_t count() const { return positional_.size(); }
  /// The n-th positional argument, or an error that names what is missing.
  Result<std::string> at(std::size_t index, std::string_view what) const;
  std::string option(const std::string& name, std::string fallback = {}) const;
  bool has(const std::string& name) const { return options_.count(name) != 0; }
  Result<std::int64_t> number(const std::string& name, std::int64_t fallback) const;
  const std::map<std::string, std::string>& options() const { return options_; }

 private:
  std::vector<std::string> positional_;
  std::map<std::string, std::string> options_;
};

/// "a, b c" → a, b, c.
std::vector<std::string> split_list(const std::string& text);

}  // namespace dunlin
