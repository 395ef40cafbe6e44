// The case actor and its shard: order, commits that fail, sleep, timers, reservations of former lives.
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

msg::AddNote note(CaseId id, const std::string& text) { return {id, NoteAdded{"tester", text}}; }

bool is_reservation(const CommitRequest& request) { return request.reservation.has_value(); }

class CaseActorTest : public ActorTest {
 protected:
  // No agents: the campaign dials nothing by itself.
  void SetUp() override { start(); }
};

TEST_F(CaseActorTest, WorkThatArrivesWhileACommitIsPendingWaitsInOrder) {
  const CaseId id = open_case(1);
  node->journal.hold();
  std::vector<std::shared_ptr<Asked<msg::Answer>>> asked;
  for (const char* text : {"first", "second", "third"}) {
    asked.push_back(ask_later<msg::Answer>(stage, shard(id), note(id, text)));
    settle();
  }
  EXPECT_EQ(node->journal.queued(), 1U);
  for (const auto& each : asked) EXPECT_FALSE(each->is_over());
  node->journal.release();
  settle();
  const auto notes = stored<NoteAdded>(id);
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes[0].text + notes[1].text + notes[2].text, "firstsecondthird");
  for (const auto& each : asked) EXPECT_TRUE(each->answer && !each->answer->error);
}

TEST_F(CaseActorTest, AFailedCommitEndsTheActorAndTheHistoryRebuildsIt) {
  const CaseId id = open_case(1);
  node->journal.choose_fate = [](const CommitRequest& r) { return is_reservation(r) ? CommitFate::refused : CommitFate::durable; };
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::failed);
  settle();
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_EQ(node->sip.refused_without_permit, 0);
  EXPECT_FALSE(record(id).open_attempt);
  node->journal.choose_fate = nullptr;
  EXPECT_FALSE(ask<msg::Answer>(shard(id), note(id, "after")).error);
  EXPECT_EQ(stored<NoteAdded>(id).size(), 1U);
}

TEST_F(CaseActorTest, NoRoomRefusesTheAttemptAndKeepsTakingFacts) {
  const CaseId id = open_case(1);
  disk.is_full = true;
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::failed);
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_FALSE(ask<msg::Answer>(shard(id), note(id, "room for this")).error);
}

TEST_F(CaseActorTest, ACommitInDoubtGivesNoDial) {
  const CaseId id = open_case(1);
  node->journal.choose_fate = [](const CommitRequest& r) { return is_reservation(r) ? CommitFate::in_doubt : CommitFate::durable; };
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::failed);
  stage.pass(minutes(1));
  EXPECT_TRUE(node->sip.invites.empty());
  EXPECT_TRUE(record(id).open_attempt);
}

TEST_F(CaseActorTest, AReservationInDoubtIsSettledWithoutARestart) {
  const CaseId id = open_case(1);
  node->journal.choose_fate = [](const CommitRequest& r) { return is_reservation(r) ? CommitFate::in_doubt : CommitFate::durable; };
  dial(id);
  stage.pass(seconds(30));
  stage.leap(hours(2) + minutes(20));
  stage.pass(seconds(5));
  const auto settled = stored<AttemptSettled>(id);
  ASSERT_EQ(settled.size(), 1U);
  EXPECT_EQ(settled.front().outcome, Outcome::unknown_after_failure);
}

/// The settlement is on the disk, and the shard was never told when the case wants to be dialed next.
TEST_F(CaseActorTest, ACaseWhoseSettlementWasInDoubtIsDialedAgain) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->journal.choose_fate = [](const CommitRequest&) { return CommitFate::in_doubt; };
  end_remotely(leg, 486);
  node->journal.choose_fate = nullptr;
  stage.pass(seconds(30));
  ASSERT_EQ(stored<AttemptSettled>(id).size(), 1U);
  const auto due = record(id).due;
  ASSERT_FALSE(due.empty());
  stage.leap(due.front().due_at - stage.now() + minutes(2));
  stage.pass(seconds(2));
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
}

TEST_F(CaseActorTest, ACaseWhoseImportWasInDoubtIsDialed) {
  node->journal.choose_fate = [](const CommitRequest&) { return CommitFate::in_doubt; };
  const CaseDraft draft = draft_of(1);
  (void)import_draft(draft);
  node->journal.choose_fate = nullptr;
  stage.pass(minutes(2));
  EXPECT_EQ(dial(disk.case_id_for(draft.keys.front())).kind, msg::DialAnswered::Kind::placed);
}

TEST_F(CaseActorTest, AStaleVersionIsRefusedAndTheCaseIsReadAgain) {
  const CaseId id = open_case(1);
  EXPECT_FALSE(ask<msg::Answer>(shard(id), note(id, "wakes the case")).error);
  CommitRequest behind;
  behind.case_id = id;
  behind.expected_version = disk.events_of(id).size();
  behind.events = {encode(NoteAdded{"somebody else", "behind its back"}, stage.now())};
  CaseRecord changed = record(id);
  fold(changed, NoteAdded{"somebody else", "behind its back"}, stage.now());
  behind.case_view = encode_view(changed);
  ASSERT_TRUE(disk.apply(behind).ok());
  EXPECT_EQ(ask<msg::Answer>(shard(id), note(id, "lost")).error.value_or(Error{Errc::denied, ""}).code, Errc::conflict);
  EXPECT_FALSE(ask<msg::Answer>(shard(id), note(id, "kept")).error);
  EXPECT_EQ(stored<NoteAdded>(id).size(), 3U);
}

TEST_F(CaseActorTest, ACommandForAPersonNobodyKnowsIsNotFound) {
  const CaseId id(0x5005);
  EXPECT_EQ(ask<msg::Answer>(shard(id), note(id, "who")).error.value_or(Error{Errc::denied, ""}).code, Errc::not_found);
  PaymentFact payment{"p1", "north-1", Money{100, Currency::rub}, stage.now()};
  EXPECT_EQ(ask<msg::Answer>(shard(id), msg::RecordPayment{id, payment}).error.value_or(Error{Errc::denied, ""}).code, Errc::not_found);
  EXPECT_FALSE(disk.view_of(id));
}

TEST_F(CaseActorTest, AnIdleCaseSleepsAndItsTimerStillFires) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  answer_as_person(leg);
  stage.pass(seconds(3));
  end_remotely(leg);
  stage.pass(seconds(30));
  const AttemptId attempt = stored<AttemptReserved>(id).front().attempt;
  DispositionSet disposition{attempt, AgentId(1), Outcome::rpc_callback, std::nullopt, Callback{stage.now() + hours(1), {}, {}}, ""};
  (void)ask<msg::Answer>(shard(id), msg::Dispose{id, disposition});
  stage.pass(minutes(3));
  EXPECT_EQ(ask<msg::QueueView>(shard(id), msg::GetQueue{campaign_id}).awake, 0U);
  stage.leap(hours(1));
  stage.pass(seconds(5));
  const auto due = record(id).due;
  EXPECT_TRUE(std::any_of(due.begin(), due.end(), [](const DueRow& r) { return r.campaign.is_set(); }));
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
}

TEST_F(CaseActorTest, AReservationOfAFormerLifeIsSettledUnknownOnce) {
  const CaseId id = open_case(1);
  invite(id);
  restart();
  stage.pass(seconds(2));
  const auto settled = stored<AttemptSettled>(id);
  ASSERT_EQ(settled.size(), 1U);
  EXPECT_EQ(settled.front().outcome, Outcome::unknown_after_failure);
  EXPECT_EQ(settled.front().by, SettledBy::recovery);
  stage.leap(hours(3));
  stage.pass(seconds(5));
  EXPECT_EQ(stored<AttemptSettled>(id).size(), 1U);
  EXPECT_TRUE(node->sip.invites.empty());
}

/// The line never said how the call ended and the history takes no facts: the call actor still holds the attempt.
TEST_F(CaseActorTest, TheTimerLeavesAReservationThatACallStillHoldsAlone) {
  const CaseId id = open_case(1);
  const LegId leg = invite(id);
  node->journal.choose_fate = [](const CommitRequest&) { return CommitFate::no_room; };
  end_remotely(leg, 486);
  stage.leap(hours(2) + minutes(20));
  node->journal.choose_fate = nullptr;
  stage.pass(seconds(15));
  const auto settled = stored<AttemptSettled>(id);
  ASSERT_EQ(settled.size(), 1U);
  EXPECT_EQ(settled.front().outcome, Outcome::busy);
}

TEST_F(CaseActorTest, ADeniedCaseGoesBackWithTheInstantTheLawNames) {
  const CaseId id = open_case(1);
  gate.deny_until(stage.now() + hours(1));
  const auto answer = dial(id);
  EXPECT_EQ(answer.kind, msg::DialAnswered::Kind::denied);
  EXPECT_EQ(answer.denied_by_law, 1);
  gate.allow();
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::none_ready);
  stage.leap(hours(1));
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
}

TEST_F(CaseActorTest, ADebtPaidByAPaymentIsNotDialedAfterTheAnswer) {
  const CaseId id = open_case(1);
  const Money balance = record(id).debts.front().balance;
  const Money overdue = record(id).debts.front().overdue;
  PaymentFact payment{"p1", "north-1", Money{std::max(balance.minor, overdue.minor), Currency::rub}, stage.now()};
  EXPECT_FALSE(ask<msg::Answer>(shard(id), msg::RecordPayment{id, payment}).error);
  EXPECT_NE(dial(id).kind, msg::DialAnswered::Kind::placed);
}

TEST_F(CaseActorTest, TwoSlotsNeverReserveOnePersonTwice) {
  const CaseId id = open_case(1);
  node->journal.hold();
  const auto one = ask_later<msg::DialAnswered>(stage, shard(id), msg::DialNext{campaign_id, acquire(), {}});
  const auto two = ask_later<msg::DialAnswered>(stage, shard(id), msg::DialNext{campaign_id, acquire(), {}});
  settle();
  node->journal.release();
  stage.pass(seconds(1));
  ASSERT_TRUE(one->answer && two->answer);
  EXPECT_NE(one->answer->kind == msg::DialAnswered::Kind::placed, two->answer->kind == msg::DialAnswered::Kind::placed);
  EXPECT_EQ(node->sip.invites.size(), 1U);
}

/// Commands crossing the moment a case falls asleep, in many orders: each is answered and stored once.
TEST(CaseSleep, NoCommandIsLostAroundFallingAsleep) {
  struct Play : ActorTest {
    explicit Play(std::uint64_t lots) : ActorTest(lots) {}
    void TestBody() override {
      start();
      const CaseId id = open_case(1);
      std::vector<std::shared_ptr<Asked<msg::Answer>>> asked;
      for (int n = 0; n < 12; ++n) {
        stage.pass(seconds(60) + milliseconds(n * 97));
        asked.push_back(ask_later<msg::Answer>(stage, shard(id), note(id, std::to_string(n))));
        asked.push_back(ask_later<msg::Answer>(stage, shard(id), note(id, std::to_string(n) + "b")));
      }
      stage.pass(seconds(5));
      for (const auto& each : asked) EXPECT_TRUE(each->answer && !each->answer->error);
      EXPECT_EQ(stored<NoteAdded>(id).size(), 24U);
    }
  };
  play_seeds<Play>(8);
}

}  // namespace
}  // namespace dunlin::test
