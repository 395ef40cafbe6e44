#pragma once
// DTLS-SRTP as its server (RFC 6347, 5763, 5764, 7714): the handshake of one page's browser and the SRTP keys it ends with. The
// door to OpenSSL's DTLS. An identity (key, certificate, settings) is made once a node and shared; a server belongs to one
// thread at a time. One flight of ours leaves as one datagram a record, so that the path's MTU holds. The cookie exchange is
// not used: an ICE check has already proven that the address is the peer's. Time is OpenSSL's own (monotonic or not: only
// retransmissions hang on it). Not on the packet path: handshakes allocate. Errors: unavailable (OpenSSL refuses),
// invalid_input (a fingerprint that cannot be checked).
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/call/media_description.hpp"

namespace dunlin {

/// The digest of a certificate as SDP tells it (RFC 8122 §5): "sha-256 AB:CD:…". Only SHA-2 is believed.
struct CertificateFingerprint {
  enum class Hash : std::uint8_t { sha256, sha384, sha512 };
  Hash hash = Hash::sha256;
  std::vector<std::uint8_t> digest;
  bool operator==(const CertificateFingerprint&) const = default;
  /// "sha-256 AB:CD:…"
  std::string text() const;
};
/// Errors name what is wrong: unknown hash, wrong length, no hexadecimal digits.
Result<CertificateFingerprint> parse_fingerprint(std::string_view text);

/// Our end's certificate (ECDSA P-256, self-signed, valid for thirty days from a day ago) and OpenSSL's settings.
class DtlsIdentity {
 public:
  static Result<std::shared_ptr<const DtlsIdentity>> make();
  ~DtlsIdentity();
  DtlsIdentity(const DtlsIdentity&) = delete;
  DtlsIdentity& operator=(const DtlsIdentity&) = delete;
  const CertificateFingerprint& fingerprint() const { return fingerprint_; }

 private:
  friend class DtlsPeer;
  struct Context;
  DtlsIdentity(std::unique_ptr<Context> context, CertificateFingerprint fingerprint);
  std::unique_ptr<Context> context_;
  CertificateFingerprint fingerprint_;
};

/// Where a handshake writes to: one call, one datagram.
class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  virtual void send(std::span<const std::uint8_t> datagram) = 0;
};

enum class DtlsState : std::uint8_t {
  handshaking,
  connected,
  wrong_fingerprint,  ///< The peer's certificate is not the one its description named.
  failed,             ///< Another end than connected: no common SRTP suite, a fatal alert, nonsense.
  closed,             ///< The peer said good-bye (close_notify).
};

/// Keys of both directions, ready for libsrtp. Secrets.
struct DtlsSrtpKeys {
  CryptoKey ours;
  CryptoKey theirs;
};

/// RFC 7983 §7.
inline bool looks_like_dtls(std::span<const std::uint8_t> datagram) { return !datagram.empty() && datagram[0] >= 20 && datagram[0] <= 63; }

/// One association.
class DtlsPeer {
 public:
  enum class Role : std::uint8_t { server, client };
  /// `expected` is checked during the handshake: nothing is agreed with another certificate. The client's role is for tests.
  static Result<std::unique_ptr<DtlsPeer>> make(std::shared_ptr<const DtlsIdentity> identity, CertificateFingerprint expected, Role role = Role::server);
  ~DtlsPeer();
  DtlsPeer(const DtlsPeer&) = delete;
  DtlsPeer& operator=(const DtlsPeer&) = delete;

  /// Takes one datagram from the peer, answers into the sink. An ended association stays ended.
  DtlsState on_datagram(std::span<const std::uint8_t> datagram, DatagramSink& sink);
  /// Sends the last flight again when its time has come (from 100 ms on, doubling); call every few ten milliseconds. The
  /// client's first call begins the handshake.
  DtlsState on_time(DatagramSink& sink);
  /// Says good-bye; harmless in any state.
  void close(DatagramSink& sink);

  DtlsState state() const { return state_; }
  /// Set from the moment the state is connected.
  const std::optional<DtlsSrtpKeys>& keys() const { return keys_; }

 private:
  friend class DtlsIdentity;
  struct Connection;
  explicit DtlsPeer(std::unique_ptr<Connection> connection);
  DtlsState proceed(DatagramSink& sink);
  void finish();
  std::unique_ptr<Connection> connection_;
  DtlsState state_ = DtlsState::handshaking;
  std::optional<DtlsSrtpKeys> keys_;
};

}  // namespace dunlin
