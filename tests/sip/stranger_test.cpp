// What the sockets of trunks and agents do to strangers, and to bytes that are hardly SIP: every message of RFC 4475 §3 and more.
#include <filesystem>
#include <fstream>
#include <map>

#include "core/base/rng.hpp"
#include "sip/digest.hpp"
#include "sip/self_signed.hpp"
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

/// The messages of RFC 4475 by their names there (tests/sip/torture).
const std::map<std::string, std::string>& rfc4475() {
  static const auto messages = [] {
    std::map<std::string, std::string> read;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(DUNLIN_SOURCE_DIR) + "/tests/sip/torture")) {
      if (entry.path().extension() != ".dat") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      read.emplace(entry.path().stem().string(), std::string{std::istreambuf_iterator<char>(file), {}});
    }
    return read;
  }();
  return messages;
}

std::vector<std::string> torture(const std::string& local, const std::string& transport = "UDP") {
  const std::string via = "Via: SIP/2.0/" + transport + " " + local + ";branch=z9hG4bKt\r\n";
  const std::string rest = "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: t1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n";
  const std::string good = "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n" + via + rest;
  std::vector<std::string> messages{
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
  for (const auto& [name, bytes] : rfc4475()) messages.push_back(bytes);
  return messages;
}

/// RFC 4475's REGISTERs (3.1.2.11, 3.3.4 to 3.3.15): what an agents' socket reads closest.
std::vector<std::string> tortuous_registers(const std::string& local, const std::string& transport) {
  const std::string start = "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/" + transport + " " + local + ";branch=z9hG4bKr\r\n";
  const std::string who = "From: <sip:anna@dunlin.example>;tag=1\r\nTo: <sip:anna@dunlin.example>\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\n";
  const auto with = [&](const std::string& headers) { return start + who + "Call-ID: r" + std::to_string(headers.size()) + "\r\n" + headers; };
  const std::string end = "Content-Length: 0\r\n\r\n";
  return {
      with("Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\r\n" + end),
      with("Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\r\nContact: *\r\nExpires: 1\r\n" + end),
      with("Contact: sip:+19725552222@gw1.example.net;unknownparam\r\n" + end),
      with("Contact: <sip:+19725552222@gw1.example.net;unknownparam>;q=7;expires=4294967296\r\n" + end),
      with("Authorization: NoOneKnowsThisScheme opaque-data=here\r\n" + end),
      with("Authorization: Digest username=\"anna\", realm=\"dunlin\", nonce=\"\", uri=\"\", response=\"\", qop=auth, nc=zz, cnonce=\"\"\r\n" + end),
      with("Authorization: Digest ,,,=,\"\r\n" + end),
      with("Authorization: Digest username=\"" + std::string(20'000, 'a') + "\"\r\n" + end),
      with("Content-Length: 13\r\nContent-Length: 5\r\n\r\nThere's no way"),
      with("Max-Forwards: 0\r\nRequire: nothingSupportsThis\r\n" + end),
      start + "To: isbn:2983792873\r\nFrom: <http://www.example.com>;tag=3234233\r\nCall-ID: unksm2\r\nCSeq: 234902 REGISTER\r\n" + end,
      start + "To: <sip:a@b>\r\nTo: <sip:c@d>\r\nFrom: <sip:a@b>;tag=1\r\nFrom: <sip:c@d>;tag=2\r\nCall-ID: m1\r\nCall-ID: m2\r\n"
              "CSeq: 1 REGISTER\r\nCSeq: 2 REGISTER\r\nMax-Forwards: 7\r\nMax-Forwards: 8\r\n" + end,
      start + "CSeq: 1 REGISTER\r\n" + end,
      with("Contact: <sip:anna@" + local + ">;expires=0, *, <sip:\r\n" + end),
  };
}

/// Up to eight bytes or runs of one of the messages changed, left out or repeated.
std::string mutant(Rng& rng, const std::vector<std::string>& messages) {
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
  return bytes;
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
    peer.send(mutant(rng, messages));
    if (i % 500 == 499) {
      EXPECT_TRUE(is_alive(rig)) << i;
    }
  }
  EXPECT_EQ(rig.sink.count<IncomingAgentCall>(), 0);
}

/// The message as the next proxy would pass it on: under a Via of its own, so that the answer comes to us.
std::string passed_on(const std::string& bytes, const std::string& name, const std::string& local) {
  const auto line_end = bytes.find("\r\n");
  return bytes.substr(0, line_end + 2) + "Via: SIP/2.0/UDP " + local + ";rport;branch=z9hG4bKtorture" + name + "\r\n" + bytes.substr(line_end + 2);
}

TEST(TrunkSocket, AnswersEachMessageOfRfc4475AsItDeserves) {
  // 0: silence, for replies that nobody waits for and for start lines that Sofia cannot read (a NUL in intmeth, a space in
  // lwsruri). A call is never taken (480), nor in a dialog that does not exist (481); where the RFC lets a server be lenient
  // (badaspec, escruri, lwsstart, trws) Sofia is.
  const std::map<std::string, int> expected{
      {"badaspec", 200}, {"badbranch", 200}, {"baddate", 480}, {"baddn", 400}, {"badinv01", 400}, {"badvers", 505},
      {"bcast", 0}, {"bext01", 420}, {"bigcode", 0}, {"clerr", 400}, {"cparam01", 405}, {"cparam02", 405}, {"dblreq", 405},
      {"esc01", 480}, {"esc02", 501}, {"escnull", 405}, {"escruri", 480}, {"insuf", 400}, {"intmeth", 0}, {"inv2543", 480},
      {"invut", 480}, {"longreq", 480}, {"ltgtruri", 400}, {"lwsdisp", 200}, {"lwsruri", 0}, {"lwsstart", 480}, {"mcl01", 400},
      {"mismatch01", 400}, {"mismatch02", 400}, {"mpart01", 405}, {"multi01", 400}, {"ncl", 400}, {"noreason", 0},
      {"novelsc", 416}, {"quotbal", 400}, {"regaut01", 405}, {"regbadct", 400}, {"regescrt", 405}, {"scalar02", 400},
      {"scalarlg", 0}, {"sdp01", 480}, {"semiuri", 200}, {"transports", 200}, {"trws", 200}, {"unkscm", 416}, {"unksm2", 405},
      {"unreason", 0}, {"wsinv", 481}, {"zeromf", 200},
  };
  ASSERT_EQ(rfc4475().size(), 49U);
  OpenRig rig("127.0.0.1");
  for (const auto& [name, bytes] : rfc4475()) {
    auto peer = RawPeer::udp(rig.port);
    peer.send(passed_on(bytes, name, peer.local()));
    auto reply = peer.receive(400);
    while (reply && status_of(*reply) < 200) reply = peer.receive(400);
    const auto wanted = expected.find(name);
    ASSERT_NE(wanted, expected.end()) << name;
    EXPECT_EQ(reply ? status_of(*reply) : 0, wanted->second) << name;
  }
  EXPECT_TRUE(is_alive(rig));
  EXPECT_EQ(rig.sink.count<IncomingAgentCall>(), 0);
}

/// The agents' edge over TLS and UDP, patient with one source: here the bytes are tried and not the limits.
struct AgentSockets {
  AgentSockets()
      : tls_port(free_port()), udp_port(free_port()), folder(std::filesystem::temp_directory_path() / ("dunlin_tls_" + std::to_string(tls_port))),
        desk(RawPeer::udp(udp_port)), boris(desk, "boris", "right") {
    EXPECT_TRUE(make_self_signed({folder.string(), "dunlin.example", {"127.0.0.1"}, 30}).ok());
    SipStackSettings settings;
    settings.agents = AgentEdgeSettings{};
    settings.agents->tls_bind = "127.0.0.1:" + std::to_string(tls_port);
    settings.agents->udp_bind = "127.0.0.1:" + std::to_string(udp_port);
    settings.agents->plain_agent_networks = {"127.0.0.1/32"};
    settings.agents->certificate_folder = folder.string();
    settings.agents->requests_per_second = 1'000'000;
    settings.agents->connections_per_second = 0;
    settings.agents->total_connections_per_second = 100'000;
    settings.agents->lockout.failures = 1'000'000;
    auto started = SipStack::start(std::move(settings), sink, make_clock());
    if (!started) ADD_FAILURE() << started.error().detail;
    else stack = std::move(*started);
    EXPECT_TRUE(stack && stack->set_accounts({{"anna", make_ha1(DigestAlgorithm::sha256, "anna", "dunlin", "right"), DigestAlgorithm::sha256},
                                              {"boris", make_ha1(DigestAlgorithm::md5, "boris", "dunlin", "right"), DigestAlgorithm::md5}}).ok());
  }
  ~AgentSockets() {
    stack.reset();
    std::filesystem::remove_all(folder);
  }
  /// An agent who knows the password still gets in.
  bool serves_tls() {
    auto peer = RawPeer::tls(tls_port);
    return peer.is_connected() && status_of(Phone(peer, "anna", "right").exchange("REGISTER")) == 200;
  }
  /// The same phone every time: its CSeq goes up. Packets may be lost before a full socket.
  bool serves_udp() {
    for (int i = 0; i < 10; ++i) {
      if (status_of(boris.exchange("REGISTER")) == 200) return true;
    }
    return false;
  }
  static std::vector<std::string> messages(const RawPeer& peer) {
    auto all = torture(peer.local(), peer.transport());
    for (auto& one : tortuous_registers(peer.local(), peer.transport())) all.push_back(std::move(one));
    return all;
  }

  RecordingSink sink;
  std::uint16_t tls_port;
  std::uint16_t udp_port;
  std::filesystem::path folder;
  RawPeer desk;
  Phone boris;
  std::unique_ptr<SipStack> stack;
};

TEST(AgentSocket, SurvivesTortureAndMutationsOverUdp) {
  AgentSockets rig;
  auto peer = RawPeer::udp(rig.udp_port);
  const auto messages = AgentSockets::messages(peer);
  for (const auto& bytes : messages) peer.send(bytes);
  EXPECT_TRUE(rig.serves_udp());
  Rng rng(4475);
  for (int i = 0; i < 1500; ++i) {
    peer.send(mutant(rng, messages));
    if (i % 500 == 499) {
      EXPECT_TRUE(rig.serves_udp()) << i;
    }
  }
  EXPECT_EQ(rig.sink.count<IncomingAgentCall>(), 0);
  EXPECT_EQ(rig.sink.count<SourceBanned>(), 0);
}

TEST(AgentSocket, SurvivesTortureAndMutationsOverTls) {
  AgentSockets rig;
  const auto messages = AgentSockets::messages(RawPeer::tls(rig.tls_port));
  // One connection a message: whatever bytes closed one, the next message is read from its beginning.
  for (const auto& bytes : messages) RawPeer::tls(rig.tls_port).send(bytes);
  EXPECT_TRUE(rig.serves_tls());
  Rng rng(4475);
  for (int i = 0; i < 150; ++i) {
    auto peer = RawPeer::tls(rig.tls_port);
    ASSERT_TRUE(peer.is_connected()) << i;
    // In one piece, as a stream brings it: what follows a broken message is read after it.
    peer.send(mutant(rng, messages) + mutant(rng, messages) + mutant(rng, messages));
    if (i % 50 == 49) {
      EXPECT_TRUE(rig.serves_tls()) << i;
    }
  }
  EXPECT_EQ(rig.sink.count<IncomingAgentCall>(), 0);
  EXPECT_EQ(rig.sink.count<SourceBanned>(), 0);
}

}  // namespace
}  // namespace dunlin::test
