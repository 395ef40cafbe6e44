// Flows of the node: put in force, listed, shown, taken back. Checking and trying one needs no node (app/cli/flow).
#include "api/text_revisions.hpp"
#include "config/flow_loader.hpp"

namespace dunlin {
namespace {

Result<std::vector<TextRevision>> flow_revisions(const CommandContext& context, const std::string& name) {
  return revisions_of<msg::FlowsView, msg::GetFlows>(context, "flow", name);
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
  const auto number = revision_number("flow", *arguments.at(1, "revision"));
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
  const auto revisions = flow_revisions(context, *arguments.at(0, "flow's name"));
  if (!revisions) return revisions.error();
  if (!arguments.has("revision")) return View::text(revisions->back().text);
  const auto revision = revision_of("flow", *revisions, arguments.option("revision"));
  if (!revision) return revision.error();
  return View::text(revision->text);
}

Result<View> flow_history(const CommandContext& context, const Arguments& arguments) {
  const auto revisions = flow_revisions(context, *arguments.at(0, "flow's name"));
  if (!revisions) return revisions.error();
  return revisions_table(*revisions);
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
