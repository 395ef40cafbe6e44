// Comparing the copies of the history that the nodes of a cluster hold.
#include "api/command.hpp"
#include "api/compare_text.hpp"
#include "api/job_board.hpp"

namespace dunlin {
namespace {

/// Errors: both a case and a shard, words that name neither, a case nobody knows.
Result<CompareScope> scope_of(const CommandContext& context, const Arguments& arguments) {
  CompareScope scope;
  if (arguments.has("shard")) {
    const auto shard = arguments.number("shard", 0);
    if (!shard) return shard.error();
    if (*shard < 0 || *shard >= shard_count) return invalid_input("--shard must be 0 to " + std::to_string(shard_count - 1));
    scope.shard = static_cast<ShardIndex>(*shard);
  }
  if (arguments.count() == 0) return scope;
  if (scope.shard) return invalid_input("name a case or a shard, not both: a case is of one shard");
  const auto id = CaseId::parse(*arguments.at(0, "case's id"));
  if (!id) return id.error();
  scope.case_id = *id;
  const auto view = context.ask<msg::CaseView>(context.node.shard_for(*id), msg::GetCase{*id});
  // A shard whose owner is away can be compared nevertheless.
  if (view && !view->record->is_opened()) return Error{Errc::not_found, "no case " + id->str()};
  return scope;
}

Result<View> compare(const CommandContext& context, const Arguments& arguments) {
  const std::string language = arguments.option("lang", "ru");
  if (language != "ru" && language != "en") return invalid_input("--lang must be ru or en");
  const auto scope = scope_of(context, arguments);
  if (!scope) return scope.error();
  const auto chosen = language == "en" ? TextLanguage::english : TextLanguage::russian;
  const auto run = context.services.compare_history;
  return follow_node_job(context, "compare", [run, chosen, scope = *scope](JobHandle& handle) -> Result<JobOutcome> {
    const auto comparison = run(scope, [&handle](double share_done) { return handle.go_on(share_done); });
    if (!comparison) return comparison.error();
    auto fields = comparison_fields(*comparison);
    fields["text"] = comparison_text(*comparison, chosen);
    return JobOutcome{std::move(fields), comparison->exit()};
  });
}

}  // namespace

void add_compare_commands(std::vector<Command>& commands) {
  commands.push_back({"history", "compare", "[CASE] [--shard N] [--lang ru|en]",
                      "does every copy in the cluster read the same, byte for byte; exit code 1 when not", compare});
}

}  // namespace dunlin
