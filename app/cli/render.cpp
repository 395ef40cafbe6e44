#include "app/cli/render.hpp"

#include <algorithm>
#include <vector>

namespace dunlin {
namespace {

using nlohmann::json;

/// Columns a terminal shows; bytes that continue a UTF-8 letter take none.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string cell(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) {
    std::string text = std::to_string(value.get<double>());
    text.erase(std::min(text.find('.') + 4, text.size()));
    return text;
  }
  if (value.is_array()) {
    std::string text;
    for (const auto& item : value) text += (text.empty() ? "" : "; ") + cell(item);
    return text;
  }
  if (value.is_object()) {
    std::string text;
    for (const auto& [key, item] : value.items()) text += (text.empty() ? "" : " ") + key + "=" + cell(item);
    return text;
  }
  return value.dump();
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width > width_of(text) ? width - width_of(text) : 0, ' ');
}

std::string table(const json& view, bool is_terminal) {
  const auto columns = view.value("columns", std::vector<std::string>{});
  std::vector<std::size_t> widths;
  for (const auto& column : columns) widths.push_back(width_of(column));
  std::vector<std::vector<std::string>> lines;
  for (const auto& row : view["rows"]) {
    std::vector<std::string> line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      line.push_back(row.contains(columns[i]) ? cell(row[columns[i]]) : "");
      widths[i] = std::max(widths[i], width_of(line.back()));
    }
    lines.push_back(std::move(line));
  }
  std::string text = is_terminal ? "\033[1m" : "";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string title = columns[i];
    std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    text += padded(title, widths[i]) + (i + 1 < columns.size() ? "  " : "");
  }
  text += is_terminal ? "\033[0m\n" : "\n";
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) text += i + 1 < line.size() ? padded(line[i], widths[i]) + "  " : line[i];
    text += "\n";
  }
  return text;
}

/// Maps and lists of a record get a line for each entry: one long line would not be read.
std::string entries(const json& value, std::size_t indent) {
  std::size_t width = 0;
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) width = std::max(width, width_of(key));
  }
  std::string text;
  for (const auto& [key, item] : value.items()) {
    text += std::string(indent, ' ') + (value.is_object() ? padded(key, width) + "  " : "") + cell(item) + "\n";
  }
  return text;
}

std::string record(const json& view) {
  const auto order = view.value("order", std::vector<std::string>{});
  std::size_t width = 0;
  for (const auto& key : order) width = std::max(width, key.size());
  std::string text;
  for (const auto& key : order) {
    const json& value = view["fields"][key];
    const bool has_entries = (value.is_object() || (value.is_array() && !value.empty() && value.front().is_object())) && !value.empty();
    if (has_entries) text += key + "\n" + entries(value, 2);
    else text += padded(key, width) + "  " + cell(value) + "\n";
  }
  return text;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv(const json& view) {
  const bool is_table = view.value("kind", "") == "table";
  const auto columns = view.value(is_table ? "columns" : "order", std::vector<std::string>{});
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i ? "," : "") + csv_cell(columns[i]);
  text += "\n";
  const json rows = is_table ? view["rows"] : json::array({view["fields"]});
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i ? "," : "") + csv_cell(row.contains(columns[i]) ? cell(row[columns[i]]) : "");
    text += "\n";
  }
  return text;
}

/// What a program wants: the rows of a table, the fields of a record.
json payload(const json& view) {
  const std::string kind = view.value("kind", "");
  if (kind == "table") return view["rows"];
  if (kind == "record") return view["fields"];
  return view["text"];
}

}  // namespace

Result<OutputFormat> parse_output_format(const std::string& name) {
  if (name == "table") return OutputFormat::table;
  if (name == "json") return OutputFormat::json;
  if (name == "ndjson") return OutputFormat::ndjson;
  if (name == "csv") return OutputFormat::csv;
  return invalid_input("-o must be table, json, ndjson or csv");
}

std::string render(const json& view, OutputFormat format, bool is_terminal) {
  const std::string kind = view.value("kind", "");
  if (kind == "text" && format != OutputFormat::json) {
    const std::string text = view.value("text", "");
    return text.ends_with('\n') ? text : text + "\n";
  }
  switch (format) {
    case OutputFormat::table: {
      if (kind != "table") return record(view);
      const std::string note = view.value("note", "");
      return table(view, is_terminal) + (note.empty() ? "" : note + "\n");
    }
    case OutputFormat::json: return payload(view).dump(2) + "\n";
    case OutputFormat::ndjson: {
      if (kind != "table") return payload(view).dump() + "\n";
      std::string text;
      for (const auto& row : view["rows"]) text += row.dump() + "\n";
      return text;
    }
    case OutputFormat::csv: return csv(view);
  }
  return "";
}

}  // namespace dunlin
