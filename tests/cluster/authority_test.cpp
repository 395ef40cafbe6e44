// Certificates of a cluster's authority, judged by OpenSSL as the other side of a connection will judge them.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "cluster/authority.hpp"

namespace dunlin {
namespace {

constexpr UtcTime founded_at{1'795'420'800'000};  // 2026-11-23T08:00:00Z

using ReadCertificate = std::unique_ptr<X509, decltype(&X509_free)>;
using ReadKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::unique_ptr<BIO, decltype(&BIO_free_all)> reader(const std::string& pem) { return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all}; }
ReadCertificate certificate_of(const CertifiedKey& pem) { return {PEM_read_bio_X509(reader(pem.certificate).get(), nullptr, nullptr, nullptr), &X509_free}; }
ReadKey key_of(const CertifiedKey& pem) { return {PEM_read_bio_PrivateKey(reader(pem.key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free}; }

/// What a strict peer says at the instant: X509_V_OK or the cause.
int judged(const CertifiedKey& own, const CertifiedKey& authority, const char* purpose, UtcTime at) {
  const auto certificate = certificate_of(own);
  const auto root = certificate_of(authority);
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), &X509_STORE_free);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(), &X509_STORE_CTX_free);
  X509_STORE_add_cert(store.get(), root.get());
  X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr);
  X509_STORE_CTX_set_default(context.get(), purpose);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  X509_STORE_CTX_set_time(context.get(), 0, static_cast<std::time_t>(at.ms / 1000));
  return X509_verify_cert(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
}

class Authority : public testing::Test {
 protected:
  void SetUp() override {
    auto made = ClusterAuthority::found("authority of bank", founded_at);
    ASSERT_TRUE(made.ok()) << made.error().detail;
    authority_ = std::make_unique<ClusterAuthority>(std::move(*made));
  }
  CertifiedKey issue(const CertificateRequest& request, UtcTime at = founded_at) const {
    auto made = authority_->issue(request, at);
    EXPECT_TRUE(made.ok()) << made.error().detail;
    return made ? *made : CertifiedKey{};
  }
  std::unique_ptr<ClusterAuthority> authority_;
};

TEST_F(Authority, CertifiesBothDirectionsOfTls) {
  const auto own = issue({"node a", {"10.0.0.1"}});
  for (const char* purpose : {"ssl_server", "ssl_client"}) EXPECT_EQ(judged(own, authority_->pem(), purpose, founded_at), X509_V_OK) << purpose;
  const auto certificate = certificate_of(own);
  EXPECT_EQ(X509_get_key_usage(certificate.get()), static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_EQ(X509_get_extended_key_usage(certificate.get()), static_cast<std::uint32_t>(XKU_SSL_SERVER | XKU_SSL_CLIENT));
}

TEST_F(Authority, NamesExactlyTheHostsAskedFor) {
  const auto own = issue({"etcd a", {"10.0.0.1", "2001:db8::1", "etcd1.bank.example"}});
  const auto certificate = certificate_of(own);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "10.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "2001:db8::1", 0), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "etcd1.bank.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "10.0.0.2", 0), 0);
  EXPECT_EQ(X509_check_host(certificate.get(), "etcd2.bank.example", 0, 0, nullptr), 0);
}

TEST_F(Authority, GivesEachItsOwnKeyOnP256) {
  const auto first = issue({"node a", {"10.0.0.1"}});
  const auto second = issue({"node b", {"10.0.0.2"}});
  EXPECT_NE(first.key, second.key);
  EXPECT_EQ(X509_check_private_key(certificate_of(first).get(), key_of(first).get()), 1);
  EXPECT_EQ(X509_check_private_key(certificate_of(first).get(), key_of(second).get()), 0);
  EXPECT_EQ(EVP_PKEY_get_bits(key_of(first).get()), 256);
  EXPECT_EQ(EVP_PKEY_get_base_id(key_of(first).get()), EVP_PKEY_EC);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(certificate_of(first).get()), X509_get0_serialNumber(certificate_of(second).get())), 0);
}

TEST_F(Authority, HoldsTenYearsAndItsCertificatesTwo) {
  const auto own = issue({"node a", {"10.0.0.1"}});
  EXPECT_EQ(judged(own, authority_->pem(), "ssl_server", founded_at - minutes(59)), X509_V_OK) << "a host's clock may be behind";
  EXPECT_EQ(judged(own, authority_->pem(), "ssl_server", founded_at - minutes(61)), X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(judged(own, authority_->pem(), "ssl_server", founded_at + days(729)), X509_V_OK);
  EXPECT_EQ(judged(own, authority_->pem(), "ssl_server", founded_at + days(731)), X509_V_ERR_CERT_HAS_EXPIRED);
  const auto late = issue({"node b", {"10.0.0.2"}}, founded_at + days(3600));
  EXPECT_EQ(judged(late, authority_->pem(), "ssl_server", founded_at + days(3651)), X509_V_OK);
  EXPECT_EQ(judged(late, authority_->pem(), "ssl_server", founded_at + days(3653)), X509_V_ERR_CERT_HAS_EXPIRED) << "not beyond the authority";
}

TEST_F(Authority, IsNotVouchedForByAnotherNorMakesAuthorities) {
  const auto other = ClusterAuthority::found("authority of bank", founded_at);
  ASSERT_TRUE(other.ok());
  const auto own = issue({"node a", {"10.0.0.1"}});
  EXPECT_NE(judged(own, other->pem(), "ssl_server", founded_at), X509_V_OK);
  EXPECT_EQ(X509_check_ca(certificate_of(own).get()), 0);
  EXPECT_EQ(X509_check_ca(certificate_of(authority_->pem()).get()), 1);
  EXPECT_EQ(X509_get_pathlen(certificate_of(authority_->pem()).get()), 0);
}

TEST_F(Authority, CertifiesOnAfterItWasKept) {
  const auto later = founded_at + days(700);
  const auto kept = ClusterAuthority::load(authority_->pem(), later);
  ASSERT_TRUE(kept.ok()) << kept.error().detail;
  const auto own = kept->issue({"node d", {"10.0.0.4"}}, later);
  ASSERT_TRUE(own.ok()) << own.error().detail;
  EXPECT_EQ(judged(*own, authority_->pem(), "ssl_server", later + days(729)), X509_V_OK);
  const auto last = ClusterAuthority::load(authority_->pem(), founded_at + days(3650));
  ASSERT_TRUE(last.ok()) << last.error().detail;
  const auto late = last->issue({"node e", {"10.0.0.5"}}, founded_at + days(3650));
  ASSERT_TRUE(late.ok());
  EXPECT_EQ(judged(*late, authority_->pem(), "ssl_server", founded_at + days(3653)), X509_V_ERR_CERT_HAS_EXPIRED) << "not beyond the authority";
}

TEST_F(Authority, IsNotLoadedFromWhatIsNone) {
  const auto refusal_of = [](CertifiedKey pem, UtcTime at = founded_at) {
    const auto kept = ClusterAuthority::load(std::move(pem), at);
    return kept ? std::string("it was taken") : kept.error().detail;
  };
  const auto own = issue({"node a", {"10.0.0.1"}});
  const auto& pem = authority_->pem();
  EXPECT_EQ(refusal_of({"", pem.key}), "no certificate in ca.pem");
  EXPECT_EQ(refusal_of({pem.certificate, "key"}), "no private key without a passphrase in ca.key");
  EXPECT_EQ(refusal_of(own), "ca.pem is no authority's certificate");
  EXPECT_EQ(refusal_of({pem.certificate, own.key}), "ca.key does not belong to ca.pem");
  EXPECT_EQ(refusal_of(pem, founded_at + days(3653)), "the authority held until 2036-11-22: nobody would take its certificates");
}

TEST_F(Authority, RefusesNamesACertificateCannotHold) {
  for (const std::string host : {"", "a b", "10.0.0.1,DNS:evil.example", "-a.example", "a..example", "10.0.0.300", "*.example"}) {
    const auto made = authority_->issue({"node a", {host}}, founded_at);
    EXPECT_FALSE(made.ok()) << host;
  }
  EXPECT_FALSE(authority_->issue({"node a", {}}, founded_at).ok()) << "a certificate for no host";
  EXPECT_FALSE(authority_->issue({std::string(65, 'a'), {"10.0.0.1"}}, founded_at).ok());
  EXPECT_FALSE(ClusterAuthority::found("", founded_at).ok());
}

}  // namespace
}  // namespace dunlin
