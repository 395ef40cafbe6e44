#pragma once
// The campaigns with the strategies and flows they name: stored documents, one actor a campaign, and the book every case
// knows. Changes of the book go to all shards, which re-plan their cases. A change is on disk before it takes effect. In a
// cluster they are the same on all nodes: what another one changes takes effect here too. One per node.
#include <functional>
#include <map>

#include "actors/contracts/agent_sharing.hpp"
#include "actors/contracts/messages.hpp"
#include "actors/document_queue.hpp"
#include "actors/node_context.hpp"
#include "actors/text_shelf.hpp"
#include "core/dialing/agent_shares.hpp"

namespace dunlin {

class CampaignDeskActor : public caf::event_based_actor {
 public:
  CampaignDeskActor(caf::actor_config& config, const NodeContext* context, std::vector<Campaign> stored, StrategyShelf strategies = {}, FlowShelf flows = {});
  caf::behavior make_behavior() override;
  const char* name() const override { return "campaign_desk"; }

 private:
  struct Entry {
    Campaign campaign;
    caf::actor actor;
    std::uint32_t demand = 0;   ///< As the campaign told it.
    AgentShare share;           ///< As it was told.
  };
  caf::typed_response_promise<msg::Answer> on_put(const msg::PutCampaign& command);
  caf::typed_response_promise<msg::Answer> on_command(const msg::CommandCampaign& command);
  caf::typed_response_promise<msg::CampaignsView> on_get_campaigns();
  Result<DocumentChange> decide_put(const msg::PutCampaign& command);
  Result<DocumentChange> decide_command(const msg::CommandCampaign& command);
  void on_shared(const msg::DocumentsChanged& news);
  void take_shared(const SharedDocument& document);
  template <class Kind>
  void take_shared_text(TextShelf<Kind>& shelf, const SharedDocument& document, std::string CampaignSettings::*name);
  void forget(const std::string& id);
  DocumentChange change_to(const Campaign& campaign, const char* fact_type);
  void apply(const Campaign& campaign);
  using DecideText = std::function<Result<TextRevision>()>;
  /// `decide` asks the shelf what the change writes.
  template <class Kind>
  caf::typed_response_promise<msg::Answer> on_text_change(TextShelf<Kind>& shelf, DecideText decide, std::string CampaignSettings::*name);
  template <class Kind>
  Result<DocumentChange> change_text(TextShelf<Kind>& shelf, Result<TextRevision> revision, std::string CampaignSettings::*name);
  /// A new revision is in force: the campaigns that name it work by it.
  void put_in_force(const std::string& text, std::string CampaignSettings::*name);
  msg::CampaignUpdated update_of(const Campaign& campaign) const;
  std::vector<Campaign> all_campaigns() const;
  void publish_book(bool has_new_rules);
  void on_presence(const msg::AgentPresence& presence);
  void on_share_tick();
  /// Who may pace for whom, from now on. Tells those for whom something changed.
  void share_agents();
  std::vector<SharedAgent> agents_to_share() const;
  std::vector<AgentClaim> claims() const;
  void on_odds_learned(const msg::OddsLearned& news);
  msg::BookPointer present_book() const;
  Entry* find(const std::string& name_or_id);
  template <class Query>
  caf::response_promise pass(const Query& query);

  const NodeContext* context_;
  DocumentQueue queue_;
  StrategyShelf strategies_;
  FlowShelf flows_;
  std::shared_ptr<const AnswerOdds> odds_;
  std::map<CampaignId, Entry> campaigns_;
  std::map<AgentId, msg::AgentPresence> presence_;   ///< Told to campaigns that are created later.
  AgentShares shares_;
  AgentHomes homes_;                                 ///< As the matchmaker was told.
};

/// Stored campaigns, for the first book; damaged documents are logged and left alone.
std::vector<Campaign> load_campaigns(const DocumentStore& documents);

/// The book these make, with the clock of the node's gate.
msg::BookPointer make_book(const NodeContext& context, std::vector<Campaign> campaigns, const StrategyShelf& strategies, const FlowShelf& flows,
                           std::shared_ptr<const AnswerOdds> odds = {});

}  // namespace dunlin
