// Two of our own stacks against each other: a TLS trunk that calls the agents' edge of the other, by SHA-256 digest.
#include <filesystem>

#include "sip/digest.hpp"
#include "sip/sdp.hpp"
#include "sip/self_signed.hpp"
#include "tests/sip/raw_peer.hpp"
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

std::unique_ptr<SipStack> started(Result<std::unique_ptr<SipStack>> stack) {
  if (!stack) throw std::runtime_error(stack.error().detail);
  return std::move(*stack);
}

struct TwoStacks {
  explicit TwoStacks(const std::string& trunk_domain)
      : port(free_port()), folder(std::filesystem::temp_directory_path() / ("dunlin_tls_" + std::to_string(port))) {
    EXPECT_TRUE(make_self_signed({folder.string(), "dunlin.example", {}, 30}).ok());
    SipStackSettings far;
    far.agents = AgentEdgeSettings{};
    far.agents->tls_bind = "127.0.0.1:" + std::to_string(port);
    far.agents->certificate_folder = folder.string();
    server = started(SipStack::start(std::move(far), server_sink, make_clock()));
    const auto ha1 = make_ha1(DigestAlgorithm::sha256, "anna", "dunlin", "right");
    EXPECT_TRUE(server->set_accounts({{"anna", ha1, DigestAlgorithm::sha256}}).ok());
    SipStackSettings near;
    auto trunk = trunk_to("127.0.0.1:" + std::to_string(port));
    trunk.transport = SipTransport::tls;
    trunk.domain = trunk_domain;
    trunk.ca_file = (folder / "cafile.pem").string();
    trunk.login = TrunkLogin{};
    trunk.login->user = "anna";
    trunk.login->password = "right";
    trunk.caller_id_header = CallerIdHeader::p_asserted_identity;  // From shows the account, as the far end wants it.
    near.trunks = {trunk};
    client = started(SipStack::start(std::move(near), client_sink, make_clock(5)));
  }
  /// The trunk calls; the far end's leg once it has the INVITE.
  std::optional<LegId> call() {
    auto call = call_to("+79160000001");
    call.offer = secure_offer();
    EXPECT_TRUE(client->place_trunk_call(make_permit(0xa1), std::move(call)).ok());
    const auto incoming = server_sink.wait<IncomingAgentCall>();
    EXPECT_TRUE(incoming) << client_sink.ladder() << server_sink.ladder();
    if (!incoming) return std::nullopt;
    offer = incoming->offer;
    return incoming->leg;
  }
  /// The same, answered.
  std::optional<LegId> talk() {
    const auto leg = call();
    if (!leg) return std::nullopt;
    EXPECT_TRUE(server->answer(*leg, 200, choose_answer(offer, secure_offer()).value()).ok());
    const auto answered = client_sink.wait<LegAnswered>();
    EXPECT_TRUE(answered) << client_sink.ladder();
    EXPECT_TRUE(server_sink.wait_lines("ACK", TraceDirection::in, 1)) << server_sink.ladder();
    if (!answered) return std::nullopt;
    EXPECT_TRUE(answered->answer.is_secure());
    return leg;
  }
  ~TwoStacks() {
    client.reset();
    server.reset();
    std::filesystem::remove_all(folder);
  }

  RecordingSink server_sink;
  RecordingSink client_sink;
  MediaDescription offer;
  std::uint16_t port;
  std::filesystem::path folder;
  std::unique_ptr<SipStack> server;
  std::unique_ptr<SipStack> client;
};

TEST(TwoStacks, RegisterAndCallBackOverTls) {
  TwoStacks rig("dunlin.example");
  const auto up = rig.client_sink.wait<TrunkState>();
  ASSERT_TRUE(up);
  EXPECT_TRUE(up->is_up) << up->cause;
  ASSERT_TRUE(rig.server_sink.wait<AgentRegistered>());

  // The far end calls the phone it believes us to be: a trunk socket takes no calls.
  ASSERT_TRUE(rig.server->call_station({LegId(9), "anna", secure_offer(), seconds(30)}).ok());
  const auto refused = rig.server_sink.wait<LegEnded>();
  ASSERT_TRUE(refused) << rig.server_sink.ladder();
  EXPECT_EQ(refused->cause.sip_status, 480) << rig.server_sink.ladder();
}

TEST(TwoStacks, ATlsTrunkCallIsAnsweredAndHungUpByUs) {
  TwoStacks rig("dunlin.example");
  const auto leg = rig.talk();
  ASSERT_TRUE(leg);
  EXPECT_TRUE(rig.client->hang_up(LegId(1)).ok());
  const auto ours = rig.client_sink.wait<LegEnded>();
  const auto theirs = rig.server_sink.wait<LegEnded>();
  ASSERT_TRUE(ours && theirs) << rig.client_sink.ladder() << rig.server_sink.ladder();
  EXPECT_EQ(ours->cause.origin, EndOrigin::local);
  EXPECT_TRUE(ours->cause.was_answered);
  EXPECT_EQ(theirs->leg, *leg);
  EXPECT_EQ(theirs->cause.origin, EndOrigin::remote);
}

TEST(TwoStacks, ATlsTrunkCallIsHungUpByTheFarEnd) {
  TwoStacks rig("dunlin.example");
  const auto leg = rig.talk();
  ASSERT_TRUE(leg);
  EXPECT_TRUE(rig.server->hang_up(*leg, 16).ok());
  const auto ours = rig.client_sink.wait<LegEnded>();
  ASSERT_TRUE(ours) << rig.client_sink.ladder() << rig.server_sink.ladder();
  EXPECT_EQ(ours->cause.origin, EndOrigin::remote);
  EXPECT_EQ(ours->cause.q850, 16);
  EXPECT_TRUE(ours->cause.was_answered);
}

TEST(TwoStacks, ATlsTrunkCallIsCancelled) {
  TwoStacks rig("dunlin.example");
  const auto leg = rig.call();
  ASSERT_TRUE(leg);
  EXPECT_TRUE(rig.server->answer(*leg, 180, {}).ok());
  ASSERT_TRUE(rig.client_sink.wait<LegProgress>([](const LegProgress& p) { return p.status == 180; })) << rig.client_sink.ladder();
  EXPECT_TRUE(rig.client->hang_up(LegId(1)).ok());
  const auto ours = rig.client_sink.wait<LegEnded>();
  const auto theirs = rig.server_sink.wait<LegEnded>();
  ASSERT_TRUE(ours && theirs) << rig.client_sink.ladder() << rig.server_sink.ladder();
  EXPECT_EQ(ours->cause.origin, EndOrigin::local);
  EXPECT_EQ(ours->cause.sip_status, 487);
  EXPECT_FALSE(ours->cause.was_answered);
  EXPECT_EQ(theirs->cause.origin, EndOrigin::remote);
}

TEST(TwoStacks, ATrunkDoesNotTrustAnotherName) {
  TwoStacks rig("impostor.example");
  const auto state = rig.client_sink.wait<TrunkState>();
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->is_up);
  EXPECT_EQ(rig.server_sink.count<AgentRegistered>(), 0);
}

TEST(PlainAgents, RegisterByMd5FromListedNetworksOnly) {
  const auto port = free_port();
  RecordingSink sink;
  SipStackSettings settings;
  settings.agents = AgentEdgeSettings{};
  settings.agents->tls_bind.clear();
  settings.agents->udp_bind = "127.0.0.1:" + std::to_string(port);
  settings.agents->plain_agent_networks = {"127.0.0.9/32"};
  const auto stack = SipStack::start(std::move(settings), sink, make_clock());
  ASSERT_TRUE(stack.ok());
  const auto ha1 = make_ha1(DigestAlgorithm::md5, "boris", "dunlin", "right");
  ASSERT_TRUE((*stack)->set_accounts({{"boris", ha1, DigestAlgorithm::md5}}).ok());
  auto stranger = RawPeer::udp(port, "127.0.0.1");
  stranger.send(Phone(stranger, "boris", "right").request("REGISTER"));
  auto desk = RawPeer::udp(port, "127.0.0.9");
  EXPECT_EQ(status_of(Phone(desk, "boris", "right").exchange("REGISTER")), 200);
  const auto event = sink.wait<AgentRegistered>();
  ASSERT_TRUE(event);
  EXPECT_FALSE(event->is_secure);
  EXPECT_EQ(stranger.receive(200), std::nullopt);
}

}  // namespace
}  // namespace dunlin::test
