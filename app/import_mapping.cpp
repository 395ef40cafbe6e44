#include "app/import_mapping.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/exchange/person_key.hpp"

namespace dunlin {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "«" : ", «") + word + "»";
  return text;
}

std::string allowed_fields() {
  std::string text;
  for (int i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    text += (text.empty() ? "" : ", ") + std::string(to_string(field)) + " (" + std::string(title_ru(field)) + ")";
  }
  return text;
}

Result<std::string> template_text(const std::string& name, const DocumentStore* documents) {
  std::vector<std::string> known;
  if (documents != nullptr) {
    const auto stored = documents->list(template_document);
    if (!stored) return stored.error();
    for (const auto& [id, text] : *stored) {
      if (id == name) return text;
      known.push_back(id);
    }
  }
  std::ifstream stream(name, std::ios::binary);
  if (!stream) {
    const std::string others = known.empty() ? "шаблонов пока нет" : "есть " + joined(known);
    return Error{Errc::not_found, "нет шаблона «" + name + "» и нет такого файла; " + others + ". Список: import template list"};
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::uint8_t next_phone_slot(const ColumnMapping& mapping) {
  std::uint8_t last = 0;
  for (const ColumnTarget& target : mapping.targets) last = std::max(last, target.slot);
  return static_cast<std::uint8_t>(last + 1);
}

/// Consents and owners belong to the phone to their left.
std::uint8_t slot_left_of(const ColumnMapping& mapping, std::size_t column) {
  for (std::size_t i = column; i-- > 0;) {
    if (mapping.targets[i].field == Field::phone) return mapping.targets[i].slot;
  }
  return 1;
}

}  // namespace

Result<ColumnMapping> mapping_for(const ImportRequest& request, const std::vector<std::string>& header, const DocumentStore* documents) {
  if (request.template_name.empty()) return detect_mapping(header);
  const auto text = template_text(request.template_name, documents);
  if (!text) return text.error();
  const auto tmpl = parse_template(*text);
  if (!tmpl) return Error{tmpl.error().code, request.template_name + ": " + tmpl.error().detail};
  return apply_template(*tmpl, header);
}

std::string mapping_problem(const ColumnMapping& mapping) {
  const MappingReview review = review_mapping(mapping);
  if (review.is_complete()) return "";
  std::string text = "не удалось сопоставить столбцы файла.";
  for (const Field field : review.missing) text += " Нет столбца «" + std::string(title_ru(field)) + "».";
  for (const AmbiguousField& ambiguous : review.ambiguous) {
    text += " Столбцов «" + std::string(title_ru(ambiguous.field)) + "» несколько:";
    for (const int column : ambiguous.columns) text += " «" + mapping.header[static_cast<std::size_t>(column)] + "»";
    text += ".";
  }
  return text + " Переименуйте столбцы или сохраните шаблон: import template save ИМЯ ФАЙЛ --map \"столбец=поле\".";
}

ImportColumns describe_columns(const ColumnMapping& mapping) {
  ImportColumns described;
  for (std::size_t i = 0; i < mapping.targets.size(); ++i) {
    const ColumnTarget& target = mapping.targets[i];
    ImportColumn column;
    column.title = mapping.header[i];
    column.field = to_string(target.field);
    column.field_title = title_ru(target.field);
    column.is_sure = target.is_sure;
    column.phone = target.slot;
    if (target.field == Field::phone) column.owner = to_string(target.owner);
    described.columns.push_back(std::move(column));
  }
  described.problem = mapping_problem(mapping);
  described.lacks_person_key = review_mapping(mapping).lacks_person_key;
  return described;
}

Status change_mapping(ColumnMapping& mapping, const std::string& change) {
  const std::size_t mark = change.rfind('=');
  if (mark == std::string::npos) return invalid_input("«" + change + "»: нужно «столбец=поле», например \"Тел=phone\"");
  const std::string wanted = fold_title(change.substr(0, mark));
  std::size_t column = 0;
  while (column < mapping.header.size() && fold_title(mapping.header[column]) != wanted) ++column;
  if (column == mapping.header.size()) {
    return invalid_input("в файле нет столбца «" + change.substr(0, mark) + "»; есть " + joined(mapping.header));
  }
  const auto field = parse_field(tidy_spaces(change.substr(mark + 1)));
  if (!field) return invalid_input("столбец «" + mapping.header[column] + "»: нет поля «" + change.substr(mark + 1) + "»; можно " + allowed_fields());
  ColumnTarget& target = mapping.targets[column];
  const bool was_phone = target.field == Field::phone;
  const std::uint8_t slot = target.slot;
  target = ColumnTarget{};
  target.field = *field;
  target.is_sure = true;
  if (*field == Field::phone) target.slot = was_phone ? slot : next_phone_slot(mapping);
  else if (is_phone_field(*field)) target.slot = slot_left_of(mapping, column);
  return Done{};
}

}  // namespace dunlin
