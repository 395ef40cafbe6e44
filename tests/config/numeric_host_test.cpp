#include "config/numeric_host.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dunlin {
namespace {

TEST(NumericHost, IsTheAddressWithoutPortAndBrackets) {
  EXPECT_EQ(numeric_host("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(numeric_host("203.0.113.7:5060"), "203.0.113.7");
  EXPECT_EQ(numeric_host("[2001:db8::7]"), "2001:db8::7");
  EXPECT_EQ(numeric_host("[2001:db8::7]:5060"), "2001:db8::7");
}

TEST(NumericHost, IsEmptyForEverythingElse) {
  using namespace std::string_literals;
  const std::vector<std::string> others{"", ":", ":5060", "sip.example.org", "sip.example.org:5060", "203.0.113", "203.0.113.7:", "203.0.113.7:70000",
                                        "203.0.113.7:5060x", "2001:db8::7", "[2001:db8::7", "[203.0.113.7]", "[2001:db8::7]5060", "[]:5060",
                                        "203.0.113.7\0.evil"s, "203.0.113.7\r\na=x", " 203.0.113.7"};
  for (const std::string& text : others) EXPECT_EQ(numeric_host(text), "") << text;
}

TEST(NumericHost, AnAddressAloneHasNoPort) {
  for (const char* good : {"203.0.113.7", "2001:db8::7", "0.0.0.0"}) EXPECT_TRUE(is_numeric_address(good)) << good;
  for (const char* bad : {"", "hello", "203.0.113.7:5060", "[2001:db8::7]", "203.0.113"}) EXPECT_FALSE(is_numeric_address(bad)) << bad;
}

TEST(NumericHost, AllAddressesOfTheMachineAreTold) {
  for (const char* any : {"0.0.0.0", "::", "0:0:0:0:0:0:0:0"}) EXPECT_TRUE(is_any_address(any)) << any;
  for (const char* one : {"0.0.0.1", "::1", "", "hello"}) EXPECT_FALSE(is_any_address(one)) << one;
}

TEST(NumericHost, ANetworkHasNoBitsBelowItsPrefix) {
  for (const char* good : {"10.0.0.0/8", "192.0.2.7", "192.0.2.7/32", "2001:db8::/32", "0.0.0.0/0", "::/0", "::1"}) EXPECT_TRUE(is_network(good)) << good;
  for (const char* bad : {"", "zz", "10.0.0.0/99", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "2001:db8::/129", "2001:db8::1/32", "/8"}) {
    EXPECT_FALSE(is_network(bad)) << bad;
  }
}

}  // namespace
}  // namespace dunlin
