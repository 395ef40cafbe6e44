// Random, repeated and out-of-order commands and facts over many seeds: the promises of the attempt protocol must hold
// whatever comes in, and the history must fold to the live state byte for byte.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/base/rng.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

/// What the world remembers of the committed events, kept apart from the machine.
struct Ledger {
  std::set<AttemptId> reserved;
  std::map<AttemptId, int> settled;
  std::map<AttemptId, int> reconciled;
  std::map<AttemptId, int> legs;
  std::optional<AttemptId> open;
};

class RandomCase {
 public:
  explicit RandomCase(std::uint64_t seed) : rng_(seed), seed_(seed) { desk_.import(); }

  void play(int steps) {
    for (step_ = 0; step_ < steps; ++step_) {
      const std::uint64_t pause_ms = chance(4) ? rng_.below(90'000'000) : rng_.below(20'000);
      desk_.now = desk_.now + milliseconds(static_cast<std::int64_t>(pause_ms));
      if (chance(3) && desk_.due()) desk_.now = std::max(desk_.now, *desk_.due());
      steer_gate();
      const CaseRecord before = desk_.record();
      const Result<CaseEffects> effects = act();
      ASSERT_FALSE(desk_.machine.is_pending());
      if (!effects.ok() || !effects->has_events()) continue;
      if (rng_.below(10) == 0) {
        // The journal refuses: nothing may have changed.
        desk_.machine.begin(*effects);
        desk_.machine.abort();
        ASSERT_TRUE(desk_.record() == before) << where();
        continue;
      }
      desk_.commit(effects);
      judge(before, *effects);
      if (testing::Test::HasFatalFailure()) return;
    }
    const auto replayed = rebuild(desk_.history);
    ASSERT_TRUE(replayed.ok()) << replayed.error().detail;
    ASSERT_EQ(encode_view(*replayed), encode_view(desk_.record())) << where();
  }

  const Ledger& ledger() const { return ledger_; }

 private:
  std::string where() const { return "seed " + std::to_string(seed_) + " step " + std::to_string(step_); }
  bool chance(std::uint64_t one_in) { return rng_.below(one_in) == 0; }
  AttemptId some_attempt() {
    // Mostly the open one or a recent one; sometimes one that never was.
    if (desk_.record().open_attempt && !chance(4)) return desk_.record().open_attempt->attempt;
    if (desk_.record().awaiting.is_set() && !chance(4)) return desk_.record().awaiting;
    return AttemptId(1 + rng_.below(next_id_ + 2));
  }
  Outcome some_outcome() { return static_cast<Outcome>(rng_.below(outcome_count)); }
  PhoneNumber some_number() { return test::number(static_cast<int>(rng_.below(5))); }
  std::string some_debt() { return "C-" + std::to_string(rng_.below(4)); }

  void steer_gate() {
    if (chance(3)) desk_.gate.deny_until(desk_.now + hours(static_cast<std::int64_t>(rng_.below(48))));
    else desk_.gate.allow();
  }

  RowImported some_row() {
    RowImported row = test::row(1 + rng_.below(6));
    row.draft.debts = {test::debt(some_debt(), static_cast<std::int64_t>(1 + rng_.below(3'000'00)))};
    row.draft.debts[0].is_closed = chance(6);
    row.draft.phones = {test::phone(static_cast<int>(rng_.below(5)), static_cast<PhoneType>(rng_.below(4)))};
    if (chance(2)) row.data_as_of = desk_.now - hours(static_cast<std::int64_t>(rng_.below(30)));
    return row;
  }

  Result<CaseEffects> act() { return chance(3) ? act_on_data() : act_on_attempt(); }

  Result<CaseEffects> act_on_attempt() {
    CaseMachine& machine = desk_.machine;
    const UtcTime now = desk_.now;
    switch (rng_.below(14)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        AttemptRequest request = desk_.request(chance(8) ? 1 + rng_.below(next_id_ + 1) : ++next_id_);
        request.is_manual = chance(4);
        if (request.is_manual && chance(2)) request.number = some_number();
        return machine.on_attempt_request(now, request, desk_.book, desk_.gate);
      }
      case 4: {
        SecondLegRequest request;
        request.attempt = some_attempt();
        request.trunk = "spare";
        request.slot_expires_at = now + seconds(3);
        request.has_rung = chance(3);
        return machine.on_second_leg(now, request, desk_.book, desk_.gate);
      }
      case 5: return machine.on_answered(now, AttemptAnswered{some_attempt(), now, static_cast<AnsweredBy>(rng_.below(7)), 1, 1});
      case 6: return machine.on_bridged(now, AgentBridged{some_attempt(), AgentId(9), now});
      case 7:
      case 8:
      case 9:
      case 10: {
        AttemptSettled fact = desk_.settlement(some_attempt().value(), some_outcome());
        if (chance(5)) fact.by = static_cast<SettledBy>(rng_.below(3));
        return machine.on_settled(now, fact, desk_.book);
      }
      case 11: {
        DispositionSet command;
        command.attempt = some_attempt();
        command.agent = AgentId(9);
        command.outcome = some_outcome();
        if (chance(2)) command.promise = PromiseTerms{Money{100'00, Currency::rub}, civil_from_days(now.ms / days(1).ms + 2), ""};
        if (chance(2)) command.callback = Callback{now + hours(5), AgentId(), {}};
        return machine.on_disposition(now, command, desk_.book);
      }
      default: return chance(4) ? machine.on_reservation_lost(now, some_attempt(), desk_.book) : machine.on_due(now, desk_.book);
    }
  }

  Result<CaseEffects> act_on_data() {
    CaseMachine& machine = desk_.machine;
    const UtcTime now = desk_.now;
    switch (rng_.below(12)) {
      case 0:
      case 1: return machine.on_import(now, test::case_id, some_row(), desk_.book);
      case 2: return machine.on_import_undone(now, ImportUndone{ImportId(1 + rng_.below(6)), "admin"}, desk_.book);
      case 3: {
        const Money amount{static_cast<std::int64_t>(1 + rng_.below(500'00)), Currency::rub};
        return machine.on_payment(now, PaymentFact{"p" + std::to_string(rng_.below(60)), some_debt(), amount, now}, desk_.book);
      }
      case 4: return machine.on_debt_closed(now, DebtClosed{some_debt(), "paid"}, desk_.book);
      case 5: return machine.on_phone_blocked(now, PhoneBlocked{some_number(), "x"}, desk_.book);
      case 6: return machine.on_phone_unblocked(now, PhoneUnblocked{some_number(), "doc", "admin"}, desk_.book);
      case 7: {
        const RestrictionCleared command{std::string(contact_stop_flag), "doc", "admin"};
        return machine.on_restriction_cleared(now, command, desk_.book);
      }
      case 8: return machine.on_callback_asked(now, Callback{now + hours(2), AgentId(), {}}, desk_.book);
      case 9: {
        OtherContact contact;
        contact.id = std::to_string(rng_.below(50));
        contact.at = now - hours(static_cast<std::int64_t>(rng_.below(2000)));
        contact.channel = Channel::sms;
        return machine.on_contact_recorded(now, contact, desk_.book);
      }
      case 10: return machine.on_campaigns_changed(now, chance(2) ? CampaignBook() : desk_.book);
      default: return machine.on_note(now, NoteAdded{"agent", "text"});
    }
  }

  void judge(const CaseRecord& before, const CaseEffects& effects) {
    ASSERT_EQ(broken_invariant(desk_.record()), "") << where();
    CaseRecord folded = before;
    for (const CaseEvent& event : effects.events) fold(folded, event, effects.at);
    ASSERT_TRUE(folded == desk_.record()) << where();
    for (const CaseEvent& event : effects.events) judge_event(before, event);
  }

  void judge_event(const CaseRecord& before, const CaseEvent& event) {
    if (const auto* reserved = std::get_if<AttemptReserved>(&event)) {
      ASSERT_TRUE(ledger_.reserved.insert(reserved->attempt).second) << where() << ": reserved twice";
      ASSERT_FALSE(ledger_.open.has_value()) << where() << ": two open attempts";
      ASSERT_TRUE(before.has_open_debt()) << where() << ": nothing to collect";
      ASSERT_FALSE(before.is_stopped()) << where() << ": stopped";
      ASSERT_FALSE(before.find_phone(reserved->number)->is_blocked) << where() << ": blocked number";
      ASSERT_TRUE(reserved->proof.is_allowed()) << where() << ": no proof";
      ledger_.open = reserved->attempt;
      ledger_.legs[reserved->attempt] = 1;
    }
    if (const auto* leg = std::get_if<SecondLegCommitted>(&event)) {
      ASSERT_EQ(ledger_.open, leg->attempt) << where();
      ASSERT_EQ(++ledger_.legs[leg->attempt], 2) << where() << ": a third leg";
    }
    if (const auto* settled = std::get_if<AttemptSettled>(&event)) {
      ASSERT_EQ(++ledger_.settled[settled->attempt], 1) << where() << ": settled twice";
      ASSERT_EQ(ledger_.open, settled->attempt) << where();
      ledger_.open.reset();
    }
    if (const auto* reconciled = std::get_if<AttemptReconciled>(&event)) {
      ASSERT_EQ(++ledger_.reconciled[reconciled->attempt], 1) << where() << ": reconciled twice";
    }
  }

  Rng rng_;
  std::uint64_t seed_;
  int step_ = 0;
  std::uint64_t next_id_ = 0;
  test::Desk desk_;
  Ledger ledger_;
};

TEST(RandomCase, HoldsItsInvariantsAndReplaysByteEqual) {
  std::size_t reservations = 0;
  std::size_t second_legs = 0;
  std::size_t reconciliations = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    RandomCase random(seed);
    random.play(250);
    if (HasFatalFailure()) return;
    reservations += random.ledger().reserved.size();
    reconciliations += random.ledger().reconciled.size();
    for (const auto& legs : random.ledger().legs) second_legs += legs.second == 2 ? 1U : 0U;
  }
  // The walk must have visited what it judges.
  EXPECT_GT(reservations, 800U);
  EXPECT_GT(second_legs, 50U);
  EXPECT_GT(reconciliations, 20U);
}

}  // namespace
}  // namespace dunlin
