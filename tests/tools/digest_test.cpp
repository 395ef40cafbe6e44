#include "tools/peer/digest.hpp"

#include <gtest/gtest.h>

namespace dunlin::peer {
namespace {

// The example of RFC 7616 §3.9.1.
const Credentials mufasa{"Mufasa", "Circle of Life"};
const std::string rfc_nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";

std::string rfc_answer(const std::string& algorithm, const std::string& response) {
  return "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=" +
         algorithm + ", nonce=\"" + rfc_nonce +
         "\", nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"" +
         response + "\"";
}

TEST(Digest, AcceptsTheExamplesOfRfc7616) {
  Challenge md5{"http-auth@example.org", rfc_nonce, "", DigestHash::md5, true};
  Challenge sha{"http-auth@example.org", rfc_nonce, "", DigestHash::sha256, true};
  EXPECT_TRUE(is_authorized(rfc_answer("MD5", "8ca523f5e9506fed4657c9700eebdbec"), md5, mufasa, "GET"));
  EXPECT_TRUE(
      is_authorized(rfc_answer("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
                    sha, mufasa, "GET"));
  EXPECT_FALSE(is_authorized(rfc_answer("MD5", "8ca523f5e9506fed4657c9700eebdbed"), md5, mufasa, "GET"));
}

TEST(Digest, AnswersWhatItChecks) {
  for (const auto hash : {DigestHash::md5, DigestHash::sha256}) {
    for (const bool has_qop : {true, false}) {
      const Challenge challenge{"dunlin", random_hex(32), "opaque", hash, has_qop};
      const auto offered = choose_challenge({challenge_value(challenge)});
      ASSERT_TRUE(offered.has_value());
      const auto value = authorization(*offered, {"a001", "pw"}, {"REGISTER", "sip:dunlin", 1});
      EXPECT_TRUE(is_authorized(value, challenge, {"a001", "pw"}, "REGISTER"));
      EXPECT_FALSE(is_authorized(value, challenge, {"a001", "other"}, "REGISTER"));
      EXPECT_FALSE(is_authorized(value, challenge, {"a001", "pw"}, "INVITE"));
    }
  }
}

TEST(Digest, PrefersSha256AndSkipsTheUnknown) {
  const auto best =
      choose_challenge({"Digest realm=\"r\", nonce=\"1\", algorithm=MD5",
                        "Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256, qop=\"auth,auth-int\"",
                        "Digest realm=\"r\", nonce=\"3\", algorithm=SHA-512-256"});
  ASSERT_TRUE(best.has_value());
  EXPECT_EQ(best->nonce, "2");
  EXPECT_TRUE(best->has_qop_auth);
  EXPECT_FALSE(choose_challenge({"Basic realm=\"r\""}).has_value());
}

}  // namespace
}  // namespace dunlin::peer
