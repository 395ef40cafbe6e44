// `dunlin cluster init`: its words, its files with their rights, and that nothing is ever written over.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>

#include "app/cli/cluster_certify.hpp"
#include "app/cli/cluster_init.hpp"
#include "config/settings.hpp"
#include "storage/vault.hpp"
#include "tests/support/temporary_folder.hpp"

namespace dunlin {
namespace {

constexpr UtcTime made_at{1'795'420'800'000};  // 2026-11-23T08:00:00Z

FoundingPlan founding_in(const std::filesystem::path& folder) {
  FoundingPlan plan;
  plan.nodes = {{"a", "127.0.0.1"}, {"b", "127.0.0.2"}, {"c", "127.0.0.3"}};
  plan.members = plan.nodes;
  plan.folder = folder;
  plan.is_in_place = true;
  return plan;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat facts {};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 07777;
}

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

TEST(ClusterInit, TakesItsWordsInAnyOrder) {
  const auto plan = parse_founding({"--node", "a=10.0.0.1", "/srv/out/", "--in-place", "--node", "b=10.0.0.2", "--etcd", "m=10.0.0.9", "--name", "bank"});
  ASSERT_TRUE(plan.ok()) << plan.error().detail;
  EXPECT_EQ(plan->folder, "/srv/out");
  EXPECT_EQ(plan->cluster, "bank");
  EXPECT_TRUE(plan->is_in_place);
  EXPECT_EQ(plan->nodes, (std::vector<ClusterSeat>{{"a", "10.0.0.1"}, {"b", "10.0.0.2"}}));
  EXPECT_EQ(plan->members, (std::vector<ClusterSeat>{{"m", "10.0.0.9"}}));
}

TEST(ClusterInit, NamesTheWordThatIsWrong) {
  struct Row { std::vector<std::string> words; const char* says; };
  for (const Row& row : {Row{{"--node", "a=10.0.0.1"}, "missing FOLDER"}, Row{{"out", "more"}, "a word too many: more"}, Row{{"out", "--nod", "a=10.0.0.1"}, "did you mean --node"},
                         Row{{"out", "--node"}, "--node needs a value"}, Row{{"out", "--node", "--in-place"}, "--node needs a value"}, Row{{"out", "--etcd", "10.0.0.1"}, "--etcd \"10.0.0.1\""},
                         Row{{"out\n", "--node", "a=10.0.0.1"}, "control characters"}}) {
    const auto plan = parse_founding(row.words);
    ASSERT_FALSE(plan.ok()) << row.says;
    EXPECT_EQ(plan.error().code, Errc::invalid_input);
    EXPECT_NE(plan.error().detail.find(row.says), std::string::npos) << plan.error().detail;
  }
  EXPECT_EQ(run_cluster_init({"out", "--node", "a"}), 2);
  EXPECT_EQ(run_cluster_init({"--help"}), 0);
}

TEST(ClusterInit, ClosesItsFilesToOthers) {
  const test::TemporaryFolder folder;
  const auto root = folder.file("bank");
  ASSERT_TRUE(write_founding(founding_in(root), made_at).ok());
  for (const char* name : {"", "authority", "node-a", "node-b", "node-c", "etcd-a", "etcd-b", "etcd-c"}) EXPECT_EQ(mode_of(root / name), 0700U) << name;
  for (const char* name : {"authority/ca.key", "node-a/node.key", "node-b/cluster.secret", "node-c/key.txt", "etcd-a/member.key"}) {
    EXPECT_EQ(mode_of(root / name), 0600U) << name;
  }
  EXPECT_EQ(mode_of(root / "authority/installation.key"), 0400U);
  EXPECT_EQ(entries(folder.path()), 1U) << "something unfinished was left behind";
}

TEST(ClusterInit, WritesWhatANodeLoads) {
  const test::TemporaryFolder folder;
  const auto root = folder.file("bank");
  ASSERT_TRUE(write_founding(founding_in(root), made_at).ok());
  std::set<std::string> secrets, keys;
  for (const char* name : {"node-a", "node-b", "node-c"}) {
    const auto loaded = load_settings(root / name / "dunlin.toml", {});
    ASSERT_TRUE(loaded.ok()) << loaded.error().detail;
    const auto& cluster = loaded->settings.cluster;
    for (const auto& file : {cluster.ca_file, cluster.certificate_file, cluster.key_file}) EXPECT_TRUE(content(file).starts_with("-----BEGIN ")) << file;
    const auto secret = read_secret_file(cluster.secret_file);
    ASSERT_TRUE(secret.ok()) << secret.error().detail;
    EXPECT_EQ(secret->size(), 64U);
    EXPECT_EQ(secret->find_first_not_of("0123456789abcdef"), std::string::npos);
    secrets.insert(*secret);
    keys.insert(content(cluster.key_file));
  }
  EXPECT_EQ(secrets.size(), 1U) << "the secret is the cluster's";
  EXPECT_EQ(keys.size(), 3U) << "a key is a node's own";
}

TEST(ClusterInit, GivesAllNodesOneInstallationKey) {
  const test::TemporaryFolder folder;
  const auto root = folder.file("bank");
  ASSERT_TRUE(write_founding(founding_in(root), made_at).ok());
  const auto kept = InstallationKey::load(root / "authority/installation.key");
  ASSERT_TRUE(kept.ok()) << kept.error().detail;
  for (const char* name : {"node-a", "node-b", "node-c"}) {
    const auto installed = InstallationKey::install(folder.file(name), content(root / name / "key.txt"));
    ASSERT_TRUE(installed.ok()) << installed.error().detail;
    EXPECT_EQ(installed->fingerprint(), kept->fingerprint());
  }
}

TEST(ClusterInit, WritesOverNothing) {
  const test::TemporaryFolder folder;
  const auto root = folder.file("bank");
  const auto plan = founding_in(root);
  std::filesystem::create_directory(root);
  ASSERT_TRUE(write_founding(plan, made_at).ok()) << "an empty folder may be there";
  const auto before = content(root / "authority/ca.pem");
  const auto again = write_founding(plan, made_at);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, Errc::conflict);
  EXPECT_NE(again.error().detail.find(root.string() + " is not empty"), std::string::npos) << again.error().detail;
  EXPECT_EQ(content(root / "authority/ca.pem"), before);
  std::ofstream(folder.file("file")) << "text";
  EXPECT_EQ(write_founding(founding_in(folder.file("file")), made_at).error().code, Errc::conflict);
}

TEST(ClusterInit, LeavesNothingBehindWhereItCannotWrite) {
  const test::TemporaryFolder folder;
  const auto absent = write_founding(founding_in(folder.file("no/such/bank")), made_at);
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code, Errc::unavailable);
  EXPECT_NE(absent.error().detail.find("no/such/bank: No such file or directory"), std::string::npos) << absent.error().detail;
  auto twice = founding_in(folder.file("bank"));
  twice.nodes[1].name = "a";
  EXPECT_FALSE(write_founding(twice, made_at).ok()) << "two nodes in one folder";
  EXPECT_EQ(entries(folder.path()), 0U);
}

TEST(ClusterCertify, WritesACertificateOfTheKeptAuthority) {
  const test::TemporaryFolder folder;
  const auto root = folder.file("bank");
  ASSERT_TRUE(write_founding(founding_in(root), made_at).ok());
  const auto request = parse_certify({(root / "authority").string(), "d=10.0.0.4", "--to", folder.file("new-d/").string()});
  ASSERT_TRUE(request.ok()) << request.error().detail;
  const auto written = write_certified(*request, made_at + days(600));
  ASSERT_TRUE(written.ok()) << written.error().detail;
  EXPECT_EQ(content(folder.file("new-d/ca.pem")), content(root / "authority/ca.pem"));
  EXPECT_TRUE(content(folder.file("new-d/d.pem")).starts_with("-----BEGIN CERTIFICATE"));
  EXPECT_EQ(mode_of(folder.file("new-d/d.key")), 0600U);
  EXPECT_EQ(mode_of(folder.file("new-d")), 0700U);
  EXPECT_EQ(write_certified(*request, made_at).error().code, Errc::conflict) << "keys in use are not written over";
}

TEST(ClusterCertify, RefusesAKeyThatOthersMayRead) {
  const test::TemporaryFolder folder;
  const auto root = folder.file("bank");
  ASSERT_TRUE(write_founding(founding_in(root), made_at).ok());
  for (const mode_t mode : {0640U, 0604U}) {
    ASSERT_EQ(::chmod((root / "authority/ca.key").c_str(), mode), 0);
    const auto open = write_certified({root / "authority", {"d", "10.0.0.4"}, folder.file("new")}, made_at);
    ASSERT_FALSE(open.ok());
    EXPECT_EQ(open.error().code, Errc::denied);
    EXPECT_NE(open.error().detail.find("authority/ca.key is readable by others"), std::string::npos) << open.error().detail;
  }
  EXPECT_FALSE(std::filesystem::exists(folder.file("new")));
}

TEST(ClusterCertify, TakesAFolderAsInitDoes) {
  for (const char* word : {".", "./", "new/.."}) {
    const auto request = parse_certify({"authority", "d=10.0.0.4", "--to", word});
    ASSERT_TRUE(request.ok()) << request.error().detail;
    EXPECT_EQ(request->folder, std::filesystem::current_path()) << word;
    EXPECT_EQ(parse_founding({word})->folder, request->folder) << word;
  }
}

TEST(ClusterCertify, NamesWhatIsWrong) {
  const test::TemporaryFolder folder;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {}, {"authority", "d=10.0.0.4"}, {"authority", "--to", "new"}, {"authority", "d=10.0.0.4", "--to"}, {"authority", "d", "--to", "new"},
           {"authority", "d=10.0.0.300", "--to", "new"}, {"authority", "d=10.0.0.4", "--too", "new"}, {"authority", "d=10.0.0.4", "more", "--to", "new"}, {"authority", "ca=10.0.0.4", "--to", "new"},
           {"authority", "d=10.0.0.4", "--to", "--new"}, {"authority", "d=10.0.0.4", "--to", ""}, {"authority", "d=10.0.0.4", "--to", "a\nb"}}) {
    EXPECT_FALSE(parse_certify(words).ok());
    EXPECT_EQ(run_cluster_certify(words), 2);
  }
  const auto absent = write_certified({folder.file("authority"), {"d", "10.0.0.4"}, folder.file("new")}, made_at);
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code, Errc::not_found);
  EXPECT_NE(absent.error().detail.find("authority/ca.pem"), std::string::npos) << absent.error().detail;
  EXPECT_EQ(entries(folder.path()), 0U);
}

}  // namespace
}  // namespace dunlin
