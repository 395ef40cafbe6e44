#include "sip/self_signed.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "sip/address.hpp"

namespace dunlin {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

Error failed(const std::string& what) { return {Errc::unavailable, "self-signed certificate: " + what}; }

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free);
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_name_and_serial(X509* certificate, const std::string& common_name) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, const SelfSignedRequest& request) {
  std::string names = "DNS:" + request.common_name;
  for (const auto& name : request.names) names += (parse_ip(name) ? ",IP:" : ",DNS:") + name;
  return X509_set_version(certificate, 2) == 1 && set_name_and_serial(certificate, request.common_name) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), request.days, 0, nullptr) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
         add_extension(certificate, NID_subject_alt_name, names) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

/// The bytes are on the disk before the file has its name: a power cut leaves the old state or the whole file.
bool write_whole(const std::filesystem::path& path, const std::string& bytes) {
  const auto unfinished = path.string() + ".part";
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool is_written = ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!is_written || ::rename(unfinished.c_str(), path.c_str()) != 0) return false;
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool is_named = ::fsync(folder) == 0;
  ::close(folder);
  return is_named;
}

bool write_pem(const std::filesystem::path& path, X509* certificate, EVP_PKEY* key) {
  const Bio memory(BIO_new(BIO_s_mem()), &BIO_free_all);
  if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) return false;
  if (key != nullptr && PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) return false;
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return write_whole(path, std::string(bytes, static_cast<std::size_t>(size)));
}

}  // namespace

Status make_self_signed(const SelfSignedRequest& request) {
  const std::filesystem::path folder(request.folder);
  if (std::filesystem::exists(folder / "agent.pem")) return Done{};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failed("cannot make the folder " + request.folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate(X509_new(), &X509_free);
  if (!key || !certificate || !fill(certificate.get(), key.get(), request)) return failed("OpenSSL refused");
  if (!write_pem(folder / "cafile.pem", certificate.get(), nullptr) ||
      !write_pem(folder / "agent.pem", certificate.get(), key.get())) {
    return failed("cannot write into " + request.folder);
  }
  return Done{};
}

}  // namespace dunlin
