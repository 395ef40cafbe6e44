#include "core/case/case_machine.hpp"

#include <gtest/gtest.h>

#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::campaign_id;
using test::count_of;
using test::denial_of;
using test::Desk;
using test::noon;

TEST(CaseMachine, AnImportedCaseWaitsToBeDialedAtOnce) {
  Desk desk;
  const CaseEffects effects = desk.import();
  EXPECT_EQ(count_of<CaseOpened>(effects), 1);
  EXPECT_EQ(desk.due(), noon);
  EXPECT_EQ(desk.record().state, CaseState::open);
  EXPECT_EQ(effects.lookups_added.size(), 5U);  // Two numbers, a person key, the name, a contract.
}

TEST(CaseMachine, AllowIsAReservationWithProofAndSlot) {
  Desk desk;
  desk.import();
  const CaseEffects effects = desk.reserve(1);
  ASSERT_TRUE(std::holds_alternative<AttemptView>(effects.answer));
  const auto& view = std::get<AttemptView>(effects.answer);
  EXPECT_EQ(view.number, test::number(1));
  EXPECT_EQ(view.leg_number, 1);
  const auto& reserved = std::get<AttemptReserved>(effects.events.front());
  EXPECT_EQ(reserved.proof.rule_set_version, "rules-1");
  EXPECT_EQ(reserved.edge_incarnation, 3U);
  EXPECT_EQ(desk.record().state, CaseState::in_attempt);
  EXPECT_FALSE(desk.due().has_value());
}

TEST(CaseMachine, NeverOpensTwoAttemptsOfOnePerson) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  const CaseEffects second = desk.reserve(2);
  ASSERT_NE(denial_of(second), nullptr);
  EXPECT_FALSE(denial_of(second)->is_by_law);
  EXPECT_FALSE(second.has_events());
  AttemptRequest manual = desk.request(3);
  manual.is_manual = true;
  EXPECT_NE(denial_of(desk.commit(desk.machine.on_attempt_request(desk.now, manual, desk.book, desk.gate))), nullptr);
}

TEST(CaseMachine, WhileACommitIsPendingNothingElseIsDecided) {
  Desk desk;
  desk.import();
  const auto effects = desk.machine.on_attempt_request(desk.now, desk.request(1), desk.book, desk.gate);
  ASSERT_TRUE(effects.ok());
  desk.machine.begin(*effects);
  const auto second = desk.machine.on_attempt_request(desk.now, desk.request(2), desk.book, desk.gate);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Errc::conflict);
  EXPECT_FALSE(desk.machine.on_note(desk.now, NoteAdded{"a", "b"}).ok());
  desk.machine.abort();
  EXPECT_EQ(desk.record().state, CaseState::open);
  EXPECT_TRUE(desk.machine.on_attempt_request(desk.now, desk.request(2), desk.book, desk.gate).ok());
}

TEST(CaseMachine, ADenialIsStoredOnceAndMovesTheCaseToItsInstant) {
  Desk desk;
  desk.import();
  desk.gate.deny_until(noon + hours(20));
  const CaseEffects first = desk.reserve(1);
  EXPECT_EQ(count_of<AttemptDenied>(first), 1);
  ASSERT_NE(denial_of(first), nullptr);
  EXPECT_TRUE(denial_of(first)->is_by_law);
  EXPECT_EQ(denial_of(first)->reason, "RU-FRQ-C1");
  EXPECT_EQ(desk.due(), noon + hours(20));
  AttemptRequest manual = desk.request(2);
  manual.is_manual = true;
  const CaseEffects same = desk.commit(desk.machine.on_attempt_request(desk.now, manual, desk.book, desk.gate));
  EXPECT_EQ(count_of<AttemptDenied>(same), 0);
  desk.gate.deny_until(noon + hours(21));
  const CaseEffects other = desk.commit(desk.machine.on_attempt_request(desk.now, manual, desk.book, desk.gate));
  EXPECT_EQ(count_of<AttemptDenied>(other), 1);
}

TEST(CaseMachine, ARefusedCaseReturnsItsRowsToTheQueue) {
  Desk desk;
  desk.import();
  desk.gate.deny_until(noon + hours(20));
  desk.reserve(1);
  const CaseEffects early = desk.reserve(2);
  ASSERT_NE(denial_of(early), nullptr);
  EXPECT_EQ(denial_of(early)->until, noon + hours(20));
  ASSERT_TRUE(early.due.has_value());
  EXPECT_EQ(*early.due, desk.record().due);
}

TEST(CaseMachine, TriesTheNextNumberWhenTheLawForbidsTheFirst) {
  Desk desk;
  desk.import();
  desk.gate.denied_number = test::number(1);
  const CaseEffects effects = desk.reserve(1);
  ASSERT_TRUE(std::holds_alternative<AttemptView>(effects.answer));
  EXPECT_EQ(std::get<AttemptView>(effects.answer).number, test::number(2));
}

// 467-FZ: a robot's call has rules of its own, which nobody asks when it passes for a person's.
TEST(CaseMachine, AnAgentlessCampaignAsksTheLawForARobotsCall) {
  auto robot = test::campaign();
  robot.settings.mode = DialingMode::agentless;
  Desk desk(robot);
  desk.import();
  desk.reserve(1);
  EXPECT_EQ(desk.gate.asked_channel, Channel::robot_call);
  SecondLegRequest second;
  second.attempt = AttemptId(1);
  second.trunk = "spare";
  second.slot_expires_at = desk.now + seconds(5);
  second.first_leg_cause = SettledCause{503, 0, ""};
  desk.gate.asked_channel = Channel::sms;
  desk.commit(desk.machine.on_second_leg(desk.now, second, desk.book, desk.gate));
  EXPECT_EQ(desk.gate.asked_channel, Channel::robot_call);

  Desk person(robot);
  person.import();
  auto manual = person.request(1);
  manual.is_manual = true;
  manual.agent = AgentId(3);
  person.commit(person.machine.on_attempt_request(person.now, manual, person.book, person.gate));
  EXPECT_EQ(person.gate.asked_channel, Channel::call) << "an agent dialing by hand is no robot";
}

// 137-FZ: a number without a contract must not be shown, and the law is asked about the one that would be.
TEST(CaseMachine, TheLawIsAskedAboutTheNumberThatWouldBeShown) {
  const PhoneNumber own = *PhoneNumber::from_e164("+74950000001");
  const PhoneNumber of_campaign = *PhoneNumber::from_e164("+74995550100");
  struct Row {
    std::vector<PhoneNumber> of_trunk, of_company;
    PhoneNumber shown;
    ShownNumber standing;
  };
  for (const Row& row : {Row{{own}, {}, own, ShownNumber::contracted}, Row{{own, of_campaign}, {}, of_campaign, ShownNumber::contracted},
                         Row{{}, {own}, of_campaign, ShownNumber::not_contracted}, Row{{}, {own, of_campaign}, of_campaign, ShownNumber::contracted},
                         Row{{}, {}, of_campaign, ShownNumber::not_contracted}}) {
    Desk desk;
    desk.import();
    auto request = desk.request(1);
    request.caller_ids = row.of_trunk;
    request.of_company = row.of_company;
    const CaseEffects first = desk.commit(desk.machine.on_attempt_request(desk.now, request, desk.book, desk.gate));
    EXPECT_EQ(std::get<AttemptView>(first.answer).caller_id, row.shown.e164());
    EXPECT_EQ(desk.gate.asked_shown, row.standing);
    SecondLegRequest second;
    second.attempt = AttemptId(1);
    second.trunk = "spare";
    second.slot_expires_at = desk.now + seconds(5);
    second.caller_ids = {own};
    const CaseEffects leg = desk.commit(desk.machine.on_second_leg(desk.now, second, desk.book, desk.gate));
    EXPECT_EQ(std::get<AttemptView>(leg.answer).caller_id, own.e164()) << "of the second carrier";
    EXPECT_EQ(desk.gate.asked_shown, ShownNumber::contracted);
  }
}

TEST(CaseMachine, AManualCallWithoutAnyNumberToShowIsHidden) {
  Desk desk;
  desk.import();
  auto manual = desk.request(1);
  manual.campaign = CampaignId();
  manual.is_manual = true;
  manual.agent = AgentId(3);
  desk.commit(desk.machine.on_attempt_request(desk.now, manual, desk.book, desk.gate));
  EXPECT_EQ(desk.gate.asked_shown, ShownNumber::hidden);
}

TEST(CaseMachine, TheSecondLegNeedsAFirstThatDidNotRing) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  SecondLegRequest request;
  request.attempt = AttemptId(1);
  request.trunk = "spare";
  request.slot_expires_at = desk.now + seconds(5);
  request.first_leg_cause = SettledCause{503, 0, ""};
  request.has_rung = true;
  EXPECT_EQ(desk.machine.on_second_leg(desk.now, request, desk.book, desk.gate).error().code, Errc::denied);
  request.has_rung = false;
  const CaseEffects effects = desk.commit(desk.machine.on_second_leg(desk.now, request, desk.book, desk.gate));
  EXPECT_EQ(std::get<AttemptView>(effects.answer).leg_number, 2);
  EXPECT_EQ(desk.record().totals.attempts, 1U);
}

TEST(CaseMachine, AnAttemptHasAtMostTwoLegs) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  SecondLegRequest request;
  request.attempt = AttemptId(1);
  request.slot_expires_at = desk.now + seconds(5);
  desk.commit(desk.machine.on_second_leg(desk.now, request, desk.book, desk.gate));
  EXPECT_EQ(desk.machine.on_second_leg(desk.now, request, desk.book, desk.gate).error().code, Errc::conflict);
}

TEST(CaseMachine, APaymentDuringTheFirstLegForbidsTheSecond) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.commit(desk.machine.on_payment(desk.now, PaymentFact{"p1", "C-1", Money{1'000'00, Currency::rub}, noon}, desk.book));
  SecondLegRequest request;
  request.attempt = AttemptId(1);
  request.slot_expires_at = desk.now + seconds(5);
  const CaseEffects effects = desk.commit(desk.machine.on_second_leg(desk.now, request, desk.book, desk.gate));
  ASSERT_NE(denial_of(effects), nullptr);
  EXPECT_FALSE(effects.has_events());
}

TEST(CaseMachine, ARepeatedFactIsNoErrorAndNoEffect) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  const AttemptAnswered answered{AttemptId(1), noon + seconds(5), AnsweredBy::human, 900, 400};
  const AgentBridged bridged{AttemptId(1), AgentId(9), noon + seconds(6)};
  EXPECT_EQ(desk.commit(desk.machine.on_answered(desk.now, answered)).events.size(), 1U);
  EXPECT_FALSE(desk.commit(desk.machine.on_answered(desk.now, answered)).has_events());
  EXPECT_EQ(desk.commit(desk.machine.on_bridged(desk.now, bridged)).events.size(), 1U);
  EXPECT_FALSE(desk.commit(desk.machine.on_bridged(desk.now, bridged)).has_events());
  desk.settle(1, Outcome::answered);
  EXPECT_FALSE(desk.settle(1, Outcome::answered).has_events());
  EXPECT_FALSE(desk.settle(1, Outcome::failed).has_events());
  EXPECT_FALSE(desk.commit(desk.machine.on_answered(desk.now, answered)).has_events());
}

TEST(CaseMachine, AFactOfAnAttemptNeverReservedIsNotFound) {
  Desk desk;
  desk.import();
  EXPECT_EQ(desk.machine.on_settled(desk.now, desk.settlement(77, Outcome::busy), desk.book).error().code, Errc::not_found);
}

// Attempt protocol R7: what each end means for the counters.
TEST(CaseMachine, OutcomesMapToContacts) {
  struct Row {
    Outcome outcome;
    bool was_answered;
    AnsweredBy answer;
    ContactStatus expected;
  };
  const std::vector<Row> rows{
      {Outcome::no_answer, false, AnsweredBy::unclassified, ContactStatus::no_contact},
      {Outcome::busy, false, AnsweredBy::unclassified, ContactStatus::no_contact},
      {Outcome::rejected, false, AnsweredBy::unclassified, ContactStatus::no_contact},
      {Outcome::failed, false, AnsweredBy::unclassified, ContactStatus::no_contact},
      {Outcome::not_sent, false, AnsweredBy::unclassified, ContactStatus::no_contact},
      {Outcome::machine, true, AnsweredBy::machine, ContactStatus::no_contact},
      {Outcome::failed, true, AnsweredBy::unclassified, ContactStatus::contact},
      {Outcome::abandoned, true, AnsweredBy::human, ContactStatus::contact},
      {Outcome::hung_up_before_agent, true, AnsweredBy::human, ContactStatus::contact},
      {Outcome::answered, true, AnsweredBy::human, ContactStatus::contact},
      {Outcome::unknown_after_failure, false, AnsweredBy::unclassified, ContactStatus::unknown},
  };
  for (const Row& row : rows) {
    Desk desk;
    desk.import();
    desk.reserve(1);
    EXPECT_EQ(desk.record().attempts.back().status, ContactStatus::reserved);
    AttemptSettled fact = desk.settlement(1, row.outcome);
    fact.answer = row.answer;
    fact.times.answered_at.reset();
    if (row.was_answered) fact.times.answered_at = noon + seconds(5);
    desk.commit(desk.machine.on_settled(desk.now, fact, desk.book));
    EXPECT_EQ(desk.record().attempts.back().status, row.expected) << to_string(row.outcome) << row.was_answered;
  }
}

// R5: not sent is the permit holder's word only; recovery may only say that nobody knows.
TEST(CaseMachine, RecoveryMayOnlyWriteUnknown) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  AttemptSettled fact = desk.settlement(1, Outcome::not_sent);
  fact.by = SettledBy::recovery;
  EXPECT_EQ(desk.machine.on_settled(desk.now, fact, desk.book).error().code, Errc::denied);
  desk.commit(desk.machine.on_reservation_lost(desk.now, AttemptId(1), desk.book));
  EXPECT_EQ(desk.record().attempts.back().outcome, Outcome::unknown_after_failure);
}

// R8: unknown keeps the person blocked until the longest call is over and is not redialed by itself.
TEST(CaseMachine, AnUnknownAttemptCountsAndRestsThePerson) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.commit(desk.machine.on_reservation_lost(desk.now, AttemptId(1), desk.book));
  EXPECT_EQ(desk.record().totals.unknown, 1U);
  ASSERT_TRUE(desk.due().has_value());
  EXPECT_GE(*desk.due(), noon + CaseLimits{}.longest_call + CaseLimits{}.settle_margin);
  EXPECT_FALSE(desk.commit(desk.machine.on_reservation_lost(desk.now, AttemptId(1), desk.book)).has_events());
}

// R9: reserved -> unknown -> contact | no contact, first-hand only, once.
TEST(CaseMachine, TheEdgesOwnWordReconcilesAnUnknownOnce) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.commit(desk.machine.on_reservation_lost(desk.now, AttemptId(1), desk.book));
  const CaseEffects effects = desk.settle(1, Outcome::busy);
  EXPECT_EQ(count_of<AttemptReconciled>(effects), 1);
  EXPECT_EQ(count_of<AttemptSettled>(effects), 0);
  EXPECT_EQ(desk.record().attempts.back().status, ContactStatus::no_contact);
  EXPECT_EQ(desk.record().totals.unknown, 0U);
  EXPECT_FALSE(desk.settle(1, Outcome::abandoned).has_events());
}

TEST(CaseMachine, AReconciliationNeedsTwoPersons) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.commit(desk.machine.on_reservation_lost(desk.now, AttemptId(1), desk.book));
  AttemptReconciled command;
  command.attempt = AttemptId(1);
  command.outcome = Outcome::no_answer;
  command.by = SettledBy::reconciliation;
  command.authors = "one";
  EXPECT_EQ(desk.machine.on_reconciled(desk.now, command, desk.book).error().code, Errc::denied);
  command.authors = "one, two";
  EXPECT_EQ(count_of<AttemptReconciled>(desk.commit(desk.machine.on_reconciled(desk.now, command, desk.book))), 1);
}

TEST(CaseMachine, AContactIsFinalWhateverTheAgentSays) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  desk.dispose(1, Outcome::agent_machine);
  EXPECT_EQ(desk.record().attempts.back().status, ContactStatus::contact);
}

TEST(CaseMachine, AnUnsettledReservationAsksForItsEdge) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.now = desk.now + CaseLimits{}.longest_call + CaseLimits{}.settle_margin;
  const CaseEffects effects = desk.commit(desk.machine.on_due(desk.now, desk.book));
  ASSERT_TRUE(std::holds_alternative<UnsettledView>(effects.answer));
  EXPECT_EQ(std::get<UnsettledView>(effects.answer).edge_node, "n1");
  EXPECT_EQ(desk.record().state, CaseState::in_attempt);
}

TEST(CaseMachine, ABridgedCallWaitsForItsDispositionAndIsMissedAfterWrapUp) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  EXPECT_EQ(desk.record().state, CaseState::awaiting_disposition);
  EXPECT_FALSE(desk.due().has_value());
  desk.now = desk.now + CaseLimits{}.wrap_up;
  EXPECT_EQ(count_of<DispositionMissed>(desk.commit(desk.machine.on_due(desk.now, desk.book))), 1);
  EXPECT_EQ(desk.record().dispositions_missed, 1U);
  EXPECT_TRUE(desk.due().has_value());
}

TEST(CaseMachine, ADispositionDuringTheCallCountsWhenItEnds) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.commit(desk.machine.on_answered(desk.now, AttemptAnswered{AttemptId(1), noon, AnsweredBy::human, 0, 0}));
  desk.dispose(1, Outcome::rpc_refusal);
  EXPECT_EQ(desk.record().state, CaseState::in_attempt);
  desk.settle(1, Outcome::answered);
  EXPECT_EQ(desk.record().state, CaseState::resting);
  EXPECT_EQ(desk.due(), noon + days(3));
}

TEST(CaseMachine, NobodyDisposesOfAnUnansweredAttempt) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::no_answer);
  DispositionSet command;
  command.attempt = AttemptId(1);
  command.outcome = Outcome::rpc_refusal;
  EXPECT_EQ(desk.machine.on_disposition(desk.now, command, desk.book).error().code, Errc::conflict);
}

TEST(CaseMachine, APromiseSilencesTheCaseUntilItsDatePassed) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  EXPECT_EQ(count_of<PromiseMade>(desk.dispose(1, Outcome::rpc_promise)), 1);
  EXPECT_EQ(desk.record().state, CaseState::promised);
  EXPECT_FALSE(desk.due().has_value());
  const UtcTime check = desk.record().open_promise()->check_at;
  EXPECT_GE(check, *parse_utc("2026-11-28T12:00:00Z") + days(3));
  desk.now = check;
  EXPECT_EQ(count_of<PromiseBroken>(desk.commit(desk.machine.on_due(desk.now, desk.book))), 1);
  EXPECT_EQ(desk.due(), check);
}

TEST(CaseMachine, APromiseTypedInTheCallIsRecordedOnceAndNamedByTheDisposition) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  const PromiseTerms terms{Money{500'00, Currency::rub}, {2026, 11, 27}, "C-1"};
  EXPECT_FALSE(desk.machine.on_promise_recorded(desk.now, terms, desk.book, AttemptId(99)).ok()) << "no such call";
  EXPECT_EQ(count_of<PromiseMade>(desk.commit(desk.machine.on_promise_recorded(desk.now, terms, desk.book, AttemptId(1)))), 1);
  EXPECT_EQ(count_of<PromiseMade>(desk.commit(desk.machine.on_promise_recorded(desk.now, terms, desk.book, AttemptId(1)))), 0) << "asked again";
  EXPECT_EQ(desk.record().state, CaseState::in_attempt);
  DispositionSet said;
  said.attempt = AttemptId(1);
  said.outcome = Outcome::rpc_promise;
  EXPECT_EQ(count_of<PromiseMade>(desk.commit(desk.machine.on_disposition(desk.now, said, desk.book))), 0);
  AttemptSettled fact = desk.settlement(1, Outcome::answered);
  fact.times.bridged_at.reset();
  desk.commit(desk.machine.on_settled(desk.now, fact, desk.book));
  EXPECT_EQ(desk.record().state, CaseState::promised);
  EXPECT_EQ(desk.record().promises.size(), 1U);
}

TEST(CaseMachine, APaymentKeepsThePromise) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  desk.dispose(1, Outcome::rpc_promise);
  const PaymentFact part{"p1", "C-1", Money{200'00, Currency::rub}, noon + hours(1)};
  const PaymentFact rest{"p2", "C-1", Money{300'00, Currency::rub}, noon + hours(2)};
  EXPECT_EQ(count_of<PromiseKept>(desk.commit(desk.machine.on_payment(desk.now, part, desk.book))), 0);
  EXPECT_EQ(count_of<PromiseKept>(desk.commit(desk.machine.on_payment(desk.now, rest, desk.book))), 1);
  EXPECT_FALSE(desk.commit(desk.machine.on_payment(desk.now, rest, desk.book)).has_events());
}

TEST(CaseMachine, APaymentThatClosesAllDebtsRemovesTheDueRows) {
  Desk desk;
  desk.import();
  const PaymentFact payment{"p1", "C-1", Money{1'000'00, Currency::rub}, noon};
  const CaseEffects effects = desk.commit(desk.machine.on_payment(desk.now, payment, desk.book));
  ASSERT_TRUE(effects.due.has_value());
  EXPECT_TRUE(effects.due->empty());
  EXPECT_EQ(desk.record().state, CaseState::closed);
  EXPECT_NE(denial_of(desk.reserve(1)), nullptr);
}

TEST(CaseMachine, AWrongNumberIsBlockedAndNeverDialedAgain) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  EXPECT_EQ(count_of<PhoneBlocked>(desk.dispose(1, Outcome::wrong_number)), 1);
  desk.now = *desk.due();
  EXPECT_EQ(std::get<AttemptView>(desk.reserve(2).answer).number, test::number(2));
}

TEST(CaseMachine, AManualCallToABlockedNumberIsRefused) {
  Desk desk;
  desk.import();
  desk.commit(desk.machine.on_phone_blocked(desk.now, PhoneBlocked{test::number(1), "wrong"}, desk.book));
  AttemptRequest manual = desk.request(1);
  manual.is_manual = true;
  manual.number = test::number(1);
  EXPECT_NE(denial_of(desk.commit(desk.machine.on_attempt_request(desk.now, manual, desk.book, desk.gate))), nullptr);
}

TEST(CaseMachine, AStopFlagEndsDialingUntilADocumentClearsIt) {
  for (const Outcome outcome : {Outcome::cease_request, Outcome::deceased, Outcome::bankrupt, Outcome::represented}) {
    Desk desk;
    desk.import();
    desk.reserve(1);
    desk.settle(1, Outcome::answered);
    desk.dispose(1, outcome);
    EXPECT_EQ(desk.record().state, CaseState::stopped) << to_string(outcome);
    EXPECT_FALSE(desk.due().has_value());
    RestrictionCleared clearing{std::string(contact_stop_flag), "", "controller"};
    EXPECT_FALSE(desk.machine.on_restriction_cleared(desk.now, clearing, desk.book).ok());
    clearing.document_id = "doc-7";
    desk.commit(desk.machine.on_restriction_cleared(desk.now, clearing, desk.book));
    EXPECT_NE(desk.record().state, CaseState::stopped);
    EXPECT_TRUE(desk.due().has_value()) << to_string(outcome);
  }
}

TEST(CaseMachine, ACallbackIsDueAtItsTimeAndFirstInRank) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  desk.dispose(1, Outcome::rpc_callback);
  EXPECT_EQ(desk.due(), noon + hours(3));
  EXPECT_LT(desk.record().due.back().rank, -900'000);
  desk.now = noon + hours(3);
  desk.reserve(2);
  EXPECT_FALSE(desk.record().callback.has_value());
}

TEST(CaseMachine, APausedCampaignTakesTheCaseOutOfTheQueue) {
  Desk desk;
  desk.import();
  Campaign paused = test::campaign();
  paused.state = CampaignState::paused;
  const CampaignBook book({paused});
  const CaseEffects effects = desk.commit(desk.machine.on_campaigns_changed(desk.now, book));
  EXPECT_TRUE(effects.due.has_value() && effects.due->empty());
  desk.commit(desk.machine.on_campaigns_changed(desk.now, desk.book));
  EXPECT_EQ(desk.due(), noon);
}

TEST(CaseMachine, ADecisionReadsTheHistoryItWouldReplayTo) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  desk.dispose(1, Outcome::rpc_promise);
  const auto replayed = rebuild(desk.history);
  ASSERT_TRUE(replayed.ok());
  EXPECT_EQ(encode_view(*replayed), encode_view(desk.record()));
}

}  // namespace
}  // namespace dunlin
