// Stored decisions decided again: the same under their own rules, different when the record, the rules or the history was
// touched.
#include "core/case/law_replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "core/case/policy_gate.hpp"
#include "tests/case/small_law.hpp"

namespace dunlin {
namespace {

using test::Desk;
using test::noon;
using test::small_law;

using Laws = std::map<std::string, std::shared_ptr<const ContactPolicy>>;

std::vector<ReplayedDecision> replay(const Desk& desk, const Laws& laws, UtcTime since = UtcTime()) {
  std::vector<ReplayedDecision> found;
  const auto policy_of = [&laws](const std::string& version) {
    const auto known = laws.find(version);
    return known == laws.end() ? nullptr : known->second;
  };
  const Status done = replay_case(desk.history, since, policy_of, [&found](const ReplayedDecision& one) { found.push_back(one); });
  EXPECT_TRUE(done.ok());
  return found;
}

/// A talk under one law, a refused second attempt, and a third after the law allows two talks a day.
struct TwoDaysOfLaw {
  Laws laws{{"strict", small_law("strict")}, {"mild", small_law("mild", 2)}};
  Desk desk;
  TwoDaysOfLaw() {
    desk.import();
    request(1, "strict");
    desk.settle(1, Outcome::answered);
    desk.dispose(1, Outcome::rpc_callback);
    for (const auto& [id, version] : {std::pair{2, "strict"}, std::pair{3, "mild"}}) {
      desk.now = desk.due().value_or(desk.now);
      request(static_cast<std::uint64_t>(id), version);
    }
  }
  void request(std::uint64_t id, const std::string& version) {
    const PolicyGate gate(laws[version]);
    AttemptRequest wanted = desk.request(id);
    desk.commit(desk.machine.on_attempt_request(desk.now, wanted, desk.book, gate));
  }
  /// Replaces one decision in the stored history.
  template <class Event, class Change>
  void doctor(Change change) {
    for (StoredEvent& stored : desk.history) {
      auto event = decode(stored.type, stored.body);
      ASSERT_TRUE(event.ok());
      if (auto* wanted = std::get_if<Event>(&*event)) change(*wanted);
      stored.body = encode(*event, stored.at).body;
    }
  }
};

int differing(const std::vector<ReplayedDecision>& decisions) {
  return static_cast<int>(std::count_if(decisions.begin(), decisions.end(), [](const auto& d) { return d.result == ReplayResult::differs; }));
}

TEST(LawReplay, EveryDecisionIsTheSameUnderItsOwnVersion) {
  TwoDaysOfLaw days;
  const auto decisions = replay(days.desk, days.laws);
  ASSERT_EQ(decisions.size(), 3U);
  for (const auto& one : decisions) EXPECT_EQ(one.result, ReplayResult::same) << one.event << ": " << one.difference;
  EXPECT_EQ(decisions[1].event, "attempt_denied");
  EXPECT_EQ(decisions[1].stored.rule_set_version, "strict");
  EXPECT_EQ(decisions[2].event, "attempt_reserved");
  EXPECT_EQ(decisions[2].stored.rule_set_version, "mild");
}

TEST(LawReplay, OtherRulesUnderTheOldVersionAreNoticed) {
  TwoDaysOfLaw days;
  days.laws["strict"] = small_law("strict", 2);
  const auto decisions = replay(days.desk, days.laws);
  EXPECT_GT(differing(decisions), 0);
  days.laws.erase("strict");
  EXPECT_EQ(replay(days.desk, days.laws)[0].result, ReplayResult::no_rules);
}

TEST(LawReplay, AnEditedDecisionIsReported) {
  const std::vector<std::function<void(AttemptReserved&)>> edits{
      [](AttemptReserved& e) { e.proof.at = e.proof.at + hours(10); },
      [](AttemptReserved& e) { e.proof.verdict = Verdict::deny; },
      [](AttemptReserved& e) { e.proof.findings.clear(); },
      [](AttemptReserved& e) { ++e.proof.history_length; },
      [](AttemptReserved& e) { e.proof.zones = {"Asia/Omsk"}; },
      [](AttemptReserved& e) { e.proof.inputs = "channel=sms organisation=unknown facts=autodial ring_s=30"; },
      [](AttemptReserved& e) { e.is_manual = !e.is_manual; },
      [](AttemptReserved& e) { e.is_clock_shifted = !e.is_clock_shifted; }};
  for (const auto& edit : edits) {
    TwoDaysOfLaw days;
    int left = 1;
    days.doctor<AttemptReserved>([&](AttemptReserved& e) { if (left-- > 0) edit(e); });
    EXPECT_GT(differing(replay(days.desk, days.laws)), 0) << &edit - edits.data();
  }
}

TEST(LawReplay, ADecisionWithoutInputsIsSaidSo) {
  TwoDaysOfLaw days;
  days.doctor<AttemptReserved>([](AttemptReserved& e) { e.proof.inputs.clear(); });
  const auto decisions = replay(days.desk, days.laws);
  EXPECT_EQ(decisions[0].result, ReplayResult::no_inputs);
  EXPECT_EQ(decisions[1].result, ReplayResult::same);
}

TEST(LawReplay, OlderDecisionsAreLeftOut) {
  TwoDaysOfLaw days;
  EXPECT_EQ(replay(days.desk, days.laws, days.desk.now).size(), 1U);
}

}  // namespace
}  // namespace dunlin
