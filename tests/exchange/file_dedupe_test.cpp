#include "core/exchange/file_dedupe.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

struct Person {
  std::string inn;
  std::string name_birth;
};

CaseDraft draft_of(const Person& person, const std::string& contract, std::int64_t minor = 1000) {
  CaseDraft draft;
  if (!person.inn.empty()) draft.keys.push_back({PersonKeyKind::inn, person.inn});
  if (!person.name_birth.empty()) draft.keys.push_back({PersonKeyKind::name_birth, person.name_birth});
  Debt debt;
  debt.external_id = contract;
  debt.balance.minor = minor;
  draft.debts.push_back(debt);
  return draft;
}

TableRow row_of(std::uint64_t line, const std::string& text) {
  return {line, {text_cell(text), Cell{}}};
}

TEST(FileDedupe, MergesFurtherDebtsOfAPerson) {
  FileDedupe dedupe;
  EXPECT_EQ(dedupe.add(row_of(2, "a"), draft_of({"1", "n"}, "c1"))->repetition, Repetition::fresh);
  const auto second = dedupe.add(row_of(3, "b"), draft_of({"1", "n"}, "c2"));
  EXPECT_EQ(second->repetition, Repetition::same_person);
  EXPECT_EQ(second->first_line, 2U);
  // A row that knows less of the person is still the same person.
  EXPECT_EQ(dedupe.add(row_of(4, "c"), draft_of({"", "n"}, "c3"))->repetition, Repetition::same_person);
  EXPECT_EQ(dedupe.person_count(), 1U);
}

TEST(FileDedupe, ReportsIdenticalRows) {
  FileDedupe dedupe;
  ASSERT_TRUE(dedupe.add(row_of(2, "a"), draft_of({"1", ""}, "c1")).ok());
  TableRow shorter = row_of(9, "a");
  shorter.cells.pop_back();
  const auto again = dedupe.add(shorter, draft_of({"1", ""}, "c1"));
  EXPECT_EQ(again->repetition, Repetition::duplicate_row);
  EXPECT_EQ(again->first_line, 2U);
  ASSERT_EQ(again->errors.size(), 1U);
  EXPECT_NE(again->errors[0].message_ru.find("строка 2"), std::string::npos);
}

TEST(FileDedupe, RefusesKeysOfTwoPersons) {
  FileDedupe dedupe;
  ASSERT_TRUE(dedupe.add(row_of(2, "a"), draft_of({"1", "n1"}, "c1")).ok());
  ASSERT_TRUE(dedupe.add(row_of(3, "b"), draft_of({"2", "n2"}, "c2")).ok());
  const auto crossed = dedupe.add(row_of(4, "c"), draft_of({"1", "n2"}, "c3"));
  EXPECT_EQ(crossed->repetition, Repetition::conflict);
  EXPECT_EQ(crossed->errors.at(0).code, RowErrorCode::key_conflict);
  const auto other_inn = dedupe.add(row_of(5, "d"), draft_of({"3", "n1"}, "c4"));
  EXPECT_EQ(other_inn->repetition, Repetition::conflict);
}

TEST(FileDedupe, JoinsTwoPersonsWhenALaterRowHasTheKeysOfBoth) {
  FileDedupe dedupe;
  EXPECT_EQ(dedupe.add(row_of(2, "a"), draft_of({"1", ""}, "c1"))->person, 0U);
  EXPECT_EQ(dedupe.add(row_of(3, "b"), draft_of({"", "n"}, "c2"))->person, 1U);
  EXPECT_EQ(dedupe.person_count(), 2U);
  const auto both = dedupe.add(row_of(4, "c"), draft_of({"1", "n"}, "c3"));
  EXPECT_EQ(both->repetition, Repetition::same_person);
  EXPECT_EQ(both->person, 0U);
  EXPECT_EQ(both->same_as, (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(dedupe.person_count(), 1U);
  // From now on either key leads to the one person, whose contracts are known under both.
  EXPECT_EQ(dedupe.add(row_of(5, "d"), draft_of({"", "n"}, "c1"))->person, 0U);
}

TEST(FileDedupe, RefusesAJoinOfPersonsWithTwoInns) {
  FileDedupe dedupe;
  ASSERT_TRUE(dedupe.add(row_of(2, "a"), draft_of({"1", "n"}, "c1")).ok());
  CaseDraft other = draft_of({"2", ""}, "c2");
  other.keys.push_back({PersonKeyKind::passport, "p"});
  ASSERT_TRUE(dedupe.add(row_of(3, "b"), other).ok());
  CaseDraft bridge = draft_of({"", "n"}, "c3");
  bridge.keys.push_back({PersonKeyKind::passport, "p"});
  EXPECT_EQ(dedupe.add(row_of(4, "c"), bridge)->repetition, Repetition::conflict);
  EXPECT_EQ(dedupe.person_count(), 2U);
}

TEST(FileDedupe, TakesAPassportRenewedUnderOneInn) {
  FileDedupe dedupe;
  CaseDraft before = draft_of({"1", ""}, "c1");
  before.keys.push_back({PersonKeyKind::passport, "old"});
  CaseDraft after = draft_of({"1", ""}, "c2");
  after.keys.push_back({PersonKeyKind::passport, "new"});
  ASSERT_TRUE(dedupe.add(row_of(2, "a"), before).ok());
  EXPECT_EQ(dedupe.add(row_of(3, "b"), after)->repetition, Repetition::same_person);
}

TEST(FileDedupe, TellsOfANamesakeOnlyWithoutABirthDate) {
  struct Row {
    std::string client;
    bool has_birth_date;
    std::uint64_t namesake;
  };
  FileDedupe dedupe;
  std::uint64_t line = 2;
  for (const Row& row : {Row{"k1", true, 0}, Row{"k2", true, 0}, Row{"k3", false, 2}, Row{"k3", false, 2}}) {
    CaseDraft draft = draft_of({"", ""}, "c" + std::to_string(line));
    draft.name.full = "Иванов  Пётр";
    draft.keys.push_back({PersonKeyKind::source_client, row.client});
    if (row.has_birth_date) draft.birth_date = CivilDate{1980, 1, static_cast<int>(line)};
    EXPECT_EQ(dedupe.add(row_of(line, "row " + std::to_string(line)), draft)->namesake_line, row.namesake) << line;
    ++line;
  }
}

TEST(FileDedupe, RefusesAContractWithOtherData) {
  FileDedupe dedupe;
  ASSERT_TRUE(dedupe.add(row_of(2, "a"), draft_of({"1", ""}, "c1", 100)).ok());
  EXPECT_EQ(dedupe.add(row_of(3, "b"), draft_of({"1", ""}, "c1", 100))->repetition, Repetition::same_person);
  EXPECT_EQ(dedupe.add(row_of(4, "c"), draft_of({"1", ""}, "c1", 200))->errors.at(0).code,
            RowErrorCode::contract_repeated);
  EXPECT_EQ(dedupe.add(row_of(5, "d"), draft_of({"2", ""}, "c1", 100))->errors.at(0).code,
            RowErrorCode::contract_repeated);
}

TEST(FileDedupe, NeverMergesByNothing) {
  FileDedupe dedupe;
  EXPECT_EQ(dedupe.add(row_of(2, "Иванов Иван"), draft_of({"", ""}, "c1"))->repetition, Repetition::fresh);
  EXPECT_EQ(dedupe.add(row_of(3, "Иванов Иван 2"), draft_of({"", ""}, "c2"))->repetition, Repetition::fresh);
}

TEST(FileDedupe, StopsAtItsBound) {
  FileDedupe dedupe(4);
  ASSERT_TRUE(dedupe.add(row_of(2, "a"), draft_of({"1", "n"}, "c1")).ok());
  const auto beyond = dedupe.add(row_of(3, "b"), draft_of({"2", "m"}, "c2"));
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code, Errc::exhausted);
}

TEST(RowError, JoinsFaultsForOneCell) {
  const std::vector<RowError> errors{make_row_error(RowErrorCode::phone_bad, 1, "Телефон 1"),
                                     make_row_error(RowErrorCode::phone_bad, 2, "Телефон 2")};
  EXPECT_EQ(join_messages(errors, ReportLanguage::ru),
            "Телефон 1: это не номер телефона; Телефон 2: это не номер телефона");
  EXPECT_EQ(join_fixes(errors, ReportLanguage::ru), "укажите номер полностью, например 8 912 000-11-22");
}

}  // namespace
}  // namespace dunlin
