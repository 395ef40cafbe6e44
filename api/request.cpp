#include "api/request.hpp"

namespace dunlin {
namespace {

std::string end_line(int exit, const std::string& error) {
  nlohmann::json line = {{"type", "end"}, {"exit", exit}};
  if (!error.empty()) line["error"] = error;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::vector<std::string>> argv_of(const nlohmann::json& document) {
  if (!document.is_object() || !document.contains("argv") || !document["argv"].is_array()) {
    return invalid_input("a request is one JSON line: {\"argv\":[\"agent\",\"list\"]}");
  }
  std::vector<std::string> argv;
  for (const auto& word : document["argv"]) {
    if (!word.is_string()) return invalid_input("argv holds texts only");
    argv.push_back(word.get<std::string>());
  }
  return argv;
}

std::string text_of(const nlohmann::json& document, const char* field) {
  const auto found = document.find(field);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::vector<std::string> answer_request(const CommandTable& table, const CommandContext& context, const std::string& request, const std::string& user) {
  const auto document = nlohmann::json::parse(request, nullptr, false);
  const auto argv = argv_of(document);
  if (!argv) return {end_line(exit_code_of(argv.error().code), argv.error().detail)};
  Caller caller;
  if (!user.empty()) caller.name = user;
  caller.folder = text_of(document, "cwd");
  caller.is_terminal = document.contains("is_terminal") && document["is_terminal"] == true;
  const auto view = table.run(context.for_caller(std::move(caller)), *argv);
  if (!view) return {end_line(exit_code_of(view.error().code), view.error().detail)};
  const nlohmann::json line = {{"type", "view"}, {"view", view->body}};
  return {line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), end_line(view->exit, "")};
}

}  // namespace dunlin
