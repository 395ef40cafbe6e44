#include "api/request.hpp"

namespace dunlin {
namespace {

std::string end_line(int exit, const std::string& error) {
  nlohmann::json line = {{"type", "end"}, {"exit", exit}};
  if (!error.empty()) line["error"] = error;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::vector<std::string>> argv_of(const std::string& request) {
  const auto document = nlohmann::json::parse(request, nullptr, false);
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

}  // namespace

std::vector<std::string> answer_request(const CommandTable& table, const CommandContext& context, const std::string& request) {
  const auto argv = argv_of(request);
  if (!argv) return {end_line(exit_code_of(argv.error().code), argv.error().detail)};
  const auto view = table.run(context, *argv);
  if (!view) return {end_line(exit_code_of(view.error().code), view.error().detail)};
  const nlohmann::json line = {{"type", "view"}, {"view", view->body}};
  return {line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), end_line(0, "")};
}

}  // namespace dunlin
