#pragma once
// A whole node on the stage, one campaign, a gate under the test's command, and short ways to say what happens to it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/case/event_codec.hpp"
#include "tests/case/case_fixture.hpp"
#include "tests/support/test_node.hpp"

namespace dunlin::test {

class ActorTest : public ::testing::Test {
 protected:
  explicit ActorTest(std::optional<std::uint64_t> seed = std::nullopt) : stage(noon, seed) {
    gate.allow();
    add_campaign("north");
  }
  ~ActorTest() override { stop(); }

  /// A running campaign over any trunk; it exists from the next start on.
  CampaignId add_campaign(const std::string& name, const std::string& portfolio = "north") {
    Campaign added = campaign();
    added.settings.id = CampaignId(campaigns.size() + 7);
    added.settings.name = name;
    added.settings.trunks.clear();
    added.settings.filter.portfolios = {portfolio};
    campaigns.push_back(added);
    EXPECT_TRUE(disk.put_document("campaign", added.settings.id.str(), encode_campaign(added)).ok());
    return added.settings.id;
  }

  void start() {
    node = std::make_unique<TestNode>(stage, disk, settings, TestNodeOptions{++incarnation, &gate, has_classifier});
    node->spawn_actors();
    stage.pass(seconds(1));  // Trunks earn their first start tokens.
  }
  void stop() {
    stage.bury();
    node.reset();
  }
  void restart() {
    stop();
    stage.restart();
    start();
  }
  /// Everything that can happen at this instant.
  void settle() { stage.pass(Duration{}); }

  /// The answer to a question, after at most `wait` of virtual time.
  template <class Answer, class Question>
  Answer ask(const caf::actor& to, Question question, Duration wait = seconds(30)) {
    const auto asked = ask_later<Answer>(stage, to, std::move(question));
    for (Duration waited; !asked->is_over() && waited < wait; waited = waited + milliseconds(100)) stage.pass(milliseconds(100));
    if (asked->answer) return *asked->answer;
    ADD_FAILURE() << (asked->error ? caf::to_string(*asked->error) : "no answer");
    return {};
  }

  static CaseDraft draft_of(int person, const std::string& portfolio = "north") {
    CaseDraft draft = row().draft;
    draft.keys = {PersonKey{PersonKeyKind::source_client, portfolio + "|" + std::to_string(person)}};
    draft.phones = {phone(person)};
    draft.debts = {debt(portfolio + "-" + std::to_string(person))};
    draft.debts.front().portfolio = portfolio;
    return draft;
  }
  msg::ImportRowsDone import_draft(const CaseDraft& draft) {
    const CaseId id = disk.case_id_for(draft.keys.front());
    return ask<msg::ImportRowsDone>(node->context.shard_for(id), msg::ImportRows{ImportId(1), "file", {{id, ImportRow{2, draft, 0, {}}}}});
  }
  CaseId open_case(int person, const std::string& portfolio = "north") {
    const CaseDraft draft = draft_of(person, portfolio);
    EXPECT_EQ(import_draft(draft).created, 1U);
    return disk.case_id_for(draft.keys.front());
  }
  const caf::actor& shard(CaseId id) const { return node->context.shard_for(id); }

  /// An agent with a phone, logged in and ready.
  void seat_agent(const std::string& user, std::vector<std::string> skills = {}) {
    msg::AgentProfile profile;
    profile.user = user;
    profile.skills = std::move(skills);
    EXPECT_FALSE(ask<msg::Answer>(node->context.agents, msg::ChangeAgent{profile}).error);
    node->sip.register_station(user);
    EXPECT_FALSE(command(user, msg::AgentVerb::login).error);
    stage.pass(seconds(1));
    EXPECT_FALSE(command(user, msg::AgentVerb::ready).error);
  }
  msg::Answer command(const std::string& user, msg::AgentVerb verb) {
    return ask<msg::Answer>(node->context.agents, msg::AgentCommand{user, verb, "test"});
  }
  msg::AgentView agent(const std::string& user) { return ask<msg::AgentView>(node->context.agents, msg::GetAgent{user}); }

  /// A slot of the edge and the shard's answer to it, as a campaign would do.
  msg::Slot acquire(CampaignId id = campaign_id) {
    msg::AcquireSlots acquire;
    acquire.campaign = id;
    acquire.count = 1;
    const auto granted = ask<msg::SlotsGranted>(node->context.edge, acquire);
    return granted.slots.empty() ? msg::Slot{} : granted.slots.front();
  }
  msg::DialAnswered dial(CaseId id) { return ask<msg::DialAnswered>(shard(id), msg::DialNext{campaign_id, acquire(), {}}); }
  /// Dials the case and returns the leg of its INVITE.
  LegId invite(CaseId id) {
    const std::size_t before = node->sip.invites.size();
    EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
    settle();
    EXPECT_EQ(node->sip.invites.size(), before + 1);
    return node->sip.invites.size() > before ? node->sip.invites.back().request.leg : LegId{};
  }
  /// The person picks up and the classifier hears a person.
  void answer_as_person(LegId leg) {
    node->sip.ring(leg);
    node->sip.pick_up(leg);
    settle();
    node->media.judge(leg, VoiceVerdict::AnswerClass::human);
    settle();
  }
  void end_remotely(LegId leg, int status = 200) {
    EndCause cause;
    cause.sip_status = status;
    cause.was_answered = status == 200;
    node->sip.end(leg, cause);
    stage.pass(milliseconds(100));
  }

  std::vector<CaseEvent> events_of(CaseId id) const {
    std::vector<CaseEvent> events;
    for (const StoredEvent& stored : disk.events_of(id)) {
      auto event = decode(stored.type, stored.body);
      EXPECT_TRUE(event.ok());
      if (event) events.push_back(std::move(*event));
    }
    return events;
  }
  template <class Event>
  std::vector<Event> stored(CaseId id) const {
    std::vector<Event> found;
    for (const CaseEvent& event : events_of(id)) {
      if (const auto* wanted = std::get_if<Event>(&event)) found.push_back(*wanted);
    }
    return found;
  }
  CaseRecord record(CaseId id) const {
    const auto view = disk.view_of(id);
    if (!view) return {};
    const auto decoded = decode_view(*view);
    EXPECT_TRUE(decoded.ok());
    return decoded ? *decoded : CaseRecord{};
  }
  int channels_in_use() {
    int used = 0;
    for (const TrunkView& trunk : ask<msg::TrunksView>(node->context.edge, msg::GetTrunks{}).budget) used += trunk.channels_in_use;
    return used;
  }
  std::size_t live_calls() { return ask<msg::CallsView>(node->context.calls, msg::GetCalls{}).live.size(); }

  NodeSettings settings = test_settings();
  bool has_classifier = true;
  TestDisk disk;
  CommandedGate gate;
  std::vector<Campaign> campaigns;
  Stage stage;
  std::unique_ptr<TestNode> node;
  std::uint64_t incarnation = 0;
};

/// A play under many orders of events: seeds 1 to `last`, up to the first that fails.
template <class Play>
void play_seeds(std::uint64_t last) {
  for (std::uint64_t seed = 1; seed <= last; ++seed) {
    Play play(seed);
    play.TestBody();
    if (::testing::Test::HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
}

}  // namespace dunlin::test
