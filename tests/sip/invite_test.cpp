// The bytes of an INVITE as the carrier reads them.
#include "tests/sip/raw_peer.hpp"
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

/// One trunk towards a carrier that shows the bytes it gets.
struct InviteRig {
  explicit InviteRig(const std::function<void(TrunkSettings&)>& adjust, const std::string& source = "127.0.0.1")
      : port(free_port()), carrier(RawPeer::udp(port, source)) {
    SipStackSettings settings;
    settings.trunks = {trunk_to(carrier.local())};
    settings.trunks.front().local_bind = "127.0.0.1:" + std::to_string(port);
    adjust(settings.trunks.front());
    auto started = SipStack::start(std::move(settings), sink, make_clock());
    if (!started) ADD_FAILURE() << started.error().detail;
    else stack = std::move(*started);
  }
  void dial() { ASSERT_TRUE(stack && stack->place_trunk_call(make_permit(0xa1), call_to("+79160000001")).ok()); }
  std::string invite() {
    dial();
    return carrier.receive().value_or("");
  }

  RecordingSink sink;
  std::uint16_t port;
  RawPeer carrier;
  std::unique_ptr<SipStack> stack;
};

TEST(Invite, SaysWhatTheTrunkWantsAndNothingOfTheHouse) {
  const auto port = free_port();
  RecordingSink sink;
  auto carrier = RawPeer::udp(port);
  SipStackSettings settings;
  settings.trunks = {trunk_to(carrier.local())};
  auto& trunk = settings.trunks.front();
  trunk.local_bind = "127.0.0.1:" + std::to_string(port);
  trunk.advertised_address = "192.0.2.10:5070";
  trunk.number_format = NumberFormat::digits;
  trunk.number_prefix = "055";
  trunk.caller_id_header = CallerIdHeader::p_asserted_identity;
  const auto stack = SipStack::start(std::move(settings), sink, make_clock());
  ASSERT_TRUE(stack.ok());
  auto call = call_to("+79160000001");
  call.caller_name = "Dunlin\r\nX-Evil: 1";
  ASSERT_TRUE((*stack)->place_trunk_call(make_permit(0xa1), std::move(call)).ok());
  const auto invite = carrier.receive();
  ASSERT_TRUE(invite) << sink.ladder();
  EXPECT_EQ(invite->rfind("INVITE sip:05579160000001@" + carrier.local() + " SIP/2.0\r\n", 0), 0U) << *invite;
  EXPECT_EQ(header(*invite, "Call-ID"), "att_00000000000000a1-1@dunlin");
  EXPECT_EQ(header(*invite, "P-Asserted-Identity"), "\"DunlinX-Evil: 1\" <sip:74950000000@carrier.example>");
  EXPECT_EQ(header(*invite, "Contact"), "<sip:dunlin@192.0.2.10:5070;transport=udp>");
  EXPECT_EQ(header(*invite, "Via").rfind("SIP/2.0/UDP 192.0.2.10:", 0), 0U) << *invite;
  EXPECT_EQ(header(*invite, "X-Evil"), "");
  EXPECT_EQ(header(*invite, "User-Agent"), "");
  EXPECT_EQ(header(*invite, "Session-Expires"), "1800");
  EXPECT_NE(invite->find("m=audio 20000 RTP/AVP 8 0 101\r\n"), std::string::npos);

  Phone answerer(carrier, "peer", "");
  carrier.send(answerer.reply(*invite, "486 Busy Here"));
  const auto end = sink.wait<LegEnded>();
  ASSERT_TRUE(end) << sink.ladder();
  EXPECT_EQ(end->cause.sip_status, 486);
}

TEST(Invite, EndsAsTransportWhenNobodyListens) {
  RecordingSink sink;
  SipStackSettings settings;
  settings.trunks = {trunk_to("127.0.0.1:" + std::to_string(free_port()))};
  settings.trunks.front().transport = SipTransport::tcp;
  const auto stack = SipStack::start(std::move(settings), sink, make_clock());
  ASSERT_TRUE(stack.ok());
  ASSERT_TRUE((*stack)->place_trunk_call(make_permit(0xa1), call_to("+79160000001")).ok());
  const auto end = sink.wait<LegEnded>();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause.origin, EndOrigin::transport) << sink.ladder();
  EXPECT_EQ(end->cause.sip_status, 0);
}

TEST(Invite, NamesReliableRepliesAsTheTrunkWants) {
  struct Row { Reliability reliability; std::string supported; std::string require; };
  for (const Row& row : {Row{Reliability::off, "timer", ""}, Row{Reliability::supported, "timer, 100rel", ""},
                         Row{Reliability::required, "timer", "100rel"}}) {
    InviteRig rig([&](TrunkSettings& trunk) { trunk.reliability = row.reliability; });
    const auto invite = rig.invite();
    EXPECT_EQ(header(invite, "Supported"), row.supported) << invite;
    EXPECT_EQ(header(invite, "Require"), row.require) << invite;
  }
}

TEST(Invite, ShowsTheCallerIdInRemotePartyId) {
  InviteRig rig([](TrunkSettings& trunk) { trunk.caller_id_header = CallerIdHeader::remote_party_id; });
  const auto invite = rig.invite();
  EXPECT_EQ(header(invite, "Remote-Party-ID"), "<sip:+74950000000@carrier.example>;party=calling;privacy=off;screen=yes") << invite;
  EXPECT_EQ(header(invite, "P-Asserted-Identity"), "") << invite;
}

TEST(Invite, GoesToTheOutboundProxyAndTheCarrierSpeaksInTheDialog) {
  std::optional<RawPeer> proxy;
  InviteRig rig(
      [&](TrunkSettings& trunk) {
        proxy.emplace(RawPeer::udp(static_cast<std::uint16_t>(std::stoi(trunk.local_bind.substr(trunk.local_bind.rfind(':') + 1)))));
        trunk.outbound_proxy = proxy->local();
      },
      "127.0.0.9");
  rig.dial();
  const auto invite = proxy->receive().value_or("");
  EXPECT_EQ(invite.rfind("INVITE sip:+79160000001@" + rig.carrier.local() + " SIP/2.0\r\n", 0), 0U) << invite;
  EXPECT_EQ(rig.carrier.receive(300), std::nullopt) << "the carrier is reached through its proxy only";
  // The proxy does not stay in the path: from the answer on both sides speak directly.
  proxy->send(Phone(rig.carrier, "carrier", "").reply(invite, "200 OK", plain_sdp()));
  ASSERT_TRUE(rig.sink.wait<LegAnswered>()) << rig.sink.ladder();
  const auto ack = rig.carrier.receive().value_or("");
  ASSERT_EQ(ack.rfind("ACK ", 0), 0U) << ack;
  rig.carrier.send("BYE sip:dunlin@127.0.0.1:" + std::to_string(rig.port) + " SIP/2.0\r\nVia: SIP/2.0/UDP " + rig.carrier.local() +
                   ";branch=z9hG4bKbye\r\nMax-Forwards: 70\r\nFrom: " + header(ack, "To") + "\r\nTo: " + header(ack, "From") +
                   "\r\nCall-ID: " + header(ack, "Call-ID") + "\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n");
  const auto end = rig.sink.wait<LegEnded>();
  ASSERT_TRUE(end) << rig.sink.ladder();
  EXPECT_EQ(end->cause.origin, EndOrigin::remote);
}

}  // namespace
}  // namespace dunlin::test
