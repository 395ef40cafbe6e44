#include "storage/record_codec.hpp"

#include <gtest/gtest.h>

#include "storage/bytes.hpp"
#include "storage/crc32c.hpp"

namespace dunlin {
namespace {

EventRow event_row() { return {7, UtcTime{-5}, CaseId(42), 3, 1, "sealed"}; }

std::string with_checksum(std::string bytes) {
  const auto checksum = crc32c(bytes);
  return ByteWriter().raw(bytes).u32(checksum).take();
}

TEST(Crc32c, MatchesTheKnownVectors) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32c, TheInstructionAndTheTablesAgreeAtEveryLength) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(crc32c(bytes), portable_crc32c(bytes)) << bytes.size();
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST(RecordCodec, EveryRowReadsBack) {
  EXPECT_EQ(*decode_event_row(encode(event_row())), event_row());
  const HeadRow head{9, 4, std::string(32, 'c')};
  EXPECT_EQ(*decode_head_row(encode(head)), head);
  const ViewRow view{9, 2, ""};
  EXPECT_EQ(*decode_view_row(encode(view)), view);
  const DueRowSet due{{{CampaignId(), UtcTime{1}, -4}, {CampaignId(8), UtcTime{-1}, 4}}};
  EXPECT_EQ(*decode_due_rows(encode(due)), due);
  const DocumentRow document{1, "d"};
  EXPECT_EQ(*decode_document_row(encode(document)), document);
  const CaseKeyRow key{2, "w"};
  EXPECT_EQ(*decode_case_key_row(encode(key)), key);
  EXPECT_EQ(decode_meta_row(encode(MetaRow{"1"}))->value, "1");
  const CaseLookupsRow lookups{{{LookupKind::phone, {1}}, {LookupKind::phone, {2}}, {LookupKind::external_id, {1}}}};
  EXPECT_EQ(*decode_case_lookups_row(encode(lookups)), lookups);
  EXPECT_EQ(*decode_event_run(encode(EventRun{7, 3})), (EventRun{7, 3}));
  const CommitRow commit{CaseId(42), 5, 3, 1, "sealed"};
  EXPECT_EQ(*decode_commit_row(encode(commit)), commit);
  EXPECT_TRUE(is_commit_row(encode(commit)));
  EXPECT_FALSE(is_commit_row(encode(event_row())));
}

TEST(RecordCodec, EventsOfACommitReadBackAndAreNeverReadBeyondTheirEnd) {
  const std::vector<EventDraft> events = {{7, UtcTime{-5}, "one"}, {65535, UtcTime{9}, ""}, {1, UtcTime{0}, std::string(300, 'x')}};
  const std::string bytes = encode_events(events);
  const auto read = decode_events(bytes);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ((*read)[i].type, events[i].type);
    EXPECT_EQ((*read)[i].at, events[i].at);
    EXPECT_EQ((*read)[i].body, events[i].body);
  }
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto cut = decode_events(std::string_view(bytes).substr(0, size));
    EXPECT_TRUE(!cut.ok() || cut->size() < events.size()) << size;
  }
  EXPECT_EQ(decode_events(std::string(14, '\xff')).error().code, Errc::corrupt);
}

TEST(RecordCodec, LookupsOutOfOrderOrOfAnUnknownKindAreDamage) {
  const CaseLookupsRow twice{{{LookupKind::phone, {1}}, {LookupKind::phone, {1}}}};
  EXPECT_EQ(decode_case_lookups_row(encode(twice)).error().code, Errc::corrupt);
  const CaseLookupsRow unknown{{{static_cast<LookupKind>(9), {1}}}};
  EXPECT_EQ(decode_case_lookups_row(encode(unknown)).error().code, Errc::corrupt);
}

TEST(RecordCodec, ARunOfTheSecondFormatIsOneEvent) {
  EXPECT_EQ(*decode_event_run(ByteWriter().u64(9).take()), (EventRun{9, 1}));
  for (const auto& bytes : {std::string(), std::string(7, 'x'), std::string(11, 'x'), std::string(12, '\0'), std::string(13, 'x')}) {
    EXPECT_EQ(decode_event_run(bytes).error().code, Errc::corrupt) << bytes.size();
  }
}

TEST(RecordCodec, BytesOfAnEventRowAreStable) {
  const std::string expected = ByteWriter()
                                   .u8(1).u8(1)       // format, kind
                                   .u16(7).i64(-5).u64(42).u64(3).u16(1)
                                   .raw("sealed")
                                   .take();
  EXPECT_EQ(encode(event_row()), with_checksum(expected));
}

TEST(RecordCodec, NewerFormatIsDeniedWithAReason) {
  auto bytes = encode(event_row());
  bytes.resize(bytes.size() - 4);
  bytes[0] = 2;
  const auto row = decode_event_row(with_checksum(bytes));
  ASSERT_FALSE(row.ok());
  EXPECT_EQ(row.error().code, Errc::denied);
  EXPECT_NE(row.error().detail.find("newer"), std::string::npos);
}

TEST(RecordCodec, EveryTruncationIsCorrupt) {
  const auto bytes = encode(event_row());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto row = decode_event_row(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(row.ok()) << size;
    EXPECT_EQ(row.error().code, Errc::corrupt) << size;
  }
}

TEST(RecordCodec, EveryFlippedBitIsCorrupt) {
  const auto bytes = encode(event_row());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto row = decode_event_row(damaged);
    ASSERT_FALSE(row.ok()) << bit;
    EXPECT_EQ(row.error().code, Errc::corrupt) << bit;
  }
}

TEST(RecordCodec, RowOfAnotherKindIsCorrupt) {
  EXPECT_EQ(decode_view_row(encode(event_row())).error().code, Errc::corrupt);
  EXPECT_EQ(decode_event_row(encode(MetaRow{"x"})).error().code, Errc::corrupt);
}

TEST(RecordCodec, PayloadsOfWrongLengthAreCorrupt) {
  // Whole envelopes whose payload does not fit: kind, payload size.
  const std::vector<std::pair<int, std::size_t>> cases = {{1, 27}, {2, 47}, {2, 49}, {3, 9}, {4, 19}, {4, 21}, {5, 7}, {6, 1}, {9, 21}, {9, 22}};
  for (const auto& [kind, size] : cases) {
    const auto bytes =
        with_checksum(ByteWriter().u8(1).u8(static_cast<std::uint8_t>(kind)).raw(std::string(size, 'p')).take());
    EXPECT_FALSE(decode_event_row(bytes).ok()) << kind << " " << size;
    EXPECT_FALSE(decode_head_row(bytes).ok()) << kind << " " << size;
    EXPECT_FALSE(decode_view_row(bytes).ok()) << kind << " " << size;
    EXPECT_FALSE(decode_due_rows(bytes).ok()) << kind << " " << size;
    EXPECT_FALSE(decode_document_row(bytes).ok()) << kind << " " << size;
    EXPECT_TRUE(!decode_commit_row(bytes).ok() || (kind == 9 && size == 22)) << kind << " " << size;
    EXPECT_FALSE(decode_case_key_row(bytes).ok()) << kind << " " << size;
  }
}

}  // namespace
}  // namespace dunlin
