#include "media/dtls_srtp.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "media/srtp_session.hpp"

namespace dunlin {

/// Held by this file's structures, so named.
namespace dtls_parts {

/// What the BIO of one association reads from and writes to during a call.
struct DatagramPort {
  std::span<const std::uint8_t> incoming;
  bool has_incoming = false;
  DatagramSink* sink = nullptr;
};

template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, FreedBy<X509_free>>;
using ContextPointer = std::unique_ptr<SSL_CTX, FreedBy<SSL_CTX_free>>;

}  // namespace dtls_parts

namespace {

using namespace dtls_parts;

constexpr int dtls_mtu = 1200;
constexpr unsigned first_retransmission_us = 100'000;
constexpr unsigned longest_retransmission_us = 2'000'000;
constexpr long certificate_from_s = -24 * 3600;
constexpr long certificate_until_s = 30 * 24 * 3600;
// GCM first: as strong, and half the cost a packet.
constexpr const char* srtp_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
constexpr std::string_view exporter_label = "EXTRACTOR-dtls_srtp";
constexpr std::size_t srtp_key_bytes = 16;

struct HashName {
  CertificateFingerprint::Hash hash;
  std::string_view name;
  std::size_t bytes;
  const EVP_MD* (*digest)();
};
constexpr HashName hash_names[] = {{CertificateFingerprint::Hash::sha256, "sha-256", 32, EVP_sha256},
                                   {CertificateFingerprint::Hash::sha384, "sha-384", 48, EVP_sha384},
                                   {CertificateFingerprint::Hash::sha512, "sha-512", 64, EVP_sha512}};

const HashName& name_of(CertificateFingerprint::Hash hash) {
  return *std::find_if(std::begin(hash_names), std::end(hash_names), [hash](const HashName& one) { return one.hash == hash; });
}

std::optional<CertificateFingerprint> fingerprint_of(const X509* certificate, CertificateFingerprint::Hash hash) {
  CertificateFingerprint found{hash, std::vector<std::uint8_t>(EVP_MAX_MD_SIZE)};
  unsigned size = 0;
  if (X509_digest(certificate, name_of(hash).digest(), found.digest.data(), &size) != 1) return std::nullopt;
  found.digest.resize(size);
  return found;
}

std::optional<unsigned> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
  return std::nullopt;
}

int bio_write(BIO* bio, const char* bytes, int size) {
  auto* port = static_cast<DatagramPort*>(BIO_get_data(bio));
  if (port->sink != nullptr) port->sink->send({reinterpret_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size)});
  return size;  // A lost datagram is the retransmission's business.
}

int bio_read(BIO* bio, char* target, int room) {
  auto* port = static_cast<DatagramPort*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!port->has_incoming) {
    BIO_set_retry_read(bio);
    return -1;
  }
  port->has_incoming = false;
  const std::size_t size = std::min(port->incoming.size(), static_cast<std::size_t>(room));
  std::memcpy(target, port->incoming.data(), size);
  return static_cast<int>(size);
}

long bio_control(BIO*, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_CONNECTED:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return dtls_mtu;
    default:
      return 0;
  }
}

BIO_METHOD* datagram_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram port");
    if (made == nullptr) return made;
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

unsigned next_timeout(SSL*, unsigned last_us) {
  return last_us == 0 ? first_retransmission_us : std::min(2 * last_us, longest_retransmission_us);
}

Error openssl_refuses(const std::string& what) {
  ERR_clear_error();
  return {Errc::unavailable, "OpenSSL refuses " + what};
}

CertificatePointer self_signed(EVP_PKEY* key) {
  CertificatePointer certificate(X509_new());
  std::uint64_t serial = 0;
  if (!certificate || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return nullptr;
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), certificate_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), certificate_until_s);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  // Nothing of the node is told: the fingerprint alone counts (RFC 8122 §6).
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("media"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  if (X509_set_pubkey(certificate.get(), key) != 1 || X509_sign(certificate.get(), key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

bool apply_settings(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
                                          "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 && SSL_CTX_set_tlsext_use_srtp(context, srtp_profiles) == 0;
}

std::optional<CryptoSuite> suite_of(const SRTP_PROTECTION_PROFILE* profile) {
  if (profile == nullptr) return std::nullopt;
  if (profile->id == SRTP_AEAD_AES_128_GCM) return CryptoSuite::aead_aes_128_gcm;
  if (profile->id == SRTP_AES128_CM_SHA1_80) return CryptoSuite::aes_cm_128_hmac_sha1_80;
  return std::nullopt;
}

/// RFC 5764 §4.2: client key, server key, client salt, server salt.
CryptoKey cut_key(CryptoSuite suite, std::span<const std::uint8_t> material, bool is_client) {
  const std::size_t salt_bytes = key_salt_size(suite) - srtp_key_bytes;
  const auto key = material.subspan(is_client ? 0 : srtp_key_bytes, srtp_key_bytes);
  const auto salt = material.subspan(2 * srtp_key_bytes + (is_client ? 0 : salt_bytes), salt_bytes);
  CryptoKey cut;
  cut.suite = suite;
  cut.key_salt.resize(key_salt_size(suite));
  std::copy(salt.begin(), salt.end(), std::copy(key.begin(), key.end(), cut.key_salt.begin()));
  return cut;
}

}  // namespace

std::string CertificateFingerprint::text() const {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string written(name_of(hash).name);
  char separator = ' ';
  for (const std::uint8_t byte : digest) {
    written += {separator, digits[byte >> 4], digits[byte & 15]};
    separator = ':';
  }
  return written;
}

Result<CertificateFingerprint> parse_fingerprint(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return invalid_input("fingerprint: hash and digest are expected");
  std::string name(text.substr(0, space));
  for (char& letter : name) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  const auto* known = std::find_if(std::begin(hash_names), std::end(hash_names), [&](const HashName& one) { return one.name == name; });
  if (known == std::end(hash_names)) return invalid_input("fingerprint: sha-256, sha-384 or sha-512 is expected");
  const auto digits = text.substr(space + 1);
  if (digits.size() != 3 * known->bytes - 1) return invalid_input("fingerprint: the digest has the wrong length for " + name);
  CertificateFingerprint found{known->hash, {}};
  for (std::size_t at = 0; at < digits.size(); at += 3) {
    const auto high = hex_value(digits[at]);
    const auto low = hex_value(digits[at + 1]);
    if (!high || !low || (at + 2 < digits.size() && digits[at + 2] != ':')) return invalid_input("fingerprint: pairs of hexadecimal digits with colons are expected");
    found.digest.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return found;
}

struct DtlsIdentity::Context {
  ContextPointer handle;
};

DtlsIdentity::DtlsIdentity(std::unique_ptr<Context> context, CertificateFingerprint fingerprint)
    : context_(std::move(context)), fingerprint_(std::move(fingerprint)) {}
DtlsIdentity::~DtlsIdentity() = default;

struct DtlsPeer::Connection {
  SSL* handle = nullptr;
  Role role = Role::server;
  DatagramPort port;
  CertificateFingerprint expected;
  bool is_wrong_certificate = false;
  std::shared_ptr<const DtlsIdentity> identity;
  ~Connection() { SSL_free(handle); }

  /// RFC 8122 §6.2: the certificate is good when its digest is the one told; who signed it says nothing.
  static int verify(X509_STORE_CTX* store, void*) {
    const auto* handle = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* connection = static_cast<Connection*>(SSL_get_app_data(handle));
    const auto shown = fingerprint_of(X509_STORE_CTX_get0_cert(store), connection->expected.hash);
    if (shown == connection->expected) return 1;
    connection->is_wrong_certificate = true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
};

Result<std::shared_ptr<const DtlsIdentity>> DtlsIdentity::make() {
  const KeyPointer key(EVP_EC_gen("P-256"));
  if (!key) return openssl_refuses("a P-256 key");
  const CertificatePointer certificate = self_signed(key.get());
  if (!certificate) return openssl_refuses("a certificate");
  auto context = std::make_unique<Context>();
  context->handle.reset(SSL_CTX_new(DTLS_method()));
  SSL_CTX* handle = context->handle.get();
  if (handle == nullptr || SSL_CTX_use_certificate(handle, certificate.get()) != 1 || SSL_CTX_use_PrivateKey(handle, key.get()) != 1 || !apply_settings(handle)) {
    return openssl_refuses("the settings of DTLS");
  }
  SSL_CTX_set_verify(handle, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(handle, &DtlsPeer::Connection::verify, nullptr);
  auto fingerprint = fingerprint_of(certificate.get(), CertificateFingerprint::Hash::sha256);
  if (!fingerprint) return openssl_refuses("a digest");
  std::unique_ptr<const DtlsIdentity> made(new DtlsIdentity(std::move(context), std::move(*fingerprint)));
  return std::shared_ptr<const DtlsIdentity>(std::move(made));
}

DtlsPeer::DtlsPeer(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
DtlsPeer::~DtlsPeer() = default;

Result<std::unique_ptr<DtlsPeer>> DtlsPeer::make(std::shared_ptr<const DtlsIdentity> identity, CertificateFingerprint expected, Role role) {
  if (expected.digest.size() != name_of(expected.hash).bytes) return invalid_input("fingerprint: wrong length");
  auto connection = std::make_unique<Connection>();
  connection->role = role;
  connection->expected = std::move(expected);
  connection->handle = SSL_new(identity->context_->handle.get());
  connection->identity = std::move(identity);
  BIO* bio = datagram_method() == nullptr ? nullptr : BIO_new(datagram_method());
  if (connection->handle == nullptr || bio == nullptr) {
    BIO_free(bio);
    return openssl_refuses("a DTLS association");
  }
  BIO_set_data(bio, &connection->port);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection->handle, bio, bio);
  SSL_set_app_data(connection->handle, connection.get());
  SSL_set_mtu(connection->handle, dtls_mtu);
  DTLS_set_timer_cb(connection->handle, next_timeout);
  if (role == Role::server)
    SSL_set_accept_state(connection->handle);
  else
    SSL_set_connect_state(connection->handle);
  return std::unique_ptr<DtlsPeer>(new DtlsPeer(std::move(connection)));
}

void DtlsPeer::finish() {
  SSL* handle = connection_->handle;
  const auto suite = suite_of(SSL_get_selected_srtp_profile(handle));
  std::array<std::uint8_t, 2 * 30> material{};
  const std::size_t size = suite ? 2 * key_salt_size(*suite) : 0;
  if (!suite || SSL_export_keying_material(handle, material.data(), size, exporter_label.data(), exporter_label.size(), nullptr, 0, 0) != 1) {
    state_ = DtlsState::failed;
    return;
  }
  const bool is_client = connection_->role == Role::client;
  keys_ = DtlsSrtpKeys{cut_key(*suite, material, is_client), cut_key(*suite, material, !is_client)};
  OPENSSL_cleanse(material.data(), material.size());
  state_ = DtlsState::connected;
}

DtlsState DtlsPeer::proceed(DatagramSink& sink) {
  connection_->port.sink = &sink;
  SSL* handle = connection_->handle;
  ERR_clear_error();
  int outcome = 0;
  if (SSL_is_init_finished(handle) == 0) {
    outcome = SSL_do_handshake(handle);
    if (outcome == 1 && state_ == DtlsState::handshaking) finish();
  }
  if (state_ == DtlsState::connected) {
    // A repeated last flight of the peer is answered in here; so are its alerts. Nobody sends us application data.
    std::array<std::uint8_t, 256> ignored;
    while ((outcome = SSL_read(handle, ignored.data(), static_cast<int>(ignored.size()))) > 0) continue;
    if ((SSL_get_shutdown(handle) & SSL_RECEIVED_SHUTDOWN) != 0) state_ = DtlsState::closed;
  }
  const int reason = outcome > 0 ? SSL_ERROR_NONE : SSL_get_error(handle, outcome);
  if ((reason == SSL_ERROR_SSL || reason == SSL_ERROR_SYSCALL) && state_ != DtlsState::closed) state_ = DtlsState::failed;
  if (connection_->is_wrong_certificate) state_ = DtlsState::wrong_fingerprint;
  connection_->port.sink = nullptr;
  ERR_clear_error();
  return state_;
}

DtlsState DtlsPeer::on_datagram(std::span<const std::uint8_t> datagram, DatagramSink& sink) {
  if (state_ != DtlsState::handshaking && state_ != DtlsState::connected) return state_;
  connection_->port.incoming = datagram;
  connection_->port.has_incoming = true;
  proceed(sink);
  connection_->port.has_incoming = false;
  return state_;
}

DtlsState DtlsPeer::on_time(DatagramSink& sink) {
  if (state_ != DtlsState::handshaking) return state_;
  if (connection_->role == Role::client && SSL_get_state(connection_->handle) == TLS_ST_BEFORE) return proceed(sink);
  connection_->port.sink = &sink;
  if (DTLSv1_handle_timeout(connection_->handle) < 0) state_ = DtlsState::failed;
  connection_->port.sink = nullptr;
  ERR_clear_error();
  return state_;
}

void DtlsPeer::close(DatagramSink& sink) {
  if (state_ != DtlsState::connected) return;
  connection_->port.sink = &sink;
  SSL_shutdown(connection_->handle);
  connection_->port.sink = nullptr;
  ERR_clear_error();
  state_ = DtlsState::closed;
}

}  // namespace dunlin
