// Two nodes that share the shards and hold no copy of each other's: who a person is, is asked of the owner. The link and the ownership
// are in the test's hands.
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "actors/person_desk_actor.hpp"
#include "actors/region_codec.hpp"
#include "actors/region_door_actor.hpp"
#include "actors/remote_region_actor.hpp"
#include "core/case/event_codec.hpp"
#include "storage/storage_actor_persons.hpp"
#include "tests/case/case_fixture.hpp"
#include "tests/support/test_node.hpp"

namespace dunlin::test {
namespace {

constexpr int nobody = -1;

struct HalfRegion {
  explicit HalfRegion(std::string its_name) : name(std::move(its_name)), index(disk.store()) { settings.node_name = name; }
  std::string name;
  NodeSettings settings = test_settings();
  TestDisk disk;
  StorePersonIndex index;
  RegionMap region;
  std::unique_ptr<TestNode> node;
  caf::actor door;
  bool is_down = false;
};

class RegionPersonsTest : public ::testing::Test {
 protected:
  explicit RegionPersonsTest(std::optional<std::uint64_t> seed = std::nullopt) : stage(noon, seed) {
    gate.allow();
    for (ShardIndex shard = 0; shard < shard_count; ++shard) owner[shard] = shard % 2;
    halves.push_back(std::make_unique<HalfRegion>("n1"));
    halves.push_back(std::make_unique<HalfRegion>("n2"));
    for (int i = 0; i < 2; ++i) start_half(i);
    stage.pass(seconds(1));
  }
  ~RegionPersonsTest() override {
    for (auto& half : halves) {
      half->door = {};
      half->region.remote = {};
      half->region.persons = {};
    }
    stage.bury();
    for (auto& half : halves) half->node.reset();
  }

  void start_half(int me) {
    HalfRegion& half = *halves[static_cast<std::size_t>(me)];
    half.node = std::make_unique<TestNode>(stage, half.disk, half.settings, TestNodeOptions{static_cast<std::uint64_t>(me) + 1, &gate});
    half.region.own_epoch = [this, me](ShardIndex shard) { return owner[shard] == me ? std::optional(epoch_here) : std::nullopt; };
    half.region.holder_of = [this, me](ShardIndex shard) -> std::optional<ShardHolder> {
      if (owner[shard] == nobody || owner[shard] == me) return std::nullopt;
      return ShardHolder{name_of(owner[shard]), epoch_there};
    };
    half.region.life_of = [](const std::string&) { return std::optional<std::uint64_t>(); };
    NodeContext& context = half.node->context;
    context.region = &half.region;
    half.door = stage.system().spawn<RegionDoorActor>(&context, [this, me](ShardIndex shard) { return owner[shard] == me; });
    const auto link = stage.system().spawn([this](caf::event_based_actor* self) { return carry(self); });
    half.region.remote = stage.system().spawn<RemoteRegionActor>(&stage.clock(), link, static_cast<std::uint64_t>(90 + me));
    half.region.persons = stage.system().spawn<PersonDeskActor>(&context, &half.index);
    half.node->spawn_actors();
    for (ShardIndex shard = 0; shard < shard_count; ++shard) {
      if (owner[shard] == me) post(context.shards[shard], msg::ShardOwned{epoch_here});
    }
  }
  using Carried = caf::typed_response_promise<msg::PeerAnswered>;
  HalfRegion& half_of(const std::string& node) { return *halves[node == "n1" ? 0 : 1]; }
  static std::string name_of(int number) { return number == 0 ? "n1" : "n2"; }
  NodeContext& at(int node) { return halves[static_cast<std::size_t>(node)]->node->context; }

  caf::behavior carry(caf::event_based_actor* self) {
    return {[this, self](const msg::AskPeer& question) {
      auto promise = self->make_response_promise<msg::PeerAnswered>();
      ++asked_of[question.envelope.type];
      if (when_carried) when_carried();
      if (held_back > 0 && question.envelope.type == RegionCommand<msg::FindHeld>::type) {
        to_carry.push_back([this, self, question, promise]() mutable { pass_on(self, question, std::move(promise)); });
        if (--held_back == 0) {
          for (const auto& each : to_carry) each();
        }
        return promise;
      }
      pass_on(self, question, promise);
      return promise;
    }};
  }
  void pass_on(caf::event_based_actor* self, const msg::AskPeer& question, Carried promise) {
    const HalfRegion& to = half_of(question.node_id);
    if (to.is_down) {
      promise.deliver(msg::PeerAnswered{Error{Errc::unavailable, question.node_id + " is down"}, {}});
      return;
    }
    self->request(to.door, to_chrono(hours(1)), msg::EnvelopeArrived{"peer", *decode_envelope(*encode(question.envelope))})
        .then([promise](const msg::EnvelopeAnswer& answer) mutable { promise.deliver(msg::PeerAnswered{answer.error, answer.envelope}); });
  }

  static PersonKey tax(int person) { return {PersonKeyKind::inn, "tax" + std::to_string(person)}; }
  static PersonKey insurance(int person) { return {PersonKeyKind::snils, "insurance" + std::to_string(person)}; }
  static PersonKey passport(int person) { return {PersonKeyKind::passport, "passport" + std::to_string(person)}; }
  static PersonKey birth(int person) { return {PersonKeyKind::name_birth, "name|" + std::to_string(person)}; }
  static CaseDraft draft(int person, std::vector<PersonKey> keys, const std::string& register_name) {
    CaseDraft draft = row().draft;
    draft.keys = std::move(keys);
    draft.name.full = "Person " + std::to_string(person);
    draft.birth_date = CivilDate{1980, 1, 2};
    draft.phones = {phone(person)};
    draft.debts = {debt(register_name + "-" + std::to_string(person))};
    draft.debts.front().portfolio = register_name;
    return draft;
  }
  template <class Keys>
  static std::vector<CaseDraft> people(int first, int count, const std::string& register_name, Keys keys) {
    std::vector<CaseDraft> drafts;
    for (int i = first; i < first + count; ++i) drafts.push_back(draft(i, keys(i), register_name));
    return drafts;
  }

  template <class Answer, class Question>
  Answer ask_actor(const caf::actor& to, Question question, Duration wait = minutes(4)) {
    const auto asked = ask_later<Answer>(stage, to, std::move(question));
    for (Duration waited; !asked->is_over() && waited < wait; waited = waited + milliseconds(100)) stage.pass(milliseconds(100));
    if (asked->answer) return *asked->answer;
    ADD_FAILURE() << (asked->error ? caf::to_string(*asked->error) : "no answer");
    return {};
  }
  /// Nothing of it happens before time passes.
  std::shared_ptr<Asked<msg::Answer>> order(int node, const std::string& name, const std::vector<CaseDraft>& drafts, bool is_dry_run = false) {
    halves[static_cast<std::size_t>(node)]->node->imports.files[name] = drafts;
    return ask_later<msg::Answer>(stage, at(node).imports, msg::StartImport{{name, name, "", ""}, is_dry_run});
  }
  ImportId begin(int node, const std::string& name, const std::vector<CaseDraft>& drafts, bool is_dry_run = false) {
    const auto started = order(node, name, drafts, is_dry_run);
    stage.pass(Duration{});
    return *ImportId::parse(started->answer->text);
  }
  msg::ImportView job(int node, ImportId id) {
    const auto jobs = ask_actor<msg::ImportsView>(at(node).imports, msg::GetImport{id});
    return jobs.imports.empty() ? msg::ImportView{} : jobs.imports.front();
  }
  msg::ImportView end_of(int node, ImportId id, Duration wait = minutes(4)) {
    for (Duration waited; waited < wait; waited = waited + seconds(1)) {
      const auto view = job(node, id);
      if (view.state != msg::JobState::running) return view;
      stage.pass(seconds(1));
    }
    ADD_FAILURE() << "the import goes on";
    return {};
  }
  msg::ImportView take(int node, const std::string& name, const std::vector<CaseDraft>& drafts, bool is_dry_run = false) {
    return end_of(node, begin(node, name, drafts, is_dry_run));
  }

  /// Of both disks; every shard's cases lie on its owner's alone.
  std::vector<CaseRecord> records() const {
    std::vector<CaseRecord> all;
    for (const auto& half : halves) {
      for (const CaseId id : half->disk.cases()) all.push_back(*decode_view(*half->disk.view_of(id)));
    }
    return all;
  }
  /// People: cases that are no aliases. Every one has `debts` debts.
  std::size_t people_with(std::size_t debts) const {
    std::size_t count = 0;
    for (const CaseRecord& record : records()) {
      if (record.alias_of.is_set()) continue;
      ++count;
      EXPECT_EQ(record.debts.size(), debts) << record.id.str();
      EXPECT_EQ(broken_invariant(record), "");
    }
    return count;
  }

  CommandedGate gate;
  std::array<int, shard_count> owner{};
  std::int64_t epoch_here = 5;       ///< As the owner knows it.
  std::int64_t epoch_there = 5;      ///< As the other node knows it.
  std::map<std::uint16_t, int> asked_of;
  std::function<void()> when_carried;
  int held_back = 0;                 ///< So many questions for people reach their nodes only when the last of them is asked.
  std::vector<std::function<void()>> to_carry;
  std::vector<std::unique_ptr<HalfRegion>> halves;
  Stage stage;
};

TEST_F(RegionPersonsTest, PeopleOfTheOtherNodeAreFoundByTheirKeys) {
  const auto first = take(0, "first", people(0, 40, "first", [](int i) { return std::vector{birth(i)}; }));
  EXPECT_EQ(first.created, 40U);
  EXPECT_GT(halves[1]->disk.cases().size(), 8U) << "both nodes hold people";
  const auto second = take(1, "second", people(0, 40, "second", [](int i) { return std::vector{tax(i), birth(i)}; }));
  EXPECT_EQ(second.error, "");
  EXPECT_EQ(second.created, 0U);
  EXPECT_EQ(second.updated, 40U);
  EXPECT_EQ(people_with(2), 40U);
  EXPECT_EQ(asked_of[RegionCommand<msg::FindHeld>::type], 4) << "one question before each file's rows, one after";
}

TEST_F(RegionPersonsTest, AContractOfAPersonOfTheOtherNodeComesBack) {
  take(0, "north", people(0, 20, "north", [](int i) { return std::vector{tax(i)}; }));
  auto others = people(20, 20, "north", [](int i) { return std::vector{tax(i)}; });
  for (int i = 0; i < 20; ++i) others[static_cast<std::size_t>(i)].debts.front().external_id = "north-" + std::to_string(i);
  const auto view = take(1, "north", others);
  EXPECT_EQ(view.created, 0U);
  EXPECT_EQ(view.refused, 20U);
  EXPECT_EQ(people_with(1), 20U);
}

TEST_F(RegionPersonsTest, TwoTaxNumbersUnderOneNameComeBackWhereverTheyAre) {
  take(0, "first", people(0, 20, "first", [](int i) { return std::vector{tax(i), birth(i)}; }));
  take(0, "third", people(0, 20, "third", [](int i) { return std::vector{tax(100 + i), insurance(i)}; }));
  const auto view = take(1, "second", people(0, 20, "second", [](int i) { return std::vector{insurance(i), birth(i)}; }));
  EXPECT_EQ(view.refused, 20U);
  EXPECT_EQ(view.review_count, 20U);
  EXPECT_EQ(people_with(1), 40U);
}

TEST_F(RegionPersonsTest, ADryRunDecidesOnWhatTheOwnersHave) {
  take(0, "first", people(0, 20, "first", [](int i) { return std::vector{birth(i)}; }));
  auto drafts = people(0, 20, "first", [](int i) { return std::vector{birth(i)}; });
  const auto later = people(0, 30, "second", [](int i) { return std::vector{tax(i), birth(i)}; });
  drafts.insert(drafts.end(), later.begin(), later.end());
  const auto view = take(1, "dry", drafts, true);
  EXPECT_EQ(view.unchanged, 20U);
  EXPECT_EQ(view.updated, 20U);
  EXPECT_EQ(view.created, 10U);
  EXPECT_EQ(people_with(1), 20U);
}

TEST_F(RegionPersonsTest, ANodeThatDoesNotAnswerIsWaitedFor) {
  take(0, "first", people(0, 20, "first", [](int i) { return std::vector{birth(i)}; }));
  halves[1]->is_down = true;
  const ImportId id = begin(0, "second", people(0, 20, "second", [](int i) { return std::vector{tax(i), birth(i)}; }));
  stage.pass(seconds(20));
  EXPECT_EQ(job(0, id).state, msg::JobState::running);
  EXPECT_EQ(job(0, id).error, "waits: node n2: n2 is down");
  halves[1]->is_down = false;
  const auto view = end_of(0, id);
  EXPECT_EQ(view.state, msg::JobState::done);
  EXPECT_EQ(view.error, "");
  EXPECT_EQ(view.updated, 20U);
  EXPECT_EQ(people_with(2), 20U);
}

TEST_F(RegionPersonsTest, RowsNobodyCouldLookUpComeBackWithTheReason) {
  halves[1]->is_down = true;
  const auto view = take(0, "first", people(0, 20, "first", [](int i) { return std::vector{birth(i)}; }));
  EXPECT_EQ(view.state, msg::JobState::failed);
  EXPECT_EQ(view.error, "node n2: n2 is down");
  EXPECT_EQ(view.refused, 20U);
  EXPECT_EQ(halves[0]->node->imports.given_back.size(), 20U);
  EXPECT_TRUE(records().empty()) << "nobody was taken for new";
}

TEST_F(RegionPersonsTest, AnImportThatWaitsCanBeCancelled) {
  halves[1]->is_down = true;
  const ImportId id = begin(0, "first", people(0, 20, "first", [](int i) { return std::vector{birth(i)}; }));
  stage.pass(seconds(5));
  ask_actor<msg::Answer>(at(0).imports, msg::CancelImport{id});
  const auto view = end_of(0, id, seconds(10));
  EXPECT_EQ(view.state, msg::JobState::cancelled);
  EXPECT_EQ(view.refused, 20U);
}

TEST_F(RegionPersonsTest, AShardWithoutOwnerIsWaitedFor) {
  owner[17] = nobody;
  const ImportId id = begin(0, "first", people(0, 20, "first", [](int i) { return std::vector{birth(i)}; }));
  stage.pass(seconds(5));
  EXPECT_EQ(job(0, id).error, "waits: no node serves shard 17 now");
  owner[17] = 1;
  EXPECT_EQ(end_of(0, id).created, 20U);
}

/// A node that does not know yet that it lost a shard would not know who was imported since.
TEST_F(RegionPersonsTest, AnAnswerOfAnotherEpochDoesNotCount) {
  epoch_there = 6;
  const ImportId id = begin(0, "first", people(0, 20, "first", [](int i) { return std::vector{birth(i)}; }));
  stage.pass(seconds(5));
  EXPECT_EQ(job(0, id).error, "waits: node n2: shard 1 has another owner by now");
  epoch_here = 6;
  EXPECT_EQ(end_of(0, id).created, 20U);
}

TEST_F(RegionPersonsTest, AShardThatMovesBeforeTheAnswerMakesItVoid) {
  const msg::FindCases question{{{LookupKind::person_key, "inn|1"}}};
  when_carried = [this] { epoch_there = 6; };
  const auto moved = ask_actor<msg::CasesFound>(at(0).region->persons, question);
  ASSERT_TRUE(moved.error);
  EXPECT_EQ(moved.error->code, Errc::unavailable);
  EXPECT_EQ(moved.error->detail, "shard 1 has another owner by now");
  epoch_here = 6;
  EXPECT_FALSE(ask_actor<msg::CasesFound>(at(0).region->persons, question).error);
}

TEST_F(RegionPersonsTest, AMergeOfCasesOfTheOtherNodeIsDone) {
  take(0, "first", people(0, 12, "first", [](int i) { return std::vector{tax(i)}; }));
  take(0, "second", people(0, 12, "second", [](int i) { return std::vector{insurance(i)}; }));
  EXPECT_EQ(people_with(1), 24U);
  const auto view = take(1, "third", people(0, 12, "first", [](int i) { return std::vector{tax(i), insurance(i)}; }));
  EXPECT_EQ(view.merged, 12U);
  EXPECT_EQ(people_with(2), 12U);
}

TEST_F(RegionPersonsTest, AMergeWaitsForAnOwnerAndIsNotGivenUp) {
  take(0, "first", people(0, 12, "first", [](int i) { return std::vector{passport(i)}; }));
  const auto theirs = halves[1]->disk.cases();
  ASSERT_GE(theirs.size(), 2U);
  halves[1]->is_down = true;
  EXPECT_FALSE(ask_actor<msg::MergeAnswered>(at(0).merges, msg::MergeCases{theirs[0], theirs[1]}).is_done);
  stage.pass(seconds(30));
  halves[1]->is_down = false;
  stage.pass(seconds(30));
  EXPECT_EQ(decode_view(*halves[1]->disk.view_of(theirs[1]))->alias_of, theirs[0]);
  EXPECT_TRUE(at(0).documents->list("case_merge")->empty());
}

TEST_F(RegionPersonsTest, AMergeOfTwoTaxNumbersIsGivenUp) {
  take(0, "first", people(0, 2, "first", [](int i) { return std::vector{tax(i)}; }));
  const auto all = records();
  ASSERT_EQ(all.size(), 2U);
  const auto answer = ask_actor<msg::MergeAnswered>(at(0).merges, msg::MergeCases{all[0].id, all[1].id});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Errc::denied);
  stage.pass(seconds(10));
  EXPECT_EQ(people_with(1), 2U);
  EXPECT_TRUE(at(0).documents->list("case_merge")->empty());
}

/// One is closed already: without its survivor it would be nobody.
TEST_F(RegionPersonsTest, AHalfDoneMergeIsFinishedWhateverTheKeysSay) {
  take(0, "first", people(0, 2, "first", [](int i) { return std::vector{tax(i)}; }));
  const auto all = records();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_FALSE(ask_actor<msg::AliasMade>(at(0).shard_for(all[1].id), msg::BecomeAlias{all[1].id, all[0].id}).error);
  EXPECT_TRUE(ask_actor<msg::MergeAnswered>(at(0).merges, msg::MergeCases{all[0].id, all[1].id}).is_done);
  EXPECT_EQ(people_with(2), 1U);
}

TEST_F(RegionPersonsTest, AMergeWithACaseThatIsNowhereIsGivenUp) {
  take(0, "first", people(0, 12, "first", [](int i) { return std::vector{tax(i)}; }));
  const auto theirs = halves[1]->disk.cases();
  ASSERT_FALSE(theirs.empty());
  const auto answer = ask_actor<msg::MergeAnswered>(at(0).merges, msg::MergeCases{theirs[0], CaseId(0x1234567)});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Errc::not_found);
  stage.pass(seconds(1));
  EXPECT_TRUE(at(0).documents->list("case_merge")->empty());
}

/// Each would wait for the other, and when both have given up each would become an alias of the other: nobody.
TEST_F(RegionPersonsTest, TwoCasesToldToTakeEachOtherOverAreBothRefusedAtOnce) {
  take(0, "first", people(0, 2, "first", [](int i) { return std::vector{passport(i)}; }));
  const auto all = records();
  ASSERT_EQ(all.size(), 2U);
  const auto take_over = [this](CaseId one, CaseId other) {
    return ask_later<msg::Answer>(stage, at(owner[shard_of(one)]).shard_for(one), msg::AbsorbCase{one, other, one});
  };
  const auto first = take_over(all[0].id, all[1].id);
  const auto second = take_over(all[1].id, all[0].id);
  stage.pass(seconds(1));
  ASSERT_TRUE(first->answer && second->answer);
  EXPECT_TRUE(first->answer->error && second->answer->error);
  stage.pass(seconds(60));
  EXPECT_EQ(people_with(1), 2U);
}

/// Two files with the same new people under different strongest keys, on both nodes at once, in an order drawn by lot.
class RegionPersonsAtOnceTest : public RegionPersonsTest, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  RegionPersonsAtOnceTest() : RegionPersonsTest(GetParam()) {}

  /// Both look for their people before a row of the other is in.
  std::array<msg::ImportView, 2> take_both(const std::vector<CaseDraft>& here, const std::vector<CaseDraft>& there) {
    held_back = 2;
    const auto first = order(0, "first", here);
    const auto second = order(1, "second", there);
    stage.pass(Duration{});
    const std::array both{end_of(0, *ImportId::parse(first->answer->text)), end_of(1, *ImportId::parse(second->answer->text))};
    for (const auto& view : both) EXPECT_EQ(view.error, "");
    stage.pass(seconds(60));
    return both;
  }
};

TEST_P(RegionPersonsAtOnceTest, EachPersonIsOneCaseInTheEnd) {
  const auto both = take_both(people(0, 12, "first", [](int i) { return std::vector{tax(i), birth(i)}; }),
                              people(0, 12, "second", [](int i) { return std::vector{insurance(i), birth(i)}; }));
  EXPECT_EQ(both[0].created + both[1].created, 24U) << "nobody was found before";
  EXPECT_EQ(people_with(2), 12U);
}

/// One node's file knows a person by two keys, each of which leads to another tax number in the other's file.
TEST_P(RegionPersonsAtOnceTest, APersonBetweenTwoTaxNumbersJoinsOneOfThemOnly) {
  auto two_each = people(0, 12, "second", [](int i) { return std::vector{tax(i), passport(i)}; });
  for (int i = 0; i < 12; ++i) {
    two_each.push_back(draft(100 + i, {tax(100 + i), birth(i)}, "second"));
  }
  const auto both = take_both(people(0, 12, "first", [](int i) { return std::vector{passport(i), birth(i)}; }), two_each);
  EXPECT_EQ(both[0].created + both[1].created, 36U);
  std::size_t debts = 0;
  std::size_t count = 0;
  for (const CaseRecord& record : records()) {
    if (record.alias_of.is_set()) continue;
    ++count;
    debts += record.debts.size();
    EXPECT_EQ(std::count_if(record.keys.begin(), record.keys.end(), [](const PersonKey& key) { return key.kind == PersonKeyKind::inn; }), 1);
    EXPECT_EQ(broken_invariant(record), "");
  }
  EXPECT_EQ(count, 24U);
  EXPECT_EQ(debts, 36U);
  EXPECT_GE(both[0].review_count + both[1].review_count, 12U) << "and somebody should look at each";
  for (int node = 0; node < 2; ++node) {
    EXPECT_TRUE(at(node).documents->list("case_merge")->empty());
  }
}

TEST_P(RegionPersonsAtOnceTest, TwoTaxNumbersUnderOneNameStayTwoAndAreListed) {
  const auto both = take_both(people(0, 12, "first", [](int i) { return std::vector{tax(i), birth(i)}; }),
                              people(0, 12, "second", [](int i) { return std::vector{tax(100 + i), birth(i)}; }));
  EXPECT_EQ(people_with(1), 24U);
  EXPECT_GE(both[0].review_count + both[1].review_count, 12U);
  EXPECT_EQ(both[0].merged + both[1].merged + both[0].merges_waiting + both[1].merges_waiting, 0U);
}

/// The desks of two nodes are told the opposite: one of the two cases goes on, with what both have, and they wait for nobody.
TEST_P(RegionPersonsAtOnceTest, TwoDesksThatMergeCrosswiseLeaveOnePerson) {
  take(0, "first", people(0, 1, "first", [](int i) { return std::vector{tax(i)}; }));
  take(0, "second", people(0, 1, "second", [](int i) { return std::vector{insurance(i)}; }));
  const auto all = records();
  ASSERT_EQ(all.size(), 2U);
  const auto here = ask_later<msg::MergeAnswered>(stage, at(0).merges, msg::MergeCases{all[0].id, all[1].id});
  const auto there = ask_later<msg::MergeAnswered>(stage, at(1).merges, msg::MergeCases{all[1].id, all[0].id});
  stage.pass(seconds(60));
  EXPECT_EQ(people_with(2), 1U);
  EXPECT_TRUE(at(0).documents->list("case_merge")->empty());
  EXPECT_TRUE(at(1).documents->list("case_merge")->empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RegionPersonsAtOnceTest, ::testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace dunlin::test
