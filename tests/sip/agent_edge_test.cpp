// The agents' edge over TLS with a bare peer: registration, lockout, calls both ways, loss of the connection.
#include <filesystem>
#include <thread>

#include "sip/accept_gate.hpp"
#include "sip/digest.hpp"
#include "sip/sdp.hpp"
#include "sip/self_signed.hpp"
#include "tests/sip/raw_peer.hpp"
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

struct AgentRig {
  explicit AgentRig(int clock_factor = 1, std::optional<int> connections_per_second = {}, bool knows_accounts = true)
      : port(free_port()), folder(std::filesystem::temp_directory_path() / ("dunlin_tls_" + std::to_string(port))) {
    EXPECT_TRUE(make_self_signed({folder.string(), "dunlin.example", {"127.0.0.1"}, 30}).ok());
    SipStackSettings settings;
    settings.agents = AgentEdgeSettings{};
    settings.agents->tls_bind = "127.0.0.1:" + std::to_string(port);
    settings.agents->certificate_folder = folder.string();
    if (connections_per_second) settings.agents->connections_per_second = *connections_per_second;
    auto started = SipStack::start(std::move(settings), sink, make_clock(clock_factor));
    if (!started) throw std::runtime_error(started.error().detail);
    stack = std::move(*started);
    if (knows_accounts) tell_accounts();
  }
  void tell_accounts() {
    const auto ha1 = [](DigestAlgorithm algorithm, const char* user) { return make_ha1(algorithm, user, "dunlin", "right"); };
    EXPECT_TRUE(stack->set_accounts({{"anna", ha1(DigestAlgorithm::sha256, "anna"), DigestAlgorithm::sha256},
                                     {"boris", ha1(DigestAlgorithm::md5, "boris"), DigestAlgorithm::md5}}).ok());
  }
  ~AgentRig() {
    stack.reset();
    std::filesystem::remove_all(folder);
  }

  RecordingSink sink;
  std::uint16_t port;
  std::filesystem::path folder;
  std::unique_ptr<SipStack> stack;
};

TEST(AgentEdge, RegistersBySha256AndMd5) {
  AgentRig rig;
  for (const auto* user : {"anna", "boris"}) {
    auto peer = RawPeer::tls(rig.port);
    ASSERT_TRUE(peer.is_connected());
    Phone phone(peer, user, "right");
    const auto reply = phone.exchange("REGISTER", "Expires: 120\r\n");
    EXPECT_EQ(status_of(reply), 200) << reply;
    const auto event = rig.sink.wait<AgentRegistered>([user](const AgentRegistered& e) { return e.user == user; });
    ASSERT_TRUE(event);
    EXPECT_TRUE(event->is_secure);
    EXPECT_EQ(event->expires, seconds(120));
    EXPECT_EQ(event->masked_contact.find(user), std::string::npos);
  }
}

TEST(AgentEdge, CountsNoFailureBeforeTheAccountsAreKnown) {
  AgentRig rig(1, {}, false);
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  for (int i = 0; i < 10; ++i) {
    peer.send(phone.request("REGISTER"));
    const auto reply = peer.receive();
    ASSERT_TRUE(reply);
    EXPECT_EQ(status_of(*reply), 503);
    EXPECT_EQ(header(*reply, "Retry-After"), "1");
  }
  rig.tell_accounts();
  EXPECT_EQ(status_of(phone.exchange("REGISTER")), 200);
}

TEST(AgentEdge, SurvivesAFloodOfConnections) {
  AgentRig rig(0, 1);  // time stands still: how fast this machine shakes hands must not decide who is let in
  auto agent = RawPeer::tls(rig.port);
  Phone phone(agent, "anna", "right");
  ASSERT_EQ(status_of(phone.exchange("REGISTER", "Expires: 120\r\n")), 200);
  const auto refused_before = AcceptGuard::refused();
  int connected = 0;
  for (int i = 0; i < 60; ++i) connected += RawPeer::tls(rig.port).is_connected() ? 1 : 0;
  EXPECT_EQ(connected, 9) << "a burst of ten, one of them the agent's";
  EXPECT_EQ(AcceptGuard::refused(), refused_before + 51);
  EXPECT_EQ(status_of(phone.exchange("REGISTER", "Expires: 120\r\n")), 200) << "who is connected stays connected";
  ASSERT_TRUE(rig.sink.wait<SourceBanned>([](const SourceBanned& e) { return e.reason.find("too many new connections") == 0; }));
  EXPECT_LE(rig.sink.count<SourceBanned>(), 2) << "told once a minute";
}

TEST(AgentEdge, ShowsNoVersionAndNoSoftware) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  const auto reply = phone.exchange("REGISTER");
  EXPECT_EQ(header(reply, "Server"), "");
  EXPECT_EQ(header(reply, "User-Agent"), "");
  EXPECT_EQ(reply.find("sofia"), std::string::npos);
}

TEST(AgentEdge, ChallengesAnUnknownUserAlike) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "nobody", "right");
  EXPECT_EQ(status_of(phone.exchange("REGISTER")), 401);
  EXPECT_NE(phone.last_challenge.find("realm=\"dunlin\""), std::string::npos);
  EXPECT_EQ(rig.sink.count<AgentRegistered>(), 0);
}

TEST(AgentEdge, BansASourceAfterRepeatedFailures) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone thief(peer, "anna", "wrong");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status_of(thief.exchange("REGISTER")), 401);
  const auto ban = rig.sink.wait<SourceBanned>();
  ASSERT_TRUE(ban);
  EXPECT_EQ(ban->source, "127.0.0.1");
  EXPECT_EQ(ban->length, minutes(15));
  Phone honest(peer, "anna", "right");
  peer.send(honest.request("REGISTER"));
  EXPECT_EQ(peer.receive(500), std::nullopt);
}

TEST(AgentEdge, TakesANonceOnce) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  EXPECT_EQ(status_of(phone.exchange("REGISTER")), 200);
  peer.send(phone.request("REGISTER", phone.last_authorization));
  const auto reply = peer.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(status_of(*reply), 401);
  EXPECT_NE(reply->find("stale=true"), std::string::npos);
}

TEST(AgentEdge, IsSilentToWhatItDoesNotServe) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone stranger(peer, "anna", "right");
  for (const auto* method : {"OPTIONS", "SUBSCRIBE", "MESSAGE", "NOTIFY"}) peer.send(stranger.request(method));
  EXPECT_EQ(peer.receive(500), std::nullopt);
  EXPECT_EQ(status_of(stranger.exchange("REGISTER")), 200);
}

TEST(AgentEdge, TellsARegisteredPhoneWhatItServes) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  ASSERT_EQ(status_of(phone.exchange("REGISTER")), 200);
  const std::vector<std::pair<const char*, int>> answers{{"OPTIONS", 200}, {"SUBSCRIBE", 405}, {"MESSAGE", 405}, {"BREW", 501}};
  for (const auto& [method, status] : answers) {
    peer.send(phone.request(method));
    const auto reply = peer.receive();
    ASSERT_TRUE(reply) << method;
    EXPECT_EQ(status_of(*reply), status) << *reply;
    EXPECT_EQ(header(*reply, "Allow").empty(), status == 501) << *reply;
  }
}

TEST(AgentEdge, TellsALostConnection) {
  AgentRig rig;
  {
    auto peer = RawPeer::tls(rig.port);
    Phone phone(peer, "anna", "right");
    ASSERT_EQ(status_of(phone.exchange("REGISTER")), 200);
    ASSERT_TRUE(rig.sink.wait<AgentRegistered>());
  }
  const auto gone = rig.sink.wait<AgentUnregistered>();
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->user, "anna");
}

TEST(AgentEdge, DropsAPhoneThatDoesNotAnswerItsPing) {
  AgentRig rig(20);
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  ASSERT_EQ(status_of(phone.exchange("REGISTER", "Expires: 600\r\n")), 200);
  const auto gone = rig.sink.wait<AgentUnregistered>();
  ASSERT_TRUE(gone);
  const auto ping = peer.receive();
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->rfind("OPTIONS ", 0), 0U);
}

TEST(AgentEdge, CallsARegisteredPhoneOverItsConnection) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  ASSERT_EQ(status_of(phone.exchange("REGISTER")), 200);
  ASSERT_TRUE(rig.stack->call_station({LegId(7), "anna", secure_offer(), seconds(30)}).ok());
  const auto invite = peer.receive();
  ASSERT_TRUE(invite) << rig.sink.ladder();
  ASSERT_EQ(invite->rfind("INVITE sip:anna@", 0), 0U) << *invite;
  peer.send(phone.reply(*invite, "200 OK", secure_sdp()));
  const auto answered = rig.sink.wait<LegAnswered>();
  ASSERT_TRUE(answered) << rig.sink.ladder();
  EXPECT_TRUE(answered->answer.is_secure());
  const auto ack = peer.receive();
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->rfind("ACK ", 0), 0U);
  ASSERT_TRUE(rig.stack->hang_up(LegId(7)).ok());
  const auto bye = peer.receive();
  ASSERT_TRUE(bye);
  EXPECT_EQ(bye->rfind("BYE ", 0), 0U);
}

TEST(AgentEdge, ProbesALegAndEndsItWhenThePhoneIsMute) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  ASSERT_EQ(status_of(phone.exchange("REGISTER")), 200);
  ASSERT_TRUE(rig.stack->call_station({LegId(7), "anna", secure_offer(), seconds(30)}).ok());
  const auto invite = peer.receive();
  ASSERT_TRUE(invite) << rig.sink.ladder();
  peer.send(phone.reply(*invite, "200 OK", secure_sdp()));
  ASSERT_TRUE(peer.receive()) << "the ACK";
  ASSERT_TRUE(rig.sink.wait<LegAnswered>());
  ASSERT_TRUE(rig.stack->probe_leg(LegId(7)).ok());
  const auto probe = peer.receive();
  ASSERT_TRUE(probe);
  ASSERT_EQ(probe->rfind("OPTIONS ", 0), 0U) << *probe;
  EXPECT_EQ(header(*probe, "Call-ID"), header(*invite, "Call-ID")) << "in the leg's dialog";
  peer.send(phone.reply(*probe, "200 OK"));
  ASSERT_TRUE(rig.sink.wait_lines("OPTIONS", TraceDirection::in, 1)) << rig.sink.ladder();
  EXPECT_EQ(rig.sink.count<LegEnded>(), 0);
  ASSERT_TRUE(rig.stack->probe_leg(LegId(7)).ok());
  const auto end = rig.sink.wait<LegEnded>();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::timeout);
}

TEST(AgentEdge, CallsNobodyWhoIsNotRegistered) {
  AgentRig rig;
  ASSERT_TRUE(rig.stack->call_station({LegId(7), "anna", secure_offer(), seconds(30)}).ok());
  const auto end = rig.sink.wait<LegEnded>();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.origin, EndOrigin::not_sent);
}

TEST(AgentEdge, TakesAnAgentsCallAndLosesItWithTheConnection) {
  AgentRig rig;
  LegId leg;
  {
    auto peer = RawPeer::tls(rig.port);
    Phone phone(peer, "anna", "right");
    peer.send(phone.request("INVITE", "", secure_sdp()));
    const auto challenge = peer.receive();
    ASSERT_TRUE(challenge);
    ASSERT_EQ(status_of(*challenge), 401);
    peer.send(phone.request("ACK"));
    std::thread caller([&phone] { phone.exchange("INVITE", "", secure_sdp()); });
    const auto call = rig.sink.wait<IncomingAgentCall>();
    if (call) {
      leg = call->leg;
      EXPECT_EQ(call->user, "anna");
      EXPECT_TRUE(call->offer.is_secure());
      EXPECT_TRUE(rig.stack->answer(leg, 200, choose_answer(call->offer, secure_offer()).value()).ok());
    }
    caller.join();
    ASSERT_TRUE(call) << rig.sink.ladder();
  }
  const auto end = rig.sink.wait<LegEnded>();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->leg, leg);
  EXPECT_EQ(end->cause.origin, EndOrigin::transport);
}

TEST(AgentEdge, RefusesPlainMediaOverTls) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  EXPECT_EQ(status_of(phone.exchange("INVITE", "", plain_sdp())), 488);
  EXPECT_EQ(rig.sink.count<IncomingAgentCall>(), 0);
}

TEST(AgentEdge, RefusesAnInviteThatReplacesACall) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  EXPECT_EQ(status_of(phone.exchange("INVITE", "Replaces: x;to-tag=1;from-tag=2\r\n", secure_sdp())), 403);
}

TEST(AgentEdge, EndsTheBindingOfARemovedAccount) {
  AgentRig rig;
  auto peer = RawPeer::tls(rig.port);
  Phone phone(peer, "anna", "right");
  ASSERT_EQ(status_of(phone.exchange("REGISTER")), 200);
  ASSERT_TRUE(rig.stack->set_accounts({}).ok());
  const auto gone = rig.sink.wait<AgentUnregistered>();
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->user, "anna");
}

}  // namespace
}  // namespace dunlin::test
