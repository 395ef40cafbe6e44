#include "core/case/case_import.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::Desk;
using test::noon;

TEST(CaseImport, TheSameRowTwiceChangesNothing) {
  Desk desk;
  desk.import();
  EXPECT_FALSE(desk.import().has_events());
  EXPECT_FALSE(desk.import(test::row(2)).has_events());
}

TEST(CaseImport, RefusesAnotherPersonWithTheSameCaseId) {
  Desk desk;
  desk.import();
  RowImported other = test::row();
  other.draft.keys = {PersonKey{PersonKeyKind::inn, "7707083893"}};
  EXPECT_EQ(desk.machine.on_import(desk.now, test::case_id, other, desk.book).error().code, Errc::conflict);
}

TEST(CaseImport, ARowCannotUnblockANumber) {
  Desk desk;
  desk.import();
  desk.commit(desk.machine.on_phone_blocked(desk.now, PhoneBlocked{test::number(1), "wrong"}, desk.book));
  RowImported again = test::row(2);
  again.draft.phones[0].owner_name = "changed";
  desk.import(again);
  EXPECT_TRUE(desk.record().find_phone(test::number(1))->is_blocked);
}

TEST(CaseImport, AnOlderRowCannotReopenAPaidDebt) {
  Desk desk;
  desk.import();
  desk.commit(desk.machine.on_payment(desk.now, PaymentFact{"p1", "C-1", Money{1'000'00, Currency::rub}, noon}, desk.book));
  desk.now = noon + minutes(5);
  RowImported stale = test::row(2);
  stale.draft.debts[0].days_past_due = 13;
  desk.import(stale);
  EXPECT_EQ(desk.record().state, CaseState::closed);
  stale.data_as_of = noon - hours(6);
  desk.import(stale);
  EXPECT_EQ(desk.record().state, CaseState::closed);
  stale.data_as_of = noon + minutes(1);
  desk.import(stale);
  EXPECT_EQ(desk.record().state, CaseState::open);
}

TEST(CaseImport, PaymentsAfterTheFilesStampAreSubtractedAgain) {
  Desk desk;
  desk.import();
  desk.commit(desk.machine.on_payment(desk.now, PaymentFact{"p1", "C-1", Money{400'00, Currency::rub}, noon}, desk.book));
  RowImported fresh = test::row(2);
  fresh.data_as_of = noon - hours(6);
  fresh.draft.debts[0].days_past_due = 13;
  desk.import(fresh);
  EXPECT_EQ(desk.record().find_debt("C-1")->overdue.minor, 600'00);
  EXPECT_EQ(desk.record().find_debt("C-1")->days_past_due, 13);
}

TEST(CaseImport, UndoOfTheFirstImportLeavesNothingToDial) {
  Desk desk;
  desk.import();
  const CaseEffects effects = desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(1), "admin"}, desk.book));
  EXPECT_TRUE(desk.record().debts.empty());
  EXPECT_TRUE(desk.record().phones.empty());
  EXPECT_EQ(desk.record().state, CaseState::closed);
  EXPECT_EQ(effects.lookups_removed.size(), 3U);
}

TEST(CaseImport, UndoRestoresWhatTheImportChangedAndKeepsLaterPayments) {
  Desk desk;
  desk.import();
  desk.now = noon + hours(1);
  RowImported second = test::row(2);
  second.draft.debts[0].overdue.minor = 9'000'00;
  second.draft.debts.push_back(test::debt("C-2"));
  desk.import(second);
  desk.now = noon + hours(2);
  desk.commit(desk.machine.on_payment(desk.now, PaymentFact{"p1", "C-1", Money{100'00, Currency::rub}, desk.now}, desk.book));
  desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(2), "admin"}, desk.book));
  EXPECT_EQ(desk.record().find_debt("C-2"), nullptr);
  EXPECT_EQ(desk.record().find_debt("C-1")->overdue.minor, 900'00);
}

TEST(CaseImport, UndoOfAnEarlierImportKeepsWhatALaterOneSaid) {
  Desk desk;
  desk.import();
  RowImported second = test::row(2);
  second.draft.debts[0].overdue.minor = 2'000'00;
  desk.import(second);
  desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(1), "admin"}, desk.book));
  ASSERT_NE(desk.record().find_debt("C-1"), nullptr);
  EXPECT_EQ(desk.record().find_debt("C-1")->overdue.minor, 2'000'00);
  desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(2), "admin"}, desk.book));
  EXPECT_EQ(desk.record().find_debt("C-1"), nullptr);
}

TEST(CaseImport, UndoKeepsACaseSomebodyHasWorkedOnSince) {
  struct Work {
    std::string reason;
    std::function<void(Desk&)> act;
  };
  const std::vector<Work> works{
      {"dialed", [](Desk& desk) { desk.reserve(1); }},
      {"dialed", [](Desk& desk) {
         desk.reserve(1);
         desk.settle(1, Outcome::no_answer);
       }},
      {"payment", [](Desk& desk) {
         desk.commit(desk.machine.on_payment(desk.now, PaymentFact{"p1", "C-1", Money{100'00, Currency::rub}, desk.now}, desk.book));
       }},
      {"promise", [](Desk& desk) {
         desk.commit(desk.machine.on_promise_recorded(desk.now, PromiseTerms{Money{500'00, Currency::rub}, {2026, 11, 27}, "C-1"}, desk.book));
       }},
  };
  for (const Work& work : works) {
    Desk desk;
    desk.import();
    desk.now = noon + minutes(1);
    work.act(desk);
    const CaseEffects effects = desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(1), "admin"}, desk.book));
    EXPECT_FALSE(effects.has_events());
    ASSERT_TRUE(std::holds_alternative<KeptView>(effects.answer)) << work.reason;
    EXPECT_EQ(std::get<KeptView>(effects.answer).reason, work.reason);
    EXPECT_NE(desk.record().find_debt("C-1"), nullptr);
  }
}

TEST(CaseImport, UndoTwiceIsOneUndo) {
  Desk desk;
  desk.import();
  desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(1), "admin"}, desk.book));
  EXPECT_FALSE(desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(1), "admin"}, desk.book)).has_events());
}

TEST(CaseImport, WorkBeforeTheImportDoesNotKeepIt) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::no_answer);
  desk.now = noon + hours(1);
  RowImported second = test::row(2);
  second.draft.debts.push_back(test::debt("C-2"));
  desk.import(second);
  desk.commit(desk.machine.on_import_undone(desk.now, ImportUndone{ImportId(2), "admin"}, desk.book));
  EXPECT_EQ(desk.record().find_debt("C-2"), nullptr);
}

TEST(CaseImport, RefusesARowThatKnowsThePersonByAnotherInn) {
  Desk desk;
  RowImported first = test::row();
  first.draft.keys = {PersonKey{PersonKeyKind::inn, "7707083893"}, PersonKey{PersonKeyKind::passport, "4509123456"}};
  desk.import(first);
  RowImported other = test::row(2);
  other.draft.keys = {PersonKey{PersonKeyKind::inn, "500100732259"}, PersonKey{PersonKeyKind::passport, "4509123456"}};
  EXPECT_EQ(desk.machine.on_import(desk.now, test::case_id, other, desk.book).error().code, Errc::conflict);
}

TEST(CaseImport, OnePersonOfTwoPortfoliosIsOneCaseWithTwoDebts) {
  Desk desk;
  desk.import();
  RowImported other = test::row(2);
  other.source = "south.xlsx";
  other.draft.debts = {test::debt("S-9")};
  other.draft.debts[0].portfolio = "south";
  desk.import(other);
  ASSERT_EQ(desk.record().debts.size(), 2U);
  EXPECT_EQ(desk.record().debts[0].portfolio, "north");
  EXPECT_EQ(desk.record().debts[1].portfolio, "south");
  EXPECT_EQ(desk.record().phones.size(), 2U);
}

TEST(CaseImport, RefusesARowBeyondTheBoundOfNumbers) {
  Desk desk;
  RowImported big = test::row();
  for (int i = 0; i < static_cast<int>(max_phones) + 1; ++i) big.draft.phones.push_back(test::phone(10 + i));
  EXPECT_EQ(desk.machine.on_import(desk.now, test::case_id, big, desk.book).error().code, Errc::exhausted);
}

TEST(CaseImport, PlacesAreOnlyAdded) {
  Desk desk;
  desk.import();
  RowImported moved = test::row(2);
  moved.draft.zones = {"Asia/Yekaterinburg"};
  desk.import(moved);
  EXPECT_EQ(desk.record().zones, (std::vector<std::string>{"Europe/Moscow", "Asia/Yekaterinburg"}));
}

}  // namespace
}  // namespace dunlin
