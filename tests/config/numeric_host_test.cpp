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

}  // namespace
}  // namespace dunlin
