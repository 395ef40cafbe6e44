// Every command to a shard and every answer, as bytes and back: field by field, then damaged.
#include "actors/region_codec.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin::test {
namespace {

constexpr MonoTime sender_clock{1'000'000};
constexpr MonoTime receiver_clock{77};
constexpr CaseId wire_case{0x1234};

template <class Message>
Message crossed(const Message& message) {
  auto read = decode_region<Message>(encode_region(message, sender_clock), receiver_clock);
  EXPECT_TRUE(read.ok()) << read.error().detail;
  return read.ok() ? std::move(*read) : Message{};
}

void expect_same(const std::optional<Error>& error, Errc code, const std::string& detail) {
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, code);
  EXPECT_EQ(error->detail, detail);
}

msg::ImportRows wire_rows() { return {ImportId(9), "north.xlsx", {{wire_case, {17, row().draft, 3, {1, 2}}}, {CaseId(0x34), {18, {}, 4, {}}}}}; }

msg::RequestSecondLeg wire_second_leg() {
  return {wire_case, {AttemptId(5), "trunk-a", sender_clock + seconds(4), noon + seconds(4)}, {503, 34, "no circuit"}, true};
}

msg::CasesJudged wire_census() {
  CaseCensus census{10, 1, 2, 3, 4, 5, {}, {}};
  census.per_zone = {{"Europe/Moscow", 7}, {"several zones", 3}};
  census.denied_by_rule = {{"RU-FRQ-C1", 4}};
  return {census};
}

msg::QueueView wire_queue() { return {200, {11, 12, noon, -3}, 13}; }

msg::CaseView wire_view() {
  Desk desk;
  desk.import();
  return {std::make_shared<const CaseRecord>(desk.machine.record())};
}

AbsorbedFacts wire_facts() {
  Desk desk;
  desk.import();
  return absorbed_facts(desk.machine.record());
}

TEST(RegionCodec, RowsCrossWithTheirDrafts) {
  const auto sent = wire_rows();
  const auto got = crossed(sent);
  EXPECT_EQ(got.import, sent.import);
  EXPECT_EQ(got.source, sent.source);
  ASSERT_EQ(got.rows.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(got.rows[i].first, sent.rows[i].first);
    EXPECT_EQ(got.rows[i].second.line, sent.rows[i].second.line);
    EXPECT_EQ(got.rows[i].second.draft, sent.rows[i].second.draft);
    EXPECT_EQ(got.rows[i].second.person, sent.rows[i].second.person);
    EXPECT_EQ(got.rows[i].second.same_as, sent.rows[i].second.same_as);
  }
  const auto done = crossed(msg::ImportRowsDone{1, 2, 3, {{17, {Errc::conflict, "known otherwise"}}}, noon});
  EXPECT_EQ(std::make_tuple(done.created, done.updated, done.unchanged), std::make_tuple(1U, 2U, 3U));
  EXPECT_EQ(done.line_quiet_at, noon);
  ASSERT_EQ(done.refused.size(), 1U);
  EXPECT_EQ(done.refused[0].line, 17U);
  expect_same(done.refused[0].error, Errc::conflict, "known otherwise");
}

TEST(RegionCodec, TheCensusCrossesWithItsZonesAndRules) {
  EXPECT_EQ(crossed(wire_census()).census, wire_census().census);
  EXPECT_EQ(crossed(msg::JudgeCases{{wire_case, CaseId(0x34)}}).ids, (std::vector<CaseId>{wire_case, CaseId(0x34)}));
}

TEST(RegionCodec, AMergeCrosses) {
  const auto absorb = crossed(msg::AbsorbCase{wire_case, CaseId(2), CaseId(3)});
  EXPECT_EQ(std::make_tuple(absorb.case_id, absorb.absorbed, absorb.alias_into), std::make_tuple(wire_case, CaseId(2), CaseId(3)));
  const auto become = crossed(msg::BecomeAlias{wire_case, CaseId(4)});
  EXPECT_EQ(std::make_tuple(become.case_id, become.into), std::make_tuple(wire_case, CaseId(4)));
  const auto made = crossed(msg::AliasMade{wire_facts(), Error{Errc::exhausted, "full"}});
  EXPECT_EQ(made.facts, wire_facts());
  expect_same(made.error, Errc::exhausted, "full");
}

TEST(RegionCodec, AFactCrossesAsItsStoredBytes) {
  const auto draft = encode(CaseEvent(AttemptAnswered{AttemptId(5), noon, AnsweredBy::human, 900, 800}), noon);
  const auto got = crossed(msg::RecordFact{wire_case, noon, draft.type, draft.body});
  EXPECT_EQ(std::make_tuple(got.case_id, got.at, got.type, got.body), std::make_tuple(wire_case, noon, draft.type, draft.body));
}

TEST(RegionCodec, ASlotCrossesAsWhatIsLeftOfIt) {
  const auto sent = wire_second_leg();
  const auto got = crossed(sent);
  EXPECT_EQ(got.case_id, sent.case_id);
  EXPECT_EQ(got.slot.attempt, sent.slot.attempt);
  EXPECT_EQ(got.slot.trunk, sent.slot.trunk);
  EXPECT_EQ(got.slot.expires_at, receiver_clock + seconds(4));
  EXPECT_EQ(got.slot.expires_at_utc, sent.slot.expires_at_utc);
  EXPECT_EQ(got.cause, sent.cause);
  EXPECT_TRUE(got.has_rung);
  const auto reply = crossed(msg::AttemptReply{true, {wire_case, CampaignId(7), true, noon, "RU-FRQ-C1"}, Error{Errc::denied, "law"}});
  EXPECT_TRUE(reply.is_placed && reply.denial.is_by_law);
  EXPECT_EQ(std::make_tuple(reply.denial.case_id, reply.denial.campaign, reply.denial.until, reply.denial.reason),
            std::make_tuple(wire_case, CampaignId(7), std::optional(noon), std::string("RU-FRQ-C1")));
  expect_same(reply.error, Errc::denied, "law");
}

TEST(RegionCodec, ASlotOfMoreThanADayIsDamage) {
  auto command = wire_second_leg();
  command.slot.expires_at = sender_clock + days(2);
  EXPECT_FALSE(decode_region<msg::RequestSecondLeg>(encode_region(command, sender_clock), receiver_clock).ok());
}

TEST(RegionCodec, PeoplesCommandsCross) {
  const DispositionSet disposition{AttemptId(5), AgentId(6), Outcome::rpc_promise, PromiseTerms{{500, Currency::rub}, {2026, 12, 1}, "C-1"},
                                   Callback{noon, AgentId(6), number(1)}, "a note"};
  EXPECT_EQ(crossed(msg::Dispose{wire_case, disposition}).disposition, disposition);
  const PromiseTerms terms{{500, Currency::rub}, {2026, 12, 1}, "C-1"};
  const auto promised = crossed(msg::RecordPromise{wire_case, AttemptId(5), terms});
  EXPECT_EQ(std::make_tuple(promised.case_id, promised.attempt, promised.terms), std::make_tuple(wire_case, AttemptId(5), terms));
  const PaymentFact payment{"p-1", "C-1", {1'000, Currency::eur}, noon};
  EXPECT_EQ(crossed(msg::RecordPayment{wire_case, payment}).payment, payment);
  const RestrictionSet restriction{{"bankrupt", noon, "doc-1"}, "tester"};
  EXPECT_EQ(crossed(msg::SetRestriction{wire_case, restriction}).command, restriction);
  const RestrictionCleared cleared{"bankrupt", "doc-2", "tester"};
  EXPECT_EQ(crossed(msg::ClearRestriction{wire_case, cleared}).command, cleared);
  EXPECT_EQ(crossed(msg::AddNote{wire_case, {"tester", "text"}}).note, (NoteAdded{"tester", "text"}));
  EXPECT_EQ(crossed(msg::AddNote{wire_case, {"tester", "text"}}).case_id, wire_case);
  EXPECT_EQ(crossed(msg::LoseReservation{wire_case, AttemptId(5)}).attempt, AttemptId(5));
  const auto undo = crossed(msg::UndoImportOfCase{ImportId(9), wire_case, "tester"});
  EXPECT_EQ(std::make_tuple(undo.import, undo.case_id, undo.author), std::make_tuple(ImportId(9), wire_case, std::string("tester")));
  const auto undone = crossed(msg::ImportOfCaseUndone{true, "worked on", Error{Errc::conflict, "busy"}});
  EXPECT_TRUE(undone.is_undone);
  EXPECT_EQ(undone.kept_because, "worked on");
  expect_same(undone.error, Errc::conflict, "busy");
}

TEST(RegionCodec, QuestionsAndTheirAnswersCross) {
  EXPECT_EQ(crossed(msg::GetCase{wire_case}).case_id, wire_case);
  const auto view = crossed(wire_view());
  ASSERT_TRUE(view.record);
  EXPECT_EQ(*view.record, *wire_view().record);
  EXPECT_FALSE(crossed(msg::CaseView{}).record);
  EXPECT_EQ(crossed(msg::GetQueue{CampaignId(7)}).campaign, CampaignId(7));
  const auto queue = crossed(wire_queue());
  EXPECT_EQ(std::make_tuple(queue.shard, queue.awake, queue.summary.ready, queue.summary.waiting),
            std::make_tuple(ShardIndex{200}, std::uint64_t{13}, std::size_t{11}, std::size_t{12}));
  EXPECT_EQ(queue.summary.next_due, noon);
  EXPECT_EQ(queue.summary.best_rank, -3);
  const auto answer = crossed(msg::Answer{Error{Errc::not_found, "no such case"}, "said"});
  expect_same(answer.error, Errc::not_found, "no such case");
  EXPECT_EQ(answer.text, "said");
}

msg::FindHeld wire_find() {
  HashedKey first{LookupKind::person_key, {}};
  for (unsigned char i = 0; i < 16; ++i) first.hash[i] = static_cast<unsigned char>(0xf0 + i);
  return {{{0, 12}, {255, std::int64_t{1} << 40}}, {first, {LookupKind::external_id, {}}, {LookupKind::phone, {1, 2}}, {LookupKind::person_key, {3}, true}}};
}

TEST(RegionCodec, QuestionsToANodeAndTheirAnswersCross) {
  const auto find = crossed(wire_find());
  EXPECT_EQ(find.shards, wire_find().shards);
  EXPECT_EQ(find.keys, wire_find().keys);
  const std::vector<std::vector<CaseId>> cases{{}, {wire_case, CaseId(0x34)}, {CaseId(1)}};
  EXPECT_EQ(crossed(msg::HeldFound{std::nullopt, cases}).cases, cases);
  expect_same(crossed(msg::HeldFound{Error{Errc::unavailable, "moved"}, {}}).error, Errc::unavailable, "moved");
  const auto read = crossed(msg::ReadHeld{{{7, 3}}, {wire_case, CaseId(9)}});
  EXPECT_EQ(read.shards, (std::vector<HeldShard>{{7, 3}}));
  EXPECT_EQ(read.ids, (std::vector<CaseId>{wire_case, CaseId(9)}));
  const std::vector<std::string> views{"", std::string("a\0b", 3)};
  EXPECT_EQ(crossed(msg::HeldRead{std::nullopt, views}).views, views);
  expect_same(crossed(msg::HeldRead{Error{Errc::unavailable, "moved"}, {}}).error, Errc::unavailable, "moved");
}

TEST(RegionCodec, KeysOfAnUnknownKindAreDamage) {
  auto question = wire_find();
  question.keys.front().kind = static_cast<LookupKind>(3);
  const auto read = decode_region<msg::FindHeld>(encode_region(question, sender_clock), receiver_clock);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().detail, "a key of an unknown kind");
}

/// Bytes with one byte changed, or cut short: refused, or read as the same length of sense; never a crash.
template <class Message>
void damage(const Message& message, Rng& rng) {
  const std::string bytes = encode_region(message, sender_clock);
  for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 200) {
    EXPECT_FALSE(decode_region<Message>(bytes.substr(0, length), receiver_clock).ok()) << length;
  }
  EXPECT_FALSE(decode_region<Message>(bytes + '\0', receiver_clock).ok());
  for (int round = 0; round < 500; ++round) {
    std::string damaged = bytes;
    damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
    const auto read = decode_region<Message>(damaged, sender_clock);
    if (read.ok()) {
      EXPECT_TRUE(decode_region<Message>(encode_region(*read, sender_clock), sender_clock).ok());
    }
  }
  std::string newer = bytes;
  newer[0] = static_cast<char>(newer[0] + 1);
  const auto refused = decode_region<Message>(newer, receiver_clock);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().detail.find("this node speaks"), std::string::npos);
}

TEST(RegionCodec, DamagedBytesAreRefused) {
  Rng rng(11);
  damage(wire_rows(), rng);
  damage(wire_census(), rng);
  damage(wire_second_leg(), rng);
  damage(wire_view(), rng);
  damage(wire_queue(), rng);
  damage(wire_find(), rng);
  damage(msg::HeldFound{std::nullopt, {{}, {wire_case, CaseId(0x34)}}}, rng);
  damage(msg::ReadHeld{{{7, 3}}, {wire_case, CaseId(9)}}, rng);
  damage(msg::HeldRead{std::nullopt, {"", "a view"}}, rng);
  damage(msg::AliasMade{wire_facts(), std::nullopt}, rng);
  damage(msg::Answer{Error{Errc::not_found, "no such case"}, "said"}, rng);
}

TEST(RegionCodec, ACommandOfAnotherShardIsSeen) {
  EXPECT_TRUE(is_all_in_shard(wire_rows(), 0x34));
  auto rows = wire_rows();
  rows.rows.emplace_back(CaseId(0x35), ImportRow{});
  EXPECT_FALSE(is_all_in_shard(rows, 0x34));
  EXPECT_FALSE(is_all_in_shard(msg::JudgeCases{{CaseId(1)}}, 0x34));
  EXPECT_TRUE(is_all_in_shard(msg::GetCase{wire_case}, 0x34));
  EXPECT_FALSE(is_all_in_shard(msg::GetCase{wire_case}, 0x35));
  EXPECT_TRUE(is_all_in_shard(msg::GetQueue{}, 9));
}

}  // namespace
}  // namespace dunlin::test
