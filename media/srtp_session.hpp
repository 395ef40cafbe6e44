#pragma once
// The door to libsrtp: one direction of one leg, SRTP and SRTCP under one SDES key (RFC 3711, 4568, 7714).
// Made on the control thread, used by one media worker; packets are changed in place and never allocated.
// (libsrtp itself allocates once per new authenticated SSRC of a peer.) Errors on the packet path carry short
// details.
#include <memory>
#include <span>
#include <string_view>

#include "core/base/result.hpp"
#include "core/call/media_description.hpp"

namespace dunlin {

inline constexpr std::size_t max_srtp_overhead =
    24;  ///< Bytes of room behind a packet for tags and the SRTCP index.

class SrtpSession {
 public:
  /// For what we send under our own SSRC.
  static Result<std::unique_ptr<SrtpSession>> outbound(const CryptoKey& key, std::uint32_t ssrc);
  /// For what the peer sends, whatever its SSRC. Replay window 128 packets.
  static Result<std::unique_ptr<SrtpSession>> inbound(const CryptoKey& key);
  ~SrtpSession();
  SrtpSession(const SrtpSession&) = delete;
  SrtpSession& operator=(const SrtpSession&) = delete;

  /// `buffer` holds a packet of `length` bytes and max_srtp_overhead bytes of room; returns the new length.
  Result<std::size_t> protect(std::span<std::uint8_t> buffer, std::size_t length);
  Result<std::size_t> protect_rtcp(std::span<std::uint8_t> buffer, std::size_t length);
  /// Errc::denied: not authentic; Errc::conflict: replayed, or too old to tell.
  Result<std::size_t> unprotect(std::span<std::uint8_t> packet);
  Result<std::size_t> unprotect_rtcp(std::span<std::uint8_t> packet);

 private:
  struct Context;
  explicit SrtpSession(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

/// Master key plus salt: 30 bytes for AES_CM_128_HMAC_SHA1_80, 28 for AEAD_AES_128_GCM.
std::size_t key_salt_size(CryptoSuite suite);
/// A fresh key from the system's secure generator.
Result<CryptoKey> make_crypto_key(CryptoSuite suite, std::uint32_t tag);

}  // namespace dunlin
