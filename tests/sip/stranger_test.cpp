// What the trunk socket does to those who are not the carrier, and to bytes that are not SIP (RFC 4475 in spirit).
#include "core/base/rng.hpp"
#include "tests/sip/raw_peer.hpp"
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

struct OpenRig {
  explicit OpenRig(const std::string& allowed) : port(free_port()) {
    SipStackSettings settings;
    settings.trunks = {trunk_to("127.0.0.1:9")};
    settings.trunks.front().local_bind = "127.0.0.1:" + std::to_string(port);
    settings.trunks.front().allowed_sources = {allowed};
    auto started = SipStack::start(std::move(settings), sink, make_clock());
    if (!started) ADD_FAILURE() << started.error().detail;
    else stack = std::move(*started);
  }
  RecordingSink sink;
  std::uint16_t port;
  std::unique_ptr<SipStack> stack;
};

std::vector<std::string> torture(const std::string& local) {
  const std::string via = "Via: SIP/2.0/UDP " + local + ";branch=z9hG4bKt\r\n";
  const std::string rest = "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: t1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n";
  const std::string good = "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n" + via + rest;
  return {
      good + "Content-Length: 0\r\n\r\n",
      good + "Content-Length: 9999\r\n\r\nshort",
      good + "Content-Length: -1\r\n\r\n",
      good + "Content-Length: 99999999999999999999\r\n\r\n",
      "OPTIONS sip:x@127.0.0.1 SIP/7.0\r\n" + via + rest + "\r\n",
      "OPTIONS  sip:x  SIP/2.0\r\n" + via + rest + "\r\n",
      "!interesting-Method0123456789_*+`.%indeed'~ "
      "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/"
      ";;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n" +
          via + rest + "\r\n",
      "INVITE sip:x SIP/2.0\r\n" + via + "\r\n",
      "INVITE <sip:x@y> SIP/2.0\r\n" + via + rest + "\r\n",
      good + "CSeq: 2 INVITE\r\nCSeq: 99999999999 OPTIONS\r\n\r\n",
      good + "Contact: <sip:\"unclosed@y\r\nSubject: \"unclosed\r\n\r\n",
      good + "Require: nothingSupportsThis\r\nProxy-Require: neitherThis\r\n\r\n",
      good +
          "Date: Fri, 01 Jan 2010 16:00:00 EST\r\nExpires: 99999999999\r\nSession-Expires: 0\r\nMin-SE: "
          "-5\r\n\r\n",
      good + "Accept: text/plain;q=nan\r\nX: " + std::string(60'000, 'a') + "\r\n\r\n",
      good + "l: 0\r\nv: SIP/2.0/UDP 1.1.1.1;branch=\r\nRoute: <sip:\r\nRecord-Route: \r\n\r\n",
      "SIP/2.0 200\r\n" + via + rest + "\r\n",
      "SIP/2.0 4294967301 better not break the receiver\r\n" + via + rest + "\r\n",
      "ACK sip:x@127.0.0.1 SIP/2.0\r\n" + via +
          "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: t\r\nCSeq: 1 ACK\r\n\r\n",
      "BYE sip:x@127.0.0.1 SIP/2.0\r\n" + via +
          "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: t\r\nCSeq: 1 BYE\r\n\r\n",
      "INVITE sip:x@127.0.0.1 SIP/2.0\r\n" + via +
          "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: u\r\nCSeq: 1 INVITE\r\n"
          "Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0",
      std::string(1, '\0'),
      std::string(2000, '\xff'),
      "\r\n\r\n\r\n\r\n",
      "REGISTER",
      "",
  };
}

bool is_alive(OpenRig& rig) {
  auto peer = RawPeer::udp(rig.port);
  Phone carrier(peer, "carrier", "");
  for (int i = 0; i < 10; ++i) {
    peer.send(carrier.request("OPTIONS"));
    if (const auto reply = peer.receive(2000)) return status_of(*reply) == 200;
  }
  return false;
}

TEST(TrunkSocket, AnswersItsCarrierAndNobodyElse) {
  OpenRig rig("127.0.0.9");
  auto stranger = RawPeer::udp(rig.port, "127.0.0.1");
  for (const auto& bytes : torture(stranger.local())) stranger.send(bytes);
  auto carrier = RawPeer::udp(rig.port, "127.0.0.9");
  Phone phone(carrier, "carrier", "");
  carrier.send(phone.request("OPTIONS"));
  const auto reply = carrier.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(status_of(*reply), 200);
  EXPECT_EQ(header(*reply, "Server"), "");
  // The carrier's later request was answered, so an answer to the stranger would be here by now.
  EXPECT_EQ(stranger.receive(300), std::nullopt);
}

TEST(TrunkSocket, TakesNoCallsFromTheCarrier) {
  OpenRig rig("127.0.0.1");
  auto peer = RawPeer::udp(rig.port);
  Phone carrier(peer, "carrier", "");
  peer.send(carrier.request("INVITE", "", plain_sdp()));
  const auto reply = peer.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(status_of(*reply), 480);
  EXPECT_EQ(rig.sink.count<IncomingAgentCall>(), 0);
}

TEST(TrunkSocket, SurvivesTortureAndMutations) {
  OpenRig rig("127.0.0.1");
  auto peer = RawPeer::udp(rig.port);
  const auto messages = torture(peer.local());
  for (const auto& bytes : messages) peer.send(bytes);
  EXPECT_TRUE(is_alive(rig));
  Rng rng(4475);
  for (int i = 0; i < 4000; ++i) {
    auto bytes = messages[rng.below(messages.size())];
    if (bytes.size() > 3000) bytes.resize(3000);
    for (auto n = rng.below(8) + 1; n > 0 && !bytes.empty(); --n) {
      const auto at = rng.below(bytes.size());
      switch (rng.below(3)) {
        case 0: bytes[at] = static_cast<char>(rng.below(256)); break;
        case 1: bytes.erase(at, rng.below(20)); break;
        default: bytes.insert(at, bytes.substr(rng.below(bytes.size()), rng.below(30))); break;
      }
    }
    peer.send(bytes);
    if (i % 500 == 499) {
      EXPECT_TRUE(is_alive(rig)) << i;
    }
  }
  EXPECT_EQ(rig.sink.count<IncomingAgentCall>(), 0);
}

}  // namespace
}  // namespace dunlin::test
