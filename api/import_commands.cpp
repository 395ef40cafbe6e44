// Imports: start a job in the node, follow it, undo it; how columns are read and templates of that.
#include <chrono>
#include <filesystem>
#include <future>

#include <fmt/format.h>

#include "api/command.hpp"
#include "api/import_report.hpp"

namespace dunlin {
namespace {

constexpr const char* template_document = "import_template";
constexpr Duration document_wait = seconds(10);

Result<ImportId> import_argument(const Arguments& arguments) {
  const auto text = arguments.at(0, "import's id");
  if (!text) return text.error();
  return ImportId::parse(*text);
}

Result<ImportRequest> request_of(const Arguments& arguments) {
  const auto file = arguments.at(0, "file to import");
  if (!file) return file.error();
  ImportRequest request;
  request.file = *file;
  request.portfolio = arguments.option("portfolio", std::filesystem::path(*file).stem().string());
  request.template_name = arguments.option("template");
  request.reject_file = arguments.option("rejects");
  return request;
}

Result<View> run(const CommandContext& context, const Arguments& arguments) {
  const auto request = request_of(arguments);
  if (!request) return request.error();
  const auto id = send_command(context, context.node.imports, msg::StartImport{*request, arguments.has("dry-run")});
  if (!id) return id.error();
  return View::record({{"import", *id}, {"file", request->file}});
}

Result<View> list_imports(const CommandContext& context, const Arguments&) {
  auto imports = context.ask<msg::ImportsView>(context.node.imports, msg::GetImport{});
  if (!imports) return imports.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& job : imports->imports) rows.emplace_back(import_fields(job, "ru"));
  return View::table({"import", "started_at", "file", "portfolio", "state", "rows", "created", "updated", "unchanged", "rejected", "rows_per_s", "undo"}, std::move(rows));
}

Result<View> show_import(const CommandContext& context, const Arguments& arguments) {
  const auto id = import_argument(arguments);
  if (!id) return id.error();
  auto imports = context.ask<msg::ImportsView>(context.node.imports, msg::GetImport{*id});
  if (!imports) return imports.error();
  if (imports->imports.empty()) return Error{Errc::not_found, "no import " + id->str()};
  return View::record(import_report(imports->imports.front(), arguments.option("lang", "ru")));
}

Result<View> review(const CommandContext& context, const Arguments& arguments) {
  const auto id = import_argument(arguments);
  if (!id) return id.error();
  auto imports = context.ask<msg::ImportsView>(context.node.imports, msg::GetImport{*id});
  if (!imports) return imports.error();
  if (imports->imports.empty()) return Error{Errc::not_found, "no import " + id->str()};
  nlohmann::json rows = nlohmann::json::array();
  const bool is_english = arguments.option("lang", "ru") == "en";
  for (const ImportReview& item : imports->imports.front().reviews) {
    rows.push_back({{"line", item.line}, {"code", item.code}, {"what", is_english ? item.message_en : item.message_ru}, {"taken", item.is_taken},
                    {"other", item.other.is_set() ? item.other.str() : ""}, {"advice", review_advice(item.code, is_english)}});
  }
  return View::table({"line", "code", "taken", "other", "what", "advice"}, std::move(rows));
}

Result<View> cancel_import(const CommandContext& context, const Arguments& arguments) {
  const auto id = import_argument(arguments);
  if (!id) return id.error();
  const auto done = send_command(context, context.node.imports, msg::CancelImport{*id});
  if (!done) return done.error();
  return View::text("import " + id->str() + " stops; rows already taken stay (undo them with `import undo`)");
}

Result<View> undo(const CommandContext& context, const Arguments& arguments) {
  const auto id = import_argument(arguments);
  if (!id) return id.error();
  const auto started = send_command(context, context.node.imports, msg::UndoImport{*id, arguments.option("author", context.caller.name)});
  if (!started) return started.error();
  return View::record({{"import", *started}});
}

Result<View> columns(const CommandContext& context, const Arguments& arguments) {
  const auto request = request_of(arguments);
  if (!request) return request.error();
  const auto described = context.node.imports_door->columns(*request);
  if (!described) return described.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const ImportColumn& column : described->columns) {
    rows.push_back({{"column", column.title}, {"field", column.field}, {"reads_as", column.field_title}, {"sure", column.is_sure},
                    {"phone", column.phone == 0 ? "" : std::to_string(column.phone)}, {"owner", column.owner}});
  }
  View view = View::table({"column", "reads_as", "field", "sure", "phone", "owner"}, std::move(rows));
  view.body["problem"] = described->problem;
  if (described->lacks_person_key) view.body["note"] = "нет ни ИНН, ни паспорта, ни СНИЛС, ни даты рождения, ни кода клиента: все строки уйдут на разбор";
  if (!described->problem.empty()) view.body["note"] = described->problem;
  return view;
}

/// Blocks this connection's thread until the document is on the disk.
Status store_document(const CommandContext& context, const std::string& id, std::optional<std::string> bytes) {
  const auto answer = std::make_shared<std::promise<Status>>();
  auto stored = answer->get_future();
  context.node.documents->put(template_document, id, std::move(bytes), [answer](Status status) { answer->set_value(std::move(status)); });
  if (stored.wait_for(to_chrono(document_wait)) != std::future_status::ready) return Error{Errc::unavailable, "the journal does not answer"};
  return stored.get();
}

Result<std::string> stored_template(const CommandContext& context, const std::string& name) {
  const auto stored = context.node.documents->list(template_document);
  if (!stored) return stored.error();
  for (const auto& [id, text] : *stored) {
    if (id == name) return text;
  }
  return Error{Errc::not_found, "нет шаблона «" + name + "»; список: import template list"};
}

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(mark, from), text.size());
    if (end > from) parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

Result<View> save_template(const CommandContext& context, const Arguments& arguments) {
  const auto name = arguments.at(1, "template's name");
  const auto file = arguments.at(2, "file whose columns it describes");
  if (!name || !file) return name ? file.error() : name.error();
  if (name->empty() || name->size() > 128 || name->find('/') != std::string::npos) return invalid_input("имя шаблона: от 1 до 128 байт, без косой черты");
  ImportRequest request;
  request.file = *file;
  request.portfolio = arguments.option("portfolio");
  request.template_name = arguments.option("template");
  const auto text = context.node.imports_door->make_template(request, *name, split(arguments.option("map"), ';'));
  if (!text) return text.error();
  if (const Status saved = store_document(context, *name, *text); !saved) return saved.error();
  return View::text("шаблон «" + *name + "» сохранён: import run ФАЙЛ --template " + *name);
}

Result<View> templates(const CommandContext& context, const Arguments& arguments) {
  const auto verb = arguments.at(0, "list, show, save or delete");
  if (!verb) return verb.error();
  if (*verb == "save") return save_template(context, arguments);
  if (*verb == "list") {
    const auto stored = context.node.documents->list(template_document);
    if (!stored) return stored.error();
    nlohmann::json rows = nlohmann::json::array();
    for (const auto& [id, text] : *stored) rows.push_back({{"template", id}, {"bytes", text.size()}});
    return View::table({"template", "bytes"}, std::move(rows));
  }
  const auto name = arguments.at(1, "template's name");
  if (!name) return name.error();
  const auto text = stored_template(context, *name);
  if (!text) return text.error();
  if (*verb == "show") return View::text(*text);
  if (*verb != "delete") return invalid_input("import template: list, show, save or delete, not " + *verb);
  if (const Status removed = store_document(context, *name, std::nullopt); !removed) return removed.error();
  return View::text("шаблон «" + *name + "» удалён");
}

}  // namespace

void add_import_commands(std::vector<Command>& commands) {
  static const std::string options = "FILE [--portfolio P] [--template T] [--dry-run] [--rejects FILE]";
  commands.push_back({"import", "run", options, "take a portfolio file (.xlsx, .csv) while dialing goes on", run});
  commands.push_back({"import", "list", "", "imports of this node, oldest first", list_imports});
  commands.push_back({"import", "show", "ID [--lang ru|en]", "progress and report of one import", show_import});
  commands.push_back({"import", "attach", "ID", "follow a running import again (in the shell: the same as show)", show_import});
  commands.push_back({"import", "review", "ID [--lang ru|en]", "rows a person should look at", review});
  commands.push_back({"import", "cancel", "ID", "stop a job", cancel_import});
  commands.push_back({"import", "undo", "ID [--author NAME]", "take a batch back where nobody has worked on it since", undo});
  commands.push_back({"import", "columns", options, "how each column would be read; nothing is imported", columns});
  commands.push_back({"import", "template", "list|show|save|delete [NAME] [FILE] [--map COLUMN=FIELD;…] [--portfolio P] [--template T]", "saved readings of columns", templates});
}

}  // namespace dunlin
