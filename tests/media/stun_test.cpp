// STUN of ICE checks against the sample messages of RFC 5769 and against what strangers may send.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/stun.hpp"

namespace dunlin {
namespace {

constexpr std::string_view sample_password = "VOkJxbRl1RmTxUk/WvJxBt";

/// RFC 5769 §2.1, sample request.
const std::vector<std::uint8_t> sample_request{
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00,
    0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00,
    0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a,
    0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5,
    0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

/// RFC 5769 §2.2, sample IPv4 response.
const std::vector<std::uint8_t> sample_response{
    0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
    0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08,
    0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3,
    0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96};

/// RFC 5769 §2.3, sample IPv6 response.
const std::vector<std::uint8_t> sample_response_v6{
    0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b,
    0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa,
    0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14, 0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1,
    0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2, 0x75, 0xbf, 0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c};

TEST(Stun, ReadsTheSampleRequestOfRfc5769) {
  const auto message = parse_stun(sample_request);
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_EQ(message->kind, StunKind::binding_request);
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->priority, 0x6e0001ffu);
  EXPECT_TRUE(message->is_controlled);
  EXPECT_FALSE(message->is_controlling);
  EXPECT_TRUE(message->has_fingerprint);
  EXPECT_EQ(message->unknown_attribute, 0) << "SOFTWARE need not be understood";
  EXPECT_TRUE(has_integrity(*message, sample_request, sample_password));
  EXPECT_FALSE(has_integrity(*message, sample_request, "VOkJxbRl1RmTxUk/WvJxBT"));
  EXPECT_FALSE(has_integrity(*message, sample_request, ""));
}

TEST(Stun, ReadsTheSampleResponsesOfRfc5769) {
  const auto v4 = parse_stun(sample_response);
  ASSERT_TRUE(v4) << v4.error().detail;
  EXPECT_EQ(v4->kind, StunKind::binding_success);
  EXPECT_EQ(v4->mapped_address->text(), "192.0.2.1:32853");
  EXPECT_TRUE(has_integrity(*v4, sample_response, sample_password));
  const auto v6 = parse_stun(sample_response_v6);
  ASSERT_TRUE(v6) << v6.error().detail;
  EXPECT_EQ(v6->mapped_address->text(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  EXPECT_TRUE(has_integrity(*v6, sample_response_v6, sample_password));
}

TEST(Stun, AnyFlippedBitIsRefused) {
  for (std::size_t at = 0; at < sample_request.size(); ++at) {
    auto spoilt = sample_request;
    spoilt[at] ^= 0x10;
    const auto message = parse_stun(spoilt);
    EXPECT_FALSE(message && message->has_fingerprint && has_integrity(*message, spoilt, sample_password)) << "byte " << at;
  }
}

TEST(Stun, AnyShorterMessageIsRefused) {
  for (std::size_t size = 0; size < sample_request.size(); ++size) {
    EXPECT_FALSE(parse_stun(std::span(sample_request).first(size))) << size << " bytes";
  }
}

TEST(Stun, WritesAResponseTheOtherSideCanCheck) {
  for (const char* address : {"192.0.2.7", "2001:db8::7"}) {
    const auto from = *UdpAddress::parse(address, 40123);
    std::array<std::uint8_t, max_stun_response> buffer{};
    const StunTransaction transaction{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const auto bytes = write_stun_success(transaction, from, "our password", buffer);
    const auto message = parse_stun(bytes);
    ASSERT_TRUE(message) << message.error().detail;
    EXPECT_EQ(message->kind, StunKind::binding_success);
    EXPECT_EQ(message->transaction, transaction);
    EXPECT_EQ(message->mapped_address->text(), from.text());
    EXPECT_TRUE(message->has_fingerprint);
    EXPECT_TRUE(has_integrity(*message, bytes, "our password"));
  }
}

TEST(Stun, WritesRefusals) {
  const StunTransaction transaction{7};
  for (const auto code : {StunErrorCode::bad_request, StunErrorCode::unauthenticated, StunErrorCode::unknown_attribute, StunErrorCode::role_conflict}) {
    std::array<std::uint8_t, max_stun_response> buffer{};
    const bool is_signed = code == StunErrorCode::role_conflict;
    const auto bytes = write_stun_error(transaction, code, 0x7FFE, is_signed ? "our password" : "", buffer);
    const auto message = parse_stun(bytes);
    ASSERT_TRUE(message) << message.error().detail;
    EXPECT_EQ(message->kind, StunKind::binding_error);
    EXPECT_EQ(message->error_code, static_cast<std::uint16_t>(code));
    EXPECT_EQ(has_integrity(*message, bytes, "our password"), is_signed);
  }
}

TEST(Stun, ACheckSaysWhatItMeans) {
  std::array<std::uint8_t, max_stun_request> buffer{};
  const auto bytes = write_stun_check({{9}, "ours:theirs", "secret", 77, true, false}, buffer);
  const auto message = parse_stun(bytes);
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_EQ(message->username, "ours:theirs");
  EXPECT_EQ(message->priority, 77u);
  EXPECT_TRUE(message->has_use_candidate);
  EXPECT_TRUE(message->is_controlling);
  EXPECT_TRUE(has_integrity(*message, bytes, "secret"));
  EXPECT_TRUE(write_stun_check({{9}, std::string(65, 'u'), "secret", 77, true, false}, buffer).empty());
}

TEST(Stun, WhatFollowsTheIntegrityCountsForNothing) {
  std::array<std::uint8_t, max_stun_request> buffer{};
  const auto check = write_stun_check({{9}, "ours:theirs", "secret", 77, false, false}, buffer);
  std::vector<std::uint8_t> longer(check.begin(), check.end() - 8);  // Without FINGERPRINT.
  longer.insert(longer.end(), {0x00, 0x25, 0x00, 0x00});
  longer[3] = static_cast<std::uint8_t>(longer.size() - 20);
  const auto message = parse_stun(longer);
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_FALSE(message->has_use_candidate) << "nobody vouches for it";
}

TEST(Stun, AnAttributeThatMustBeUnderstoodIsTold) {
  std::vector<std::uint8_t> request(sample_request.begin(), sample_request.begin() + 20);
  request.insert(request.end(), {0x7F, 0xFE, 0x00, 0x01, 0xAA, 0, 0, 0});
  request[3] = 8;
  const auto message = parse_stun(request);
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_EQ(message->unknown_attribute, 0x7FFE);
  EXPECT_FALSE(message->has_fingerprint);
  request[23] = 0x20;  // Longer than the message.
  EXPECT_FALSE(parse_stun(request));
}

}  // namespace
}  // namespace dunlin
