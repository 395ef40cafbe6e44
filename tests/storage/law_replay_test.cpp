// The law of yesterday in the store: kept by version, replayed after the operator's rules changed, damaged and edited
// records reported.
#include "storage/law_replay.hpp"

#include <gtest/gtest.h>

#include "config/rule_archive.hpp"
#include "core/case/policy_gate.hpp"
#include "tests/case/case_fixture.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

using test::Desk;

std::vector<RuleFile> files_with(const std::string& operator_rules) {
  std::vector<RuleFile> files = embedded_rule_files();
  if (!operator_rules.empty()) files.push_back({"zz_operator.toml", operator_rules});
  return files;
}

class LawReplayTest : public StoreTest {
 protected:
  /// The law of these files, kept as a node keeps it at its start.
  std::shared_ptr<const RuleSet> law_of(const std::string& operator_rules) {
    const auto files = files_with(operator_rules);
    const auto rules = compile_rule_set(files);
    EXPECT_TRUE(rules.ok()) << rules.error().detail;
    EXPECT_TRUE(keep_rule_files(store_->documents(), **rules, files).ok());
    return *rules;
  }

  void request(Desk& desk, std::uint64_t id, const std::shared_ptr<const RuleSet>& rules) {
    const PolicyGate gate(std::make_shared<const ContactPolicy>(rules));
    desk.commit(desk.machine.on_attempt_request(desk.now, desk.request(id), desk.book, gate));
  }

  void store(const Desk& desk) {
    CommitRequest request = commit_of(test::case_id, 0, {});
    for (const StoredEvent& stored : desk.history) {
      EventDraft draft = event_of(stored.type, stored.body);
      draft.at = stored.at;
      request.events.push_back(draft);
    }
    request.case_view = encode_view(desk.record());
    must_commit(*store_, std::move(request));
  }

  LawReplayReport replay() {
    const auto report = replay_law(*store_, {});
    EXPECT_TRUE(report.ok()) << report.error().detail;
    return report ? *report : LawReplayReport{};
  }
};

/// The campaign's night of 2026-11-24: 20:30 in Moscow, open for the law, closed for the stricter operator.
Desk desk_at_half_past_eight() {
  Desk desk;
  desk.import();
  desk.now = *parse_utc("2026-11-24T17:30:00Z");
  return desk;
}

constexpr const char* closes_at_eight =
    "[operator]\n[[tighten]]\npack = \"RU\"\nrule = \"RU-HRS-WD\"\nopen = 09:00:00\nclose = 20:00:00\n";

TEST_F(LawReplayTest, AChangedLimitIsANewVersionAndOldDecisionsReplayUnderTheOldOne) {
  const auto law = law_of("");
  const auto stricter = law_of(closes_at_eight);
  EXPECT_NE(law->version, stricter->version);
  Desk desk = desk_at_half_past_eight();
  request(desk, 1, law);
  desk.settle(1, Outcome::busy);
  desk.now = desk.now + minutes(2);
  request(desk, 2, stricter);
  store(desk);
  const LawReplayReport report = replay();
  EXPECT_EQ(report.decisions, 2U);
  EXPECT_EQ(report.same, 2U) << (report.shown.empty() ? "" : report.shown[0].difference);
  std::vector<std::string> versions;
  ASSERT_TRUE(replay_case(desk.history, {}, [&](const std::string& version) { return versions.push_back(version), nullptr; },
                          [](const ReplayedDecision&) {}).ok());
  EXPECT_EQ(versions, (std::vector<std::string>{law->version, stricter->version}));
  EXPECT_EQ(desk.record().denials.size(), 1U) << "the stricter rule did not deny";
}

TEST_F(LawReplayTest, AnEditedDecisionIsReported) {
  Desk desk = desk_at_half_past_eight();
  request(desk, 1, law_of(closes_at_eight));
  for (StoredEvent& stored : desk.history) {
    auto event = decode(stored.type, stored.body);
    ASSERT_TRUE(event.ok());
    if (auto* denied = std::get_if<AttemptDenied>(&*event)) {
      ASSERT_TRUE(denied->decision.until.has_value());
      denied->decision.until = *denied->decision.until + hours(1);
      stored.body = encode(*event, stored.at).body;
    }
  }
  store(desk);
  const LawReplayReport report = replay();
  EXPECT_EQ(report.differing, 1U);
  ASSERT_EQ(report.shown.size(), 1U);
  EXPECT_NE(report.shown[0].difference.find("RU-HRS-WD"), std::string::npos) << report.shown[0].difference;
}

TEST_F(LawReplayTest, WithoutItsRulesADecisionIsNotReplayable) {
  const auto law = law_of("");
  Desk desk = desk_at_half_past_eight();
  request(desk, 1, law);
  store(desk);
  ASSERT_TRUE(store_->documents().put_and_wait({"law_rules", law->version, std::nullopt, std::nullopt}).ok());
  EXPECT_EQ(replay().not_replayable, 1U);
}

TEST_F(LawReplayTest, KeptFilesThatDoNotHashToTheirVersionAreCorrupt) {
  const auto law = law_of("");
  ASSERT_TRUE(store_->documents().put_and_wait({"law_rules", law->version, archive_rule_files(files_with(closes_at_eight)), std::nullopt}).ok());
  const auto kept = kept_rule_set(store_->documents(), law->version);
  ASSERT_FALSE(kept.ok());
  EXPECT_EQ(kept.error().code, Errc::corrupt);
}

TEST(RuleArchive, GivesBackItsFilesAndRefusesDamage) {
  const auto files = files_with(closes_at_eight);
  const std::string document = archive_rule_files(files);
  const auto back = unarchive_rule_files(document);
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ((*back)[i].name, files[i].name);
    EXPECT_EQ((*back)[i].text, files[i].text);
  }
  EXPECT_FALSE(unarchive_rule_files(document.substr(0, document.size() - 1)).ok());
  for (const std::string damaged : {"ru.toml", "ru.toml 5\nabc", "ru.toml x\nabc", "ru.toml -1\nabc", "5\nabcde"}) {
    EXPECT_FALSE(unarchive_rule_files(damaged).ok()) << damaged;
  }
  EXPECT_FALSE(unarchive_rule_files(std::string(400, 'a')).ok());
}

}  // namespace
}  // namespace dunlin::storage_test
