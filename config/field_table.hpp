#pragma once
// One table of a TOML document that people write (strategies, flows): typed reads, words of a known list with the nearest
// one when mistyped, unknown fields named. The first fault of a table is kept and names file, line, field and what is
// allowed. Loading only.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/rule_fields.hpp"
#include "config/text_distance.hpp"

namespace dunlin {

using FieldNames = std::vector<std::string>;

/// "90s", "15m", "2h", "3d": what delays are written in.
Result<Duration> parse_span(std::string_view text);
/// The shortest such text.
std::string span_text(Duration span);

template <class Enum, class Name>
FieldNames names_of_all(int count, Name name) {
  FieldNames names;
  for (int i = 0; i < count; ++i) names.emplace_back(name(static_cast<Enum>(i)));
  return names;
}

template <class Value>
Result<Value> parse_listed(const FieldNames& names, std::string_view text) {
  const auto place = std::find(names.begin(), names.end(), text);
  if (place == names.end()) return invalid_input("not known");
  return static_cast<Value>(place - names.begin());
}

/// One table of the file: typed reads that keep the first fault, and unknown fields named with the nearest known one.
class FieldTable {
 public:
  FieldTable(const std::string& file, std::string where, const TomlNode& node, const FieldNames& allowed)
      : reader_(file, std::move(where), node), node_(node), allowed_(allowed) {}

  FieldReader& reader() { return reader_; }
  bool has(std::string_view name) const { return reader_.has(name); }
  int line() const { return node_.line; }
  const TomlNode* child(std::string_view name) {
    reader_.accept(name);
    const auto found = node_.fields.find(name);
    return found == node_.fields.end() ? nullptr : &found->second;
  }
  /// A list of texts; one text alone is a list of one.
  std::vector<std::string> words(std::string_view name) {
    const TomlNode* node = child(name);
    if (node == nullptr) return {};
    if (node->kind == TomlKind::text) return {node->text};
    std::vector<std::string> list = reader_.texts(name);
    if (list.empty()) reader_.fail(name, "an empty list fits nobody; leave the field out");
    return list;
  }
  std::optional<std::int64_t> whole(std::string_view name, std::int64_t least, std::int64_t most) {
    if (!has(name)) return std::nullopt;
    return reader_.integer(name, least, most);
  }
  std::optional<std::uint32_t> count(std::string_view name, std::int64_t least, std::int64_t most) {
    const auto value = whole(name, least, most);
    return value ? std::optional<std::uint32_t>(static_cast<std::uint32_t>(*value)) : std::nullopt;
  }
  std::optional<std::string> word(std::string_view name) {
    if (!has(name)) return std::nullopt;
    return reader_.text(name);
  }
  /// Words that a parser of core knows. Its errors lack the field and this one adds it.
  template <class Value, class Parse>
  std::vector<Value> parsed(std::string_view name, const FieldNames& allowed, Parse parse) {
    std::vector<Value> values;
    for (const std::string& text : words(name)) {
      const auto value = parse(text);
      if (!value) reader_.fail(name, "\"" + text + "\" is not known" + guess_text(text, allowed));
      else if (std::find(values.begin(), values.end(), *value) != values.end()) reader_.fail(name, "\"" + text + "\" is named twice");
      else values.push_back(*value);
    }
    return values;
  }
  template <class Value, class Parse>
  std::optional<Value> one(std::string_view name, const FieldNames& allowed, Parse parse) {
    const auto text = word(name);
    if (!text) return std::nullopt;
    const auto value = parse(*text);
    if (value) return *value;
    reader_.fail(name, "\"" + *text + "\" is not known" + guess_text(*text, allowed));
    return std::nullopt;
  }
  Duration span(std::string_view name, Duration fallback) {
    const auto text = word(name);
    if (!text) return fallback;
    const auto span = parse_span(*text);
    if (!span) reader_.fail(name, span.error().detail);
    return span ? *span : fallback;
  }
  /// Nullopt: nothing is wrong.
  std::optional<std::string> fault() {
    for (const auto& [name, node] : node_.fields) {
      if (std::find(allowed_.begin(), allowed_.end(), name) == allowed_.end()) reader_.fail(name, "is not known here" + guess_text(name, allowed_));
    }
    const Status status = reader_.finish();
    return status ? std::nullopt : std::optional<std::string>(status.error().detail);
  }

 private:
  FieldReader reader_;
  const TomlNode& node_;
  const FieldNames& allowed_;
};

}  // namespace dunlin
