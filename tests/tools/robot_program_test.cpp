// dunlin-robot as a whole: its telephone against the carrier's TLS door, its desk against a scripted node.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/tools/programs.hpp"

namespace dunlin::peer_test {
namespace {

const char* const busy_scenario = R"(
[ring]
post_dial_delay_ms = [10, 20]
answer_after_ms = [10, 20]
early_media_share = 0.0
[rtp]
codecs = ["opus", "PCMA"]
[auth]
user = "a001"
password = "right"
realm = "dunlin"
algorithm = "SHA-256"
[[number]]
match = "200"
outcome = "echo"
[[number]]
match = "300"
outcome = "dtmf:15#"
[[number]]
match = "*"
outcome = "tone:700"
)";

/// A private CA and a certificate of 127.0.0.1 signed by it.
void make_certificates(const Folder& folder) {
  const std::string curve = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  const std::string commands =
      "cd " + folder.file("") + " && openssl req -x509" + curve +
      "-days 2 -subj /CN=ca -keyout ca.key -out ca.pem && openssl req" + curve +
      "-subj /CN=edge -keyout edge.key -out edge.csr && openssl x509 -req -in edge.csr -CA ca.pem -CAkey "
      "ca.key -CAcreateserial -days 2 -out edge.pem";
  Program openssl({"sh", "-c", commands}, folder.file("openssl.out"));
  ASSERT_EQ(openssl.wait(), 0);
}

/// The node's control socket with one scripted agent: ready, then one call after the other.
class ScriptedNode {
 public:
  explicit ScriptedNode(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    listen(fd_, 4);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedNode() {
    is_stopping_ = true;
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  std::vector<std::vector<std::string>> commands() {
    const std::lock_guard lock(mutex_);
    return commands_;
  }

 private:
  void serve() {
    while (!is_stopping_) {
      const int client = accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      std::string pending;
      char buffer[4096];
      for (ssize_t size = recv(client, buffer, sizeof buffer, 0); size > 0;
           size = recv(client, buffer, sizeof buffer, 0)) {
        pending.append(buffer, static_cast<std::size_t>(size));
        for (auto at = pending.find('\n'); at != std::string::npos; at = pending.find('\n')) {
          const std::string reply = answer(Json::parse(pending.substr(0, at))["argv"]);
          pending.erase(0, at + 1);
          if (send(client, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
        }
      }
      close(client);
    }
  }
  std::string answer(const std::vector<std::string>& words) {
    const std::lock_guard lock(mutex_);
    std::string view;
    if (words[1] == "show") {
      if (state_ == "ready") state_ = "talking", ++attempt_;
      const Json fields{{"state", state_}, {"call", "x-" + std::to_string(attempt_)}};
      view = Json{{"type", "view"}, {"view", {{"kind", "record"}, {"fields", fields}}}}.dump() + "\n";
    } else {
      commands_.push_back(words);
    }
    if (words[1] == "ready" || words[1] == "outcome") state_ = "ready";
    if (words[1] == "hangup") state_ = "wrap_up";
    return view + R"({"type":"end","exit":0})" + "\n";
  }

  int fd_;
  std::atomic<bool> is_stopping_{false};
  std::mutex mutex_;
  std::string state_ = "logged_out";
  int attempt_ = 0;
  std::vector<std::vector<std::string>> commands_;
  std::thread thread_;
};

/// One carrier with a TLS door for all tests.
class RobotProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<Folder>();
    make_certificates(*folder_);
    carrier_ = std::make_unique<Program>(
        std::vector<std::string>{binary("dunlin-carrier"), "--listen", "127.0.0.1:25170", "--listen-tls",
                                 "127.0.0.1:25171", "--certificate", folder_->file("edge.pem"), "--key",
                                 folder_->file("edge.key"), "--scenario", folder_->write("s.toml", busy_scenario),
                                 "--log", carrier_log(), "--rtp-ports", "46200-46298"},
        folder_->file("carrier.out"));
    ASSERT_TRUE(eventually([&] { return !events(carrier_log(), "started").empty(); }));
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(carrier_->terminate(), 0);
    carrier_.reset();
    folder_.reset();
  }
  void SetUp() override { std::filesystem::remove(robot_log()); }
  static std::string carrier_log() { return folder_->file("carrier.jsonl"); }
  static std::string robot_log() { return folder_->file("robot.jsonl"); }

  std::unique_ptr<Program> start_robot(const std::string& password, std::vector<std::string> more) {
    const std::string accounts = R"([{"user":"a001","password":")" + password + "\"}]";
    std::vector<std::string> words{binary("dunlin-robot"),
                                   "--count",
                                   "1",
                                   "--registrar",
                                   "127.0.0.1:25171",
                                   "--ca",
                                   folder_->file("ca.pem"),
                                   "--accounts",
                                   folder_->write("accounts.json", accounts),
                                   "--log",
                                   robot_log()};
    words.insert(words.end(), more.begin(), more.end());
    return std::make_unique<Program>(words, folder_->file("robot.out"));
  }
  bool comes(const std::string& event, std::size_t count = 1) {
    return eventually([&] { return events(robot_log(), event).size() >= count; });
  }

  static inline std::unique_ptr<Folder> folder_;
  static inline std::unique_ptr<Program> carrier_;
};

TEST_F(RobotProgram, HoldsAnEncryptedLegAndBothSidesHearTheTone) {
  const std::vector<std::pair<std::string, std::string>> kinds{{"opus", "gcm"}, {"pcma", "cm"}};
  for (const auto& [codec, suite] : kinds) {
    SetUp();
    auto robot = start_robot("right", {"--listen-tone", "900", "--codec", codec, "--srtp", suite});
    ASSERT_TRUE(comes("leg_up"));
    eventually([] { return false; }, 2);
    EXPECT_EQ(robot->terminate(), 0);
    const auto down = events(robot_log(), "leg_down");
    ASSERT_EQ(down.size(), 1u);
    EXPECT_NEAR(down[0]["tone_hz"].get<double>(), 700.0, 3.0) << codec;
    EXPECT_EQ(down[0]["auth_failures"], 0);
    EXPECT_NE(down[0]["srtp"], "");
    const auto ends = events(carrier_log(), "end");
    ASSERT_FALSE(ends.empty());
    EXPECT_NEAR(ends.back()["tone_hz"].get<double>(), 900.0, 3.0) << codec;
  }
}

TEST_F(RobotProgram, HearsItsOwnToneFromAnEcho) {
  auto robot = start_robot("right", {"--listen-tone", "620", "--station", "200", "--codec", "pcma"});
  ASSERT_TRUE(comes("leg_up"));
  eventually([] { return false; }, 2);
  EXPECT_EQ(robot->terminate(), 0);
  EXPECT_NEAR(events(robot_log(), "leg_down").at(0)["tone_hz"].get<double>(), 620.0, 3.0);
}

TEST_F(RobotProgram, ReadsTheDigitsOfTheFarEnd) {
  auto robot =
      start_robot("right", {"--listen-tone", "620", "--station", "300", "--codec", "pcma", "--srtp", "off"});
  ASSERT_TRUE(comes("leg_up"));
  eventually([] { return false; }, 4);
  EXPECT_EQ(robot->terminate(), 0);
  EXPECT_EQ(events(robot_log(), "leg_down").at(0)["digits"], "15#");
}

TEST_F(RobotProgram, GetsNoLegWithAWrongPassword) {
  auto robot = start_robot("wrong", {"--listen-tone", "900"});
  EXPECT_TRUE(comes("register_failed", 2)) << "it tries again";
  EXPECT_TRUE(events(robot_log(), "registered").empty());
}

TEST_F(RobotProgram, WorksItsShift) {
  ScriptedNode node(folder_->file("node.sock"));
  auto robot = start_robot("right", {"--control", folder_->file("node.sock"), "--talk", "1", "--wrap", "0",
                                     "--outcomes", folder_->write("mix.toml", "[mix]\nrpc_promise = 1")});
  ASSERT_TRUE(comes("outcome", 2));
  EXPECT_EQ(robot->terminate(), 0);
  const auto commands = node.commands();
  ASSERT_GE(commands.size(), 6u);
  EXPECT_EQ(commands[0], (std::vector<std::string>{"agent", "login", "a001"}));
  EXPECT_EQ(commands[1], (std::vector<std::string>{"agent", "ready", "a001"}));
  EXPECT_EQ(commands[2], (std::vector<std::string>{"agent", "hangup", "a001"}));
  ASSERT_EQ(commands[3].size(), 8u);
  EXPECT_EQ(commands[3][3], "rpc_promise");
  EXPECT_EQ(commands[3][4], "--promise-amount");
  const auto outcomes = events(robot_log(), "outcome");
  EXPECT_EQ(outcomes[0]["attempt"], "x-1");
  EXPECT_EQ(outcomes[0]["promise_date"], commands[3][7]);
  EXPECT_EQ(events(robot_log(), "talk_ended").at(0)["by"], "robot");
}

}  // namespace
}  // namespace dunlin::peer_test
