#include "cluster/authority.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <optional>
#include <utility>

#include "config/numeric_host.hpp"

namespace dunlin {
namespace {

using AuthorityKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using AuthorityCertificate = std::unique_ptr<X509, decltype(&X509_free)>;
using AuthorityBio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr std::size_t longest_common_name = 64;

Error refused(const std::string& what) {
  ERR_clear_error();
  return {Errc::unavailable, "OpenSSL could not make " + what};
}

Status extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free);
  if (extension && X509_add_ext(certificate, extension.get(), -1) == 1) return Done{};
  ERR_clear_error();
  return invalid_input("a certificate cannot say " + std::string(OBJ_nid2sn(kind)) + "=" + value);
}

/// 64 random bits, positive and not 0 (RFC 5280 §4.1.2.2).
bool set_serial(X509* certificate) {
  std::uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

/// Everything but issuer, extensions and signature. `until`: never beyond it.
bool fill_body(X509* certificate, EVP_PKEY* key, const std::string& common_name, UtcTime from, UtcTime until) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
         X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<std::time_t>(from.ms / 1000)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<std::time_t>(until.ms / 1000)) != nullptr &&
         X509_set_pubkey(certificate, key) == 1;
}

bool sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 && X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
}

AuthorityBio reader_of(const std::string& pem) { return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all}; }

/// OpenSSL would ask the terminal.
int no_authority_passphrase(char*, int, int, void*) { return 0; }

std::optional<UtcTime> end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  return UtcTime{static_cast<std::int64_t>(timegm(&parts)) * 1000};
}

std::string text_of(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

Result<CertifiedKey> pem_of(X509* certificate, EVP_PKEY* key) {
  const AuthorityBio certificate_text(BIO_new(BIO_s_mem()), &BIO_free_all);
  const AuthorityBio key_text(BIO_new(BIO_s_secmem()), &BIO_free_all);
  const bool is_written = certificate_text && key_text && PEM_write_bio_X509(certificate_text.get(), certificate) == 1 &&
                          PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!is_written) return refused("a PEM file");
  return CertifiedKey{text_of(certificate_text.get()), text_of(key_text.get())};
}

Status check_common_name(const std::string& name) {
  if (!name.empty() && name.size() <= longest_common_name) return Done{};
  return invalid_input("\"" + name + "\" cannot be the name of a certificate: 1 to 64 characters are allowed");
}

bool is_label(std::string_view label) {
  const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [&](char c) { return c == '-' || is_letter_or_digit(c); });
}

Status check_hosts(const CertificateRequest& request) {
  if (request.hosts.empty()) return invalid_input("the certificate of " + request.common_name + " names no host");
  for (const auto& host : request.hosts) {
    if (!is_certifiable_host(host)) return invalid_input("\"" + host + "\" is neither a numeric address nor a DNS name");
  }
  return Done{};
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  for (const auto& host : hosts) names += (names.empty() ? "" : ",") + std::string(is_numeric_address(host) ? "IP:" : "DNS:") + host;
  return names;
}

Status extend_all(X509* certificate, X509* issuer, const std::vector<std::pair<int, std::string>>& extensions) {
  for (const auto& [kind, value] : extensions) {
    if (auto extended = extend(certificate, issuer, kind, value); !extended) return extended;
  }
  return Done{};
}

}  // namespace

bool is_certifiable_host(std::string_view host) {
  if (is_numeric_address(host)) return true;
  if (host.size() > 253) return false;
  for (std::size_t from = 0; from <= host.size();) {
    const std::size_t dot = std::min(host.find('.', from), host.size());
    if (!is_label(host.substr(from, dot - from))) return false;
    from = dot + 1;
  }
  // A name whose last label is a number is a mistyped address.
  const auto last = host.substr(host.rfind('.') + 1);
  return std::any_of(last.begin(), last.end(), [](char c) { return c < '0' || c > '9'; });
}

struct ClusterAuthority::Impl {
  AuthorityKey key{nullptr, &EVP_PKEY_free};
  AuthorityCertificate certificate{nullptr, &X509_free};
  UtcTime until;
  CertifiedKey pem;
};

ClusterAuthority::ClusterAuthority(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClusterAuthority::ClusterAuthority(ClusterAuthority&&) noexcept = default;
ClusterAuthority& ClusterAuthority::operator=(ClusterAuthority&&) noexcept = default;
ClusterAuthority::~ClusterAuthority() = default;

const CertifiedKey& ClusterAuthority::pem() const { return impl_->pem; }

Result<ClusterAuthority> ClusterAuthority::found(const std::string& common_name, UtcTime now) {
  if (const auto checked = check_common_name(common_name); !checked) return checked.error();
  auto made = std::make_unique<Impl>();
  made->key.reset(EVP_EC_gen("P-256"));
  made->certificate.reset(X509_new());
  made->until = now + days(authority_days);
  X509* const certificate = made->certificate.get();
  if (!made->key || certificate == nullptr || !fill_body(certificate, made->key.get(), common_name, now - hours(1), made->until)) {
    return refused("an authority");
  }
  // It certifies hosts and nothing that could certify others.
  const auto extended = extend_all(certificate, certificate, {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"}, {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                                              {NID_subject_key_identifier, "hash"}});
  if (!extended) return extended.error();
  if (!sign(certificate, certificate, made->key.get())) return refused("an authority");
  auto pem = pem_of(certificate, made->key.get());
  if (!pem) return pem.error();
  made->pem = std::move(*pem);
  return ClusterAuthority(std::move(made));
}

Result<ClusterAuthority> ClusterAuthority::load(CertifiedKey pem, UtcTime now) {
  auto kept = std::make_unique<Impl>();
  kept->certificate.reset(PEM_read_bio_X509(reader_of(pem.certificate).get(), nullptr, nullptr, nullptr));
  kept->key.reset(PEM_read_bio_PrivateKey(reader_of(pem.key).get(), nullptr, &no_authority_passphrase, nullptr));
  kept->pem = std::move(pem);
  ERR_clear_error();
  if (!kept->certificate) return invalid_input("no certificate in ca.pem");
  if (!kept->key) return invalid_input("no private key without a passphrase in ca.key");
  if (X509_check_ca(kept->certificate.get()) != 1) return invalid_input("ca.pem is no authority's certificate");
  const bool is_pair = X509_check_private_key(kept->certificate.get(), kept->key.get()) == 1;
  ERR_clear_error();
  if (!is_pair) return invalid_input("ca.key does not belong to ca.pem");
  const auto until = end_of(kept->certificate.get());
  if (!until) return invalid_input("ca.pem does not say until when it holds");
  if (*until <= now) return invalid_input("the authority held until " + format_date(civil_from_days(until->ms / days(1).ms)) + ": nobody would take its certificates");
  kept->until = *until;
  return ClusterAuthority(std::move(kept));
}

Result<CertifiedKey> ClusterAuthority::issue(const CertificateRequest& request, UtcTime now) const {
  if (const auto checked = check_common_name(request.common_name); !checked) return checked.error();
  if (const auto checked = check_hosts(request); !checked) return checked.error();
  const AuthorityKey key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const AuthorityCertificate certificate(X509_new(), &X509_free);
  const UtcTime until{std::min((now + days(request.days)).ms, impl_->until.ms)};
  if (!key || !certificate || !fill_body(certificate.get(), key.get(), request.common_name, now - hours(1), until)) return refused("a certificate");
  const auto extended = extend_all(certificate.get(), impl_->certificate.get(),
                                   {{NID_basic_constraints, "critical,CA:FALSE"}, {NID_key_usage, "critical,digitalSignature"},
                                    {NID_ext_key_usage, "serverAuth,clientAuth"}, {NID_subject_key_identifier, "hash"},
                                    {NID_authority_key_identifier, "keyid"}, {NID_subject_alt_name, alternative_names(request.hosts)}});
  if (!extended) return extended.error();
  if (!sign(certificate.get(), impl_->certificate.get(), impl_->key.get())) return refused("a certificate");
  return pem_of(certificate.get(), key.get());
}

}  // namespace dunlin
