// Changes of campaigns and agents: on disk first, then in effect; a disk that refuses leaves everything as it was.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>

#include "actors/agent_desk_actor.hpp"
#include "actors/campaign_desk_actor.hpp"
#include "actors/profile_codec.hpp"

namespace dunlin {
namespace {

/// Documents in memory; refuses on demand, and can hold its answers back.
class TestDocuments final : public DocumentStore {
 public:
  void put(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::function<void(Status)> done) override {
    const std::lock_guard lock(mutex_);
    if (is_refusing_) return done(Error{Errc::unavailable, "the disk is on fire"});
    ++writes_;
    if (bytes) stored_[{kind, id}] = *bytes;
    else stored_.erase({kind, id});
    if (is_slow_) held_.push_back(std::move(done));
    else done(Done{});
  }
  Result<std::vector<std::pair<std::string, std::string>>> list(const std::string& kind) const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [key, bytes] : stored_) {
      if (key.first == kind) found.emplace_back(key.second, bytes);
    }
    return found;
  }
  void refuse(bool is_on) {
    const std::lock_guard lock(mutex_);
    is_refusing_ = is_on;
  }
  void hold_answers() {
    const std::lock_guard lock(mutex_);
    is_slow_ = true;
  }
  /// Waits until something was written, then lets its answer go.
  void answer_one() {
    for (;;) {
      const std::lock_guard lock(mutex_);
      if (held_.empty()) continue;
      held_.front()(Done{});
      held_.erase(held_.begin());
      return;
    }
  }
  int writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> stored_;
  std::vector<std::function<void(Status)>> held_;
  bool is_refusing_ = false;
  bool is_slow_ = false;
  int writes_ = 0;
};

/// A cluster's documents: takes what is decided on its newest position, and says what the test wants of the next changes.
class TestDoor final : public SharedDocumentDoor {
 public:
  void change(SharedDocument document, std::int64_t decided_on, DocumentWritten done) override {
    const std::lock_guard lock(mutex_);
    tries_.push_back(decided_on);
    if (!refusals_.empty()) {
      const auto [refusal, before] = refusals_.front();
      refusals_.erase(refusals_.begin());
      if (before) before();
      return done(refusal);
    }
    written_.push_back(std::move(document));
    done({std::nullopt, decided_on + 1, false});
  }
  /// `before` happens before the refusal is told.
  void refuse_next(DocumentOutcome outcome, std::function<void()> before = {}) {
    const std::lock_guard lock(mutex_);
    refusals_.emplace_back(std::move(outcome), std::move(before));
  }
  std::vector<std::int64_t> tries() const {
    const std::lock_guard lock(mutex_);
    return tries_;
  }
  std::vector<SharedDocument> written() const {
    const std::lock_guard lock(mutex_);
    return written_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> tries_;
  std::vector<std::pair<DocumentOutcome, std::function<void()>>> refusals_;
  std::vector<SharedDocument> written_;
};

/// A SIP edge that only remembers the accounts it was given.
class TestSip final : public SipDoor {
 public:
  Status place_call(const TrunkCallRequest&, caf::actor) override { return Error{Errc::unavailable, "no trunk"}; }
  Status call_station(LegId, const std::string&, const MediaDescription&, caf::actor) override { return Error{Errc::unavailable, "no station"}; }
  Status answer(LegId, int, const MediaDescription&) override { return Done{}; }
  void reject(LegId, int) override {}
  void hang_up(LegId) override {}
  void probe_leg(LegId) override {}
  void adopt(LegId, caf::actor) override {}
  void set_desk(caf::actor) override {}
  void set_accounts(std::vector<StationAccount> accounts) override {
    const std::lock_guard lock(mutex_);
    accounts_ = accounts.size();
  }
  void probe_trunk(const std::string&) override {}
  bool is_registered(const std::string&) const override { return false; }
  std::vector<TrunkHealthView> trunks() const override { return {}; }
  std::vector<LadderLine> ladder(LegId) const override { return {}; }
  std::size_t accounts() const {
    const std::lock_guard lock(mutex_);
    return accounts_;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t accounts_ = 0;
};

class SilentFeed final : public LiveFeed {
 public:
  void hint(std::string_view, std::vector<Field>) override {}
};

/// Remembers the types of the facts it was told.
class TestFacts final : public NodeFactLog {
 public:
  void record(NodeFact fact) override {
    const std::lock_guard lock(mutex_);
    types_.push_back(fact.type);
  }
  std::vector<std::string> types() const {
    const std::lock_guard lock(mutex_);
    return types_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> types_;
};

/// A node without edges. The desks' children (campaigns, agents) tick for as long as the process lives, as in a node, so
/// what they look at is never taken away from under them.
struct Rig {
  Rig() {
    caf_config.set("scheduler.max-threads", std::size_t{2});
    context.clock = &clock;
    context.settings = &settings;
    context.documents = &documents;
    context.sip = &sip;
    context.ids = &ids;
    context.live = &live;
    context.facts = &facts;
    system = std::make_unique<caf::actor_system>(caf_config);
    campaigns = system->spawn<CampaignDeskActor>(&context, std::vector<Campaign>{});
    agents = system->spawn<AgentDeskActor>(&context);
  }
  SystemClock clock;
  NodeSettings settings;
  TestDocuments documents;
  TestDoor door;
  TestSip sip;
  SilentFeed live;
  TestFacts facts;
  IdSource ids{1};
  NodeContext context;
  caf::actor_system_config caf_config;
  std::unique_ptr<caf::actor_system> system;
  caf::actor campaigns;
  caf::actor agents;
};

Rig& new_rig() {
  static auto& kept = *std::make_unique<std::vector<std::unique_ptr<Rig>>>().release();
  kept.push_back(std::make_unique<Rig>());
  return *kept.back();
}

class Desks : public ::testing::Test {
 protected:
  template <class Reply, class Message>
  Reply ask(const caf::actor& actor, const Message& message) {
    caf::scoped_actor self{system_};
    Reply answer;
    self->request(actor, std::chrono::seconds(60), message)
        .receive([&](const Reply& reply) { answer = reply; }, [](const caf::error& error) { ADD_FAILURE() << caf::to_string(error); });
    return answer;
  }
  /// Changes the campaign of this name, or makes it.
  msg::Answer put(const std::string& name, std::uint32_t wrap_up = 60) {
    msg::PutCampaign command;
    for (const auto& view : all_campaigns()) {
      if (view.campaign.settings.name == name) command.settings = view.campaign.settings;
    }
    command.settings.name = name;
    command.settings.caller_id = "+74950000001";
    command.settings.trunks = {{"carrier", 1}};
    command.settings.wrap_up_seconds = wrap_up;
    return ask<msg::Answer>(campaigns_, command);
  }
  msg::Answer change_agent(const std::string& user, const std::string& name) {
    msg::AgentProfile profile;
    profile.user = user;
    profile.name = name;
    profile.ha1 = "0123";
    return ask<msg::Answer>(agents_, msg::ChangeAgent{profile});
  }
  /// What another node did, as the cluster tells it.
  void hear(std::vector<SharedDocument> documents, std::int64_t position) {
    const auto news = std::make_shared<const std::vector<SharedDocument>>(std::move(documents));
    for (const caf::actor& desk : {campaigns_, agents_}) post(desk, msg::DocumentsChanged{news, position, &rig_.door});
  }
  std::vector<msg::CampaignView> all_campaigns() { return ask<msg::CampaignsView>(campaigns_, msg::GetCampaigns{}).campaigns; }
  std::vector<msg::AgentView> all_agents() { return ask<msg::AgentsView>(agents_, msg::GetAgents{}).agents; }

  Rig& rig_ = new_rig();
  TestDocuments& documents_ = rig_.documents;
  TestSip& sip_ = rig_.sip;
  caf::actor_system& system_ = *rig_.system;
  const caf::actor& campaigns_ = rig_.campaigns;
  const caf::actor& agents_ = rig_.agents;
};

TEST_F(Desks, ACampaignIsNotThereWhenTheDiskRefusesIt) {
  documents_.refuse(true);
  const msg::Answer answer = put("soft");
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Errc::unavailable);
  EXPECT_EQ(answer.error->detail, "nothing was changed: the disk is on fire");
  EXPECT_TRUE(all_campaigns().empty());
  EXPECT_TRUE(rig_.facts.types().empty()) << "nothing is told that is not on disk";
}

TEST_F(Desks, AnEditThatWasNotStoredChangesNothing) {
  ASSERT_FALSE(put("soft", 60).error);
  documents_.refuse(true);
  EXPECT_TRUE(put("soft", 30).error);
  EXPECT_TRUE(ask<msg::Answer>(campaigns_, msg::CommandCampaign{"soft", CampaignCommand::start, "anna"}).error);
  ASSERT_EQ(all_campaigns().size(), 1U);
  EXPECT_EQ(all_campaigns()[0].campaign.settings.wrap_up_seconds, 60U);
  EXPECT_EQ(all_campaigns()[0].campaign.state, CampaignState::created);
  documents_.refuse(false);
  EXPECT_EQ(ask<msg::Answer>(campaigns_, msg::CommandCampaign{"soft", CampaignCommand::start, "anna"}).text, "running");
  EXPECT_EQ(all_campaigns()[0].campaign.state, CampaignState::running);
}

TEST_F(Desks, ChangesTakeEffectInTheirOrderAndOnlyFromTheDisk) {
  documents_.hold_answers();
  caf::scoped_actor self{system_};
  msg::PutCampaign first;
  first.settings.name = "soft";
  first.settings.caller_id = "+74950000001";
  first.settings.trunks = {{"carrier", 1}};
  auto first_answer = self->request(campaigns_, std::chrono::seconds(60), first);
  auto second_answer = self->request(campaigns_, std::chrono::seconds(60), msg::CommandCampaign{"soft", CampaignCommand::start, "anna"});
  EXPECT_TRUE(all_campaigns().empty()) << "not on disk, not in effect";
  EXPECT_LE(documents_.writes(), 1) << "the second waits for the first";
  documents_.answer_one();
  documents_.answer_one();
  const auto on_error = [](const caf::error& error) { ADD_FAILURE() << caf::to_string(error); };
  first_answer.receive([](const msg::Answer& answer) { EXPECT_EQ(answer.text, "created"); }, on_error);
  second_answer.receive([](const msg::Answer& answer) { EXPECT_EQ(answer.text, "running"); }, on_error);
}

TEST_F(Desks, AnAgentIsNeitherAddedNorRemovedWhenTheDiskRefuses) {
  documents_.refuse(true);
  EXPECT_TRUE(change_agent("a1", "Anna").error);
  EXPECT_TRUE(all_agents().empty());
  EXPECT_EQ(sip_.accounts(), 0U);
  documents_.refuse(false);
  ASSERT_FALSE(change_agent("a1", "Anna").error);
  EXPECT_EQ(sip_.accounts(), 1U);
  documents_.refuse(true);
  EXPECT_TRUE(ask<msg::Answer>(agents_, msg::RemoveAgent{"a1"}).error);
  ASSERT_EQ(all_agents().size(), 1U);
  EXPECT_EQ(sip_.accounts(), 1U);
  documents_.refuse(false);
  EXPECT_FALSE(ask<msg::Answer>(agents_, msg::RemoveAgent{"a1"}).error);
  EXPECT_TRUE(all_agents().empty());
  EXPECT_EQ(sip_.accounts(), 0U);
}

std::string agent_bytes(const std::string& user, std::uint64_t id) {
  msg::AgentProfile profile;
  profile.user = user;
  profile.id = AgentId(id);
  profile.ha1 = "0123";
  return encode_profile(profile);
}

TEST_F(Desks, WhatAnotherNodeMadeWorksHere) {
  Campaign campaign;
  campaign.settings.id = CampaignId(3);
  campaign.settings.name = "soft";
  campaign.state = CampaignState::running;
  const std::string id = campaign.settings.id.str();
  hear({{"campaign", id, encode_campaign(campaign)}, {"agent", "anna", agent_bytes("anna", 1)}, {"import_template", "bank", "columns"}}, 7);
  ASSERT_EQ(all_campaigns().size(), 1U);
  EXPECT_EQ(all_campaigns()[0].campaign.state, CampaignState::running);
  ASSERT_EQ(all_agents().size(), 1U);
  EXPECT_EQ(sip_.accounts(), 1U);
  campaign.state = CampaignState::paused;
  hear({{"campaign", id, encode_campaign(campaign)}, {"agent", "anna", std::nullopt}}, 9);
  EXPECT_EQ(all_campaigns()[0].campaign.state, CampaignState::paused);
  EXPECT_TRUE(all_agents().empty());
  EXPECT_EQ(sip_.accounts(), 0U);
  EXPECT_TRUE(rig_.facts.types().empty()) << "the node that changed it has told the fact";
  EXPECT_EQ(documents_.writes(), 0) << "the copy on the disk is not the desk's business";
}

TEST_F(Desks, AChangeIsDecidedAnewWhenOthersWereQuicker) {
  hear({}, 7);
  ASSERT_FALSE(change_agent("boris", "Boris").error);
  // As in the cluster: what the others did is told before the refusal. They have taken number 2.
  rig_.door.refuse_next({Error{Errc::conflict, "nothing was changed: others were quicker"}, 9, true},
                        [this] { hear({{"agent", "anna", agent_bytes("anna", 2)}}, 9); });
  ASSERT_FALSE(change_agent("carl", "Carl").error);
  EXPECT_EQ(rig_.door.tries(), (std::vector<std::int64_t>{7, 8, 9}));
  const auto carl = decode_profile(*rig_.door.written().back().bytes);
  ASSERT_TRUE(carl.ok());
  EXPECT_EQ(carl->id, AgentId(3));
}

TEST_F(Desks, AChangeOfWhatAnotherChangedIsRefused) {
  hear({}, 7);
  rig_.door.refuse_next({Error{Errc::conflict, "nothing was changed: campaign '1' was changed on another node"}, 9, false});
  const msg::Answer answer = put("soft");
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Errc::conflict);
  EXPECT_EQ(rig_.door.tries().size(), 1U);
  EXPECT_TRUE(all_campaigns().empty());
}

msg::PutCampaign new_campaign(const std::string& name) {
  msg::PutCampaign command;
  command.settings.name = name;
  command.settings.caller_id = "+74950000001";
  command.settings.trunks = {{"carrier", 1}};
  return command;
}

TEST_F(Desks, ANewCampaignIsNotPutOverOneThatAnotherNodeMadeMeanwhile) {
  hear({}, 7);
  Campaign theirs;
  theirs.settings = new_campaign("soft").settings;
  theirs.settings.id = CampaignId(1);
  theirs.settings.wrap_up_seconds = 30;
  // Both have seen no campaign of that name; theirs is told before the desk decides, or before it decides anew.
  rig_.door.refuse_next({Error{Errc::conflict, "nothing was changed: others were quicker"}, 9, true},
                        [this, &theirs] { hear({{"campaign", theirs.settings.id.str(), encode_campaign(theirs)}}, 9); });
  for (const char* when : {"anew", "at once"}) {
    const auto answer = ask<msg::Answer>(campaigns_, new_campaign("soft"));
    ASSERT_TRUE(answer.error) << when;
    EXPECT_EQ(answer.error->code, Errc::conflict) << when;
    EXPECT_EQ(answer.error->detail, "campaign soft exists; `campaign edit` changes it") << when;
  }
  ASSERT_EQ(all_campaigns().size(), 1U);
  EXPECT_EQ(all_campaigns()[0].campaign.settings.wrap_up_seconds, 30U);
  auto gone = new_campaign("hard");
  gone.settings.id = CampaignId(5);
  EXPECT_EQ(ask<msg::Answer>(campaigns_, gone).error->code, Errc::not_found) << "an edit makes nothing new";
}

msg::ReplaceAgent agent_with_skill(const std::optional<msg::AgentProfile>& before, const std::string& skill) {
  msg::ReplaceAgent command{before, before.value_or(msg::AgentProfile{})};
  command.profile.user = "anna";
  command.profile.ha1 = "0123";
  command.profile.skills = {skill};
  return command;
}

TEST_F(Desks, AnAgentReadBeforeSomebodyElsesChangeIsNotPutBack) {
  ASSERT_FALSE(ask<msg::Answer>(agents_, agent_with_skill(std::nullopt, "law")).error);
  const auto second = ask<msg::Answer>(agents_, agent_with_skill(std::nullopt, "tax"));
  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->detail, "agent anna exists: somebody else has made it meanwhile");
  const auto read_by_two = all_agents()[0].profile;
  const auto first = ask<msg::Answer>(agents_, agent_with_skill(read_by_two, "tax"));
  ASSERT_FALSE(first.error) << first.error->detail;
  const auto late = ask<msg::Answer>(agents_, agent_with_skill(read_by_two, "french"));
  ASSERT_TRUE(late.error);
  EXPECT_EQ(late.error->code, Errc::conflict);
  EXPECT_EQ(late.error->detail, "agent anna was changed by somebody else meanwhile: look at it and try again");
  EXPECT_EQ(all_agents()[0].profile.skills, std::vector<std::string>{"tax"});
  ASSERT_FALSE(ask<msg::Answer>(agents_, msg::RemoveAgent{"anna"}).error);
  EXPECT_EQ(ask<msg::Answer>(agents_, agent_with_skill(read_by_two, "french")).error->code, Errc::not_found);
}

TEST_F(Desks, AChangeWithoutASecretKeepsTheSecret) {
  ASSERT_FALSE(ask<msg::Answer>(agents_, agent_with_skill(std::nullopt, "law")).error);
  auto seen = all_agents()[0].profile;
  EXPECT_EQ(seen.ha1, "") << "nobody is shown it";
  msg::ReplaceAgent change{seen, seen};
  change.profile.skills = {"tax"};
  change.profile.is_md5 = true;
  ASSERT_FALSE(ask<msg::Answer>(agents_, change).error);
  const auto documents = documents_.list("agent");
  ASSERT_EQ(documents->size(), 1U);
  const auto stored = decode_profile(documents->front().second);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->skills, std::vector<std::string>{"tax"});
  EXPECT_EQ(stored->ha1, "0123");
  EXPECT_FALSE(stored->is_md5) << "of the secret it goes with";
}

TEST_F(Desks, ACampaignReadBeforeSomebodyElsesChangeIsNotPutBack) {
  ASSERT_FALSE(put("soft", 60).error);
  msg::PutCampaign mine{all_campaigns()[0].campaign.settings, "anna"};
  ASSERT_FALSE(put("soft", 30).error);
  mine.settings.priority = 7;
  const msg::Answer answer = ask<msg::Answer>(campaigns_, mine);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Errc::conflict);
  EXPECT_NE(answer.error->detail.find("campaign soft was changed by somebody else meanwhile"), std::string::npos) << answer.error->detail;
  EXPECT_EQ(all_campaigns()[0].campaign.settings.wrap_up_seconds, 30U);
}

}  // namespace
}  // namespace dunlin
