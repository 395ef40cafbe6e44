// Who sits in a new cluster, what is refused, and what its files say.
#include <gtest/gtest.h>

#include "cluster/founding.hpp"
#include "config/settings.hpp"

namespace dunlin {
namespace {

FoundingPlan plan_of(std::vector<ClusterSeat> nodes, std::vector<ClusterSeat> members = {}) {
  FoundingPlan plan;
  plan.cluster = "bank";
  plan.nodes = std::move(nodes);
  plan.members = std::move(members);
  plan.folder = "/home/admin/bank";
  return plan;
}

const std::vector<ClusterSeat> three{{"a", "10.0.0.1"}, {"b", "10.0.0.2"}, {"c", "10.0.0.3"}};

FoundingPlan settled(FoundingPlan plan) {
  auto made = settle_founding(std::move(plan));
  EXPECT_TRUE(made.ok()) << made.error().detail;
  return made ? made->plan : FoundingPlan{};
}

std::string refusal(FoundingPlan plan) {
  const auto made = settle_founding(std::move(plan));
  return made ? "nothing was refused" : made.error().detail;
}

void expect_says(const std::string& text, const std::string& part) { EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text; }

TEST(Founding, PutsEtcdOnTheFirstThreeNodes) {
  auto nodes = three;
  nodes.push_back({"d", "10.0.0.4"});
  EXPECT_EQ(settled(plan_of(nodes)).members, three);
  EXPECT_EQ(settled(plan_of({three[0], three[1]})).members, std::vector<ClusterSeat>{three[0]}) << "two would stand no loss either";
  const std::vector<ClusterSeat> own{{"m1", "etcd1.bank.example"}};
  EXPECT_EQ(settled(plan_of(nodes, own)).members, own);
}

TEST(Founding, ReadsNameAndAddress) {
  EXPECT_EQ(*parse_cluster_seat("--node", "a=10.0.0.1"), (ClusterSeat{"a", "10.0.0.1"}));
  EXPECT_EQ(*parse_cluster_seat("--etcd", "m.1=2001:db8::1"), (ClusterSeat{"m.1", "2001:db8::1"}));
  for (const char* text : {"a", "a=", "=10.0.0.1", "a b=10.0.0.1", "../a=10.0.0.1", ""}) {
    const auto seat = parse_cluster_seat("--node", text);
    ASSERT_FALSE(seat.ok()) << text;
    expect_says(seat.error().detail, "--node");
  }
}

TEST(Founding, WritesOneAddressInOneWay) {
  struct Row { const char* written; const char* read; };
  for (const Row& row : {Row{"10.0.0.1", "10.0.0.1"}, Row{"2001:DB8:0:0::7", "2001:db8::7"}, Row{"2001:db8:0000::0007", "2001:db8::7"}, Row{"::FFFF:10.0.0.1", "10.0.0.1"},
                         Row{"::ffff:127.0.0.1", "127.0.0.1"}, Row{"0:0:0:0:0:0:0:1", "::1"}, Row{"::ffff:0:0", "0.0.0.0"}, Row{"::10.0.0.1", "::10.0.0.1"},
                         Row{"ETCD1.Bank.example", "etcd1.bank.example"}, Row{"LocalHost", "localhost"}, Row{"10.0.0.1:7400", "10.0.0.1:7400"}}) {
    const auto seat = parse_cluster_seat("--etcd", std::string("m=") + row.written);
    ASSERT_TRUE(seat.ok()) << row.written;
    EXPECT_EQ(seat->host, row.read) << row.written;
  }
}

TEST(Founding, KnowsAnAddressWrittenOtherwise) {
  const auto seat = [](const char* text) { return *parse_cluster_seat("--node", text); };
  expect_says(refusal(plan_of({seat("a=2001:db8::7"), seat("b=2001:DB8:0::7")})), "the same address 2001:db8::7");
  expect_says(refusal(plan_of({seat("a=10.0.0.1"), seat("b=::ffff:10.0.0.1")})), "the same address 10.0.0.1");
  expect_says(refusal(plan_of(three, {seat("m1=Etcd.bank.example"), seat("m2=etcd.bank.example")})), "the same address etcd.bank.example");
  expect_says(refusal(plan_of(three, {seat("m1=::ffff:127.0.0.1")})), "seen by its own machine only");
  expect_says(refusal(plan_of(three, {seat("m1=LOCALHOST")})), "seen by its own machine only");
  expect_says(refusal(plan_of({seat("a=::ffff:0.0.0.0")})), "numeric address the others reach");
}

TEST(Founding, RefusesWhatCouldNotRun) {
  expect_says(refusal(plan_of({})), "--node a=10.0.0.1");
  expect_says(refusal(plan_of({three[0], {"a", "10.0.0.2"}})), "--node a stands twice");
  expect_says(refusal(plan_of({three[0], {"b", "10.0.0.1"}})), "the same address 10.0.0.1");
  expect_says(refusal(plan_of({{"a", "node1.bank.example"}})), "--node a=node1.bank.example: a node needs the numeric address");
  expect_says(refusal(plan_of({{"a", "0.0.0.0"}})), "numeric address the others reach");
  expect_says(refusal(plan_of({{"a", "10.0.0.1:7400"}})), "numeric address");
  expect_says(refusal(plan_of(three, {{"m1", "bank example"}})), "--etcd m1=bank example");
  expect_says(refusal(plan_of(three, {{"m1", "10.0.0.300"}})), "--etcd m1=10.0.0.300");
  expect_says(refusal(plan_of(three, {{"m1", "10.0.0.1"}, {"m1", "10.0.0.2"}})), "--etcd m1 stands twice");
  expect_says(refusal(plan_of(three, {{"m1", "127.0.0.1"}})), "seen by its own machine only");
  auto nameless = plan_of(three);
  nameless.cluster = "a bank";
  expect_says(refusal(nameless), "--name \"a bank\"");
  std::vector<ClusterSeat> many;
  for (int i = 1; i <= 65; ++i) many.push_back({"n" + std::to_string(i), "10.0.0." + std::to_string(i)});
  expect_says(refusal(plan_of(three, {many.begin(), many.begin() + 8})), "7 members are the most");
  expect_says(refusal(plan_of(many)), "64 nodes are the most");
}

TEST(Founding, WarnsOfWhatStandsNoLoss) {
  const auto warnings = [](FoundingPlan plan) {
    const auto made = settle_founding(std::move(plan));
    std::string all;
    if (made) {
      for (const auto& warning : made->warnings) all += warning + "\n";
    }
    return all;
  };
  EXPECT_EQ(warnings(plan_of(three)), "");
  expect_says(warnings(plan_of(three, {three[0], three[1]})), "etcd has 2 members and stands the loss of 0, no more than 1 would");
  expect_says(warnings(plan_of({three[0], three[1]})), "etcd has one member");
  expect_says(warnings(plan_of({three[0]})), "copies = 1");
}

TEST(Founding, WritesSettingsANodeTakes) {
  auto plan = plan_of({{"a", "10.0.0.1"}, {"b", "2001:db8::2"}, {"c", "10.0.0.3"}}, {{"m1", "etcd1.bank.example"}, {"m2", "2001:db8::2"}, {"m3", "10.0.0.3"}});
  for (const bool is_in_place : {false, true}) {
    plan.is_in_place = is_in_place;
    for (const auto& node : plan.nodes) {
      const auto text = node_settings_text(plan, node);
      const auto loaded = parse_settings(text, "dunlin.toml", {});
      ASSERT_TRUE(loaded.ok()) << loaded.error().detail << "\n" << text;
      EXPECT_TRUE(loaded->warnings.empty());
      EXPECT_EQ(loaded->settings.node_name, node.name);
      const auto& cluster = loaded->settings.cluster;
      EXPECT_EQ(cluster.name, "bank");
      EXPECT_EQ(cluster.host, node.host);
      EXPECT_EQ(cluster.copies, 3);
      EXPECT_EQ(cluster.etcd, (std::vector<std::string>{"https://etcd1.bank.example:2379", "https://[2001:db8::2]:2379", "https://10.0.0.3:2379"}));
      EXPECT_EQ(cluster.key_file, is_in_place ? "/home/admin/bank/node-" + node.name + "/node.key" : "/etc/dunlin/node.key");
    }
    EXPECT_EQ(parse_settings(node_settings_text(plan, plan.nodes[1]), "b", {})->settings.cluster.link_bind, "[2001:db8::2]:7400");
  }
}

TEST(Founding, QuotesAFolderWithQuotes) {
  auto plan = plan_of(three, three);
  plan.folder = "/home/a \"b\" \\c";
  plan.is_in_place = true;
  const auto loaded = parse_settings(node_settings_text(plan, three[0]), "dunlin.toml", {});
  ASSERT_TRUE(loaded.ok()) << loaded.error().detail;
  EXPECT_EQ(loaded->settings.data_folder, plan.folder / "node-a" / "data");
}

TEST(Founding, WritesEtcdThatHearsItsOwnAuthorityOnly) {
  const auto plan = plan_of(three, {{"m1", "10.0.0.1"}, {"m2", "etcd2.bank.example"}});
  const auto numeric = member_settings_text(plan, plan.members[0]);
  expect_says(numeric, "initial-cluster: \"m1=https://10.0.0.1:2380,m2=https://etcd2.bank.example:2380\"");
  expect_says(numeric, "listen-client-urls: \"https://10.0.0.1:2379\"");
  expect_says(numeric, "enable-grpc-gateway: true");
  const std::string tls = "  trusted-ca-file: \"/etc/dunlin-etcd/ca.pem\"\n  client-cert-auth: true\n";
  expect_says(numeric.substr(numeric.find("\nclient-transport-security:\n")), tls);
  expect_says(numeric.substr(numeric.find("\npeer-transport-security:\n")), tls);
  EXPECT_EQ(numeric.find("http://"), std::string::npos);
  const auto named = member_settings_text(plan, plan.members[1]);
  expect_says(named, "listen-peer-urls: \"https://0.0.0.0:2380\"");
  expect_says(named, "initial-advertise-peer-urls: \"https://etcd2.bank.example:2380\"");
}

TEST(Founding, CertifiesAMemberForTheAddressItCallsFrom) {
  EXPECT_EQ(hosts_of_member({"m1", "10.0.0.1"}), std::vector<std::string>{"10.0.0.1"});
  EXPECT_EQ(hosts_of_member({"m1", "127.0.0.2"}), (std::vector<std::string>{"127.0.0.2", "127.0.0.1"}));
}

TEST(Founding, TellsWhereEachFolderGoesAndUntilWhen) {
  const auto plan = settled(plan_of(three));
  const auto steps = next_steps_text(plan, UtcTime{1'795'420'800'000});
  for (const auto& seat : three) {
    expect_says(steps, "tar -C node-" + seat.name + " -cf - dunlin.toml ca.pem node.pem node.key cluster.secret key.txt | ssh root@" + seat.host);
    expect_says(steps, "tar -C etcd-" + seat.name + " -cf - etcd.yaml ca.pem member.pem member.key | ssh root@" + seat.host);
  }
  EXPECT_LT(steps.find("     cd /home/admin/bank\n"), steps.find("tar -C"));
  expect_says(steps, "Certificates hold until 2028-11-22, the authority until 2036-11-22");
  EXPECT_LT(steps.find("etcd --config-file"), steps.find("key install"));
  EXPECT_LT(steps.find("key install"), steps.find("dunlind --config"));
}

TEST(Founding, LeavesWhatIsOnTheMachineToItsOwner) {
  const auto steps = next_steps_text(settled(plan_of(three)), UtcTime{1'795'420'800'000});
  EXPECT_EQ(steps.find("chown -R"), std::string::npos);
  expect_says(steps, "tar --no-same-owner -k -xpf - && chown root:dunlin dunlin.toml ca.pem node.pem && chmod 0640 dunlin.toml ca.pem node.pem &&");
  expect_says(steps, "chown dunlin: node.key cluster.secret key.txt && chmod 0400 node.key cluster.secret key.txt'");
  expect_says(steps, "chown etcd: member.key && chmod 0400 member.key'");
}

TEST(Founding, WritesOneWordForAFolderWithSpacesAndQuotes) {
  auto plan = settled(plan_of(three));
  plan.folder = "/home/it's a $bank";
  const std::string word = R"('/home/it'\''s a $bank)";
  expect_says(next_steps_text(plan, UtcTime{0}), "     cd " + word + "'\n");
  plan.is_in_place = true;
  const auto steps = next_steps_text(plan, UtcTime{0});
  for (const auto& line : std::vector<std::string>{"etcd --config-file " + word + "/etcd-a/etcd.yaml'\n", "--cacert " + word + "/etcd-a/ca.pem' --cert " + word + "/etcd-a/member.pem'",
                                 "mkdir -m 0700 " + word + "/node-b/data' && dunlin --data " + word + "/node-b/data' key install " + word + "/node-b/key.txt'",
                                 "dunlind --config " + word + "/node-c/dunlin.toml'\n", "dunlin --data " + word + "/node-a/data' cluster status"}) {
    expect_says(steps, line);
  }
}

}  // namespace
}  // namespace dunlin
