// The door to etcd against a real one: compares, leases, TLS, and the fate of what gets no answer.
#include "cluster/etcd_client.hpp"

#include <gtest/gtest.h>

#include "tests/cluster/etcd_rig.hpp"

namespace dunlin::test {
namespace {

std::unique_ptr<EtcdClient> client_of(EtcdAccess access) {
  auto client = EtcdClient::make(std::move(access));
  if (!client) throw std::runtime_error(client.error().detail);
  return std::move(*client);
}

EtcdTxn put_if(EtcdCompare compare, std::string key) { return {{std::move(compare)}, {EtcdPut{std::move(key), "x", 0}}, {}}; }

TEST(EtcdClient, EveryCompareCanHoldAndCanFail) {
  const EtcdProcess etcd;
  const auto client = client_of(etcd.access());
  ASSERT_TRUE(client->run({{}, {EtcdPut{"there", "v", 0}}, {}})->is_done);
  const auto created_at = client->read({"there", {}, 1})->rows.at(0).created_at;
  EXPECT_GT(created_at, 1);
  const struct { EtcdCompare compare; bool holds; } rows[] = {
      {EtcdCompare::absent("nowhere"), true},           {EtcdCompare::absent("there"), false},
      {EtcdCompare::present("there"), true},            {EtcdCompare::present("nowhere"), false},
      {EtcdCompare::created("there", created_at), true}, {EtcdCompare::created("there", created_at + 1), false},
      {EtcdCompare::modified("there", created_at), true}, {EtcdCompare::modified("there", created_at + 1), false},
      {EtcdCompare::modified("nowhere", 0), true},       {EtcdCompare::modified("there", 0), false},
      {EtcdCompare::holds("there", "v"), true},         {EtcdCompare::holds("there", "w"), false},
      {EtcdCompare::holds("nowhere", ""), false}};
  for (const auto& row : rows) {
    const auto answer = client->run(put_if(row.compare, "target"));
    ASSERT_TRUE(answer.ok()) << answer.error().detail;
    EXPECT_EQ(answer->is_done, row.holds) << row.compare.key << " " << row.compare.revision << row.compare.value;
  }
}

TEST(EtcdClient, TransactionsOfOneRequestSucceedOrFailAlone) {
  const EtcdProcess etcd;
  const auto client = client_of(etcd.access());
  const std::vector<EtcdTxn> txns{put_if(EtcdCompare::absent("a"), "a"), put_if(EtcdCompare::present("b"), "b"), put_if(EtcdCompare::absent("c"), "c")};
  const auto reply = client->post("/v3/kv/txn", encode_txns(txns));
  ASSERT_EQ(reply.fate, EtcdFate::answered) << reply.detail;
  const auto answers = parse_txns(reply.body, 3);
  ASSERT_TRUE(answers.ok()) << answers.error().detail;
  EXPECT_TRUE(answers->each[0].is_done);
  EXPECT_FALSE(answers->each[1].is_done);
  EXPECT_TRUE(answers->each[2].is_done);
  const auto rows = client->read({"a", "d", 0});
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->rows.size(), 2u);
  EXPECT_EQ(rows->rows[0].created_at, rows->rows[1].created_at) << "one revision";
  EXPECT_TRUE(client->read({"a", "d", 1})->has_more);
}

TEST(EtcdClient, AKeyWrittenTwiceIsRefusedByName) {
  const EtcdProcess etcd;
  const auto client = client_of(etcd.access());
  const auto reply = client->post("/v3/kv/txn", encode_txns({put_if(EtcdCompare::absent("a"), "a"), put_if(EtcdCompare::absent("b"), "a")}));
  EXPECT_EQ(reply.fate, EtcdFate::refused);
  EXPECT_NE(reply.detail.find("duplicate key"), std::string::npos) << reply.detail;
  EXPECT_TRUE(client->read({"a", {}, 1})->rows.empty());
}

TEST(EtcdClient, LeasesCarryKeysUntilRevoked) {
  const EtcdProcess etcd;
  const auto client = client_of(etcd.access());
  const auto lease = client->grant_lease(60);
  ASSERT_TRUE(lease.ok()) << lease.error().detail;
  EXPECT_EQ(lease->ttl_s, 60);
  ASSERT_TRUE(client->run({{}, {EtcdPut{"owner", "me", lease->id}}, {}})->is_done);
  EXPECT_EQ(client->read({"owner", {}, 1})->rows.at(0).lease, lease->id);
  EXPECT_EQ(client->keep_alive(lease->id)->ttl_s, 60);
  ASSERT_TRUE(client->revoke_lease(lease->id).ok());
  EXPECT_TRUE(client->read({"owner", {}, 1})->rows.empty());
  EXPECT_EQ(client->keep_alive(lease->id)->ttl_s, 0) << "an ended lease";
}

TEST(EtcdClient, GoesToTheNextMemberWhenNobodyListens) {
  const EtcdProcess etcd;
  auto access = etcd.access();
  access.members.insert(access.members.begin(), "http://127.0.0.1:" + std::to_string(free_tcp_port()));
  const auto client = client_of(access);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client->read({"a", {}, 1}).ok());
  access.members.resize(1);
  const auto alone = client_of(access)->post("/v3/kv/txn", encode_txns({put_if(EtcdCompare::absent("a"), "a")}));
  EXPECT_EQ(alone.fate, EtcdFate::refused) << "no connection, nothing sent";
}

TEST(EtcdClient, AFrozenMemberLeavesDoubt) {
  EtcdProcess etcd;
  auto access = etcd.access();
  access.deadline = seconds(3);
  const auto client = client_of(access);
  ASSERT_TRUE(client->read({"a", {}, 1}).ok());
  etcd.freeze();
  const auto reply = client->post("/v3/kv/txn", encode_txns({put_if(EtcdCompare::absent("a"), "a")}));
  etcd.thaw();
  EXPECT_EQ(reply.fate, EtcdFate::doubtful) << reply.detail;
}

TEST(EtcdClient, ARequestIsSentOnceEvenWhenItsConnectionDies) {
  // Answers the first request, reads the second and closes connection and door: libcurl would send it again.
  DyingServer server;
  EtcdAccess access;
  access.members = {"http://127.0.0.1:" + std::to_string(server.port())};
  access.deadline = seconds(10);
  const auto client = client_of(access);
  ASSERT_TRUE(client->read({"a", {}, 1}).ok());
  const auto reply = client->post("/v3/kv/txn", encode_txns({put_if(EtcdCompare::absent("a"), "a")}));
  EXPECT_EQ(reply.fate, EtcdFate::doubtful) << reply.detail;
  EXPECT_EQ(server.requests(), 2);
}

TEST(EtcdClient, SpeaksToNobodyWithoutTheRightCertificates) {
  const TemporaryFolder own_folder;
  const TemporaryFolder foreign_folder;
  const TestCertificates own(own_folder.path());
  const TestCertificates foreign(foreign_folder.path());
  const EtcdProcess etcd(&own);
  EXPECT_TRUE(client_of(etcd.access())->read({"a", {}, 1}).ok());
  auto wrong_authority = etcd.access();
  wrong_authority.authority_file = foreign.authority;
  EXPECT_EQ(client_of(wrong_authority)->post("/v3/kv/range", encode_read({"a", {}, 1})).fate, EtcdFate::refused);
  auto wrong_certificate = etcd.access();
  wrong_certificate.certificate_file = foreign.certificate;
  wrong_certificate.key_file = foreign.key;
  EXPECT_FALSE(client_of(wrong_certificate)->read({"a", {}, 1}).ok()) << "in TLS 1.3 the server judges after the handshake";
}

}  // namespace
}  // namespace dunlin::test
