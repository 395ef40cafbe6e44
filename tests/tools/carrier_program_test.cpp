// dunlin-carrier as a whole against sipp, a SIP implementation that shares nothing with it.
#include <gtest/gtest.h>

#include "tests/tools/programs.hpp"

namespace dunlin::peer_test {
namespace {

const char* const scenario = R"(
[ring]
post_dial_delay_ms = [20, 40]
answer_after_ms = [50, 100]
limit_ms = [60000, 60000]
early_media_share = 0.0
[talk]
patience_ms = [600, 800]
[speech]
recordings_folder = "/nowhere"
[[number]]
match = "101"
outcome = "busy"
[[number]]
match = "102"
outcome = "no_answer"
[[number]]
match = "110"
outcome = "tone:1000"
[[number]]
match = "103"
outcome = "tone:1000"
[[number]]
match = "104"
outcome = "announcement"
[[number]]
match = "112"
outcome = "answered_announcement:no_service"
[[number]]
match = "105"
outcome = "person"
[[number]]
match = "108"
outcome = "late_answer"
[[number]]
match = "109"
outcome = "duplicate_answer"
[[number]]
match = "107"
outcome = "busy"
[[number]]
match = "106"
outcome = "lost_bye"
)";

/// The INVITE of every sipp scenario here; the service is the number dialed.
const char* const invite = R"(<?xml version="1.0" encoding="UTF-8"?><scenario name="peer">
<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:74950000000@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=u 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send><recv response="100" optional="true"/>)";

/// A request of the same dialog; the branch of CANCEL and of a refusal's ACK is the INVITE's.
std::string send(const std::string& method, int cseq, const std::string& branch, const std::string& to) {
  return "<send><![CDATA[\n" + method +
         " sip:[service]@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] "
         "[local_ip]:[local_port];branch=" +
         branch + "\nFrom: <sip:74950000000@[local_ip]:[local_port]>;tag=[call_number]\n" + to +
         "\nCall-ID: [call_id]\nCSeq: " + std::to_string(cseq) + (method == "ACK" ? " ACK" : " " + method) +
         "\nMax-Forwards: 70\nContent-Length: 0\n\n]]></send>";
}
const std::string plain_to = "To: <sip:[service]@[remote_ip]:[remote_port]>";
const std::string peer_to = "[last_To:]";
const std::string end = "</scenario>";

/// One carrier for all tests (its voices take a while to render); each test has a number of its own.
class CarrierProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<Folder>();
    carrier_ =
        std::make_unique<Program>(std::vector<std::string>{binary("dunlin-carrier"), "--listen", address,
                                                           "--scenario", folder_->write("s.toml", scenario),
                                                           "--log", log(), "--rtp-ports", "46100-46198"},
                                  folder_->file("carrier.out"));
    ASSERT_TRUE(eventually([&] { return !events(log(), "started").empty(); }));
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(carrier_->terminate(), 0);
    carrier_.reset();
    folder_.reset();
  }
  static std::string log() { return folder_->file("carrier.jsonl"); }

  int dial(const std::string& number, const std::string& steps) {
    const std::string xml = folder_->write("dial" + number + ".xml", invite + steps + end);
    Program sipp({"sipp", "-sf", xml, "-s", number, "-i", "127.0.0.1", "-p", "25168", "-m", "1", "-nostdin",
                  "-timeout", "40s", address},
                 folder_->file("sipp.out"));
    return sipp.wait();
  }
  /// The log's lines of that event in the calls to that number.
  static std::vector<Json> lines(const std::string& number, const std::string& event) {
    std::vector<Json> chosen;
    std::string call;
    for (const auto& line : read_lines(log())) {
      if (line["event"] == "invite" && line["number"] == number) call = line["call_id"];
      if (line["event"] == event && line.value("call_id", "") == call) chosen.push_back(line);
    }
    return chosen;
  }
  static Json end_of(const std::string& number) {
    eventually([&] { return !lines(number, "end").empty(); });
    const auto ends = lines(number, "end");
    return ends.empty() ? Json::object() : ends.back();
  }

  static constexpr const char* address = "127.0.0.1:25160";
  static inline std::unique_ptr<Folder> folder_;
  static inline std::unique_ptr<Program> carrier_;
};

TEST_F(CarrierProgram, RefusesABusyNumber) {
  EXPECT_EQ(dial("101", R"(<recv response="486"/>)" + send("ACK", 1, "[branch-1]", peer_to)), 0);
  const auto end_line = end_of("101");
  EXPECT_EQ(end_line["status"], 486);
  EXPECT_EQ(end_line["answered_at"], 0);
  EXPECT_EQ(lines("101", "invite").size(), 1u);
  EXPECT_TRUE(eventually([&] { return !lines("101", "ack").empty(); }));
}

TEST_F(CarrierProgram, RingsUntilItIsCancelled) {
  EXPECT_EQ(dial("102", R"(<recv response="180"/>)" + send("CANCEL", 1, "[branch-1]", plain_to) +
                            R"(<recv response="200"/><recv response="487"/>)" +
                            send("ACK", 1, "[branch-3]", peer_to)),
            0);
  EXPECT_EQ(end_of("102")["cause"], "cancelled");
  EXPECT_EQ(lines("102", "cancel").size(), 1u);
}

TEST_F(CarrierProgram, RepeatsItsRefusalUntilTheAck) {
  // sipp swallows repeated answers by itself; it only has to be slow with its ACK.
  EXPECT_EQ(dial("107", R"(<recv response="486"/><pause milliseconds="1500"/>)" +
                            send("ACK", 1, "[branch-1]", peer_to)),
            0);
  EXPECT_TRUE(eventually([&] { return !lines("107", "ack").empty(); }));
  int repeated = 0;
  for (const auto& reply : lines("107", "reply"))
    repeated += reply["status"] == 486 && reply["is_retransmission"] ? 1 : 0;
  EXPECT_GE(repeated, 1);
}

TEST_F(CarrierProgram, AnswersAndPlaysATone) {
  EXPECT_EQ(dial("103", R"(<recv response="180"/><recv response="200"/>)" +
                            send("ACK", 1, "[branch]", peer_to) + "<pause milliseconds=\"1000\"/>" +
                            send("BYE", 2, "[branch]", peer_to) + R"(<recv response="200"/>)"),
            0);
  const auto end_line = end_of("103");
  EXPECT_EQ(end_line["ended_by"], "caller");
  EXPECT_GT(end_line["rtp_tx"], 10);
  EXPECT_GT(end_line["answered_at"], 0);
}

TEST_F(CarrierProgram, AcceptsAReInvite) {
  // The same request as the first one, but in the dialog and with the next number.
  std::string again = std::string(invite).substr(std::string(invite).find("<send retrans"));
  again.replace(again.find(plain_to), plain_to.size(), peer_to);
  again.replace(again.find("1 INVITE"), 8, "2 INVITE");
  again.replace(again.find("a=rtpmap"), 0, "a=sendonly\n");
  EXPECT_EQ(
      dial("110", R"(<recv response="180"/><recv response="200"/>)" + send("ACK", 1, "[branch]", peer_to) +
                      again + R"(<recv response="200"/>)" + send("ACK", 2, "[branch]", peer_to) +
                      send("BYE", 3, "[branch]", peer_to) + R"(<recv response="200"/>)"),
      0);
  const auto invites = lines("110", "invite");
  ASSERT_EQ(invites.size(), 2u);
  EXPECT_TRUE(invites[1]["is_reinvite"]);
  EXPECT_EQ(lines("110", "plan").size(), 1u);
  EXPECT_EQ(end_of("110")["cause"], "bye");
}

TEST_F(CarrierProgram, SpeaksANoticeBeforeItRefuses) {
  EXPECT_EQ(dial("104", R"(<recv response="183"/><recv response="480" timeout="30000"/>)" +
                            send("ACK", 1, "[branch-2]", peer_to)),
            0);
  const auto end_line = end_of("104");
  EXPECT_EQ(end_line["status"], 480);
  EXPECT_GT(end_line["rtp_tx"], 50);
}

TEST_F(CarrierProgram, WithoutThePackageItSaysSoAndSpeaksByItself) {
  const auto missing = events(log(), "recordings_missing");
  ASSERT_EQ(missing.size(), 2u);
  const auto why = missing.front()["why"].get<std::string>();
  EXPECT_EQ(why, "no recorded prompts: /nowhere/ru_RU_f_IvrvoiceRU/vm-nobodyavail.wav is missing; apt-get install asterisk-core-sounds-ru-wav, until then espeak-ng speaks");
  EXPECT_EQ(dial("112", R"(<recv response="180" optional="true"/><recv response="183" optional="true"/><recv response="200"/>)" +
                            send("ACK", 1, "[branch-2]", peer_to) + R"(<recv request="BYE" timeout="30000"/>)"),
            0);
  const auto end_line = end_of("112");
  EXPECT_EQ(end_line["cause"], "announced");
  EXPECT_GT(end_line["rtp_tx"], 100);
}

TEST_F(CarrierProgram, APersonWhoHearsNobodyHangsUp) {
  EXPECT_EQ(
      dial("105", R"(<recv response="180"/><recv response="200"/>)" + send("ACK", 1, "[branch]", peer_to) +
                      R"(<recv request="BYE" timeout="30000"/><send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>)"),
      0);
  EXPECT_EQ(end_of("105")["cause"], "patience");
  EXPECT_EQ(end_of("105")["ended_by"], "carrier");
}

TEST_F(CarrierProgram, AnswersAfterTheCancelWhenToldTo) {
  EXPECT_EQ(dial("108", R"(<recv response="180"/>)" + send("CANCEL", 1, "[branch-1]", plain_to) +
                            R"(<recv response="200"/><recv response="200"/>)" +
                            send("ACK", 1, "[branch]", peer_to) + send("BYE", 2, "[branch]", peer_to) +
                            R"(<recv response="200"/>)"),
            0);
  EXPECT_EQ(end_of("108")["cause"], "bye");
  EXPECT_EQ(lines("108", "cancel").size(), 1u);
}

TEST_F(CarrierProgram, RepeatsItsAnswerAfterTheAckWhenToldTo) {
  EXPECT_EQ(dial("109", R"(<recv response="180"/><recv response="200"/>)" +
                            send("ACK", 1, "[branch]", peer_to) + R"(<pause milliseconds="600"/>)" +
                            send("BYE", 2, "[branch]", peer_to) + R"(<recv response="200"/>)"),
            0);
  int repeated = 0;
  for (const auto& reply : lines("109", "reply"))
    repeated += reply["method"] == "INVITE" && reply["is_retransmission"] ? 1 : 0;
  EXPECT_GE(repeated, 1);
}

TEST_F(CarrierProgram, LosesTheFirstByeWhenToldTo) {
  const std::string bye = send("BYE", 2, "[branch]", peer_to);
  EXPECT_EQ(
      dial("106", R"(<recv response="180"/><recv response="200"/>)" + send("ACK", 1, "[branch]", peer_to) +
                      std::string(bye).replace(bye.find("<send>"), 6, "<send retrans=\"500\">") +
                      R"(<recv response="200"/>)"),
      0);
  const auto byes = lines("106", "bye");
  ASSERT_GE(byes.size(), 2u);
  EXPECT_TRUE(byes[0].contains("is_lost"));
  EXPECT_EQ(end_of("106")["cause"], "bye");
}

}  // namespace
}  // namespace dunlin::peer_test
