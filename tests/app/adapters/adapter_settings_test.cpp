// What the SIP edge is told of a trunk's options, from the text of the settings on.
#include <gtest/gtest.h>

#include "app/adapter_settings.hpp"

namespace dunlin {
namespace {

/// The trunk as the SIP edge gets it; the option is a line of its [[trunk]].
TrunkSettings trunk_with(const std::string& option) {
  const auto loaded = parse_settings("[[trunk]]\nname = \"north\"\naddress = \"192.0.2.1:5060\"\n" + option + "\n", "node.toml", {});
  EXPECT_TRUE(loaded.ok()) << loaded.error().detail;
  if (!loaded) return {};
  const auto sip = sip_settings(loaded->settings, "/nowhere");
  EXPECT_TRUE(sip.ok());
  return sip && sip->trunks.size() == 1 ? sip->trunks.front() : TrunkSettings{};
}

TEST(SipSettings, ATrunkSaysHowItTakesReliableReplies) {
  EXPECT_EQ(trunk_with("").reliability, Reliability::supported);
  EXPECT_EQ(trunk_with("reliability = \"supported\"").reliability, Reliability::supported);
  EXPECT_EQ(trunk_with("reliability = \"off\"").reliability, Reliability::off);
  EXPECT_EQ(trunk_with("reliability = \"required\"").reliability, Reliability::required);
}

TEST(SipSettings, TheCallerIdGoesWhereTheCarrierLooksForIt) {
  EXPECT_EQ(trunk_with("").caller_id_header, CallerIdHeader::from);
  EXPECT_EQ(trunk_with("caller_id_header = \"pai\"").caller_id_header, CallerIdHeader::p_asserted_identity);
  EXPECT_EQ(trunk_with("caller_id_header = \"rpid\"").caller_id_header, CallerIdHeader::remote_party_id);
}

TEST(SipSettings, NumbersAreWrittenAsTheCarrierWantsThem) {
  EXPECT_EQ(trunk_with("").number_format, NumberFormat::plus_e164);
  EXPECT_EQ(trunk_with("number_format = \"national8\"").number_format, NumberFormat::national_8);
  EXPECT_EQ(trunk_with("number_format = \"plain7\"").number_format, NumberFormat::digits);
  EXPECT_EQ(trunk_with("number_prefix = \"055\"").number_prefix, "055");
}

}  // namespace
}  // namespace dunlin
