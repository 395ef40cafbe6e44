#pragma once
// The campaigns of the node and the strategies they name: stored documents, one actor a campaign, and the book every case
// knows. Changes of the book go to all shards, which re-plan their cases. A change is on disk before it takes effect. One
// per node.
#include <map>

#include "actors/contracts/messages.hpp"
#include "actors/document_queue.hpp"
#include "actors/node_context.hpp"
#include "actors/strategy_shelf.hpp"

namespace dunlin {

class CampaignDeskActor : public caf::event_based_actor {
 public:
  CampaignDeskActor(caf::actor_config& config, const NodeContext* context, std::vector<Campaign> stored, StrategyShelf strategies = {});
  caf::behavior make_behavior() override;
  const char* name() const override { return "campaign_desk"; }

 private:
  struct Entry {
    Campaign campaign;
    caf::actor actor;
  };
  caf::typed_response_promise<msg::Answer> on_put(const msg::PutCampaign& command);
  caf::typed_response_promise<msg::Answer> on_command(const msg::CommandCampaign& command);
  caf::typed_response_promise<msg::CampaignsView> on_get_campaigns();
  Result<DocumentChange> decide_put(const msg::PutCampaign& command);
  Result<DocumentChange> decide_command(const msg::CommandCampaign& command);
  DocumentChange change_to(const Campaign& campaign, const char* fact_type);
  void apply(const Campaign& campaign);
  Result<DocumentChange> change_strategy(Result<StrategyRevision> revision);
  template <class Change>
  caf::typed_response_promise<msg::Answer> on_strategy_change(const Change& command, Result<StrategyRevision> (StrategyShelf::*decide)(const Change&, UtcTime) const);
  std::vector<Campaign> all_campaigns() const;
  void publish_book(bool has_new_rules);
  void on_odds_learned(const msg::OddsLearned& news);
  msg::BookPointer present_book() const;
  Entry* find(const std::string& name_or_id);
  template <class Query>
  caf::response_promise pass(const Query& query);

  const NodeContext* context_;
  DocumentQueue queue_;
  StrategyShelf strategies_;
  std::shared_ptr<const AnswerOdds> odds_;
  std::map<CampaignId, Entry> campaigns_;
  std::map<AgentId, msg::AgentPresence> presence_;   ///< Told to campaigns that are created later.
};

/// Stored campaigns, for the first book; damaged documents are logged and left alone.
std::vector<Campaign> load_campaigns(const DocumentStore& documents);

/// The book these make, with the clock of the node's gate.
msg::BookPointer make_book(const NodeContext& context, std::vector<Campaign> campaigns, const StrategyShelf& strategies,
                           std::shared_ptr<const AnswerOdds> odds = {});

}  // namespace dunlin
