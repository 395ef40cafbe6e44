// Flows of the node: put in force, listed, shown, taken back. Checking and trying one needs no node (app/cli/flow).
#include <charconv>

#include "api/command.hpp"
#include "config/flow_loader.hpp"

namespace dunlin {
namespace {

/// All revisions of a flow, oldest first; never empty.
Result<std::vector<TextRevision>> flow_revisions(const CommandContext& context, const std::string& name) {
  auto view = context.ask<msg::FlowsView>(context.node.campaigns, msg::GetFlows{name});
  if (!view) return view.error();
  if (name.empty() || view->revisions.empty()) return Error{Errc::not_found, "no flow " + name + "; `flow list` shows them"};
  return std::move(view->revisions);
}

Result<std::uint32_t> flow_revision_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc() && end == text.data() + text.size() && number > 0) return number;
  return invalid_input("a revision is a whole number from 1 on; `flow history NAME` shows them");
}

Result<View> put_flow(const CommandContext& context, const Arguments& arguments) {
  const std::string file = *arguments.at(0, "file");
  const auto text = read_flow_text(context.path_of(file));
  if (!text) return text.error();
  const auto flow = parse_flow(file, *text);
  if (!flow) return flow.error();
  const auto saved = send_command(context, context.node.campaigns, msg::PutFlow{*text, std::filesystem::path(file).filename().string(), context.caller.name});
  if (!saved) return saved.error();
  return View::record({{"flow", flow->name}, {"revision", *saved}, {"steps", flow->steps.size()}, {"note", "in force: calls placed from now on speak by it, once its speech is made"}});
}

Result<View> rollback_flow(const CommandContext& context, const Arguments& arguments) {
  const std::string name = *arguments.at(0, "flow's name");
  const auto number = flow_revision_number(*arguments.at(1, "revision"));
  if (!number) return number.error();
  const auto saved = send_command(context, context.node.campaigns, msg::RollbackFlow{name, *number, context.caller.name});
  if (!saved) return saved.error();
  return View::record({{"flow", name}, {"revision", *saved}, {"note", "the text of revision " + std::to_string(*number) + " is in force again"}});
}

Result<View> list_flows(const CommandContext& context, const Arguments&) {
  const auto view = context.ask<msg::FlowsView>(context.node.campaigns, msg::GetFlows{});
  if (!view) return view.error();
  const auto book = context.ask<msg::BookView>(context.node.campaigns, msg::GetBook{});
  if (!book) return book.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const TextRevision& revision : view->revisions) {
    nlohmann::json campaigns = nlohmann::json::array();
    for (const Campaign& campaign : book->book->all()) {
      if (campaign.settings.flow == revision.name) campaigns.push_back(campaign.settings.name);
    }
    const auto flow = book->book->find_flow(revision.name);
    rows.push_back({{"flow", revision.name}, {"revision", revision.revision}, {"language", flow ? to_string(flow->language) : ""},
                    {"steps", flow ? flow->steps.size() : 0}, {"is_in_force", flow != nullptr}, {"campaigns", campaigns},
                    {"changed_at", format_utc(revision.at)}, {"author", revision.author}});
  }
  return View::table({"flow", "revision", "language", "steps", "is_in_force", "campaigns", "changed_at", "author"}, std::move(rows));
}

Result<View> show_flow(const CommandContext& context, const Arguments& arguments) {
  const std::string name = *arguments.at(0, "flow's name");
  const auto revisions = flow_revisions(context, name);
  if (!revisions) return revisions.error();
  if (!arguments.has("revision")) return View::text(revisions->back().text);
  const auto wanted = flow_revision_number(arguments.option("revision"));
  if (!wanted) return wanted.error();
  for (const TextRevision& revision : *revisions) {
    if (revision.revision == *wanted) return View::text(revision.text);
  }
  return Error{Errc::not_found, name + " has no revision " + std::to_string(*wanted) + "; `flow history " + name + "` shows them"};
}

Result<View> flow_history(const CommandContext& context, const Arguments& arguments) {
  const auto revisions = flow_revisions(context, *arguments.at(0, "flow's name"));
  if (!revisions) return revisions.error();
  nlohmann::json rows = nlohmann::json::array();
  for (auto revision = revisions->rbegin(); revision != revisions->rend(); ++revision) {
    rows.push_back({{"revision", revision->revision}, {"at", format_utc(revision->at)}, {"author", revision->author}, {"origin", revision->origin},
                    {"is_latest", revision == revisions->rbegin()}});
  }
  return View::table({"revision", "at", "author", "origin", "is_latest"}, std::move(rows));
}

}  // namespace

void add_flow_commands(std::vector<Command>& commands) {
  commands.push_back({"flow", "put", "FILE", "put a flow in force; campaigns that name it speak by it from the next call on", put_flow});
  commands.push_back({"flow", "list", "", "flows with their campaigns", list_flows});
  commands.push_back({"flow", "show", "NAME [--revision N]", "the text in force or of a revision", show_flow});
  commands.push_back({"flow", "history", "NAME", "every revision: when, by whom, from which file", flow_history});
  commands.push_back({"flow", "rollback", "NAME REVISION", "an old text in force again, as a new revision", rollback_flow});
}

}  // namespace dunlin
