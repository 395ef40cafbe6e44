// Imports against the base: a contract that is open under another person, a number that two people share, and what an undo
// leaves of such doubts.
#include <algorithm>
#include <utility>

#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

/// The disk fails where rows are looked up.
class LostIndex final : public CaseArchive {
 public:
  explicit LostIndex(const CaseArchive& sound) : sound_(sound) {}
  Result<std::vector<std::vector<CaseId>>> find_all(const std::vector<LookupKey>&) const override { return Error{Errc::unavailable, "the index is lost"}; }
  Result<std::optional<std::string>> view(CaseId id) const override { return sound_.view(id); }
  Result<std::vector<StoredEvent>> events(CaseId id) const override { return sound_.events(id); }
  Result<std::vector<CaseId>> find(const LookupKey& key) const override { return sound_.find(key); }
  CaseId case_id_for(const PersonKey& key) const override { return sound_.case_id_for(key); }
  Status each_due(ShardIndex shard, const std::function<bool(CaseId, const std::vector<DueRow>&)>& visit) const override { return sound_.each_due(shard, visit); }
  Status each_view(ShardIndex shard, const std::function<bool(CaseId, const std::string&)>& visit, CaseId after) const override {
    return sound_.each_view(shard, visit, after);
  }
  Result<std::vector<CaseId>> case_ids(ShardIndex shard, CaseId after, std::size_t limit) const override { return sound_.case_ids(shard, after, limit); }
  Result<std::optional<AttemptEntry>> attempt(AttemptId attempt) const override { return sound_.attempt(attempt); }
  Status each_attempt(const AttemptRange& range, const std::function<bool(const AttemptEntry&)>& visit) const override { return sound_.each_attempt(range, visit); }

 private:
  const CaseArchive& sound_;
};

class ImportPersonTest : public ActorTest {
 protected:
  /// A person known by a client id; `draft_of` gives each a contract and a number of his own.
  static CaseDraft person(int number, const std::string& contract, int phone_number) {
    CaseDraft draft = draft_of(number);
    draft.name.full = "Person " + std::to_string(number);
    draft.birth_date = CivilDate{1980, 1, 2};
    draft.debts.front().external_id = contract;
    draft.phones = {phone(phone_number)};
    return draft;
  }
  msg::ImportView import_file(const std::vector<CaseDraft>& drafts, bool is_dry_run = false, const std::string& name = "file") {
    const std::string file = name + std::to_string(++files_) + ".csv";
    node->imports.files[file] = drafts;
    node->imports.given_back.clear();
    const auto started = ask<msg::Answer>(node->context.imports, msg::StartImport{{file, "north", "", ""}, is_dry_run});
    stage.pass(seconds(40));
    return job(*ImportId::parse(started.text));
  }
  msg::ImportView job(ImportId id) {
    const auto jobs = ask<msg::ImportsView>(node->context.imports, msg::GetImport{id});
    EXPECT_EQ(jobs.imports.size(), 1U);
    return jobs.imports.empty() ? msg::ImportView{} : jobs.imports.front();
  }
  CaseId id_of(const CaseDraft& draft) const { return disk.case_id_for(draft.keys.front()); }
  std::size_t open_under(const std::string& contract) const {
    std::size_t open = 0;
    const auto cases = node->context.archive->find({LookupKind::external_id, contract});
    for (const CaseId id : *cases) {
      const auto view = node->context.archive->view(id);
      const auto record = decode_view(**view);
      const Debt* debt = record->find_debt(contract);
      if (debt != nullptr && !debt->is_closed) ++open;
    }
    return open;
  }

 private:
  int files_ = 0;
};

TEST_F(ImportPersonTest, AContractOfAnotherPersonComesBackAndIsReviewed) {
  start();
  const CaseDraft first = person(1, "T-1", 1);
  EXPECT_EQ(import_file({first}).created, 1U);
  const auto second = import_file({person(2, "T-1", 1), person(3, "T-3", 3)});
  EXPECT_EQ(second.created, 1U);
  EXPECT_EQ(second.refused, 1U);
  EXPECT_EQ(node->imports.given_back, (std::vector<std::uint64_t>{2}));
  ASSERT_EQ(second.review_count, 1U);
  const ImportReview& item = second.reviews.front();
  EXPECT_EQ(item.code, "contract_elsewhere");
  EXPECT_FALSE(item.is_taken);
  EXPECT_EQ(item.line, 2U);
  EXPECT_EQ(item.other, id_of(first));
  EXPECT_EQ(open_under("T-1"), 1U);
  EXPECT_EQ(disk.cases().size(), 2U);
}

TEST_F(ImportPersonTest, ADryRunSaysTheSameOfContractsAndNumbers) {
  start();
  import_file({person(1, "T-1", 1)});
  const auto tried = import_file({person(2, "T-1", 2), person(3, "T-3", 1)}, true);
  EXPECT_EQ(tried.created, 1U);
  EXPECT_EQ(tried.refused, 1U);
  ASSERT_EQ(tried.review_count, 2U);
  EXPECT_EQ(tried.reviews[0].code, "contract_elsewhere");
  EXPECT_EQ(tried.reviews[1].code, "shared_phone");
  EXPECT_EQ(disk.cases().size(), 1U);
}

TEST_F(ImportPersonTest, ADryRunCountsWhatTheRealRunWill) {
  start();
  CaseDraft known = person(1, "T-1", 1);
  import_file({known, person(2, "T-2", 2)});
  CaseDraft paid = person(2, "T-2", 2);
  paid.debts.front().balance.minor -= 100;
  // The same, changed, new, and one more debt of the new person.
  const std::vector<CaseDraft> file{known, paid, person(3, "T-3", 3), person(3, "T-4", 3), person(3, "T-4", 3)};
  const auto tried = import_file(file, true);
  EXPECT_EQ(disk.cases().size(), 2U);
  const auto taken = import_file(file);
  for (const msg::ImportView& view : {tried, taken}) {
    EXPECT_EQ(view.created, 1U);
    EXPECT_EQ(view.updated, 2U);
    EXPECT_EQ(view.unchanged, 2U);
    EXPECT_EQ(view.refused, 0U);
  }
  EXPECT_EQ(import_file(file, true).unchanged, 5U);
}

TEST_F(ImportPersonTest, AFileThatBreaksOffCountsTheRowsThatWentIn) {
  start();
  import_file({person(1, "T-1", 1)});
  const auto torn = import_file({person(1, "T-1", 1), person(2, "T-2", 2), person(3, "T-3", 3)}, false, "torn");
  EXPECT_EQ(torn.state, msg::JobState::failed);
  EXPECT_EQ(torn.error, "the file is torn");
  EXPECT_EQ(torn.created, 2U);
  EXPECT_EQ(torn.unchanged, 1U);
  EXPECT_EQ(torn.census.cases, 3U);
  EXPECT_EQ(disk.cases().size(), 3U);
  const NodeFact fact = node->feed.facts.back();
  EXPECT_EQ(fact.type, "import.failed");
  const auto created = std::find_if(fact.fields.begin(), fact.fields.end(), [](const auto& field) { return field.name == "created"; });
  ASSERT_NE(created, fact.fields.end());
  EXPECT_EQ(std::get<std::int64_t>(created->value), 2);
  ask<msg::Answer>(node->context.imports, msg::UndoImport{torn.id, "tester"});
  stage.pass(seconds(40));
  EXPECT_EQ(job(torn.id).undo.undone, 2U);
}

TEST_F(ImportPersonTest, ARowThatCannotComeBackEndsTheImportAndTheRestOfTheStepIsCounted) {
  start();
  import_file({person(1, "T-1", 1)});
  const auto stopped = import_file({person(2, "T-1", 2), person(3, "T-3", 3)}, false, "full");
  EXPECT_EQ(stopped.state, msg::JobState::failed);
  EXPECT_EQ(stopped.error, "no room for rows that come back");
  EXPECT_EQ(stopped.created, 1U);
  EXPECT_EQ(stopped.refused, 1U);
  EXPECT_EQ(stopped.census.cases, 1U);
}

TEST_F(ImportPersonTest, RowsThatCannotBeLookedUpComeBack) {
  start();
  LostIndex lost(*node->context.archive);
  auto* const sound = std::exchange(node->context.archive, &lost);
  const auto failed = import_file({person(1, "T-1", 1), person(2, "T-2", 2)});
  node->context.archive = sound;
  EXPECT_EQ(failed.state, msg::JobState::failed);
  EXPECT_EQ(failed.error, "the index is lost");
  EXPECT_EQ(failed.created, 0U);
  EXPECT_EQ(failed.refused, 2U);
  EXPECT_EQ(node->imports.given_back.size(), 2U);
}

TEST_F(ImportPersonTest, AFileThatDoesNotOpenFailsAndLeavesNothing) {
  start();
  const auto started = ask<msg::Answer>(node->context.imports, msg::StartImport{{"nowhere.csv", "north", "", ""}, false});
  stage.pass(seconds(5));
  const auto view = job(*ImportId::parse(started.text));
  EXPECT_EQ(view.state, msg::JobState::failed);
  EXPECT_EQ(view.error, "nowhere.csv: no such file");
  EXPECT_EQ(view.created + view.census.cases, 0U);
}

TEST_F(ImportPersonTest, ASurnameChangedByMarriageUpdatesThePersonOfTheInn) {
  start();
  CaseDraft before = person(1, "T-1", 1);
  before.keys = {{PersonKeyKind::inn, "500100732259"}, {PersonKeyKind::name_birth, "IVANOVA ANNA|1980-01-02"}};
  before.name.full = "Ivanova Anna";
  import_file({before});
  CaseDraft after = before;
  after.keys.back().value = "PETROVA ANNA|1980-01-02";
  after.name.full = "Petrova Anna";
  const auto second = import_file({after});
  EXPECT_EQ(second.updated, 1U);
  EXPECT_EQ(second.created + second.refused + second.review_count, 0U);
  EXPECT_EQ(disk.cases().size(), 1U);
  EXPECT_EQ(open_under("T-1"), 1U);
}

TEST_F(ImportPersonTest, TheSameContractNumberOfAnotherPortfolioIsAnotherDebt) {
  start();
  import_file({person(1, "T-1", 1)});
  CaseDraft southerner = person(2, "T-1", 2);
  southerner.debts.front().portfolio = "south";
  const auto second = import_file({southerner});
  EXPECT_EQ(second.created, 1U);
  EXPECT_EQ(second.review_count, 0U);
}

TEST_F(ImportPersonTest, AClosedContractMayGoToAnotherPersonAndIsNotReopenedUnderTheFormer) {
  start();
  const CaseDraft former = person(1, "T-1", 1);
  import_file({former});
  CaseDraft closing = former;
  closing.debts.front().is_closed = true;
  EXPECT_EQ(import_file({closing}).updated, 1U);
  const auto moved = import_file({person(2, "T-1", 2)});
  EXPECT_EQ(moved.created, 1U);
  EXPECT_EQ(moved.review_count, 0U);
  // The closing file once more changes nothing; the old register is sent back.
  EXPECT_EQ(import_file({closing}).unchanged, 1U);
  stage.leap(hours(30));
  const auto old = import_file({former});
  EXPECT_EQ(old.refused, 1U);
  EXPECT_EQ(old.review_count, 1U);
  EXPECT_EQ(open_under("T-1"), 1U);
}

TEST_F(ImportPersonTest, AContractThatTwoHoldAlreadyIsToldAndMayBeClosed) {
  start();
  const CaseDraft first = person(1, "T-1", 1);
  CaseDraft second = person(2, "T-1", 2);
  import_draft(first);
  import_draft(second);  // Past the import's look-ups, as two imports at one time are.
  second.debts.front().overdue.minor += 100;
  const auto told = import_file({second});
  EXPECT_EQ(told.updated, 1U);
  ASSERT_EQ(told.review_count, 1U);
  EXPECT_TRUE(told.reviews.front().is_taken);
  EXPECT_EQ(told.reviews.front().other, id_of(first));
  second.debts.front().is_closed = true;
  const auto closed = import_file({second});
  EXPECT_EQ(closed.updated, 1U);
  EXPECT_EQ(closed.review_count, 0U);
  EXPECT_EQ(open_under("T-1"), 1U);
}

TEST_F(ImportPersonTest, ARowThatTiesTwoCasesTogetherBringsTheContractOfEither) {
  start();
  CaseDraft by_inn = person(1, "T-1", 1);
  by_inn.keys = {{PersonKeyKind::inn, "500100732259"}};
  CaseDraft by_passport = person(2, "T-2", 2);
  by_passport.keys = {{PersonKeyKind::passport, "4509123456"}};
  import_file({by_inn, by_passport});
  CaseDraft both = by_inn;
  both.keys.push_back(by_passport.keys.front());
  both.debts = by_passport.debts;
  CaseDraft again = by_inn;  // The merge waits for the file's end, but its rows are of one person already.
  again.debts = by_passport.debts;
  again.phones = by_passport.phones;
  const auto tied = import_file({both, again});
  EXPECT_EQ(tied.refused, 0U);
  EXPECT_EQ(tied.review_count, 0U);
  EXPECT_EQ(tied.merged, 1U);
}

TEST_F(ImportPersonTest, ANumberOfTwoPeopleIsReviewedInOneFileAndInTwo) {
  start();
  const CaseDraft first = person(1, "T-1", 7);
  const CaseDraft second = person(2, "T-2", 7);
  const CaseDraft third = person(3, "T-3", 7);
  const auto one_file = import_file({first, first, second});
  EXPECT_EQ(one_file.created, 2U);
  EXPECT_EQ(one_file.refused, 0U);
  ASSERT_EQ(one_file.review_count, 1U);
  EXPECT_EQ(one_file.reviews.front().code, "shared_phone");
  EXPECT_EQ(one_file.reviews.front().line, 4U);
  EXPECT_EQ(one_file.reviews.front().other, id_of(first));
  EXPECT_TRUE(one_file.reviews.front().is_taken);
  const auto later = import_file({third, person(4, "T-4", 8)});
  EXPECT_EQ(later.created, 2U);
  ASSERT_EQ(later.review_count, 1U);
  EXPECT_EQ(later.reviews.front().line, 2U);
  EXPECT_EQ(disk.cases().size(), 4U);
}

TEST_F(ImportPersonTest, AnUndoneImportHasNothingToReview) {
  start();
  import_file({person(1, "T-1", 1)});
  const auto second = import_file({person(2, "T-2", 1), person(3, "T-1", 3)});
  ASSERT_EQ(second.review_count, 2U);
  EXPECT_FALSE(ask<msg::Answer>(node->context.imports, msg::UndoImport{second.id, "tester"}).error);
  stage.pass(seconds(40));
  const auto undone = job(second.id);
  EXPECT_EQ(undone.undo.state, msg::UndoView::State::done);
  EXPECT_EQ(undone.undo.undone, 1U);
  EXPECT_EQ(undone.review_count, 0U);
  EXPECT_TRUE(undone.reviews.empty());
  restart();
  EXPECT_TRUE(job(second.id).reviews.empty());
}

TEST_F(ImportPersonTest, AnUndoThatLeavesACaseLeavesTheDoubtsAboutIt) {
  start();
  import_file({person(1, "T-1", 1)});
  const CaseDraft worked = person(2, "T-2", 1);
  const auto second = import_file({worked, person(3, "T-1", 3)});
  ASSERT_EQ(second.review_count, 2U);
  const PaymentFact payment{"p1", "T-2", Money{100, Currency::rub}, stage.now()};
  EXPECT_FALSE(ask<msg::Answer>(shard(id_of(worked)), msg::RecordPayment{id_of(worked), payment}).error);
  EXPECT_FALSE(ask<msg::Answer>(node->context.imports, msg::UndoImport{second.id, "tester"}).error);
  stage.pass(seconds(40));
  const auto undone = job(second.id);
  EXPECT_EQ(undone.undo.kept, 1U);
  ASSERT_EQ(undone.review_count, 1U);
  EXPECT_EQ(undone.reviews.front().code, "shared_phone");
}

}  // namespace
}  // namespace dunlin::test
