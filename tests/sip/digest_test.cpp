// Digest against the worked examples of RFC 2617 3.5 and RFC 7616 3.9.1.
#include "sip/digest.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(Digest, AgreesWithRfc2617) {
  DigestParameters p;
  p.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  p.uri = "/dir/index.html";
  p.qop = "auth";
  p.nc = "00000001";
  p.cnonce = "0a4f113b";
  const auto ha1 = make_ha1(DigestAlgorithm::md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
  EXPECT_EQ(digest_response(DigestAlgorithm::md5, ha1, p, "GET"), "6629fae49393a05397450978507c4ef1");
}

TEST(Digest, AgreesWithRfc7616Sha256) {
  DigestParameters p;
  p.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  p.uri = "/dir/index.html";
  p.qop = "auth";
  p.nc = "00000001";
  p.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  const auto ha1 = make_ha1(DigestAlgorithm::sha256, "Mufasa", "http-auth@example.org", "Circle of Life");
  EXPECT_EQ(digest_response(DigestAlgorithm::sha256, ha1, p, "GET"),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Digest, ReadsParametersAsTheyStandInTheHeader) {
  const auto p = read_digest({"Username=\"a\\\"b\"", " realm = \"r\"", "nonce=\"n\"", "algorithm=MD5", "stale=TRUE", "weird"});
  ASSERT_TRUE(p.ok());
  EXPECT_EQ(p->user, "a\"b");
  EXPECT_EQ(p->realm, "r");
  EXPECT_EQ(p->algorithm, "MD5");
  EXPECT_TRUE(p->is_stale);
}

TEST(Digest, RefusesRepeatedLongAndManyParameters) {
  EXPECT_FALSE(read_digest({"nonce=\"a\"", "nonce=\"b\""}).ok());
  const std::string longer = "nonce=\"" + std::string(600, 'x') + "\"";
  EXPECT_FALSE(read_digest({longer}).ok());
  EXPECT_FALSE(read_digest(std::vector<std::string_view>(40, "a=b")).ok());
}

TEST(Digest, AnswersOnlyWhatItSpeaks) {
  DigestParameters challenge;
  challenge.realm = "r";
  challenge.nonce = "n";
  const DigestLogin login{"u", "p", "c0"};
  EXPECT_TRUE(answer_challenge(challenge, login, "INVITE", "sip:x").ok());
  challenge.qop = "auth-int, auth";
  EXPECT_TRUE(answer_challenge(challenge, login, "INVITE", "sip:x").ok());
  challenge.qop = "auth-int";
  EXPECT_FALSE(answer_challenge(challenge, login, "INVITE", "sip:x").ok());
  challenge.qop = "auth";
  challenge.algorithm = "SHA-512-256";
  EXPECT_FALSE(answer_challenge(challenge, login, "INVITE", "sip:x").ok());
}

TEST(Digest, NeverLetsALineEndOutOfAHeader) {
  DigestParameters challenge;
  challenge.realm = "r\r\nVia: evil";
  challenge.nonce = "n";
  const auto value = answer_challenge(challenge, {"u", "p", "c0"}, "INVITE", "sip:x");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->find('\r'), std::string::npos);
  EXPECT_EQ(value->find('\n'), std::string::npos);
}

TEST(Digest, ComparesWholeTexts) {
  EXPECT_TRUE(is_equal_constant_time("abc", "abc"));
  EXPECT_FALSE(is_equal_constant_time("abc", "abd"));
  EXPECT_FALSE(is_equal_constant_time("abc", "abcabc"));
  EXPECT_FALSE(is_equal_constant_time("abc", ""));
  EXPECT_TRUE(is_equal_constant_time("", ""));
}

}  // namespace
}  // namespace dunlin
