#include "sip/admission.hpp"

#include <gtest/gtest.h>

#include "sip/limits.hpp"
#include "sip/session_timer.hpp"
#include "sip/socket_filter.hpp"

namespace dunlin {
namespace {

MessageFacts from(const std::string& ip) {
  MessageFacts facts;
  facts.source = parse_ip(ip).value();
  facts.size = 500;
  facts.headers = 10;
  return facts;
}

AdmissionGate open_gate(int per_second = 5) {
  AdmissionSettings settings;
  settings.is_open = true;
  settings.requests_per_second = per_second;
  return AdmissionGate(settings);
}

TEST(Address, ReadsHostsAndPorts) {
  EXPECT_EQ(parse_host_port("sip.example:5080")->port, 5080);
  EXPECT_EQ(parse_host_port("[2001:db8::1]:5060")->uri_host(), "[2001:db8::1]");
  EXPECT_TRUE(parse_host_port("192.0.2.1")->is_numeric);
  for (const auto* bad : {"", ":5060", "[::1", "a b", "host:99999", "host:x", "sip.example;transport=udp"}) {
    EXPECT_FALSE(parse_host_port(bad).ok()) << bad;
  }
}

TEST(Cidr, ContainsItsNetworkOnly) {
  struct Row { const char* cidr; const char* inside; const char* outside; };
  for (const auto& row : {Row{"10.0.0.0/8", "10.255.1.1", "11.0.0.0"}, Row{"192.0.2.7", "192.0.2.7", "192.0.2.8"},
                          Row{"192.0.2.128/25", "192.0.2.200", "192.0.2.100"}, Row{"2001:db8::/32", "2001:db8:1::", "2001:db9::"},
                          Row{"0.0.0.0/0", "8.8.8.8", "2001:db8::1"}}) {
    const auto cidr = parse_cidr(row.cidr);
    ASSERT_TRUE(cidr.ok()) << row.cidr;
    EXPECT_TRUE(cidr->contains(parse_ip(row.inside).value())) << row.cidr;
    EXPECT_FALSE(cidr->contains(parse_ip(row.outside).value())) << row.cidr;
  }
  for (const auto* bad : {"10.0.0.1/8", "10.0.0.0/33", "x/8", "10.0.0.0/-1", ""}) EXPECT_FALSE(parse_cidr(bad).ok()) << bad;
}

TEST(Admission, KeepsStrangersOut) {
  AdmissionSettings settings;
  settings.allowed = {parse_cidr("192.0.2.0/24").value()};
  AdmissionGate gate(settings);
  EXPECT_EQ(gate.judge(from("192.0.2.5"), {0}), Admission::admitted);
  EXPECT_EQ(gate.judge(from("198.51.100.5"), {0}), Admission::stranger);
  EXPECT_EQ(gate.count(Admission::stranger), 1U);
}

AdmissionGate gate_of_connections(int per_source, int total) {
  AdmissionSettings settings;
  settings.is_open = true;
  settings.connections_per_second = per_source;
  settings.total_connections_per_second = total;
  return AdmissionGate(settings);
}

int admitted_connections(AdmissionGate& gate, const std::string& ip, int tries, MonoTime now) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) admitted += gate.judge_connection(parse_ip(ip).value(), now) == Admission::admitted ? 1 : 0;
  return admitted;
}

TEST(Admission, LimitsNewConnectionsOfOneSource) {
  auto gate = gate_of_connections(2, 1000);
  EXPECT_EQ(admitted_connections(gate, "192.0.2.1", 100, {0}), 20) << "a burst of ten seconds' worth";
  EXPECT_EQ(admitted_connections(gate, "192.0.2.1", 100, {1000}), 2) << "then the rate";
  EXPECT_EQ(admitted_connections(gate, "192.0.2.2", 100, {1000}), 20) << "others are not touched by it";
}

TEST(Admission, LimitsNewConnectionsOfAllSourcesTogether) {
  auto gate = gate_of_connections(2, 3);
  int admitted = 0;
  for (int source = 1; source <= 10; ++source) admitted += admitted_connections(gate, "192.0.2." + std::to_string(source), 20, {0});
  EXPECT_EQ(admitted, 30);
}

TEST(Admission, RefusesConnectionsOfABannedSource) {
  auto gate = gate_of_connections(0, 0);
  gate.ban(parse_ip("192.0.2.1").value(), {5000});
  EXPECT_EQ(gate.judge_connection(parse_ip("192.0.2.1").value(), {4999}), Admission::banned);
  EXPECT_EQ(gate.judge_connection(parse_ip("192.0.2.1").value(), {5000}), Admission::admitted);
  EXPECT_EQ(admitted_connections(gate, "192.0.2.2", 1000, {0}), 1000) << "0 means no limit";
}

TEST(Address, FormatsBothFamilies) {
  EXPECT_EQ(format_ip(parse_ip("192.0.2.7").value()), "192.0.2.7");
  EXPECT_EQ(format_ip(parse_ip("2001:db8::1").value()), "2001:db8::1");
}

TEST(Admission, DropsOversizedMessagesAndScanners) {
  auto gate = open_gate();
  auto big = from("192.0.2.1");
  big.size = sip_limits::max_message_bytes + 1;
  EXPECT_EQ(gate.judge(big, {0}), Admission::oversized);
  auto many = from("192.0.2.1");
  many.headers = sip_limits::max_headers + 1;
  EXPECT_EQ(gate.judge(many, {0}), Admission::oversized);
  auto scanner = from("192.0.2.1");
  scanner.user_agent = "Friendly-Scanner v2";
  EXPECT_EQ(gate.judge(scanner, {0}), Admission::scanner);
}

TEST(Admission, LimitsEachSourceByItself) {
  auto gate = open_gate(5);
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += gate.judge(from("192.0.2.1"), {1000}) == Admission::admitted ? 1 : 0;
  EXPECT_EQ(admitted, 50) << "a burst of ten seconds' worth";
  EXPECT_EQ(gate.judge(from("192.0.2.2"), {1000}), Admission::admitted);
  EXPECT_EQ(gate.judge(from("192.0.2.1"), {1200}), Admission::admitted);
  EXPECT_EQ(gate.judge(from("192.0.2.1"), {1200}), Admission::flood);
}

int admitted_requests(AdmissionGate& gate, const std::string& ip, int tries, MonoTime now) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) admitted += gate.judge(from(ip), now) == Admission::admitted ? 1 : 0;
  return admitted;
}

TEST(Admission, LetsAnOfficeOfPhonesBehindOneAddressIn) {
  auto gate = open_gate(5);
  EXPECT_EQ(admitted_requests(gate, "192.0.2.1", 1000, {0}), 50);
  gate.vouch(parse_ip("192.0.2.1").value(), {0});
  EXPECT_EQ(admitted_requests(gate, "192.0.2.1", 1000, {1000}), 50) << "ten times the rate";
  EXPECT_EQ(admitted_requests(gate, "192.0.2.1", 1000, {11'000}), 500) << "and ten times the burst";
  const MonoTime later{sip_limits::vouch_life.ms + 60'000};
  EXPECT_EQ(admitted_requests(gate, "192.0.2.1", 1000, later), 50) << "for as long as it is vouched for";
  EXPECT_EQ(admitted_requests(gate, "192.0.2.2", 1000, {11'000}), 50) << "others are not touched by it";
}

TEST(Admission, VouchesForConnectionsToo) {
  auto gate = gate_of_connections(2, 1000);
  EXPECT_EQ(admitted_connections(gate, "192.0.2.1", 100, {0}), 20);
  gate.vouch(parse_ip("192.0.2.1").value(), {0});
  EXPECT_EQ(admitted_connections(gate, "192.0.2.1", 100, {1000}), 20);
}

TEST(Admission, LetsDialogsUnderWayPassAFlood) {
  auto gate = open_gate(1);
  for (int i = 0; i < 100; ++i) gate.judge(from("192.0.2.1"), {0});
  auto in_dialog = from("192.0.2.1");
  in_dialog.is_in_dialog = true;
  EXPECT_EQ(gate.judge(in_dialog, {0}), Admission::admitted);
}

TEST(Admission, BansUntilTheEndAndOutlivesAFloodOfSources) {
  auto gate = open_gate();
  gate.ban(parse_ip("192.0.2.1").value(), {100'000});
  for (std::size_t i = 0; i < sip_limits::max_watched_sources + 100; ++i) {
    auto facts = from("10.0.0.1");
    facts.source[13] = static_cast<std::uint8_t>(i >> 16);
    facts.source[14] = static_cast<std::uint8_t>(i >> 8);
    facts.source[15] = static_cast<std::uint8_t>(i);
    gate.judge(facts, {50});
  }
  EXPECT_EQ(gate.judge(from("192.0.2.1"), {99'999}), Admission::banned);
  EXPECT_EQ(gate.judge(from("192.0.2.1"), {100'000}), Admission::admitted);
}

TEST(SourceFilter, KeepsTheFamiliesApart) {
  const std::vector<Cidr> list{parse_cidr("192.0.2.0/24").value(), parse_cidr("2001:db8::/32").value()};
  EXPECT_EQ(make_source_filter(list, false)->size(), 5U);
  EXPECT_EQ(make_source_filter(list, true)->size(), 5U);
  EXPECT_EQ(make_source_filter({}, false)->size(), 1U);
  EXPECT_FALSE(make_source_filter(std::vector<Cidr>(201), false).ok());
}

TEST(SessionTimer, RefreshesAtHalfAndExpiresBeforeTheEnd) {
  SessionTimer timer;
  EXPECT_EQ(timer.due({1'000'000}), SessionTimer::Due::nothing);
  timer.agree(seconds(1800), true, {0});
  EXPECT_EQ(timer.due({899'999}), SessionTimer::Due::nothing);
  EXPECT_EQ(timer.due({900'000}), SessionTimer::Due::refresh);
  EXPECT_EQ(timer.due({900'001}), SessionTimer::Due::nothing);
  EXPECT_EQ(timer.due({1'767'999}), SessionTimer::Due::nothing);
  EXPECT_EQ(timer.due({1'768'000}), SessionTimer::Due::expired);
}

TEST(SessionTimer, LeavesTheRefreshToThePeer) {
  SessionTimer timer;
  timer.agree(seconds(90), false, {0});
  EXPECT_EQ(timer.due({45'000}), SessionTimer::Due::nothing);
  EXPECT_EQ(timer.due({60'000}), SessionTimer::Due::expired);
  timer.stop();
  EXPECT_EQ(timer.due({60'000}), SessionTimer::Due::nothing);
}

}  // namespace
}  // namespace dunlin
