#include "core/cluster/link_hello.hpp"

#include <gtest/gtest.h>

#include "core/base/archive.hpp"

namespace dunlin {
namespace {

LinkHello hello_of(const std::string& node) { return {"north", node, "store-of-" + node, 77, {2, 3}}; }

TEST(LinkHello, ReadsWhatItWrote) {
  const auto read = decode_link_hello(encode(hello_of("n1")));
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(*read, hello_of("n1"));
}

TEST(LinkHello, PassesOverWhatALaterVersionAppends) {
  Encoder later;
  later(std::string("dunlin-link"), std::string("north"), std::string("n1"), std::string("s"), std::uint64_t{5}, std::uint16_t{8}, std::uint16_t{9},
        std::string("fields of a later version"));
  const auto read = decode_link_hello(later.take());
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->protocol, (ProtocolRange{8, 9}));
}

TEST(LinkHello, RefusesDamage) {
  const auto bytes = encode(hello_of("n1"));
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(decode_link_hello(bytes.substr(0, length)).ok()) << length;
  EXPECT_EQ(decode_link_hello("GET / HTTP/1.1").error().detail, "not the hello of a node");
  auto nameless = hello_of("n1");
  nameless.store_id.clear();
  EXPECT_FALSE(decode_link_hello(encode(nameless)).ok());
  auto long_name = hello_of(std::string(max_hello_text + 1, 'n'));
  EXPECT_FALSE(decode_link_hello(encode(long_name)).ok());
  auto backwards = hello_of("n1");
  backwards.protocol = {3, 2};
  EXPECT_FALSE(decode_link_hello(encode(backwards)).ok());
}

TEST(LinkHello, NeighboursAgreeOnTheNewestVersionBothSpeak) {
  auto older = hello_of("n2");
  older.protocol = {1, 2};
  const auto agreed = check_hello(hello_of("n1"), older, "n2");
  ASSERT_TRUE(agreed.ok()) << agreed.error().detail;
  EXPECT_EQ(*agreed, 2);
  EXPECT_EQ(*check_hello(hello_of("n1"), hello_of("n2"), ""), 3);
}

TEST(LinkHello, RefusesWithTheSentenceAnOperatorNeeds) {
  const LinkHello own = hello_of("n1");
  LinkHello foreign = hello_of("n2");
  foreign.cluster_id = "south";
  LinkHello copied = hello_of("n2");
  copied.store_id = own.store_id;
  LinkHello ancient = hello_of("n2");
  ancient.protocol = {1, 1};
  const struct {
    LinkHello theirs;
    std::string expected;
    Errc code;
    std::string says;
  } rows[] = {
      {foreign, "n2", Errc::denied, "node n2 belongs to cluster south, this one to north: correct the cluster's name or the address in one of them"},
      {hello_of("n1"), "", Errc::conflict, "two nodes are named n1: give one of them another name"},
      {copied, "n2", Errc::conflict, "nodes n1 and n2 have the same store: one data folder is a copy; empty it, so that it is seeded anew"},
      {hello_of("n3"), "n2", Errc::conflict, "node n3 answers where node n2 is said to be: correct the address"},
      {ancient, "n2", Errc::invalid_input, "node n2 speaks version 1 of the link, this one 2 to 3: upgrade the older one"},
  };
  for (const auto& row : rows) {
    const auto agreed = check_hello(own, row.theirs, row.expected);
    ASSERT_FALSE(agreed.ok()) << row.says;
    EXPECT_EQ(agreed.error().code, row.code) << row.says;
    EXPECT_EQ(agreed.error().detail, row.says);
  }
}

}  // namespace
}  // namespace dunlin
