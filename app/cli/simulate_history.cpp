#include "app/cli/simulate_history.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/number_ranges.hpp"
#include "config/flow_loader.hpp"
#include "config/strategy_loader.hpp"
#include "core/case/event_codec.hpp"
#include "core/case/home_zone.hpp"
#include "core/compliance/rule_set.hpp"
#include "core/dialing/text_revision.hpp"

namespace dunlin {
namespace {

Status take_campaign(Store& store, const std::string& wanted, WhatIfPlan& plan) {
  std::string names;
  const auto documents = store.documents().list("campaign");
  if (!documents) return documents.error();
  for (const Document& document : *documents) {
    const auto campaign = decode_campaign(document.bytes);
    if (!campaign) return campaign.error();
    const CampaignSettings& settings = campaign->settings;
    if (settings.name == wanted || settings.id.str() == wanted) {
      plan.campaign = settings;
      return Done{};
    }
    names += (names.empty() ? "" : ", ") + settings.name;
  }
  return Error{Errc::not_found, fmt::format("no campaign {} in this history; there are: {}", wanted, names.empty() ? "none" : names)};
}

Result<TextRevision> newest_text(Store& store, const char* kind, const std::string& name) {
  const auto documents = store.documents().list(kind);
  if (!documents) return documents.error();
  std::optional<TextRevision> newest;
  for (const Document& document : *documents) {
    auto revision = decode_text_revision(document.bytes);
    if (!revision) return revision.error();
    const bool is_newer = revision->name == name && (!newest || revision->revision > newest->revision);
    if (is_newer) newest = std::move(*revision);
  }
  if (!newest) return Error{Errc::not_found, std::string(kind) + " " + name + " is not in this history"};
  return std::move(*newest);
}

/// The newest revision of the strategy the campaign names.
Status take_strategy(Store& store, WhatIfPlan& plan) {
  const std::string& name = plan.campaign.strategy;
  if (name.empty()) return Done{};
  const auto newest = newest_text(store, "strategy", name);
  if (!newest) return Error{newest.error().code, newest.error().detail + ": give its file with --strategy, or --strategy none"};
  auto strategy = parse_strategy(name, newest->text);
  if (!strategy) return strategy.error();
  strategy->revision = newest->revision;
  plan.strategies = {std::make_shared<const Strategy>(std::move(*strategy))};
  return Done{};
}

/// The newest revision of the flow the campaign names.
Status take_flow(Store& store, WhatIfPlan& plan) {
  if (plan.campaign.flow.empty()) return Done{};
  auto newest = newest_text(store, "flow", plan.campaign.flow);
  if (!newest) return newest.error();
  auto flow = parse_flow(newest->name, newest->text);
  if (!flow) return flow.error();
  flow->revision = newest->revision;
  plan.flows = {std::make_shared<const Flow>(std::move(*flow))};
  return Done{};
}

Status take_cases(const Store& store, WhatIfPlan& plan) {
  auto cases = std::make_shared<std::vector<CaseRecord>>();
  std::optional<Error> fault;
  for (ShardIndex shard = 0; shard < shard_count && !fault; ++shard) {
    const Status read = store.history().each_view(shard, [&](CaseId id, const StoredView& view) {
      auto record = decode_view(view.bytes);
      if (!record) fault = Error{record.error().code, "case " + id.str() + ": " + record.error().detail};
      else if (record->is_opened() && !record->alias_of.is_set()) cases->push_back(std::move(*record));
      if (cases->size() > most_what_if_cases) fault = Error{Errc::exhausted, fmt::format("more than {} cases", most_what_if_cases)};
      return !fault;
    });
    if (!read) return read;
  }
  if (fault) return *fault;
  plan.cases = std::move(cases);
  return Done{};
}

/// People are played as the history knows them, once it knows enough; else by the line model. Asks the number ranges.
void take_answers(WhatIfPlan& plan) {
  std::vector<AnswerExample> examples;
  const PersonZone zone = [policy = plan.policy, options = plan.gate](const CaseRecord& record) { return home_zone(record, policy->rules(), options); };
  for (const CaseRecord& record : *plan.cases) {
    each_example(record, zone(record), [&examples](const AnswerExample& example) { examples.push_back(example); });
  }
  if (examples.empty()) return;
  const auto newest = std::max_element(examples.begin(), examples.end(), [](const AnswerExample& a, const AnswerExample& b) { return a.at < b.at; });
  const UtcTime learned_at = newest->at;
  plan.odds = learn_odds(std::move(examples), learned_at, zone);
  plan.answers_by_odds = plan.odds->has_grown();
}

Status take_numbers(Store& store, WhatIfPlan& plan) {
  const auto desk = std::make_shared<NumberDesk>();
  if (auto status = desk->load(store.documents(), plan.policy->rules()); !status) return status;
  plan.gate.number_regions = [desk](const PhoneNumber& number) { return desk->regions_of(number); };
  return Done{};
}

}  // namespace

Status take_from_history(Store& store, const SimulateSource& source, WhatIfPlan& plan) {
  if (!source.campaign.empty()) {
    if (auto status = take_campaign(store, source.campaign, plan); !status) return status;
    if (auto status = take_strategy(store, plan); !status) return status;
    if (auto status = take_flow(store, plan); !status) return status;
  }
  if (!source.has_cases) return Done{};
  if (auto status = take_cases(store, plan); !status) return status;
  if (auto status = take_numbers(store, plan); !status) return status;
  take_answers(plan);
  return Done{};
}

}  // namespace dunlin
