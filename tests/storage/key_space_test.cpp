#include "storage/key_space.hpp"

#include <gtest/gtest.h>

namespace dunlin::key_space {
namespace {

TEST(KeySpace, ByteOrderIsNumberOrder) {
  EXPECT_LT(event(1, 255), event(1, 256));
  EXPECT_LT(event(1, ~std::uint64_t{0}), event(2, 0));
  EXPECT_LT(case_index(CaseId(256), 255), case_index(CaseId(256), 256));
  EXPECT_LT(event(255, 1), meta("format"));
}

TEST(KeySpace, AShardIsOneRange) {
  const CaseId case_id(3 * shard_count + 5);
  const auto from = std::string("\x00\x05", 2);
  const auto to = after_prefix(from);
  for (const auto& key : {event(5, 1), head(5), case_index(case_id, 1), view(case_id), due(case_id),
                          case_lookups(case_id), case_key(case_id)}) {
    EXPECT_GE(key, from);
    EXPECT_LT(key, to);
  }
}

TEST(KeySpace, PartsReadBack) {
  const CaseId case_id(77);
  Hash hash{};
  hash.fill(0xab);
  EXPECT_EQ(sequence_of_event(event(3, 99)), 99u);
  EXPECT_EQ(version_of_index(case_index(case_id, 12)), 12u);
  EXPECT_EQ(case_of(view(case_id)), case_id);
  EXPECT_EQ(case_of_lookup(lookup(LookupKind::external_id, hash, case_id)), case_id);
  EXPECT_EQ(lookup_of_former_row(former_case_lookup(case_id, LookupKind::person_key, hash)), (CaseLookup{LookupKind::person_key, hash}));
  EXPECT_EQ(id_of_document(document("campaign", "a\0b")), "a");
}

TEST(KeySpace, ForeignOrShortKeysGiveNothing) {
  for (const std::string key : {"", "a", "abc", "\x01\x01" "e123", "\x01\x01" "i12345678"}) {
    EXPECT_FALSE(sequence_of_event(key).has_value());
    EXPECT_FALSE(version_of_index(key).has_value());
    EXPECT_FALSE(case_of_lookup(key).has_value());
    EXPECT_FALSE(lookup_of_former_row(key).has_value());
    EXPECT_FALSE(id_of_document(key).has_value());
  }
}

TEST(KeySpace, OnlyALookupBeginsWithOne) {
  Hash hash{};
  hash.fill('l');
  const auto whole = lookup_prefix(LookupKind::phone, hash);
  EXPECT_EQ(whole.size(), lookup_prefix_size);
  EXPECT_TRUE(begins_with_lookup(whole));
  EXPECT_TRUE(begins_with_lookup(lookup(LookupKind::phone, hash, CaseId(7))));
  EXPECT_FALSE(begins_with_lookup(whole.substr(0, whole.size() - 1)));
  const auto own = former_case_lookup(CaseId(7), LookupKind::phone, hash);
  for (const auto& key : {std::string(), std::string("l"), own, document("l", std::string(40, 'l')), meta(std::string(40, 'l'))}) {
    EXPECT_FALSE(begins_with_lookup(key)) << key;
  }
}

TEST(KeySpace, EndOfAPrefixIsAfterAllItsKeys) {
  EXPECT_EQ(after_prefix("ab"), "ac");
  EXPECT_EQ(after_prefix("a\xff"), "b");
  EXPECT_EQ(after_prefix("\xff\xff"), "");
}

TEST(KeySpace, NamesAreShortAndPlain) {
  EXPECT_TRUE(is_name("campaign_2"));
  for (const std::string_view text : {"", "Campaign", "a b", "a-b"}) EXPECT_FALSE(is_name(text)) << text;
  EXPECT_FALSE(is_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace dunlin::key_space
