// Requests to etcd's gateway as text, and its answers, good and damaged.
#include "cluster/etcd_txn.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cluster/etcd_client.hpp"

namespace dunlin {
namespace {

using Json = nlohmann::json;

TEST(EtcdTxn, WritesEveryComparePutEraseAndRead) {
  EtcdTxn txn;
  txn.compares = {EtcdCompare::absent("a"), EtcdCompare::present("b"), EtcdCompare::created("c", 12), EtcdCompare::holds("d", "v"), EtcdCompare::modified("m", 31)};
  txn.then = {EtcdPut{"k", "v", 0}, EtcdPut{"l", "w", 99}, EtcdErase{"e", {}}, EtcdErase{"f", "g"}, EtcdEraseIf{"h", "i"}};
  txn.otherwise = {EtcdRead{"r", {}, 1}, EtcdRead{"s", "t", 0}, EtcdRead{"u", "v", 0, 17}};
  const auto b64 = [](const char* text) { return to_base64(text); };
  const Json expected{
      {"compare",
       {{{"key", b64("a")}, {"target", "CREATE"}, {"result", "EQUAL"}, {"create_revision", "0"}},
        {{"key", b64("b")}, {"target", "CREATE"}, {"result", "NOT_EQUAL"}, {"create_revision", "0"}},
        {{"key", b64("c")}, {"target", "CREATE"}, {"result", "EQUAL"}, {"create_revision", "12"}},
        {{"key", b64("d")}, {"target", "VALUE"}, {"result", "EQUAL"}, {"value", b64("v")}},
        {{"key", b64("m")}, {"target", "MOD"}, {"result", "EQUAL"}, {"mod_revision", "31"}}}},
      {"success",
       {{{"request_put", {{"key", b64("k")}, {"value", b64("v")}}}},
        {{"request_put", {{"key", b64("l")}, {"value", b64("w")}, {"lease", "99"}}}},
        {{"request_delete_range", {{"key", b64("e")}}}},
        {{"request_delete_range", {{"key", b64("f")}, {"range_end", b64("g")}}}},
        {{"request_txn",
          {{"compare", Json::array({{{"key", b64("h")}, {"target", "VALUE"}, {"result", "EQUAL"}, {"value", b64("i")}}})},
           {"success", Json::array({{{"request_delete_range", {{"key", b64("h")}}}}})}}}}}},
      {"failure",
       {{{"request_range", {{"key", b64("r")}, {"limit", "1"}}}}, {{"request_range", {{"key", b64("s")}, {"range_end", b64("t")}}}},
        {{"request_range", {{"key", b64("u")}, {"range_end", b64("v")}, {"min_mod_revision", "17"}}}}}}};
  const auto written = Json::parse(encode_txns({txn}));
  ASSERT_EQ(written["success"].size(), 1u);
  EXPECT_FALSE(written.contains("compare")) << "nested ones decide for themselves";
  EXPECT_EQ(written["success"][0]["request_txn"], expected);
}

TEST(EtcdTxn, ReadsAnAnswerWhoseZerosAreLeftOut) {
  const auto text = R"({"header":{"revision":"41","cluster_id":"14841639068965178418"},"succeeded":true,"responses":[
    {"response_txn":{"header":{},"responses":[{"response_range":{"header":{},"count":"1","kvs":[
       {"key":"aw==","value":"dg==","create_revision":"7","mod_revision":"9","version":"2"}]}},
      {"response_range":{"header":{}}}]}},
    {"response_txn":{"succeeded":true,"responses":[{"response_put":{"header":{}}}]}}]})";
  const auto answers = parse_txns(text, 2);
  ASSERT_TRUE(answers.ok()) << answers.error().detail;
  EXPECT_EQ(answers->revision, 41);
  EXPECT_EQ(answers->cluster_id, 14'841'639'068'965'178'418u) << "larger than a signed number";
  EXPECT_FALSE(answers->each[0].is_done);
  ASSERT_EQ(answers->each[0].reads.size(), 2u);
  EXPECT_EQ(answers->each[0].reads[0], (std::vector<EtcdRow>{{"k", "v", 7, 9, 0}}));
  EXPECT_TRUE(answers->each[0].reads[1].empty());
  EXPECT_TRUE(answers->each[1].is_done);
}

TEST(EtcdTxn, RefusesAnswersThatAreNot) {
  for (const char* text : {"", "[]", "{", "null", R"({"header":{}})", R"({"header":{},"responses":[]})", R"({"header":{},"responses":[{}]})",
                           R"({"header":{"revision":"x"},"responses":[{"response_txn":{}}]})", R"({"responses":[{"response_txn":{}}]})",
                           R"({"header":{},"responses":[{"response_txn":{"succeeded":1}}]})",
                           R"({"header":{},"responses":[{"response_txn":{"responses":[{"response_range":{"kvs":7}}]}}]})",
                           R"({"header":{},"responses":[{"response_txn":{"responses":[{"response_range":{"kvs":[{"key":"a"}]}}]}}]})",
                           R"({"header":{},"responses":[{"response_txn":{"responses":[{"response_range":{"kvs":[{"key":"====" }]}}]}}]})"}) {
    const auto answers = parse_txns(text, 1);
    ASSERT_FALSE(answers.ok()) << text;
    EXPECT_EQ(answers.error().code, Errc::corrupt) << text;
  }
}

TEST(EtcdTxn, ReadsAMembersSize) {
  const auto size = parse_size(R"({"header":{"revision":"4"},"version":"3.4.23","dbSize":"20480","leader":"1","dbSizeInUse":"16384"})");
  ASSERT_TRUE(size.ok()) << size.error().detail;
  EXPECT_EQ(size->file_bytes, 20'480u);
  EXPECT_EQ(size->used_bytes, 16'384u);
  for (const char* text : {"", "{}", R"({"header":{},"dbSize":"-1"})", R"({"header":{},"dbSizeInUse":"x"})"}) EXPECT_FALSE(parse_size(text).ok()) << text;
}

TEST(EtcdTxn, KeepsAnyBytesInBase64) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const auto read = from_base64(to_base64(all.substr(0, size)));
    ASSERT_TRUE(read.ok()) << size;
    EXPECT_EQ(*read, all.substr(0, size));
  }
}

TEST(EtcdTxn, RefusesOtherSpellingsOfBase64) {
  for (const char* text : {"A", "AA", "AAA", "AA==AAAA", "A===", "====", "AAAA----", "AA A", "AAA\n", "AA-_"}) EXPECT_FALSE(from_base64(text).ok()) << text;
}

TEST(EtcdTxn, EndsARangeAfterItsPrefix) {
  EXPECT_EQ(range_end_of("/dunlin/a/"), "/dunlin/a0");
  EXPECT_EQ(range_end_of(std::string("a\xff\xff")), "b");
  EXPECT_EQ(range_end_of("\xff"), std::string(1, '\0'));
}

TEST(EtcdGateway, OnlyListedCodesAreRefusals) {
  const auto error = [](int code) { return R"({"error":"e","message":"etcdserver: why","code":)" + std::to_string(code) + "}"; };
  for (const int code : {3, 7, 16}) EXPECT_EQ(judge_gateway_error(400, error(code)).fate, EtcdFate::refused) << code;
  EXPECT_EQ(judge_gateway_error(429, R"({"message":"etcdserver: too many requests","code":8})").fate, EtcdFate::refused);
  EXPECT_TRUE(judge_gateway_error(403, error(7)).is_forbidden);
  EXPECT_FALSE(judge_gateway_error(400, error(3)).is_forbidden);
  for (const int code : {1, 2, 4, 5, 8, 9, 10, 13, 14}) EXPECT_EQ(judge_gateway_error(503, error(code)).fate, EtcdFate::doubtful) << code;
  for (const char* body : {"", "nonsense", "[]", "{}", R"({"code":"3"})"}) EXPECT_EQ(judge_gateway_error(500, body).fate, EtcdFate::doubtful) << body;
  EXPECT_NE(judge_gateway_error(503, error(14)).detail.find("why"), std::string::npos);
}

TEST(EtcdAccess, NamesTheFieldThatIsWrong) {
  const auto says = [](const EtcdAccess& access) {
    const auto checked = check_access(access);
    return checked ? std::string() : checked.error().detail;
  };
  EtcdAccess access;
  EXPECT_NE(says(access).find("etcd.members"), std::string::npos);
  access.members = {"http://127.0.0.1:2379", "http://[::1]:2379", "http://localhost:2379"};
  EXPECT_EQ(says(access), "");
  access.members.push_back("http://10.0.0.1:2379");
  EXPECT_NE(says(access).find("https://"), std::string::npos);
  for (const char* odd : {"", "https://", "https://10.0.0.1:2379/", "https://10.0.0.1:2379/v3", "http://127.evil.example:2379",
                          "http://localhost:x@10.0.0.1:2379", "https://user@10.0.0.1:2379", "ftp://127.0.0.1:2379"}) {
    access.members = {odd};
    EXPECT_NE(says(access).find("etcd.members"), std::string::npos) << odd;
  }
  access.members = {"https://10.0.0.1:2379"};
  EXPECT_NE(says(access).find("etcd.authority_file"), std::string::npos);
  access.authority_file = "/proc/self/status";
  EXPECT_NE(says(access).find("etcd.certificate_file"), std::string::npos);
  access.certificate_file = "/proc/self/status";
  EXPECT_NE(says(access).find("etcd.key_file"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
