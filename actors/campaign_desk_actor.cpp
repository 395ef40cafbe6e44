#include "actors/campaign_desk_actor.hpp"

#include <algorithm>

#include "actors/campaign_actor.hpp"
#include "actors/gather.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr const char* campaign_kind = "campaign";

const char* type_of_fact(CampaignCommand command) {
  switch (command) {
    case CampaignCommand::start: return "campaign.started";
    case CampaignCommand::pause: return "campaign.paused";
    case CampaignCommand::resume: return "campaign.resumed";
    case CampaignCommand::stop: return "campaign.stopped";
  }
  return "campaign.changed";
}

}  // namespace

std::vector<Campaign> load_campaigns(const DocumentStore& documents) {
  std::vector<Campaign> campaigns;
  const auto stored = documents.list(campaign_kind);
  if (!stored) {
    log_error("campaigns", "unreadable", "{}", stored.error().detail);
    return campaigns;
  }
  for (const auto& [id, bytes] : *stored) {
    auto campaign = decode_campaign(bytes);
    if (campaign) campaigns.push_back(std::move(*campaign));
    else log_error("campaigns", "damaged", "id={} {}", id, campaign.error().detail);
  }
  return campaigns;
}

msg::BookPointer make_book(const NodeContext& context, std::vector<Campaign> campaigns, const StrategyShelf& strategies, const FlowShelf& flows,
                           std::shared_ptr<const AnswerOdds> odds) {
  return std::make_shared<const CampaignBook>(std::move(campaigns), strategies.in_force(), context.gate, std::move(odds), flows.in_force());
}

CampaignDeskActor::CampaignDeskActor(caf::actor_config& config, const NodeContext* context, std::vector<Campaign> stored, StrategyShelf strategies, FlowShelf flows)
    : caf::event_based_actor(config), context_(context), queue_(context->documents), strategies_(std::move(strategies)), flows_(std::move(flows)) {
  for (Campaign& campaign : stored) campaigns_[campaign.settings.id].campaign = std::move(campaign);
}

caf::behavior CampaignDeskActor::make_behavior() {
  for (auto& [id, entry] : campaigns_) entry.actor = spawn<CampaignActor>(context_, update_of(entry.campaign));
  on_share_tick();
  return {
      [this](const msg::PutCampaign& c) { return on_put(c); },
      [this](const msg::CommandCampaign& c) { return on_command(c); },
      [this](const msg::DocumentSaved& saved) { queue_.on_saved(caf::actor_cast<caf::actor>(this), saved); },
      [this](const msg::DocumentsChanged& news) { on_shared(news); },
      [this](const msg::PutStrategy& c) {
        return on_text_change(strategies_, [this, c] { return strategies_.next_revision(c.text, c.origin, c.author, context_->clock->now_utc()); }, &CampaignSettings::strategy);
      },
      [this](const msg::RollbackStrategy& c) {
        return on_text_change(strategies_, [this, c] { return strategies_.rollback(c.name, c.revision, c.author, context_->clock->now_utc()); }, &CampaignSettings::strategy);
      },
      [this](const msg::GetStrategies& q) { return msg::StrategiesView{strategies_.view(q.name)}; },
      [this](const msg::PutFlow& c) {
        return on_text_change(flows_, [this, c] { return flows_.next_revision(c.text, c.origin, c.author, context_->clock->now_utc()); }, &CampaignSettings::flow);
      },
      [this](const msg::RollbackFlow& c) {
        return on_text_change(flows_, [this, c] { return flows_.rollback(c.name, c.revision, c.author, context_->clock->now_utc()); }, &CampaignSettings::flow);
      },
      [this](const msg::GetFlows& q) { return msg::FlowsView{flows_.view(q.name)}; },
      [this](const msg::GetBook&) { return msg::BookView{present_book()}; },
      [this](const msg::OddsLearned& news) { on_odds_learned(news); },
      [this](const msg::GetCampaigns&) { return on_get_campaigns(); },
      [this](const msg::GetCampaign& q) { return pass(q); },
      [this](const msg::GetPace& q) { return pass(q); },
      [this](const msg::CallStep& step) {
        const auto found = campaigns_.find(step.campaign);
        if (found != campaigns_.end()) tell(this, found->second.actor, step);
      },
      [this](const msg::CaseFactsCommitted& facts) {
        const auto found = campaigns_.find(facts.campaign);
        if (found != campaigns_.end()) tell(this, found->second.actor, facts);
      },
      [this](const msg::AgentPresence& presence) { on_presence(presence); },
      [this](const msg::CampaignDemand& demand) {
        const auto found = campaigns_.find(demand.campaign);
        if (found != campaigns_.end()) found->second.demand = demand.agents;
      },
      [this](const msg::ShareTick&) { on_share_tick(); },
      [this](const msg::Drain&) {
        // Campaigns stay as they are stored: after the restart they go on. Only the ticks of this life end.
        for (auto& [id, entry] : campaigns_) {
          Campaign paused = entry.campaign;
          paused.state = CampaignState::paused;
          tell(this, entry.actor, update_of(paused));
        }
      },
  };
}

CampaignDeskActor::Entry* CampaignDeskActor::find(const std::string& name_or_id) {
  for (auto& [id, entry] : campaigns_) {
    if (entry.campaign.settings.name == name_or_id || id.str() == name_or_id) return &entry;
  }
  return nullptr;
}

std::vector<Campaign> CampaignDeskActor::all_campaigns() const {
  std::vector<Campaign> all;
  for (const auto& [id, entry] : campaigns_) all.push_back(entry.campaign);
  return all;
}

msg::BookPointer CampaignDeskActor::present_book() const { return make_book(*context_, all_campaigns(), strategies_, flows_, odds_); }

/// A new model changes what is decided next, not what is planned already: a million cases are not planned anew each hour.
void CampaignDeskActor::on_odds_learned(const msg::OddsLearned& news) {
  odds_ = news.odds;
  const auto book = present_book();
  for (const caf::actor& shard : context_->shards) tell(this, shard, msg::BookRenewed{book});
}

msg::CampaignUpdated CampaignDeskActor::update_of(const Campaign& campaign) const { return {campaign, flows_.find(campaign.settings.flow)}; }

void CampaignDeskActor::publish_book(bool has_new_rules) {
  const auto book = present_book();
  for (const caf::actor& shard : context_->shards) tell(this, shard, msg::CampaignsChanged{book, has_new_rules});
}

void CampaignDeskActor::apply(const Campaign& campaign) {
  Entry& entry = campaigns_[campaign.settings.id];
  const CampaignSettings& before = entry.campaign.settings;
  // Another number or trunk may be what the law waited for.
  const bool has_new_numbers = entry.actor && (before.caller_id != campaign.settings.caller_id || before.trunks != campaign.settings.trunks);
  const bool has_new_rules = has_new_numbers || before.strategy != campaign.settings.strategy || before.flow != campaign.settings.flow ||
                             before.odds_lead != campaign.settings.odds_lead || before.prices != campaign.settings.prices;
  entry.campaign = campaign;
  if (entry.actor) {
    tell(this, entry.actor, update_of(campaign));
  } else {
    entry.actor = spawn<CampaignActor>(context_, update_of(campaign));
    for (const auto& [id, presence] : presence_) tell(this, entry.actor, presence);
  }
  share_agents();
  publish_book(has_new_rules);
}

/// The fact is recorded, and the change takes effect, when the disk has the document.
DocumentChange CampaignDeskActor::change_to(const Campaign& campaign, const char* fact_type) {
  return {campaign_kind, campaign.settings.id.str(), encode_campaign(campaign), [this, campaign, fact_type] {
            context_->facts->record({fact_type, campaign.settings.id.str(), campaign.settings.id,
                                     {{"name", campaign.settings.name}, {"state", std::string(to_string(campaign.state))},
                                      {"revision", static_cast<std::int64_t>(campaign.settings.revision)}}});
            apply(campaign);
            return std::string(to_string(campaign.state));
          }};
}

caf::typed_response_promise<msg::Answer> CampaignDeskActor::on_put(const msg::PutCampaign& command) {
  auto promise = make_response_promise<msg::Answer>();
  queue_.submit(caf::actor_cast<caf::actor>(this), promise, [this, command] { return decide_put(command); });
  return promise;
}

Result<DocumentChange> CampaignDeskActor::decide_put(const msg::PutCampaign& command) {
  Campaign campaign;
  campaign.settings = command.settings;
  Entry* existing = find(command.settings.name);
  // Who makes one has not seen any of that name: another node may have made it since.
  if (existing && !command.settings.id.is_set()) return Error{Errc::conflict, "campaign " + command.settings.name + " exists; `campaign edit` changes it"};
  if (!existing && command.settings.id.is_set()) return Error{Errc::not_found, "campaign " + command.settings.name + " is not there any more"};
  const bool is_overtaken = existing && command.settings.revision != existing->campaign.settings.revision;
  if (is_overtaken) {
    return Error{Errc::conflict, "campaign " + command.settings.name + " was changed by somebody else meanwhile, to revision " +
                                     std::to_string(existing->campaign.settings.revision) + ": look at it and try again"};
  }
  if (existing) {
    campaign.state = existing->campaign.state;
    campaign.settings.id = existing->campaign.settings.id;
    campaign.settings.revision = existing->campaign.settings.revision + 1;
  } else {
    const std::uint64_t last = campaigns_.empty() ? 0 : campaigns_.rbegin()->first.value();
    campaign.settings.id = CampaignId(last + 1);
  }
  const Status valid = validate(campaign.settings);
  if (!valid) return valid.error();
  const std::string& strategy = campaign.settings.strategy;
  if (!strategy.empty() && !strategies_.has(strategy)) return Error{Errc::not_found, "no strategy " + strategy + "; `strategy list` shows them"};
  const std::string& flow = campaign.settings.flow;
  if (!flow.empty() && !flows_.has(flow)) return Error{Errc::not_found, "no flow " + flow + "; `flow list` shows them"};
  return change_to(campaign, existing ? "campaign.changed" : "campaign.created");
}

caf::typed_response_promise<msg::Answer> CampaignDeskActor::on_command(const msg::CommandCampaign& command) {
  auto promise = make_response_promise<msg::Answer>();
  queue_.submit(caf::actor_cast<caf::actor>(this), promise, [this, command] { return decide_command(command); });
  return promise;
}

Result<DocumentChange> CampaignDeskActor::decide_command(const msg::CommandCampaign& command) {
  Entry* entry = find(command.name);
  if (!entry) return Error{Errc::not_found, "no campaign " + command.name};
  const bool is_to_dial = command.command == CampaignCommand::start || command.command == CampaignCommand::resume;
  // One stored by an older version may hold what none takes now: its mode says so before anybody is called.
  if (is_to_dial && entry->campaign.settings.mode == DialingMode::preview) return invalid_input("mode: " + parse_dialing_mode("preview").error().detail);
  const auto next = next_state(entry->campaign.state, command.command);
  if (!next) return next.error();
  Campaign changed = entry->campaign;
  changed.state = *next;
  DocumentChange change = change_to(changed, type_of_fact(command.command));
  change.apply = [command, was = entry->campaign.state, now = *next, apply = std::move(change.apply)] {
    log_info("campaigns", "state", "campaign={} {} -> {} by={}", command.name, to_string(was), to_string(now), command.author);
    return apply();
  };
  return change;
}

template <class Kind>
caf::typed_response_promise<msg::Answer> CampaignDeskActor::on_text_change(TextShelf<Kind>& shelf, DecideText decide, std::string CampaignSettings::*name) {
  auto promise = make_response_promise<msg::Answer>();
  queue_.submit(caf::actor_cast<caf::actor>(this), promise, [this, &shelf, decide = std::move(decide), name] { return change_text(shelf, decide(), name); });
  return promise;
}

template <class Kind>
Result<DocumentChange> CampaignDeskActor::change_text(TextShelf<Kind>& shelf, Result<TextRevision> revision, std::string CampaignSettings::*name) {
  if (!revision) return revision.error();
  DocumentChange change = TextShelf<Kind>::document_of(*revision);
  change.apply = [this, &shelf, name, revision = *revision] {
    context_->facts->record({std::string(Kind::noun) + ".changed", revision.name, CampaignId(),
                             {{"name", revision.name}, {"revision", static_cast<std::int64_t>(revision.revision)}, {"author", revision.author},
                              {"origin", revision.origin}}});
    log_info(Kind::plural, "in_force", "{}={} revision={} by={} from=\"{}\"", Kind::noun, revision.name, revision.revision, revision.author, revision.origin);
    shelf.add(revision);
    put_in_force(revision.name, name);
    return std::to_string(revision.revision);
  };
  return change;
}

void CampaignDeskActor::put_in_force(const std::string& text, std::string CampaignSettings::*name) {
  bool is_named = false;
  for (const auto& [id, entry] : campaigns_) {
    if (entry.campaign.settings.*name != text) continue;
    is_named = true;
    tell(this, entry.actor, update_of(entry.campaign));
  }
  // A text nobody works by changes no plan; the campaign that names it later publishes the book.
  if (is_named) publish_book(true);
}

// --- what other nodes of the cluster changed ----------------------------------------------------------------------

void CampaignDeskActor::on_shared(const msg::DocumentsChanged& news) {
  for (const SharedDocument& document : *news.documents) take_shared(document);
  queue_.on_heard(news);
}

void CampaignDeskActor::take_shared(const SharedDocument& document) {
  if (document.kind == StrategyKind::noun) return take_shared_text(strategies_, document, &CampaignSettings::strategy);
  if (document.kind == FlowKind::noun) return take_shared_text(flows_, document, &CampaignSettings::flow);
  if (document.kind != campaign_kind) return;
  if (!document.bytes) return forget(document.id);
  const auto campaign = decode_campaign(*document.bytes);
  if (!campaign) return log_error("campaigns", "damaged", "id={} {}", document.id, campaign.error().detail);
  log_info("campaigns", "shared", "campaign={} state={} revision={}", campaign->settings.name, to_string(campaign->state), campaign->settings.revision);
  apply(*campaign);
}

template <class Kind>
void CampaignDeskActor::take_shared_text(TextShelf<Kind>& shelf, const SharedDocument& document, std::string CampaignSettings::*name) {
  if (!document.bytes) return shelf.remove(document.id);
  const auto revision = decode_text_revision(*document.bytes);
  if (!revision) return log_error(Kind::plural, "damaged", "id={} {}", document.id, revision.error().detail);
  log_info(Kind::plural, "shared", "{}={} revision={} by={}", Kind::noun, revision->name, revision->revision, revision->author);
  shelf.add(*revision);
  put_in_force(revision->name, name);
}

/// A campaign this node brought along and the cluster does not have: it ends here.
void CampaignDeskActor::forget(const std::string& id) {
  const auto known = std::find_if(campaigns_.begin(), campaigns_.end(), [&id](const auto& entry) { return entry.first.str() == id; });
  if (known == campaigns_.end()) return;
  Campaign stopped = known->second.campaign;
  stopped.state = CampaignState::stopped;
  tell(this, known->second.actor, update_of(stopped));
  campaigns_.erase(known);
  share_agents();
  publish_book(true);
}

caf::typed_response_promise<msg::CampaignsView> CampaignDeskActor::on_get_campaigns() {
  auto promise = make_response_promise<msg::CampaignsView>();
  auto gathering = std::make_shared<Gathering<msg::CampaignsView>>(promise);
  for (const auto& [id, entry] : campaigns_) {
    gather_from(this, entry.actor, gathering, &msg::CampaignsView::campaigns, msg::GetCampaign{entry.campaign.settings.name});
  }
  return promise;
}

template <class Query>
caf::response_promise CampaignDeskActor::pass(const Query& query) {
  auto promise = make_response_promise();
  Entry* entry = find(query.name);
  if (entry) promise.delegate(entry->actor, query);
  else promise.deliver(msg::Answer{Error{Errc::not_found, "no campaign " + query.name}, {}});
  return promise;
}

}  // namespace dunlin
