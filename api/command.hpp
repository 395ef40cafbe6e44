#pragma once
// One table of commands for the admin shell, one-shot CLI calls and robots: noun, verb, help, handler. A handler runs on
// a connection's thread, asks actors and returns a view; it never decides anything about debtors itself.
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"
#include "api/arguments.hpp"
#include "config/limits.hpp"
#include "config/settings.hpp"
#include "core/case/contact_budget.hpp"
#include "core/case/law_replay.hpp"
#include "core/cluster/history_compare.hpp"
#include "core/report/model_report.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {

/// What a command shows. The client renders it as a table or passes it on as JSON.
struct View {
  nlohmann::json body;          ///< {"kind": "table"|"record"|"text", …}
  int exit = 0;                 ///< Not 0: the view is complete and says what is wrong (8: a health check is red).

  static View text(std::string text);
  static View record(nlohmann::ordered_json fields);
  /// Rows are objects; columns name their keys in display order.
  static View table(std::vector<std::string> columns, nlohmann::json rows);
};

/// Which facts of the history `event tail` wants. Unset parts do not filter.
struct EventQuery {
  std::string type;             ///< Pattern, "call.*".
  CaseId case_id;
  CampaignId campaign;
  std::size_t last = 20;        ///< Without `after`: the latest so many.
  std::string after;            ///< Where an earlier answer ended: everything since, up to a bound.
};
struct EventAnswer {
  nlohmann::json events;        ///< CloudEvents, oldest first.
  std::string place;            ///< Pass as `after` to go on.
  bool has_searched_all = true; ///< False: the search stopped at its bound; older matches may exist.
};

/// What the node's storage and process offer to commands beside the actors. Filled by app/wiring.
struct NodeServices {
  std::function<Result<nlohmann::ordered_json>()> health;
  std::function<nlohmann::ordered_json()> identity;
  std::function<std::string()> metrics;
  std::function<nlohmann::ordered_json()> cluster;  ///< Unset: the node is in no cluster.
  std::function<nlohmann::json()> shard_owners;     ///< Rows of all shards. Unset as `cluster`.
  std::function<Result<nlohmann::ordered_json>(const std::string& folder)> backup;
  /// Decrypts into the file, compares its hash with the side-car's and writes the side-car beside it.
  std::function<Result<nlohmann::ordered_json>(AttemptId attempt, const std::filesystem::path& file)> export_recording;
  /// Newest first, at most `limit`.
  std::function<Result<nlohmann::json>(std::size_t limit)> recordings;
  /// Compares every case with its facts; `progress` gets the share done and says whether to go on.
  std::function<Result<nlohmann::ordered_json>(const std::function<bool(double)>& progress)> verify;
  /// Compares the copies of shards on all nodes of the cluster; a node of its own checks its one copy. `progress` as in `verify`.
  std::function<Result<HistoryComparison>(const CompareScope& scope, const std::function<bool(double)>& progress)> compare_history;
  /// Decides every stored decision again, under the version of the rules it names; `progress` as in `verify`.
  std::function<Result<nlohmann::ordered_json>(const ReplayScope& scope, const std::function<bool(double)>& progress)> replay_law;
  /// Learns from the older attempts of a portfolio (empty: all) and judges by the younger; `progress` as in `verify`.
  std::function<Result<ModelReport>(const std::string& portfolio, const std::function<bool(double)>& progress)> model_report;
  /// How likely the number is to be answered at the instant, and why. The first question of an hour learns first: seconds.
  std::function<Result<AnswerForecast>(const CaseRecord& record, const ContactPhone& phone, UtcTime at)> answer_forecast;
  /// Learns from the whole history now and hands the model to dialing; `progress` as in `verify`.
  std::function<Result<nlohmann::ordered_json>(const std::function<bool(double)>& progress)> learn_model;
  std::function<Result<Decision>(const CaseRecord& record, const ContactPhone& phone, Channel channel, UtcTime at)> judge;
  std::function<std::vector<ChannelBudget>(const CaseRecord& record, UtcTime at)> budget;
  const RuleSet* rules = nullptr;
  std::function<Result<EventAnswer>(const EventQuery& query)> events;
  std::vector<std::string> event_types;   ///< Short names, for help and guesses.
};

/// Who asks.
struct Caller {
  std::string name = "shell";           ///< The user on the other end of the socket; author of what is changed.
  std::filesystem::path folder;         ///< Relative file names are his.
  bool is_terminal = false;             ///< A person looks at it: lists are short by default.
};

class JobBoard;
class JobHandle;
struct JobOutcome;

class CommandContext {
 public:
  CommandContext(caf::actor_system& system, const NodeContext& of_node, const LoadedSettings& of_settings, const NodeServices& of_services, JobBoard& of_jobs)
      : node(of_node), settings(of_settings), services(of_services), jobs(of_jobs), system_(system) {}
  CommandContext for_caller(Caller who) const {
    CommandContext mine = *this;
    mine.caller = std::move(who);
    return mine;
  }
  /// A file name as the caller means it.
  std::filesystem::path path_of(const std::string& name) const { return (caller.folder / name).lexically_normal(); }

  /// Asks an actor and waits; errors are unreachable, timed out, or the actor's own refusal.
  template <class Reply, class Query>
  Result<Reply> ask(const caf::actor& actor, const Query& query, Duration timeout = limits::request_timeout) const {
    caf::scoped_actor self{system_};
    Result<Reply> result = Error{Errc::unavailable, "the node does not answer"};
    const auto on_error = [&](const caf::error& error) { result = Error{Errc::unavailable, "no answer from the node: " + caf::to_string(error)}; };
    self->request(actor, to_chrono(timeout), query)
        .receive(on_error, caf::others >> [&](caf::message_view& view) -> caf::result<caf::message> {
          const caf::message reply = view.move_content_to_message();
          if (reply.match_elements<Reply>()) result = reply.get_as<Reply>(0);
          else if (reply.match_elements<msg::Answer>()) result = refusal(reply.get_as<msg::Answer>(0));
          return caf::message{};
        });
    return result;
  }

  const NodeContext& node;
  const LoadedSettings& settings;
  const NodeServices& services;
  JobBoard& jobs;
  Caller caller;

 private:
  static Error refusal(const msg::Answer& answer) { return answer.error.value_or(Error{Errc::unavailable, "unexpected answer"}); }
  caf::actor_system& system_;
};

using Handler = std::function<Result<View>(const CommandContext&, const Arguments&)>;

struct Command {
  std::string noun;
  std::string verb;
  std::string usage;            ///< "NAME [--reason TEXT]".
  std::string help;             ///< One line.
  Handler handler;
};

class CommandTable {
 public:
  CommandTable();
  /// Runs argv = noun verb words… Unknown words get the nearest known one.
  Result<View> run(const CommandContext& context, const std::vector<std::string>& argv) const;
  const std::vector<Command>& commands() const { return commands_; }

 private:
  struct Found { const Command* command = nullptr; std::size_t words = 0; };
  Result<Found> find(const std::vector<std::string>& argv) const;
  std::vector<Command> commands_;
};

// One function a noun group; each lives in its own file.
void add_node_commands(std::vector<Command>& commands);
void add_agent_commands(std::vector<Command>& commands);
void add_campaign_commands(std::vector<Command>& commands);
void add_case_commands(std::vector<Command>& commands);
void add_attempt_commands(std::vector<Command>& commands);
void add_call_commands(std::vector<Command>& commands);
void add_import_commands(std::vector<Command>& commands);
void add_job_commands(std::vector<Command>& commands);
void add_compare_commands(std::vector<Command>& commands);
void add_model_commands(std::vector<Command>& commands);
void add_recording_commands(std::vector<Command>& commands);
void add_rule_commands(std::vector<Command>& commands);
void add_strategy_commands(std::vector<Command>& commands);
void add_flow_commands(std::vector<Command>& commands);
void add_event_commands(std::vector<Command>& commands);

/// Starts a job of the node; the client follows it to its end.
Result<View> follow_node_job(const CommandContext& context, std::string kind, std::function<Result<JobOutcome>(JobHandle& handle)> work);

/// Exit code of an error: 2 usage, 3 not found, 4 conflict, 5 denied, 6 unreachable, 1 other. Never changed.
int exit_code_of(Errc code);

/// Actors that answer a command with msg::Answer: its text, or its error.
template <class Message>
Result<std::string> send_command(const CommandContext& context, const caf::actor& actor, const Message& message, Duration timeout = limits::commit_timeout) {
  auto answer = context.ask<msg::Answer>(actor, message, timeout);
  if (!answer) return answer.error();
  if (answer->error) return *answer->error;
  return answer->text;
}

/// "00:01:12".
std::string format_span(std::int64_t ms);
/// An instant ("2026-11-24T08:00:00Z") or a time back from now ("90s", "30m", "2h", "1d").
Result<UtcTime> parse_since(const std::string& text, UtcTime now);
/// --limit, by default what a person reads or a program takes; never above the bound of a page.
Result<std::size_t> page_limit(const CommandContext& context, const Arguments& arguments);

}  // namespace dunlin
