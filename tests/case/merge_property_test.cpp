// Two cases of one person live their own lives, then merge at a random moment, a crash and repetitions included: whatever
// the order, no contact is lost and none is counted twice, and nobody is called under two ids.
#include <map>
#include <set>

#include "core/base/rng.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::Desk;
constexpr CaseId other_id{0xB2};

class TwoCases {
 public:
  explicit TwoCases(std::uint64_t seed) : rng_(seed) {
    first_.import();
    RowImported row = test::row(5);
    row.draft.keys = {PersonKey{PersonKeyKind::inn, "7707083893"}};
    row.draft.phones = {test::phone(1), test::phone(3)};
    row.draft.debts = {test::debt("D-1")};
    second_.commit(second_.machine.on_import(second_.now, other_id, row, second_.book));
  }

  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      Desk& desk = rng_.below(2) == 0 ? first_ : second_;
      const auto pause = minutes(static_cast<std::int64_t>(rng_.below(600)));
      first_.now = first_.now + pause;
      second_.now = first_.now;
      act(desk);
    }
  }

  /// The desk's protocol: the absorbed one is closed unless it is in a call; then the other way round; then later.
  bool merge() {
    return absorb(first_, test::case_id, second_, other_id) || absorb(second_, other_id, first_, test::case_id);
  }

  void finish_calls() {
    for (Desk* desk : {&first_, &second_}) {
      const auto open = desk->record().open_attempt;
      if (open) desk->settle(open->attempt.value(), Outcome::no_answer);
      if (desk->record().awaiting.is_set()) desk->dispose(desk->record().awaiting.value(), Outcome::rpc_refusal);
    }
  }

  const Desk& survivor() const { return first_.record().alias_of.is_set() ? second_ : first_; }
  const Desk& alias() const { return first_.record().alias_of.is_set() ? first_ : second_; }
  const std::set<std::uint64_t>& reserved() const { return reserved_; }

 private:
  bool absorb(Desk& into, CaseId into_id, Desk& from, CaseId from_id) {
    const auto closed = from.machine.on_alias(from.now, into_id);
    if (!closed) return false;
    from.commit(closed);
    EXPECT_TRUE(from.record().due.empty());
    // A crash between the two commits: the facts are asked for again.
    const auto again = from.machine.on_alias(from.now, into_id);
    EXPECT_TRUE(again.ok());
    if (!again) return false;
    const int times = rng_.below(2) == 0 ? 1 : 2;
    for (int i = 0; i < times; ++i) {
      into.commit(into.machine.on_merge(into.now, from_id, std::get<AbsorbedFacts>(again->answer), into.book));
    }
    return true;
  }

  void act(Desk& desk) {
    const auto open = desk.record().open_attempt;
    if (open) {
      desk.settle(open->attempt.value(), static_cast<Outcome>(rng_.below(3) == 0 ? static_cast<int>(Outcome::answered) : static_cast<int>(Outcome::no_answer)));
    } else if (desk.record().awaiting.is_set()) {
      desk.dispose(desk.record().awaiting.value(), Outcome::rpc_refusal);
    } else {
      const std::uint64_t id = ++next_;
      const CaseEffects effects = desk.reserve(id);
      if (std::holds_alternative<AttemptView>(effects.answer)) reserved_.insert(id);
    }
  }

  Rng rng_;
  Desk first_;
  Desk second_;
  std::set<std::uint64_t> reserved_;
  std::uint64_t next_ = 0;
};

TEST(CaseMerge, KeepsEveryContactOnceWheneverItHappens) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    TwoCases person(seed);
    person.live(static_cast<int>(seed % 23));
    if (!person.merge()) {
      person.finish_calls();
      ASSERT_TRUE(person.merge()) << "seed " << seed;
    }
    const CaseRecord& record = person.survivor().record();
    EXPECT_EQ(broken_invariant(record), "") << "seed " << seed;
    EXPECT_EQ(record.totals.attempts, person.reserved().size()) << "seed " << seed;
    EXPECT_EQ(record.debts.size(), 2U);
    std::multiset<std::uint64_t> rows;
    for (const AttemptRow& row : record.attempts) rows.insert(row.attempt.value());
    for (const std::uint64_t id : rows) EXPECT_EQ(rows.count(id), 1U) << "seed " << seed;
    for (const std::uint64_t id : rows) EXPECT_EQ(person.reserved().count(id), 1U) << "seed " << seed;
    const auto rebuilt = rebuild(person.survivor().history);
    ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().detail;
    EXPECT_EQ(encode_view(*rebuilt), encode_view(record)) << "seed " << seed;
  }
}

TEST(CaseMerge, TheAbsorbedCaseIsNeverDialedAgain) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    TwoCases person(seed);
    person.live(static_cast<int>(seed % 11));
    person.finish_calls();
    ASSERT_TRUE(person.merge());
    Desk alias = person.alias();
    alias.now = alias.now + days(3);
    const CaseEffects effects = alias.reserve(9'999);
    EXPECT_FALSE(effects.has_events());
    EXPECT_TRUE(std::holds_alternative<AliasView>(effects.answer));
  }
}

}  // namespace
}  // namespace dunlin
