// A command to a shard of another node, from the sending face to the shard and back, through bytes; the link between the
// two is in the test's hands.
#include <gtest/gtest.h>

#include "actors/region_codec.hpp"
#include "actors/region_door_actor.hpp"
#include "actors/remote_region_actor.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

/// Hands every envelope over as the link would, or answers with the error given.
struct WireTap {
  caf::actor door;
  std::optional<Error> failure;
  std::vector<Envelope> sent;
};

caf::behavior carry_envelopes(caf::event_based_actor* self, const std::shared_ptr<WireTap>& tap) {
  return {[self, tap](const msg::AskPeer& question) {
    auto promise = self->make_response_promise<msg::PeerAnswered>();
    tap->sent.push_back(question.envelope);
    if (tap->failure) {
      promise.deliver(msg::PeerAnswered{tap->failure, {}});
      return promise;
    }
    self->request(tap->door, to_chrono(hours(1)), msg::EnvelopeArrived{"n1", *decode_envelope(*encode(question.envelope))})
        .then([promise](const msg::EnvelopeAnswer& answer) mutable { promise.deliver(msg::PeerAnswered{answer.error, answer.envelope}); });
    return promise;
  }};
}

class RegionTest : public ActorTest {
 protected:
  void SetUp() override {
    start();
    tap = std::make_shared<WireTap>();
    tap->door = stage.system().spawn<RegionDoorActor>(&node->context, [this](ShardIndex shard) { return shard != lost_shard; });
    const auto link = stage.system().spawn(carry_envelopes, tap);
    region = stage.system().spawn<RemoteRegionActor>(&stage.clock(), link, std::uint64_t{99});
  }
  void TearDown() override {
    region = {};
    tap->door = {};
  }
  template <class Command>
  msg::ForNode<Command> for_node(Command command, CaseId id) {
    return {"n2", shard_of(id), 12, std::move(command)};
  }
  msg::Answer note(CaseId id, const std::string& text) { return ask<msg::Answer>(region, for_node(msg::AddNote{id, {"tester", text}}, id)); }
  template <class Answer, class Command>
  std::string error_of(Command command, CaseId id) {
    const auto asked = ask_later<Answer>(stage, region, for_node(std::move(command), id));
    stage.pass(seconds(1));
    return asked->error ? stage.system().render(*asked->error) : "";
  }

  std::shared_ptr<WireTap> tap;
  caf::actor region;
  ShardIndex lost_shard = 0xffff;
};

TEST_F(RegionTest, ACommandReachesTheShardAndItsAnswerComesBack) {
  const CaseId id = open_case(1);
  const auto answer = note(id, "from afar");
  EXPECT_FALSE(answer.error) << answer.error->detail;
  ASSERT_EQ(stored<NoteAdded>(id).size(), 1U);
  EXPECT_EQ(stored<NoteAdded>(id).front().text, "from afar");
  ASSERT_EQ(tap->sent.size(), 1U);
  EXPECT_EQ(tap->sent[0].shard, shard_of(id));
  EXPECT_EQ(tap->sent[0].epoch, 12);
}

TEST_F(RegionTest, CommandsHaveIdsOfTheirOwnAndQuestionsNone) {
  const CaseId id = open_case(1);
  note(id, "one");
  note(id, "two");
  ask<msg::CaseView>(region, for_node(msg::GetCase{id}, id));
  ASSERT_EQ(tap->sent.size(), 3U);
  EXPECT_EQ(tap->sent[0].command, (CommandId{99, 1}));
  EXPECT_EQ(tap->sent[1].command, (CommandId{99, 2}));
  EXPECT_FALSE(tap->sent[2].command.is_command());
}

TEST_F(RegionTest, RowsViewsQueuesAndCensusCross) {
  const CaseDraft draft = draft_of(1);
  const CaseId id = disk.case_id_for(draft.keys.front());
  const auto done = ask<msg::ImportRowsDone>(region, for_node(msg::ImportRows{ImportId(1), "file", {{id, ImportRow{2, draft, 0, {}}}}}, id));
  EXPECT_EQ(done.created, 1U);
  const auto view = ask<msg::CaseView>(region, for_node(msg::GetCase{id}, id));
  ASSERT_TRUE(view.record);
  EXPECT_EQ(*view.record, record(id));
  const auto queue = ask<msg::QueueView>(region, for_node(msg::GetQueue{CampaignId(7)}, id));
  EXPECT_EQ(queue.shard, shard_of(id));
  EXPECT_EQ(queue.summary.ready + queue.summary.waiting, 1U);
  EXPECT_EQ(ask<msg::CasesJudged>(region, for_node(msg::JudgeCases{{id}}, id)).census.cases, 1U);
}

TEST_F(RegionTest, TheShardsOwnErrorsKeepTheirCode) {
  const CaseId id = open_case(1);
  const auto refused = ask<msg::Answer>(region, for_node(msg::ClearRestriction{id, {"bankrupt", "", "tester"}}, id));
  const auto near = ask<msg::Answer>(shard(id), msg::ClearRestriction{id, {"bankrupt", "", "tester"}});
  ASSERT_TRUE(refused.error && near.error);
  EXPECT_EQ(refused.error->code, near.error->code);
  EXPECT_EQ(refused.error->detail, near.error->detail);
}

TEST_F(RegionTest, AShardThatIsNotOursIsRefusedAndNotPassedOn) {
  const CaseId id = open_case(1);
  lost_shard = shard_of(id);
  const auto refused = note(id, "x");
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::conflict);
  EXPECT_EQ(refused.error->detail, "not the owner of shard " + std::to_string(lost_shard));
  EXPECT_TRUE(stored<NoteAdded>(id).empty());
  EXPECT_NE(error_of<msg::CaseView>(msg::GetCase{id}, id).find("not the owner"), std::string::npos);
}

TEST_F(RegionTest, ACaseOfAnotherShardIsRefused) {
  const CaseId id = open_case(1);
  const auto refused = ask<msg::Answer>(region, for_node(msg::AddNote{CaseId(id.value() + 1), {"tester", "x"}}, id));
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->detail, "a case of another shard");
}

TEST_F(RegionTest, WhatTheLinkRefusesIsToldAsTheAnswer) {
  const CaseId id = open_case(1);
  tap->failure = Error{Errc::exhausted, "node n2 has not answered 512 messages yet"};
  EXPECT_EQ(note(id, "x").error->code, Errc::exhausted);
  EXPECT_EQ(ask<msg::AttemptReply>(region, for_node(msg::RequestSecondLeg{id, {}, {}, false}, id)).error->code, Errc::exhausted);
  EXPECT_NE(error_of<msg::ImportRowsDone>(msg::ImportRows{}, id).find("exhausted"), std::string::npos);
}

TEST_F(RegionTest, AnUnknownCommandIsRefusedWithItsRepair) {
  const auto answer = ask<msg::EnvelopeAnswer>(tap->door, msg::EnvelopeArrived{"n1", Envelope{999, {}, 0, 0, ""}});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->detail, "a command of type 999 is not known here: upgrade this node");
}

}  // namespace
}  // namespace dunlin::test
