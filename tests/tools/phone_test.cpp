// The robot's telephone against a scripted edge that does what a node may do to it: re-INVITE, OPTIONS, BYE,
// silence.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/tools/programs.hpp"
#include "tools/peer/address.hpp"
#include "tools/peer/media_loop.hpp"
#include "tools/peer/negotiation.hpp"
#include "tools/peer/sip_message.hpp"

namespace dunlin::peer {
namespace {

using peer_test::eventually;

/// One TCP connection of one phone, written and read in step.
class ScriptedEdge {
 public:
  ScriptedEdge() : listener_(socket(AF_INET, SOCK_STREAM, 0)), address_(*parse_address("127.0.0.1", 0)) {
    bind(listener_, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    listen(listener_, 1);
    socklen_t length = sizeof address_;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &length);
  }
  ~ScriptedEdge() {
    close(client_);
    close(listener_);
  }
  std::string address() const { return to_string(address_); }
  void accept_phone() {
    client_ = accept(listener_, nullptr, nullptr);
    const timeval limit{60, 0};
    setsockopt(client_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  /// The next message that is this request, or a response of this method.
  SipMessage next(const std::string& method) {
    while (true) {
      while (!inbox_.empty()) {
        const auto message = parse_sip(inbox_.front());
        inbox_.erase(inbox_.begin());
        if (message && message->cseq().method == method) return *message;
      }
      char buffer[8192];
      const ssize_t size = recv(client_, buffer, sizeof buffer, 0);
      if (size <= 0) {
        ADD_FAILURE() << "no " << method << " came";
        return {};
      }
      const auto messages = framer_.feed(std::string_view(buffer, static_cast<std::size_t>(size)));
      if (messages) inbox_.insert(inbox_.end(), (*messages).begin(), (*messages).end());
    }
  }
  void send(const SipMessage& message) {
    const std::string bytes = message.bytes();
    EXPECT_EQ(::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void answer(const SipMessage& request, const std::string& sdp = {}) {
    auto response = make_response(request, 200, "OK", "edge");
    response.add("Contact", "<sip:station@" + address() + ";transport=tcp>");
    response.body = sdp;
    if (!sdp.empty()) response.add("Content-Type", "application/sdp");
    send(response);
  }
  /// A request of ours in the dialog that the phone's INVITE began.
  SipMessage in_dialog(const SipMessage& invite, const std::string& method, int cseq) const {
    SipMessage request;
    request.method = method;
    request.uri = uri_of(invite.header("Contact"));
    request.add("Via", "SIP/2.0/TCP " + address() + ";branch=z9hG4bK" + method + std::to_string(cseq));
    request.add("From", std::string(invite.header("To")) + ";tag=edge");
    request.add("To", invite.header("From"));
    request.add("Call-ID", invite.header("Call-ID"));
    request.add("CSeq", std::to_string(cseq) + " " + method);
    request.add("Contact", "<sip:station@" + address() + ";transport=tcp>");
    return request;
  }

 private:
  int listener_;
  sockaddr_in address_;
  int client_ = -1;
  SipFramer framer_;
  std::vector<std::string> inbox_;
};

struct Leg {
  Leg() : leg(*MediaLeg::open({*parse_address("127.0.0.1", 0), 4, {}})) { loop.add(leg); }
  LocalMedia local() const { return {"127.0.0.1", leg->port(), {Codec::pcma}}; }
  void expect_tone(double hz) {
    EXPECT_TRUE(eventually([&] { return leg->report().tone_hz > 0; }));
    EXPECT_NEAR(leg->report().tone_hz, hz, 3.0);
    EXPECT_EQ(leg->report().auth_failures, 0u);
  }
  std::shared_ptr<MediaLeg> leg;
  MediaLoop loop;
};

class PhoneAtAnEdge : public testing::Test {
 protected:
  void SetUp() override {
    robot_ = std::make_unique<peer_test::Program>(
        std::vector<std::string>{peer_test::binary("dunlin-robot"), "--count", "1", "--transport", "tcp",
                                 "--registrar", edge_.address(), "--accounts",
                                 folder_.write("a.json", R"([{"user":"a001","password":"x"}])"),
                                 "--listen-tone", "880", "--log", folder_.file("robot.jsonl")},
        folder_.file("robot.out"));
    edge_.accept_phone();
    edge_.answer(edge_.next("REGISTER"));
    invite_ = edge_.next("INVITE");
  }
  /// Answers the INVITE with that leg.
  void take_leg(Leg& leg) {
    const auto offer = parse_sdp(invite_.body);
    ASSERT_TRUE(offer.ok());
    const auto agreed = answer_offer(*offer, leg.local(), std::nullopt);
    ASSERT_TRUE(agreed.ok());
    ASSERT_TRUE(leg.leg->configure(agreed->session).ok());
    edge_.answer(invite_, write_sdp(agreed->ours, 1));
    EXPECT_EQ(edge_.next("ACK").cseq().number, invite_.cseq().number);
  }

  peer_test::Folder folder_;
  ScriptedEdge edge_;
  SipMessage invite_;
  std::unique_ptr<peer_test::Program> robot_;
};

TEST_F(PhoneAtAnEdge, OffersOpusFirstAndOneKey) {
  const auto offer = parse_sdp(invite_.body);
  ASSERT_TRUE(offer.ok());
  EXPECT_EQ(invite_.uri, "sip:station@dunlin");
  ASSERT_EQ(offer->codecs.size(), 2u);
  EXPECT_EQ(offer->codecs[0].codec, Codec::opus);
  EXPECT_EQ(offer->codecs[1].codec, Codec::pcma);
  ASSERT_EQ(offer->cryptos.size(), 1u);
  EXPECT_EQ(offer->cryptos[0].suite, SrtpSuite::gcm_128);
}

TEST_F(PhoneAtAnEdge, MovesItsMediaAtAReInvite) {
  Leg first;
  take_leg(first);
  first.expect_tone(880);
  Leg second;
  auto reinvite = edge_.in_dialog(invite_, "INVITE", 1);
  const auto offer = make_offer(second.local(), {SrtpSuite::cm_sha1_80});
  reinvite.add("Content-Type", "application/sdp");
  reinvite.body = write_sdp(offer, 2);
  edge_.send(reinvite);
  const auto answer = edge_.next("INVITE");
  ASSERT_EQ(answer.status, 200);
  const auto session = take_answer(*parse_sdp(answer.body), offer);
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(second.leg->configure(*session).ok());
  edge_.send(edge_.in_dialog(invite_, "ACK", 1));
  second.expect_tone(880);
}

TEST_F(PhoneAtAnEdge, AnswersOptionsAndDialsAgainAfterABye) {
  Leg leg;
  take_leg(leg);
  edge_.send(edge_.in_dialog(invite_, "OPTIONS", 1));
  EXPECT_EQ(edge_.next("OPTIONS").status, 200);
  edge_.send(edge_.in_dialog(invite_, "BYE", 2));
  EXPECT_EQ(edge_.next("BYE").status, 200);
  const auto again = edge_.next("INVITE");
  EXPECT_NE(again.header("Call-ID"), invite_.header("Call-ID"));
  EXPECT_EQ(peer_test::events(folder_.file("robot.jsonl"), "leg_down").at(0)["cause"], "bye");
}

TEST_F(PhoneAtAnEdge, EndsItsLegAndRegistrationWhenToldToStop) {
  Leg leg;
  take_leg(leg);
  ASSERT_TRUE(eventually([&] { return !peer_test::events(folder_.file("robot.jsonl"), "leg_up").empty(); }));
  EXPECT_EQ(robot_->terminate(), 0);
  EXPECT_TRUE(edge_.next("BYE").is_request());
  EXPECT_EQ(edge_.next("REGISTER").header("Expires"), "0");
}

}  // namespace
}  // namespace dunlin::peer
