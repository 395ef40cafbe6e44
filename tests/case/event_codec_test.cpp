#include "core/case/event_codec.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/case/random_values.hpp"

namespace dunlin {
namespace {

constexpr std::size_t known_types = std::variant_size_v<CaseEvent> - 1;

template <std::size_t... Index>
std::vector<CaseEvent> one_of_each(std::uint64_t seed, std::index_sequence<Index...>) {
  return {test::random_event<Index>(seed + Index)...};
}

std::vector<CaseEvent> one_of_each(std::uint64_t seed) {
  return one_of_each(seed, std::make_index_sequence<known_types>{});
}

TEST(EventCodec, EveryEventComesBackEqual) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const CaseEvent& event : one_of_each(seed)) {
      const EventDraft draft = encode(event, UtcTime{1});
      const auto decoded = decode(draft.type, draft.body);
      ASSERT_TRUE(decoded.ok()) << event_name(draft.type) << " seed " << seed << ": " << decoded.error().detail;
      EXPECT_TRUE(*decoded == event) << event_name(draft.type) << " seed " << seed;
    }
  }
}

TEST(EventCodec, EveryTypeHasItsOwnNumberAndName) {
  std::set<std::uint16_t> numbers;
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < known_types; ++i) {
    EXPECT_TRUE(numbers.insert(event_type_at(i)).second) << i;
    EXPECT_TRUE(names.insert(event_name(event_type_at(i))).second) << i;
  }
  EXPECT_EQ(names.count("unknown"), 0U);
}

TEST(EventCodec, StoredNumbersNeverChange) {
  EXPECT_EQ(event_type(CaseOpened{}), 1);
  EXPECT_EQ(event_type(PlanChanged{}), 7);
  EXPECT_EQ(event_type(AttemptReserved{}), 10);
  EXPECT_EQ(event_type(SecondLegCommitted{}), 12);
  EXPECT_EQ(event_type(AttemptSettled{}), 15);
  EXPECT_EQ(event_type(AttemptReconciled{}), 18);
  EXPECT_EQ(event_type(PromiseMade{}), 20);
  EXPECT_EQ(event_type(RestrictionSet{}), 30);
  EXPECT_EQ(event_type(CaseMerged{}), 50);
  EXPECT_EQ(event_type(NoteAdded{}), 60);
}

TEST(EventCodec, RefusesEveryTruncation) {
  for (const CaseEvent& event : one_of_each(7)) {
    const EventDraft draft = encode(event, UtcTime{1});
    for (std::size_t size = 0; size < draft.body.size(); ++size) {
      const auto decoded = decode(draft.type, std::string_view(draft.body).substr(0, size));
      EXPECT_FALSE(decoded.ok()) << event_name(draft.type) << " cut to " << size;
    }
  }
}

TEST(EventCodec, WhatItAcceptsItWritesBackByteForByte) {
  Rng rng(11);
  int accepted = 0;
  for (int round = 0; round < 200; ++round) {
    for (const CaseEvent& event : one_of_each(static_cast<std::uint64_t>(round) * 100)) {
      EventDraft draft = encode(event, UtcTime{1});
      for (std::uint64_t i = rng.below(3); i > 0; --i) {
        draft.body[static_cast<std::size_t>(rng.below(draft.body.size()))] = static_cast<char>(rng.below(256));
      }
      const auto decoded = decode(draft.type, draft.body);
      if (!decoded.ok()) continue;
      const std::string again = encode(*decoded, UtcTime{1}).body;
      if (again[0] != draft.body[0]) continue;  // An older encoding is written anew.
      ++accepted;
      EXPECT_EQ(again, draft.body) << event_name(draft.type);
    }
  }
  EXPECT_GT(accepted, 0);
}

TEST(EventCodec, ReadsTheEncodingBefore) {
  const auto decoded = decode(encode(NoteAdded{}, UtcTime{1}).type, std::string("\x01\0\0", 3));
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_EQ(encode(*decoded, UtcTime{1}).body, std::string("\x03\0\0", 3));
}

TEST(EventCodec, RefusesBytesAfterTheEnd) {
  EventDraft draft = encode(NoteAdded{"agent", "text"}, UtcTime{1});
  EXPECT_EQ(decode(draft.type, draft.body + '\0').error().code, Errc::corrupt);
}

TEST(EventCodec, RefusesANewerVersionOfAKnownType) {
  EventDraft draft = encode(NoteAdded{"agent", "text"}, UtcTime{1});
  draft.body[0] = 4;
  const auto decoded = decode(draft.type, draft.body);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, Errc::corrupt);
  EXPECT_NE(decoded.error().detail.find("version 4"), std::string::npos);
}

TEST(EventCodec, ReadsAReservationOfTheVersionBeforeScores) {
  AttemptReserved reserved;
  reserved.attempt = AttemptId(7);
  reserved.number = *PhoneNumber::from_e164("+79005550101");
  reserved.answer_score_permille = 0;
  reserved.proof.inputs = "kept";
  EventDraft draft = encode(reserved, UtcTime{1});
  draft.body[0] = 2;
  draft.body.pop_back();  // No model is the last byte.
  const auto decoded = decode(draft.type, draft.body);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_EQ(std::get<AttemptReserved>(*decoded), reserved);
}

TEST(EventCodec, ReadsAttemptsOfTheVersionBeforeScores) {
  CaseMerged merged;
  merged.facts.attempts.resize(1);
  EventDraft draft = encode(merged, UtcTime{1});
  AttemptRow row;
  Encoder with_score;
  with_score(row);
  const std::string row_bytes = with_score.take();
  const std::size_t place = draft.body.find(row_bytes);
  ASSERT_NE(place, std::string::npos);
  draft.body.erase(place + row_bytes.size() - 1, 1);  // No score is the last byte of the row.
  draft.body[0] = 2;
  const auto decoded = decode(draft.type, draft.body);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_EQ(std::get<CaseMerged>(*decoded), merged);
}

TEST(EventCodec, ReadsADecisionOfTheVersionBeforeInputs) {
  AttemptDenied denied;
  denied.decision.rule_set_version = "old";
  EventDraft draft = encode(denied, UtcTime{1});
  draft.body[0] = 1;
  draft.body.pop_back();  // The empty inputs are the last byte.
  const auto decoded = decode(draft.type, draft.body);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_EQ(std::get<AttemptDenied>(*decoded), denied);
}

TEST(EventCodec, KeepsAnUnknownTypeAsBytes) {
  const std::string body("\x07" "anything", 9);
  const auto decoded = decode(999, body);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(std::get<UnknownEvent>(*decoded), (UnknownEvent{999, body}));
  const EventDraft again = encode(*decoded, UtcTime{1});
  EXPECT_EQ(again.type, 999);
  EXPECT_EQ(again.body, body);
}

TEST(EventCodec, AFalseCountAllocatesNothing) {
  // The version, then a text that claims to be 2^60 bytes long.
  std::string body("\x01", 1);
  body += std::string("\xff\xff\xff\xff\xff\xff\xff\xff\x0f", 9);
  EXPECT_EQ(decode(static_cast<std::uint16_t>(EventType::note_added), body).error().code, Errc::corrupt);
}

TEST(EventCodec, ViewsComeBackEqualAndWithEqualBytes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CaseRecord record;
    test::RandomFiller filler(seed);
    filler(record);
    const std::string bytes = encode_view(record);
    const auto decoded = decode_view(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
    EXPECT_TRUE(*decoded == record);
    EXPECT_EQ(encode_view(*decoded), bytes);
    EXPECT_FALSE(decode_view(std::string_view(bytes).substr(0, bytes.size() - 1)).ok());
  }
}

TEST(EventCodec, ReadsAViewOfTheVersionBeforeScores) {
  CaseRecord record;
  record.id = CaseId(3);
  std::string bytes = encode_view(record);
  bytes[0] = 1;
  const auto decoded = decode_view(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_EQ(*decoded, record);
  EXPECT_EQ(encode_view(*decoded)[0], 3);
}

TEST(Bytes, VarintsRefusePaddedAndOversizedForms) {
  struct Row {
    std::string bytes;
    bool is_good;
  };
  const std::vector<Row> rows{{std::string("\x00", 1), true},
                              {std::string("\x80\x01", 2), true},
                              {std::string("\x80\x00", 2), false},
                              {std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10), true},
                              {std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10), false},
                              {std::string("\x80", 1), false}};
  for (const Row& row : rows) {
    ByteReader reader(row.bytes);
    reader.varint();
    EXPECT_EQ(reader.finish().ok(), row.is_good) << row.bytes.size();
  }
}

TEST(Bytes, NumbersComeBackFromBothEnds) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
    ByteWriter writer;
    writer.i64(value);
    writer.varint(zigzag(value));
    ByteReader reader(writer.bytes());
    EXPECT_EQ(reader.i64(), value);
    EXPECT_EQ(unzigzag(reader.varint()), value);
    EXPECT_TRUE(reader.finish().ok());
  }
}

}  // namespace
}  // namespace dunlin
