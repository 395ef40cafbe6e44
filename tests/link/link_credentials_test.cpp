// What a node checks of its own certificate before it listens, and the addresses it takes.
#include "cluster/link_credentials.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/link/link_rig.hpp"

namespace dunlin::test {
namespace {

std::string refusal_of(const LinkCredentials& files) {
  const auto sealed = SealedCredentials::take(files, SystemClock().now_utc());
  return sealed ? "" : sealed.error().detail;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(LinkCredentials, NothingStartsWithoutAllThree) {
  const TestAuthority authority;
  const auto good = authority.issue();
  EXPECT_EQ(refusal_of(good), "");
  EXPECT_EQ(refusal_of({}), "the link between nodes needs a certificate: set cluster.certificate");
  EXPECT_EQ(refusal_of({good.certificate, "", good.authority}), "the link between nodes needs a private key: set cluster.key");
  EXPECT_EQ(refusal_of({good.certificate, good.key, ""}), "the link between nodes needs the cluster's authority: set cluster.authority");
  EXPECT_EQ(refusal_of({"/nowhere.pem", good.key, good.authority}), "a certificate /nowhere.pem cannot be read");
}

TEST(LinkCredentials, WhatDoesNotFitIsNamedWithItsRepair) {
  const TestAuthority authority;
  const TestAuthority foreign;
  const auto good = authority.issue({"good"});
  const auto other = authority.issue({"other"});
  const auto strange = foreign.issue({"strange"});
  const struct {
    LinkCredentials files;
    std::string says;
  } rows[] = {
      {{good.certificate, other.key, good.authority}, "does not belong to certificate"},
      {{strange.certificate, strange.key, good.authority}, "the cluster's authority did not make it"},
      {authority.issue({"expired", -7'200, -3'600}), "it has expired"},
      {authority.issue({"early", 3'600, 7'200}), "it is not valid yet"},
      {authority.issue({"server", -3'600, 3'600, "serverAuth"}), "a node needs both"},
      {{good.key, good.key, good.authority}, "no certificate in"},
      {{good.certificate, good.certificate, good.authority}, "no private key"},
  };
  for (const auto& row : rows) EXPECT_NE(refusal_of(row.files).find(row.says), std::string::npos) << row.says << " / " << refusal_of(row.files);
}

TEST(LinkCredentials, WhatWasCheckedIsWhatIsUsed) {
  const TestAuthority authority;
  const auto files = authority.issue();
  const std::string before = bytes_of(files.certificate);
  const auto sealed = SealedCredentials::take(files, SystemClock().now_utc());
  ASSERT_TRUE(sealed.ok());
  std::ofstream(files.certificate) << "overwritten";
  EXPECT_EQ(bytes_of(sealed->paths().certificate), before);
  std::ofstream(sealed->paths().certificate) << "overwritten";
  EXPECT_EQ(bytes_of(sealed->paths().certificate), before);
}

TEST(LinkAddress, IsNumericWithAPort) {
  EXPECT_EQ(*parse_link_address("10.0.0.1:7400"), (LinkAddress{"10.0.0.1", 7400}));
  EXPECT_EQ(*parse_link_address("[::1]:7400"), (LinkAddress{"::1", 7400}));
  for (const char* wrong : {"", ":", "10.0.0.1", "10.0.0.1:", "10.0.0.1:70000", "node-1:7400", "::1:7400", "[10.0.0.1]:7400", "10.0.0.1:7400x", ":7400"}) {
    EXPECT_FALSE(parse_link_address(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace dunlin::test
