#include "core/case/person_merge.hpp"

#include <gtest/gtest.h>

#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::Desk;

/// Another case of the same person, dialed once.
Desk other_case() {
  Desk desk;
  RowImported row = test::row(5);
  row.draft.keys = {PersonKey{PersonKeyKind::inn, "7707083893"}};
  row.draft.phones = {test::phone(1), test::phone(3)};
  row.draft.debts = {test::debt("D-1")};
  desk.commit(desk.machine.on_import(desk.now, CaseId(0xB2), row, desk.book));
  desk.reserve(50);
  return desk;
}

AbsorbedFacts alias(Desk& absorbed) {
  const CaseEffects effects = absorbed.commit(absorbed.machine.on_alias(absorbed.now, test::case_id));
  return std::get<AbsorbedFacts>(effects.answer);
}

TEST(PersonMerge, TheSurvivorHasBothHistoriesAndSummedCounters) {
  Desk survivor;
  survivor.import();
  survivor.reserve(1);
  survivor.settle(1, Outcome::no_answer);
  Desk absorbed = other_case();
  absorbed.settle(50, Outcome::abandoned);
  const AbsorbedFacts facts = alias(absorbed);
  survivor.commit(survivor.machine.on_merge(survivor.now, CaseId(0xB2), facts, survivor.book));
  EXPECT_EQ(survivor.record().totals.attempts, 2U);
  EXPECT_EQ(survivor.record().find_stats(test::number(1))->attempts, 2U);
  EXPECT_EQ(survivor.record().phones.size(), 3U);
  EXPECT_EQ(survivor.record().debts.size(), 2U);
  EXPECT_NE(survivor.record().find_attempt(AttemptId(50)), nullptr);
  EXPECT_EQ(broken_invariant(survivor.record()), "");
}

TEST(PersonMerge, MergingTwiceIsOneMerge) {
  Desk survivor;
  survivor.import();
  Desk absorbed = other_case();
  absorbed.settle(50, Outcome::busy);
  const AbsorbedFacts facts = alias(absorbed);
  survivor.commit(survivor.machine.on_merge(survivor.now, CaseId(0xB2), facts, survivor.book));
  EXPECT_FALSE(survivor.commit(survivor.machine.on_merge(survivor.now, CaseId(0xB2), facts, survivor.book)).has_events());
  EXPECT_EQ(alias(absorbed), facts);
}

TEST(PersonMerge, ACaseInACallIsNotAbsorbed) {
  Desk absorbed = other_case();
  EXPECT_EQ(absorbed.machine.on_alias(absorbed.now, test::case_id).error().code, Errc::conflict);
}

TEST(PersonMerge, AnAbsorbedCaseForwardsEverything) {
  Desk absorbed = other_case();
  absorbed.settle(50, Outcome::busy);
  alias(absorbed);
  EXPECT_TRUE(absorbed.record().due.empty());
  const CaseEffects effects = absorbed.reserve(51);
  ASSERT_TRUE(std::holds_alternative<AliasView>(effects.answer));
  EXPECT_EQ(std::get<AliasView>(effects.answer).into, test::case_id);
  EXPECT_TRUE(std::holds_alternative<AliasView>(absorbed.settle(50, Outcome::busy).answer));
}

TEST(PersonMerge, AReservationOfTheSurvivorBlocksTheMergedPersonToo) {
  Desk survivor;
  survivor.import();
  survivor.reserve(1);
  Desk absorbed = other_case();
  absorbed.settle(50, Outcome::busy);
  survivor.commit(survivor.machine.on_merge(survivor.now, CaseId(0xB2), alias(absorbed), survivor.book));
  EXPECT_EQ(survivor.record().state, CaseState::in_attempt);
  EXPECT_NE(test::denial_of(survivor.reserve(2)), nullptr);
}

TEST(PersonMerge, AStopOrABlockOfEitherStays) {
  Desk survivor;
  survivor.import();
  Desk absorbed = other_case();
  absorbed.settle(50, Outcome::answered);
  absorbed.dispose(50, Outcome::cease_request);
  absorbed.commit(absorbed.machine.on_phone_blocked(absorbed.now, PhoneBlocked{test::number(1), "wrong"}, absorbed.book));
  survivor.commit(survivor.machine.on_merge(survivor.now, CaseId(0xB2), alias(absorbed), survivor.book));
  EXPECT_EQ(survivor.record().state, CaseState::stopped);
  EXPECT_TRUE(survivor.record().find_phone(test::number(1))->is_blocked);
}

/// A command that was long on its way, after the merge went the other way round.
TEST(PersonMerge, ACaseDoesNotBecomeAnAliasOfOneThatItTookOver) {
  Desk survivor;
  survivor.import();
  Desk absorbed = other_case();
  absorbed.settle(50, Outcome::busy);
  survivor.commit(survivor.machine.on_merge(survivor.now, CaseId(0xB2), alias(absorbed), survivor.book));
  const auto late = survivor.machine.on_alias(survivor.now, CaseId(0xB2));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Errc::conflict);
  EXPECT_TRUE(survivor.machine.on_alias(survivor.now, CaseId(0xC3)).ok());
}

TEST(PersonMerge, TwoTaxNumbersAreTwoPeople) {
  CaseRecord one;
  CaseRecord other;
  one.keys = {{PersonKeyKind::passport, "4510123456"}, {PersonKeyKind::inn, "7707083893"}};
  other.keys = {{PersonKeyKind::passport, "4510123456"}};
  EXPECT_TRUE(check_one_person(one, other).ok());
  other.keys.push_back({PersonKeyKind::inn, "500100732259"});
  const Status refused = check_one_person(one, other);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::denied) << "for ever: a conflict would be tried again";
  other.keys.push_back({PersonKeyKind::inn, "7707083893"});
  EXPECT_TRUE(check_one_person(one, other).ok());
}

}  // namespace
}  // namespace dunlin
