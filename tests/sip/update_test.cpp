// UPDATE both ways (RFC 3311), before the answer and in the talk, against a carrier that speaks byte by byte.
#include "tests/sip/raw_peer.hpp"
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

std::string sdp_at(int port, int version, const std::string& rest = "RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n") {
  return "v=0\r\no=carrier 1 " + std::to_string(version) + " IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
         std::to_string(port) + " " + rest;
}

/// One trunk and its carrier, who has the dialog in hand.
struct UpdateRig {
  explicit UpdateRig(int clock_factor = 1, const std::function<void(TrunkSettings&)>& adjust = {}) : port(free_port()), carrier(RawPeer::udp(port)) {
    SipStackSettings settings;
    settings.trunks = {trunk_to(carrier.local())};
    settings.trunks.front().local_bind = "127.0.0.1:" + std::to_string(port);
    if (adjust) adjust(settings.trunks.front());
    auto started = SipStack::start(std::move(settings), sink, make_clock(clock_factor));
    if (!started) ADD_FAILURE() << started.error().detail;
    else stack = std::move(*started);
  }

  void dial(MediaDescription offer = plain_offer()) {
    auto call = call_to("+79160000001");
    call.offer = std::move(offer);
    call.ring_timeout = seconds(600);
    EXPECT_TRUE(stack && stack->place_trunk_call(make_permit(0xa1), std::move(call)).ok());
    invite = await("INVITE ");
  }
  /// The next message that begins like this and has this CSeq method; repeats and others are passed over.
  std::string await(const std::string& start, const std::string& method = "") {
    for (int i = 0; i < 50; ++i) {
      const auto message = carrier.receive();
      if (!message) break;
      if (message->rfind(start, 0) == 0 && header(*message, "CSeq").ends_with(method)) return *message;
    }
    ADD_FAILURE() << "no " << start << method << "\n" << sink.ladder();
    return "";
  }
  void reply(const std::string& request, const std::string& status, const std::string& headers = "", const std::string& body = "") {
    auto to = header(request, "To");
    if (to.find("tag=") == std::string::npos) to += ";tag=carrier1";
    carrier.send("SIP/2.0 " + status + "\r\nVia: " + header(request, "Via") + "\r\nFrom: " + header(request, "From") + "\r\nTo: " + to +
                 "\r\nCall-ID: " + header(request, "Call-ID") + "\r\nCSeq: " + header(request, "CSeq") + "\r\n" + rest(headers, body));
  }
  /// A request of the carrier within the dialog.
  void request(const std::string& method, const std::string& headers = "", const std::string& body = "") {
    const auto contact = header(invite, "Contact");
    const auto branch = "z9hG4bKc" + std::to_string(++sequence);
    carrier.send(method + " " + contact.substr(1, contact.find('>') - 1) + " SIP/2.0\r\nVia: SIP/2.0/UDP " + carrier.local() +
                 ";branch=" + branch + "\r\nMax-Forwards: 70\r\nFrom: " + header(invite, "To") + ";tag=carrier1\r\nTo: " +
                 header(invite, "From") + "\r\nCall-ID: " + header(invite, "Call-ID") + "\r\nCSeq: " + std::to_string(sequence) + " " +
                 method + "\r\n" + rest(headers, body));
  }
  /// Early media in a reliable 183, acknowledged.
  void ring_reliably(const std::string& body) {
    reply(invite, "183 Session Progress", "Require: 100rel\r\nRSeq: 7\r\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n", body);
    const auto prack = await("PRACK ");
    EXPECT_EQ(header(prack, "RAck"), "7 " + header(invite, "CSeq"));
    reply(prack, "200 OK");
  }
  /// The answer to the INVITE, up to its ACK.
  std::optional<LegAnswered> answer(const std::string& headers, const std::string& body) {
    reply(invite, "200 OK", headers, body);
    const auto answered = sink.wait<LegAnswered>();
    EXPECT_TRUE(answered) << sink.ladder();
    await("ACK ");
    return answered;
  }
  std::string rest(const std::string& headers, const std::string& body) const {
    return "Contact: <sip:carrier@" + carrier.local() + ">\r\n" + headers + (body.empty() ? "" : "Content-Type: application/sdp\r\n") +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  RecordingSink sink;
  std::uint16_t port;
  RawPeer carrier;
  std::unique_ptr<SipStack> stack;
  std::string invite;
  int sequence = 0;
};

/// The third word of the o= line.
std::string version_of(const std::string& message) {
  const auto at = message.find("\r\no=");
  if (at == std::string::npos) return "";
  const auto line = message.substr(at + 4, message.find("\r\n", at + 4) - at - 4);
  const auto second = line.find(' ', line.find(' ') + 1);
  return line.substr(second + 1, line.find(' ', second + 1) - second - 1);
}

constexpr const char* both_codecs = "RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

TEST(EarlyUpdate, MovesTheMediaBeforeTheAnswer) {
  UpdateRig rig;
  rig.dial();
  rig.ring_reliably(sdp_at(30000, 1));
  rig.request("UPDATE", "", sdp_at(32000, 2, both_codecs));
  const auto reply = rig.await("SIP/2.0 200", "UPDATE");
  EXPECT_NE(reply.find("m=audio 20000 RTP/AVP 8 101\r\n"), std::string::npos) << reply;
  // An answer that differs from what was said before has the next version (RFC 3264 8).
  EXPECT_EQ(std::stoi("0" + version_of(reply)), std::stoi("0" + version_of(rig.invite)) + 1) << reply;
  const auto moved = rig.sink.wait<LegProgress>([](const LegProgress& p) { return p.early && p.early->port == 32000; });
  ASSERT_TRUE(moved) << rig.sink.ladder();
  EXPECT_EQ(moved->early->codecs, (std::vector<CodecChoice>{{Codec::pcma, 8}})) << "the codec that was answered and no other";
  // Carriers repeat their first description in the 200; it was answered long ago (RFC 3261 13.2.1).
  const auto answered = rig.answer("", sdp_at(30000, 1));
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->answer.port, 32000);
  rig.request("BYE");
  rig.await("SIP/2.0 200", "BYE");
}

TEST(EarlyUpdate, TakesTheKeyThatWasAnswered) {
  UpdateRig rig(1, [](TrunkSettings& trunk) { trunk.requires_srtp = true; });
  rig.dial(secure_offer());
  const std::string key_80 = "AES_CM_128_HMAC_SHA1_80 inline:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\r\n";
  const std::string key_gcm = "AEAD_AES_128_GCM inline:CAgICAgICAgICAgICAgICAgICAgICAgICAgICA==\r\n";
  rig.ring_reliably(sdp_at(30000, 1, "RTP/SAVP 8\r\na=crypto:1 " + key_80));
  rig.request("UPDATE", "", sdp_at(32000, 2, "RTP/SAVP 8\r\na=crypto:1 " + key_gcm + "a=crypto:2 " + key_80));
  const auto reply = rig.await("SIP/2.0 200", "UPDATE");
  EXPECT_NE(reply.find("a=crypto:2 "), std::string::npos) << reply;
  const auto moved = rig.sink.wait<LegProgress>([](const LegProgress& p) { return p.early && p.early->port == 32000; });
  ASSERT_TRUE(moved) << rig.sink.ladder();
  ASSERT_EQ(moved->early->crypto.size(), 1U);
  EXPECT_EQ(moved->early->crypto.front().tag, 2U);
  rig.request("UPDATE", "", sdp_at(33000, 3));
  rig.await("SIP/2.0 488", "UPDATE");
}

TEST(EarlyUpdate, WaitsWhileOurOfferIsUnanswered) {
  UpdateRig rig;
  rig.dial();
  rig.reply(rig.invite, "180 Ringing", "Require: 100rel\r\nRSeq: 7\r\n");
  rig.reply(rig.await("PRACK "), "200 OK");
  rig.request("UPDATE", "", sdp_at(32000, 2));
  rig.await("SIP/2.0 491", "UPDATE");
  rig.request("UPDATE");
  rig.await("SIP/2.0 200", "UPDATE");
  const auto answered = rig.answer("", sdp_at(30000, 1));
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->answer.port, 30000);
}

TEST(Update, HoldsAndResumesATalk) {
  UpdateRig rig;
  rig.dial();
  ASSERT_TRUE(rig.answer("", sdp_at(30000, 1)));
  rig.request("UPDATE", "", sdp_at(30000, 2) + "a=sendonly\r\n");
  const auto held = rig.sink.wait<LegReoffered>();
  ASSERT_TRUE(held) << rig.sink.ladder();
  EXPECT_TRUE(held->is_hold);
  EXPECT_TRUE(held->needs_answer);
  auto answer = plain_offer();
  answer.codecs = {{Codec::pcma, 8}};
  answer.direction = MediaDirection::recvonly;
  EXPECT_TRUE(rig.stack->answer(LegId(1), 200, answer).ok());
  EXPECT_NE(rig.await("SIP/2.0 200", "UPDATE").find("a=recvonly"), std::string::npos);
  // No ACK belongs to an UPDATE: the next offer is taken at once.
  rig.request("UPDATE", "", sdp_at(30000, 3));
  ASSERT_TRUE(rig.sink.wait<LegReoffered>([](const LegReoffered& r) { return !r.is_hold; })) << rig.sink.ladder();
  answer.direction = MediaDirection::sendrecv;
  EXPECT_TRUE(rig.stack->answer(LegId(1), 200, answer).ok());
  EXPECT_NE(rig.await("SIP/2.0 200", "UPDATE").find("a=sendrecv"), std::string::npos);
}

TEST(Update, OfTheFarEndRefreshesTheSession) {
  UpdateRig rig(10);
  rig.dial();
  ASSERT_TRUE(rig.answer("Require: timer\r\nSession-Expires: 90;refresher=uas\r\n", sdp_at(30000, 1)));
  rig.request("UPDATE", "Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n");
  const auto reply = rig.await("SIP/2.0 200", "UPDATE");
  EXPECT_EQ(header(reply, "Session-Expires"), "1800;refresher=uac") << reply;
  EXPECT_EQ(header(reply, "Require"), "timer") << reply;
  // 90 s would have expired after six seconds of the machine's.
  EXPECT_FALSE(rig.sink.wait<LegEnded>([](const LegEnded&) { return true; }, 12'000)) << rig.sink.ladder();
}

constexpr const char* timer_is_ours = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\nRequire: timer\r\nSession-Expires: 90;refresher=uac\r\n";

TEST(Update, OfOursRefreshesTheSessionAgainAndAgain) {
  UpdateRig rig(10);
  rig.dial();
  ASSERT_TRUE(rig.answer(timer_is_ours, sdp_at(30000, 1)));
  for (int i = 0; i < 3; ++i) {
    const auto update = rig.await("UPDATE ");
    EXPECT_EQ(header(update, "Session-Expires"), "90;refresher=uac") << update;
    EXPECT_EQ(header(update, "Content-Length"), "0") << update;
    rig.reply(update, "200 OK", "Require: timer\r\nSession-Expires: 90;refresher=uac\r\n");
  }
  EXPECT_EQ(rig.sink.count<LegReoffered>(), 0) << "no media changed";
  EXPECT_EQ(rig.sink.count<LegEnded>(), 0);
}

TEST(Update, KeepsTheSessionTimerWhenChallenged) {
  UpdateRig rig(10, [](TrunkSettings& trunk) {
    trunk.login = TrunkLogin{};
    trunk.login->user = "trunk-user";
    trunk.login->password = "secret";
    trunk.login->does_register = false;
  });
  rig.dial();
  ASSERT_TRUE(rig.answer(timer_is_ours, sdp_at(30000, 1)));
  for (int i = 0; i < 5; ++i) {
    rig.reply(rig.await("UPDATE "), "407 Proxy Authentication Required",
              "Proxy-Authenticate: Digest realm=\"c\", nonce=\"n" + std::to_string(i) + "\", algorithm=MD5\r\n");
    std::string update;
    while (!::testing::Test::HasFailure() && header(update, "Proxy-Authorization").find("nonce=\"n" + std::to_string(i)) == std::string::npos) update = rig.await("UPDATE ");
    EXPECT_EQ(header(update, "Session-Expires"), "90;refresher=uac") << update;
    rig.reply(update, "200 OK", "Require: timer\r\nSession-Expires: 90;refresher=uac\r\n");
  }
}

TEST(Update, BecomesAReInviteWhereItIsNotServed) {
  UpdateRig rig(10);
  rig.dial();
  ASSERT_TRUE(rig.answer(timer_is_ours, sdp_at(30000, 1)));
  rig.reply(rig.await("UPDATE "), "405 Method Not Allowed", "Allow: INVITE, ACK, BYE, CANCEL\r\n");
  const auto again = rig.await("INVITE ");
  EXPECT_NE(header(again, "To").find("tag=carrier1"), std::string::npos) << again;
  EXPECT_EQ(header(again, "Session-Expires"), "90;refresher=uac") << again;
}

}  // namespace
}  // namespace dunlin::test
