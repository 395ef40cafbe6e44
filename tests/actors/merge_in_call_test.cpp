// Two cases turn out to be one person while the person is being called: what is reserved stays checked, what comes of the
// call is written once, both histories count, and nobody calls the person a second time meanwhile.
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

const PersonKey tax_number{PersonKeyKind::inn, "7707083893"};

class MergeInCallTest : public ActorTest {
 protected:
  /// The person as the first register knows it.
  CaseId open_first() { return open_case(1); }
  /// The same person in another register: another number, another debt, a tax number.
  CaseId open_second() {
    CaseDraft draft = draft_of(2);
    draft.keys = {tax_number};
    EXPECT_EQ(import_draft(draft).created, 1U);
    return disk.case_id_for(tax_number);
  }
  /// A row of the first register that brings the tax number: now it is known. Waits for what the import does at once.
  msg::ImportView learn_key() {
    CaseDraft draft = draft_of(1);
    draft.keys.push_back(tax_number);
    node->imports.files["known.xlsx"] = {draft};
    const auto started = ask<msg::Answer>(node->context.imports, msg::StartImport{{"known.xlsx", "north", "", ""}, false});
    stage.pass(seconds(3));
    const auto jobs = ask<msg::ImportsView>(node->context.imports, msg::GetImport{*ImportId::parse(started.text)});
    EXPECT_EQ(jobs.imports.size(), 1U);
    return jobs.imports.empty() ? msg::ImportView{} : jobs.imports.front();
  }
  msg::MergeAnswered merge(CaseId survivor, CaseId absorbed) {
    return ask<msg::MergeAnswered>(node->context.merges, msg::MergeCases{survivor, absorbed});
  }
  void expect_alias(CaseId absorbed, CaseId survivor) {
    EXPECT_EQ(record(absorbed).alias_of, survivor);
    EXPECT_EQ(record(survivor).absorbed, std::vector<CaseId>{absorbed});
    EXPECT_EQ(record(survivor).debts.size(), 2U);
    EXPECT_EQ(stored<CaseAliased>(absorbed).size(), 1U);
    EXPECT_EQ(broken_invariant(record(survivor)), "");
  }
  /// The result of the call is in this history, once, and nowhere else.
  void expect_settled_once(CaseId id, Outcome outcome, CaseId other) {
    const auto settled = stored<AttemptSettled>(id);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled.front().outcome, outcome);
    EXPECT_TRUE(stored<AttemptSettled>(other).empty());
    EXPECT_FALSE(record(id).open_attempt);
    EXPECT_EQ(live_calls(), 0U);
  }
  /// Ann talks to the person of the first case; the campaign itself has dialed.
  LegId talk_to_first() {
    seat_agent("ann");
    stage.pass(seconds(3));
    EXPECT_EQ(node->sip.invites.size(), 1U);
    const LegId leg = node->sip.invites.back().request.leg;
    answer_as_person(leg);
    stage.pass(seconds(1));
    return leg;
  }
};

TEST_F(MergeInCallTest, AReservationIsKeptAndItsResultLandsInTheSurvivorOnce) {
  start();
  const CaseId first = open_first();
  const CaseId second = open_second();
  const LegId leg = invite(first);
  EXPECT_EQ(learn_key().merged, 1U);
  expect_alias(second, first);
  ASSERT_TRUE(record(first).open_attempt);
  EXPECT_EQ(record(first).state, CaseState::in_attempt);
  EXPECT_NE(dial(first).kind, msg::DialAnswered::Kind::placed);
  EXPECT_NE(dial(second).kind, msg::DialAnswered::Kind::placed);
  EXPECT_EQ(node->sip.invites.size(), 1U);
  end_remotely(leg, 486);
  expect_settled_once(first, Outcome::busy, second);
  EXPECT_EQ(record(first).totals.attempts, 1U);
}

/// Without the key the second case is dialed as soon as an agent is free: what the next test forbids can happen.
TEST_F(MergeInCallTest, TwoCasesNobodyKnowsToBeOnePersonAreBothCalled) {
  start();
  open_first();
  talk_to_first();
  open_second();
  seat_agent("bob");
  stage.pass(seconds(30));
  EXPECT_EQ(node->sip.invites.size(), 2U);
}

TEST_F(MergeInCallTest, ATalkGoesOnAndAFreeAgentDoesNotCallThePersonAgain) {
  start();
  const CaseId first = open_first();
  const LegId leg = talk_to_first();
  const CaseId second = open_second();
  EXPECT_EQ(learn_key().merged, 1U);
  expect_alias(second, first);
  seat_agent("bob");
  stage.pass(minutes(2));
  EXPECT_EQ(node->sip.invites.size(), 1U) << "called twice at a time";
  EXPECT_EQ(live_calls(), 1U) << "the talk goes on";
  EXPECT_TRUE(node->sip.hang_ups.empty());
  end_remotely(leg);
  expect_settled_once(first, Outcome::answered, second);
  EXPECT_EQ(stored<AgentBridged>(first).size(), 1U);
  EXPECT_FALSE(ask<msg::Answer>(node->context.agents, msg::DisposeCall{"ann", Outcome::rpc_refusal, {}, {}, ""}).error);
  settle();
  EXPECT_EQ(stored<DispositionSet>(first).size(), 1U);
  EXPECT_TRUE(stored<DispositionSet>(second).empty());
}

TEST_F(MergeInCallTest, AnOutcomeSaidOfTheOldIdReachesTheSurvivor) {
  start();
  const CaseId first = open_first();
  const LegId leg = talk_to_first();
  const CaseId second = open_second();
  learn_key();
  end_remotely(leg);
  ASSERT_EQ(record(first).state, CaseState::awaiting_disposition);
  DispositionSet said;
  said.attempt = record(first).attempts.back().attempt;
  said.outcome = Outcome::rpc_refusal;
  EXPECT_FALSE(ask<msg::Answer>(shard(second), msg::Dispose{second, said}).error);
  EXPECT_EQ(stored<DispositionSet>(first).size(), 1U);
  EXPECT_TRUE(stored<DispositionSet>(second).empty());
}

/// Whoever is named the survivor: a case in a call cannot be closed, so it takes the other one over.
TEST_F(MergeInCallTest, TheCaseInTheCallSurvivesWhoeverIsNamed) {
  start();
  for (const bool is_caller_named : {true, false}) {
    const int person = is_caller_named ? 20 : 30;
    const CaseId caller = open_case(person);
    const CaseId other = open_case(person + 1);
    const LegId leg = invite(caller);
    const std::size_t calls = node->sip.invites.size();
    EXPECT_TRUE(is_caller_named ? merge(caller, other).is_done : merge(other, caller).is_done);
    expect_alias(other, caller);
    EXPECT_EQ(record(caller).state, CaseState::in_attempt);
    EXPECT_NE(dial(other).kind, msg::DialAnswered::Kind::placed);
    EXPECT_EQ(node->sip.invites.size(), calls);
    end_remotely(leg, 486);
    expect_settled_once(caller, Outcome::busy, other);
  }
}

TEST_F(MergeInCallTest, TheAttemptsOfBothCountAgainstTheDaysCap) {
  start();
  for (const bool is_merged : {false, true}) {
    const int person = is_merged ? 40 : 50;
    const CaseId first = open_case(person);
    const CaseId second = open_case(person + 1);
    end_remotely(invite(second), 486);
    const LegId leg = invite(first);
    if (is_merged) {
      EXPECT_TRUE(merge(first, second).is_done);
    }
    end_remotely(leg, 486);
    stage.leap(hours(1));
    stage.pass(seconds(5));
    EXPECT_EQ(record(first).totals.attempts, is_merged ? 2U : 1U);
    const bool is_dialed = dial(first).kind == msg::DialAnswered::Kind::placed;
    EXPECT_EQ(is_dialed, !is_merged) << "two attempts a day, whichever case they were made for";
    settle();
    if (is_dialed) end_remotely(node->sip.invites.back().request.leg, 486);
  }
}

TEST_F(MergeInCallTest, ASecondLegIsCommittedByTheSurvivor) {
  start();
  const CaseId first = open_first();
  const CaseId second = open_second();
  const LegId leg = invite(first);
  learn_key();
  EndCause refused;
  refused.sip_status = 503;
  node->sip.end(leg, refused);
  stage.pass(seconds(1));
  ASSERT_EQ(node->sip.invites.size(), 2U);
  EXPECT_EQ(node->sip.invites.back().request.leg_number, 2);
  EXPECT_EQ(stored<SecondLegCommitted>(first).size(), 1U);
  end_remotely(node->sip.invites.back().request.leg, 486);
  expect_settled_once(first, Outcome::busy, second);
}

TEST_F(MergeInCallTest, WhileBothAreCalledTheMergeWaitsAndIsDoneByItself) {
  start();
  const CaseId first = open_first();
  const CaseId second = open_second();
  const LegId one = invite(first);
  const LegId two = invite(second);
  const msg::ImportView import = learn_key();
  EXPECT_EQ(import.merged, 0U);
  EXPECT_EQ(import.merges_waiting, 1U);
  EXPECT_FALSE(record(first).alias_of.is_set() || record(second).alias_of.is_set());
  end_remotely(two, 486);
  stage.pass(seconds(5));
  expect_alias(second, first);
  EXPECT_EQ(stored<AttemptSettled>(second).size(), 1U) << "what was written before stays where it was";
  EXPECT_EQ(record(first).attempts.size(), 2U);
  end_remotely(one, 486);
  EXPECT_EQ(stored<AttemptSettled>(first).size(), 1U);
  EXPECT_EQ(record(first).totals.attempts, 2U);
  EXPECT_FALSE(record(first).open_attempt);
}

/// The process dies in the call, after the merge: the reservation is settled once, as unknown, and nobody is dialed for it.
TEST_F(MergeInCallTest, AfterACrashTheSurvivorSettlesTheCallOnce) {
  start();
  const CaseId first = open_first();
  const CaseId second = open_second();
  invite(first);
  EXPECT_EQ(learn_key().merged, 1U);
  restart();
  stage.pass(seconds(2));
  stage.leap(hours(3));
  stage.pass(seconds(5));
  const auto settled = stored<AttemptSettled>(first);
  ASSERT_EQ(settled.size(), 1U);
  EXPECT_EQ(settled.front().outcome, Outcome::unknown_after_failure);
  EXPECT_TRUE(stored<AttemptSettled>(second).empty());
  expect_alias(second, first);
  EXPECT_NE(dial(second).kind, msg::DialAnswered::Kind::placed);
}

}  // namespace
}  // namespace dunlin::test
