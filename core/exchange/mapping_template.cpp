#include <algorithm>
#include <charconv>

#include "core/exchange/person_key.hpp"
#include "core/exchange/row_mapping.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_template_bytes = 256 * 1024;
constexpr std::size_t max_template_columns = 512;
constexpr std::string_view header_line = "version = 1";

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out + "\"";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

/// The inside of a basic TOML string; nothing when it is not one.
Result<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return invalid_input("a text in quotes is expected");
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return invalid_input("a quote inside a text must be escaped");
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return invalid_input("a text ends in a backslash");
    if (text[i] != 'n' && text[i] != '"' && text[i] != '\\') return invalid_input("unknown escape in a text");
    out += text[i] == 'n' ? '\n' : text[i];
  }
  return out;
}

/// Reads the document line by line; `line_` names the place of an error.
class TemplateParser {
 public:
  Result<MappingTemplate> parse(std::string_view toml) {
    if (toml.size() > max_template_bytes) return invalid_input("the template is longer than 256 kB");
    while (!toml.empty()) {
      ++line_;
      const std::size_t end = toml.find('\n');
      const auto status = take_line(trimmed(toml.substr(0, end)));
      if (!status) return invalid_input("line " + std::to_string(line_) + ": " + status.error().detail);
      toml = end == std::string_view::npos ? std::string_view() : toml.substr(end + 1);
    }
    if (!has_version_) return invalid_input("the template lacks \"" + std::string(header_line) + "\"");
    return std::move(result_);
  }

 private:
  Status take_line(std::string_view text) {
    if (text.empty() || text.front() == '#') return Done{};
    if (text == "[[column]]") {
      if (result_.mapping.targets.size() == max_template_columns)
        return invalid_input("more than 512 columns");
      result_.mapping.header.emplace_back();
      result_.mapping.targets.emplace_back();
      return Done{};
    }
    const std::size_t mark = text.find('=');
    if (mark == std::string_view::npos) return invalid_input("\"key = value\" is expected");
    const std::string_view key = trimmed(text.substr(0, mark));
    const std::string_view value = trimmed(text.substr(mark + 1));
    return result_.mapping.targets.empty() ? take_head(key, value) : take_column(key, value);
  }

  Status take_head(std::string_view key, std::string_view value) {
    if (key == "version") {
      has_version_ = value == "1";
      return has_version_ ? Status(Done{}) : Status(invalid_input("only version 1 is known"));
    }
    auto text = unquoted(value);
    if (!text) return text.error();
    if (key == "name")
      result_.name = *text;
    else if (key == "source")
      result_.source = *text;
    else if (key == "portfolio")
      result_.portfolio = *text;
    else
      return invalid_input("unknown key");
    return Done{};
  }

  Status take_column(std::string_view key, std::string_view value) {
    ColumnTarget& target = result_.mapping.targets.back();
    target.is_sure = true;
    if (key == "slot") {
      const auto read = std::from_chars(value.data(), value.data() + value.size(), target.slot);
      const bool is_whole = read.ec == std::errc() && read.ptr == value.data() + value.size();
      return is_whole ? Status(Done{}) : Status(invalid_input("a slot is a number from 0 to 255"));
    }
    auto text = unquoted(value);
    if (!text) return text.error();
    if (key == "title") {
      result_.mapping.header.back() = *text;
      return Done{};
    }
    if (key == "field") return assign(target.field, parse_field(*text));
    if (key == "owner") return assign(target.owner, parse_party_role(*text));
    if (key == "type") return assign(target.type, parse_phone_type(*text));
    return invalid_input("unknown key");
  }

  template <class T>
  static Status assign(T& place, const Result<T>& value) {
    if (!value) return value.error();
    place = *value;
    return Done{};
  }

  MappingTemplate result_;
  bool has_version_ = false;
  int line_ = 0;
};

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return h;
}

}  // namespace

std::string serialise(const MappingTemplate& tmpl) {
  std::string out = std::string(header_line) + "\nname = " + quoted(tmpl.name) +
                    "\nsource = " + quoted(tmpl.source) + "\nportfolio = " + quoted(tmpl.portfolio) + "\n";
  for (std::size_t i = 0; i < tmpl.mapping.targets.size(); ++i) {
    const ColumnTarget& target = tmpl.mapping.targets[i];
    out += "\n[[column]]\ntitle = " + quoted(tmpl.mapping.header[i]) +
           "\nfield = " + quoted(to_string(target.field)) + "\n";
    if (!is_phone_field(target.field)) continue;
    out += "slot = " + std::to_string(target.slot) + "\nowner = " + quoted(to_string(target.owner)) +
           "\ntype = " + quoted(to_string(target.type)) + "\n";
  }
  return out;
}

Result<MappingTemplate> parse_template(std::string_view toml) {
  return TemplateParser().parse(toml);
}

Result<ColumnMapping> apply_template(const MappingTemplate& tmpl, const std::vector<std::string>& header) {
  ColumnMapping mapping{header, std::vector<ColumnTarget>(header.size())};
  std::vector<std::string> folded;
  folded.reserve(header.size());
  for (const auto& title : header) folded.push_back(fold_title(title));
  std::vector<bool> is_taken(header.size(), false);
  std::string lacking;
  for (std::size_t i = 0; i < tmpl.mapping.targets.size(); ++i) {
    const std::string wanted = fold_title(tmpl.mapping.header[i]);
    std::size_t column = 0;
    while (column < folded.size() && (is_taken[column] || folded[column] != wanted)) ++column;
    if (column < folded.size()) {
      mapping.targets[column] = tmpl.mapping.targets[i];
      is_taken[column] = true;
    } else if (tmpl.mapping.targets[i].field != Field::ignored) {
      lacking += (lacking.empty() ? "\"" : ", \"") + tmpl.mapping.header[i] + "\"";
    }
  }
  if (!lacking.empty())
    return invalid_input("the file lacks the columns " + lacking + " of template \"" + tmpl.name + "\"");
  return mapping;
}

std::uint64_t header_signature(const std::vector<std::string>& header) {
  std::vector<std::string> titles;
  titles.reserve(header.size());
  for (const auto& title : header) titles.push_back(fold_title(title));
  std::sort(titles.begin(), titles.end());
  std::string all;
  for (const auto& title : titles) all += title + '\n';
  return fnv1a(all);
}

}  // namespace dunlin
