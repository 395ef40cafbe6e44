#include "api/arguments.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>
#include <utility>

#include "config/text_distance.hpp"

namespace dunlin {
namespace {

bool is_option(std::string_view word) { return word.size() > 2 && word.substr(0, 2) == "--"; }

std::string without(std::string word, char unwanted) {
  word.erase(std::remove(word.begin(), word.end(), unwanted), word.end());
  return word;
}

std::string bare(const std::string& word) { return without(without(word, '['), ']'); }

const OptionSpec* find_option(const Usage& usage, std::string_view name) {
  const auto found = std::find_if(usage.options.begin(), usage.options.end(), [name](const OptionSpec& spec) { return spec.name == name; });
  return found == usage.options.end() ? nullptr : &*found;
}

Error unknown_option(const Usage& usage, const std::string& name) {
  std::vector<std::string> known;
  for (const OptionSpec& spec : usage.options) known.push_back(spec.name);
  const auto guess = nearest(name, known);
  std::string text = "unknown option --" + name;
  if (guess) text += "; did you mean --" + *guess + "?";
  else if (known.empty()) text += "; this command has none";
  return invalid_input(text);
}

}  // namespace

Usage parse_usage(std::string_view text) {
  Usage usage;
  std::istringstream stream{std::string(text)};
  std::vector<std::string> tokens;
  for (std::string token; stream >> token;) tokens.push_back(token);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string name = bare(tokens[i]);
    if (!is_option(name)) {
      usage.takes_more = usage.takes_more || name.ends_with("...");
      if (tokens[i].front() != '[') ++usage.required;
      usage.words.push_back(without(name, '.'));
      continue;
    }
    OptionSpec spec{name.substr(2), {}};
    const bool ends_here = tokens[i].back() == ']' || i + 1 == tokens.size() || is_option(bare(tokens[i + 1])) || tokens[i + 1].front() == '[';
    if (!ends_here) spec.value = bare(tokens[++i]);
    usage.options.push_back(std::move(spec));
  }
  return usage;
}

Result<Arguments> Arguments::parse(const std::vector<std::string>& words, const Usage& usage) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_option(words[i])) {
      const bool is_short_option = words[i].size() > 1 && words[i][0] == '-' && std::isdigit(static_cast<unsigned char>(words[i][1])) == 0;
      if (is_short_option) return invalid_input("unknown option " + words[i]);
      arguments.positional_.push_back(words[i]);
      continue;
    }
    const std::size_t mark = words[i].find('=');
    const std::string name = words[i].substr(2, mark == std::string::npos ? mark : mark - 2);
    const OptionSpec* spec = find_option(usage, name);
    if (spec == nullptr) return unknown_option(usage, name);
    if (spec->is_flag() && mark != std::string::npos) return invalid_input("--" + name + " takes no value");
    if (!spec->is_flag() && mark == std::string::npos && (i + 1 == words.size() || is_option(words[i + 1]))) {
      return invalid_input("--" + name + " needs a value: " + spec->value);
    }
    if (spec->is_flag()) arguments.options_[name] = "";
    else arguments.options_[name] = mark != std::string::npos ? words[i].substr(mark + 1) : words[++i];
  }
  if (arguments.positional_.size() < usage.required) return invalid_input("missing " + usage.words[arguments.positional_.size()]);
  if (!usage.takes_more && arguments.positional_.size() > usage.words.size()) {
    return invalid_input("\"" + arguments.positional_[usage.words.size()] + "\" is a word too many");
  }
  return arguments;
}

Result<std::string> Arguments::at(std::size_t index, std::string_view what) const {
  if (index < positional_.size()) return positional_[index];
  return invalid_input("missing " + std::string(what));
}

std::string Arguments::option(const std::string& name, std::string fallback) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::move(fallback) : found->second;
}

Result<std::int64_t> Arguments::number(const std::string& name, std::int64_t fallback) const {
  const auto found = options_.find(name);
  if (found == options_.end()) return fallback;
  std::int64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return invalid_input("--" + name + " must be a whole number");
  return value;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + ",") {
    if (c != ',' && c != ' ') word += c;
    else if (!word.empty()) words.push_back(std::exchange(word, {}));
  }
  return words;
}

}  // namespace dunlin
