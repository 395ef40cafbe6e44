#include "gateways/xlsx_reader_book.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "core/base/time.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_styles = 100'000;
constexpr std::size_t max_relations = 10'000;

struct Relation {
  std::string type;
  std::string target;
};

class RelationsHandler final : public XmlHandler {
 public:
  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "Relationship" || attributes.get("TargetMode") == "External") return;
    if (relations.size() == max_relations)
      return fail({Errc::exhausted, "В книге Excel слишком много частей."});
    relations[std::string(attributes.get("Id"))] = {std::string(attributes.get("Type")),
                                                    std::string(attributes.get("Target"))};
  }
  void on_end(std::string_view) override {}
  void on_text(std::string_view) override {}

  /// The target of the first relation whose type ends so; empty when there is none.
  std::string target_of(std::string_view type_end) const {
    for (const auto& [id, relation] : relations) {
      if (std::string_view(relation.type).ends_with(type_end)) return relation.target;
    }
    return "";
  }
  std::map<std::string, Relation> relations;
};

class WorkbookHandler final : public XmlHandler {
 public:
  explicit WorkbookHandler(std::size_t max_sheets) : max_sheets_(max_sheets) {}
  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "workbookPr") {
      const auto flag = attributes.get("date1904");
      has_1904_dates = flag == "1" || flag == "true";
    }
    if (name != "sheet") return;
    if (++count_ > max_sheets_) return fail({Errc::exhausted, "В книге Excel слишком много листов."});
    const auto state = attributes.get("state");
    if (state.empty() || state == "visible")
      sheets.push_back({std::string(attributes.get("name")), std::string(attributes.get("id"))});
  }
  void on_end(std::string_view) override {}
  void on_text(std::string_view) override {}

  std::vector<SheetPlace> sheets;  ///< The part still holds the relation's id.
  bool has_1904_dates = false;

 private:
  std::size_t max_sheets_;
  std::size_t count_ = 0;
};

int to_int(std::string_view text, int otherwise) {
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The formats Excel knows by number and shows as dates (ECMA-376 part 1, 18.8.30; 27-36 and 50-58 in East
/// Asian books).
bool is_builtin_date(int id) {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
}

class StylesHandler final : public XmlHandler {
 public:
  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "numFmt" && custom_.size() < max_styles) {
      custom_[to_int(attributes.get("numFmtId"), -1)] = is_date_format(attributes.get("formatCode"));
    }
    if (name == "cellXfs") is_in_cells_ = true;
    if (name != "xf" || !is_in_cells_) return;
    if (is_date_style.size() == max_styles)
      return fail({Errc::exhausted, "В книге Excel слишком много стилей."});
    const int id = to_int(attributes.get("numFmtId"), 0);
    const auto found = custom_.find(id);
    is_date_style.push_back(found != custom_.end() ? found->second : is_builtin_date(id));
  }
  void on_end(std::string_view name) override {
    if (name == "cellXfs") is_in_cells_ = false;
  }
  void on_text(std::string_view) override {}

  std::vector<bool> is_date_style;

 private:
  std::map<int, bool> custom_;
  bool is_in_cells_ = false;
};

class StringsHandler final : public XmlHandler {
 public:
  StringsHandler(SharedStrings& strings, const TableLimits& limits) : strings_(strings), limits_(limits) {}
  void on_start(std::string_view name, const XmlAttributes&) override {
    if (name == "si") current_.clear();
    if (name == "rPh") is_phonetic_ = true;
    is_in_text_ = name == "t" && !is_phonetic_;
  }
  void on_end(std::string_view name) override {
    if (name == "rPh") is_phonetic_ = false;
    is_in_text_ = false;
    if (name != "si") return;
    strings_.add(current_);
    // The place of every string counts too: a flood of empty strings must end somewhere.
    if (strings_.bytes() + strings_.size() * sizeof(std::uint64_t) > limits_.shared_text_bytes) {
      fail({Errc::exhausted,
            "В книге Excel слишком много текста: разделите её на части или сохраните как .csv."});
    }
  }
  void on_text(std::string_view text) override {
    if (!is_in_text_) return;
    if (current_.size() + text.size() > limits_.cell_bytes)
      return fail({Errc::exhausted, "В книге Excel есть слишком длинный текст."});
    current_ += text;
  }

 private:
  SharedStrings& strings_;
  TableLimits limits_;
  std::string current_;
  bool is_in_text_ = false;
  bool is_phonetic_ = false;
};

std::string relations_part(const std::string& part) {
  const std::size_t slash = part.rfind('/');
  const std::size_t name_at = slash == std::string::npos ? 0 : slash + 1;
  return part.substr(0, name_at) + "_rels/" + part.substr(name_at) + ".rels";
}

/// Names the other kinds of archives people send.
Error not_a_workbook(const ZipPackage& package) {
  if (package.has("xl/workbook.bin"))
    return invalid_input("Это книга .xlsb: откройте её в Excel и сохраните как .xlsx.");
  if (package.has("content.xml")) return invalid_input("Это таблица .ods: сохраните её как .xlsx или .csv.");
  if (package.has("word/document.xml"))
    return invalid_input("Это документ Word: нужна таблица .xlsx или .csv.");
  return invalid_input("Это архив, а не книга Excel: распакуйте его и загрузите таблицу.");
}

Result<std::string> find_workbook_part(const ZipPackage& package) {
  std::string part = "xl/workbook.xml";
  if (package.has("_rels/.rels")) {
    RelationsHandler root;
    if (const auto status = package.parse("_rels/.rels", root); !status) return status.error();
    const std::string target = root.target_of("/officeDocument");
    if (!target.empty()) part = resolve_part("", target);
  }
  if (!package.has(part) || !part.ends_with(".xml") || part.starts_with("word/"))
    return not_a_workbook(package);
  return part;
}

}  // namespace

void SharedStrings::add(std::string_view text) {
  text_ += text;
  ends_.push_back(text_.size());
}

std::string_view SharedStrings::get(std::size_t index) const {
  const std::uint64_t from = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(text_).substr(from, ends_[index] - from);
}

Result<Workbook> read_workbook(const ZipPackage& package, const TableLimits& limits) {
  const auto part = find_workbook_part(package);
  if (!part) return part.error();
  WorkbookHandler book(limits.sheets);
  if (const auto status = package.parse(*part, book); !status) return status.error();
  RelationsHandler links;
  if (package.has(relations_part(*part))) {
    if (const auto status = package.parse(relations_part(*part), links); !status) return status.error();
  }
  Workbook result;
  result.has_1904_dates = book.has_1904_dates;
  for (const auto& sheet : book.sheets) {
    const auto link = links.relations.find(sheet.part);
    if (link == links.relations.end() || !std::string_view(link->second.type).ends_with("/worksheet"))
      continue;
    result.sheets.push_back({sheet.name, resolve_part(*part, link->second.target)});
  }
  const std::string styles = resolve_part(*part, links.target_of("/styles"));
  if (package.has(styles)) {
    StylesHandler handler;
    if (const auto status = package.parse(styles, handler); !status) return status.error();
    result.is_date_style = std::move(handler.is_date_style);
  }
  const std::string strings = resolve_part(*part, links.target_of("/sharedStrings"));
  if (package.has(strings)) {
    StringsHandler handler(result.strings, limits);
    if (const auto status = package.parse(strings, handler); !status) return status.error();
  }
  return result;
}

bool is_date_format(std::string_view code) {
  bool is_quoted = false;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = code[i];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '\\' || c == '_' || c == '*') {
      ++i;  // The next sign is shown as it is, a width or a filling.
    } else if (c == '[') {
      const std::size_t end = code.find(']', i);
      if (end == std::string_view::npos) return false;
      i = end;
    } else if (c == 'd' || c == 'D' || c == 'y' || c == 'Y') {
      return true;
    }
  }
  return false;
}

std::string plain_number(std::string_view raw) {
  if (raw.size() <= 15 && raw.find_first_of("eE") == std::string_view::npos) return std::string(raw);
  double value = 0;
  const auto read = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (read.ec != std::errc() || !std::isfinite(value) || std::abs(value) >= 1e18) return std::string(raw);
  std::array<char, 64> text;
  if (value == std::floor(value)) {
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), static_cast<std::int64_t>(value)).ptr;
    return std::string(text.data(), end);
  }
  // Fifteen significant digits are what the table shows; the rest is the tail of a binary fraction.
  const int whole_digits =
      std::abs(value) < 1 ? 1 : static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed,
                                 std::max(0, 15 - whole_digits))
                       .ptr;
  std::string out(text.data(), end);
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out;
}

std::string date_of_serial(std::string_view raw, bool has_1904_dates) {
  double serial = 0;
  const auto read = std::from_chars(raw.data(), raw.data() + raw.size(), serial);
  if (read.ec != std::errc() || !(serial >= 1) || serial >= 2'958'466) return "";
  std::int64_t day = static_cast<std::int64_t>(serial);
  auto second = static_cast<std::int64_t>((serial - static_cast<double>(day)) * 86'400 + 0.5);
  if (second == 86'400) {
    ++day;
    second = 0;
  }
  // Excel believes in 29 February 1900, so serials before it lie one day further.
  const std::int64_t epoch = has_1904_dates ? -24'107 : (day < 60 ? -25'568 : -25'569);
  const CivilDate date = civil_from_days(day + epoch);
  if (second == 0) return format_date(date);
  return format_utc(UtcTime{(day + epoch) * days(1).ms + second * 1000}).substr(0, 19);
}

}  // namespace dunlin
