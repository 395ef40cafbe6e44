#include "app/first_certificate.hpp"

#include <cstdio>
#include <memory>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

namespace dunlin {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
constexpr long valid_days = 3650;

struct Request {
  std::string common_name;
  std::string extension_names;   ///< subjectAltName; empty for the CA.
  X509* issuer = nullptr;        ///< Null: signs itself.
  EVP_PKEY* issuer_key = nullptr;
};

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (!extension) return false;
  const bool is_added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return is_added;
}

bool fill_names(X509* certificate, const Request& request) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(request.common_name.c_str());
  if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1) return false;
  return X509_set_issuer_name(certificate, request.issuer ? X509_get_subject_name(request.issuer) : name) == 1;
}

Certificate make_certificate(EVP_PKEY* key, const Request& request) {
  Certificate certificate(X509_new(), X509_free);
  BIGNUM* serial = BN_new();
  bool is_good = BN_rand(serial, 120, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1;
  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate.get()));
  BN_free(serial);
  X509_set_version(certificate.get(), 2);
  // An hour back: phones with a clock slightly behind must accept it.
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_days * 86400);
  X509_set_pubkey(certificate.get(), key);
  is_good = is_good && fill_names(certificate.get(), request);
  X509* issuer = request.issuer ? request.issuer : certificate.get();
  if (request.issuer) {
    is_good = is_good && add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") &&
              add_extension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth") &&
              add_extension(certificate.get(), issuer, NID_subject_alt_name, request.extension_names);
  } else {
    is_good = is_good && add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:TRUE") &&
              add_extension(certificate.get(), issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  is_good = is_good && X509_sign(certificate.get(), request.issuer ? request.issuer_key : key, EVP_sha256()) > 0;
  if (!is_good) certificate.reset();
  return certificate;
}

bool write_pem(const std::filesystem::path& file, X509* certificate, EVP_PKEY* key, mode_t mode) {
  std::FILE* stream = std::fopen(file.c_str(), "wx");
  if (!stream) return false;
  ::chmod(file.c_str(), mode);
  bool is_good = PEM_write_X509(stream, certificate) == 1;
  if (key) is_good = is_good && PEM_write_PrivateKey(stream, key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  return std::fclose(stream) == 0 && is_good;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    const bool is_address = name.find_first_not_of("0123456789.:") == std::string::npos;
    text += (text.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
  }
  return text;
}

}  // namespace

Status ensure_certificates(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  if (std::filesystem::exists(folder / "agent.pem")) return Done{};
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const Error error{Errc::unavailable, "the agents' certificate cannot be made in " + folder.string()};
  if (failed) return error;
  const Key ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  if (!ca_key || !key) return error;
  const Certificate ca = make_certificate(ca_key.get(), {"Dunlin private CA", {}, nullptr, nullptr});
  if (!ca) return error;
  const Certificate certificate = make_certificate(key.get(), {names.front(), alternative_names(names), ca.get(), ca_key.get()});
  if (!certificate) return error;
  // The CA's own key is not kept: it signs this one certificate.
  if (!write_pem(folder / "cafile.pem", ca.get(), nullptr, 0644) || !write_pem(folder / "agent.pem", certificate.get(), key.get(), 0400)) return error;
  return Done{};
}

}  // namespace dunlin
