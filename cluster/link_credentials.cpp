#include "cluster/link_credentials.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

namespace dunlin {
namespace {

using LinkKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using LinkCertificate = std::unique_ptr<X509, decltype(&X509_free)>;
using LinkBio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr std::size_t max_pem_bytes = 256 * 1024;
constexpr std::size_t max_pem_certificates = 16;

struct LinkPems {
  std::string certificate;
  std::string key;
  std::string authority;
};

Result<std::string> read_pem(const std::string& path, const char* what, const char* setting) {
  if (path.empty()) return invalid_input(std::string("the link between nodes needs ") + what + ": set " + setting);
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid_input(std::string(what) + " " + path + " cannot be read");
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (bytes.empty() || bytes.size() > max_pem_bytes) return invalid_input(std::string(what) + " " + path + " is no PEM file");
  return bytes;
}

std::vector<LinkCertificate> certificates_in(const std::string& pem) {
  std::vector<LinkCertificate> found;
  const LinkBio memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all);
  while (memory && found.size() < max_pem_certificates) {
    LinkCertificate one(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free);
    if (!one) break;
    found.push_back(std::move(one));
  }
  return found;
}

/// A key with a passphrase would make OpenSSL ask the terminal: it is refused as unreadable.
int no_passphrase(char*, int, int, void*) { return 0; }

LinkKey key_in(const std::string& pem) {
  const LinkBio memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all);
  return {memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, &no_passphrase, nullptr) : nullptr, &EVP_PKEY_free};
}

std::string repair_of(int verify_error) {
  switch (verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return "it has expired: have a new one made by the cluster's authority";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "it is not valid yet: is this machine's clock right?";
    case X509_V_ERR_INVALID_PURPOSE: return "it lacks one of the usages serverAuth and clientAuth; a node needs both";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return "the cluster's authority did not make it";
    default: return X509_verify_cert_error_string(verify_error);
  }
}

/// The same check as the other nodes will make, in both roles a node has.
Status verify_chain(const std::vector<LinkCertificate>& chain, const std::vector<LinkCertificate>& authorities, UtcTime now) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), &X509_STORE_free);
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> others(sk_X509_new_null(), [](STACK_OF(X509)* stack) { sk_X509_free(stack); });
  if (!store || !others) return Error{Errc::unavailable, "no memory"};
  for (const auto& authority : authorities) X509_STORE_add_cert(store.get(), authority.get());
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(others.get(), chain[i].get());
  for (const char* purpose : {"ssl_server", "ssl_client"}) {
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(), &X509_STORE_CTX_free);
    if (!context || X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others.get()) != 1 ||
        X509_STORE_CTX_set_default(context.get(), purpose) != 1) {
      return Error{Errc::unavailable, "no memory"};
    }
    X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(now.ms / 1000));
    if (X509_verify_cert(context.get()) != 1) return invalid_input(repair_of(X509_STORE_CTX_get_error(context.get())));
  }
  return Done{};
}

Status check_pems(const LinkPems& pems, const LinkCredentials& files, UtcTime now) {
  const auto chain = certificates_in(pems.certificate);
  if (chain.empty()) return invalid_input("no certificate in " + files.certificate);
  const auto authorities = certificates_in(pems.authority);
  if (authorities.empty()) return invalid_input("no certificate in " + files.authority);
  const LinkKey key = key_in(pems.key);
  if (!key) return invalid_input("no private key without a passphrase in " + files.key);
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) return invalid_input("key " + files.key + " does not belong to certificate " + files.certificate);
  if (const Status valid = verify_chain(chain, authorities, now); !valid) return Error{valid.error().code, "certificate " + files.certificate + ": " + valid.error().detail};
  return Done{};
}

}  // namespace

Result<SealedCredentials> SealedCredentials::take(const LinkCredentials& files, UtcTime now) {
  auto certificate = read_pem(files.certificate, "a certificate", "cluster.certificate");
  if (!certificate) return certificate.error();
  auto key = read_pem(files.key, "a private key", "cluster.key");
  if (!key) return key.error();
  auto authority = read_pem(files.authority, "the cluster's authority", "cluster.authority");
  if (!authority) return authority.error();
  const LinkPems pems{std::move(*certificate), std::move(*key), std::move(*authority)};
  if (const Status good = check_pems(pems, files, now); !good) return good.error();
  SealedCredentials sealed;
  const std::pair<const std::string*, std::string*> parts[] = {
      {&pems.certificate, &sealed.paths_.certificate}, {&pems.key, &sealed.paths_.key}, {&pems.authority, &sealed.paths_.authority}};
  for (const auto& [bytes, path] : parts) {
    auto name = sealed.seal(*bytes);
    if (!name) return name.error();
    *path = std::move(*name);
  }
  return sealed;
}

Result<std::string> SealedCredentials::seal(const std::string& bytes) {
  const int file = ::memfd_create("dunlin-link", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return Error{Errc::unavailable, "no memory for the link's credentials"};
  files_.push_back(file);
  const bool is_written = ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  if (!is_written || ::fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return Error{Errc::unavailable, "no memory for the link's credentials"};
  }
  return "/proc/self/fd/" + std::to_string(file);
}

SealedCredentials::SealedCredentials(SealedCredentials&& other) noexcept : paths_(std::move(other.paths_)), files_(std::exchange(other.files_, {})) {}

SealedCredentials& SealedCredentials::operator=(SealedCredentials&& other) noexcept {
  if (this == &other) return *this;
  close_all();
  paths_ = std::move(other.paths_);
  files_ = std::exchange(other.files_, {});
  return *this;
}

SealedCredentials::~SealedCredentials() { close_all(); }

void SealedCredentials::close_all() {
  for (const int file : files_) ::close(file);
  files_.clear();
}

}  // namespace dunlin
