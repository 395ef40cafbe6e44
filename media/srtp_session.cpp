#include "media/srtp_session.hpp"

#include <array>
#include <cstring>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <srtp2/srtp.h>

#include "media/media_engine.hpp"

namespace dunlin {
namespace {

constexpr unsigned long replay_window = 128;

/// libsrtp wants one global initialisation; a function static does it once, whichever thread comes first.
bool library_is_ready() {
  static const bool is_ready = srtp_init() == srtp_err_status_ok;
  return is_ready;
}

void set_suite(srtp_policy_t& policy, CryptoSuite suite) {
  switch (suite) {
    case CryptoSuite::aes_cm_128_hmac_sha1_80:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
      return;
    case CryptoSuite::aead_aes_128_gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
      return;
  }
}

Result<std::size_t> srtp_outcome(srtp_err_status_t status, int length) {
  if (status == srtp_err_status_ok) return static_cast<std::size_t>(length);
  const bool is_replay = status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old;
  return Error{is_replay ? Errc::conflict : Errc::denied, "srtp"};
}

}  // namespace

struct SrtpSession::Context {
  srtp_t handle = nullptr;
  ~Context() {
    if (handle != nullptr) srtp_dealloc(handle);
  }

  static Result<std::unique_ptr<Context>> make(const CryptoKey& key, srtp_ssrc_t ssrc) {
    if (!library_is_ready()) return Error{Errc::unavailable, "libsrtp did not initialise"};
    if (key.key_salt.size() != key_salt_size(key.suite))
      return invalid_input("SRTP key has the wrong length for its suite");
    std::array<unsigned char, SRTP_MAX_KEY_LEN> secret{};
    std::memcpy(secret.data(), key.key_salt.data(), key.key_salt.size());
    srtp_policy_t policy{};
    set_suite(policy, key.suite);
    policy.ssrc = ssrc;
    policy.key = secret.data();
    policy.window_size = replay_window;
    auto context = std::make_unique<Context>();
    const auto status = srtp_create(&context->handle, &policy);
    OPENSSL_cleanse(secret.data(), secret.size());
    if (status != srtp_err_status_ok)
      return Error{Errc::unavailable, "libsrtp refused the key (suite not built in?)"};
    return context;
  }
};

SrtpSession::SrtpSession(std::unique_ptr<Context> context) : context_(std::move(context)) {}
SrtpSession::~SrtpSession() = default;

Result<std::unique_ptr<SrtpSession>> SrtpSession::outbound(const CryptoKey& key, std::uint32_t ssrc) {
  auto context = Context::make(key, srtp_ssrc_t{ssrc_specific, ssrc});
  if (!context) return context.error();
  return std::unique_ptr<SrtpSession>(new SrtpSession(std::move(*context)));
}

Result<std::unique_ptr<SrtpSession>> SrtpSession::inbound(const CryptoKey& key) {
  auto context = Context::make(key, srtp_ssrc_t{ssrc_any_inbound, 0});
  if (!context) return context.error();
  return std::unique_ptr<SrtpSession>(new SrtpSession(std::move(*context)));
}

Result<std::size_t> SrtpSession::protect(std::span<std::uint8_t> buffer, std::size_t length) {
  if (buffer.size() < length + max_srtp_overhead) return invalid_input("srtp room");
  int size = static_cast<int>(length);
  const auto status = srtp_protect(context_->handle, buffer.data(), &size);
  return srtp_outcome(status, size);
}

Result<std::size_t> SrtpSession::protect_rtcp(std::span<std::uint8_t> buffer, std::size_t length) {
  if (buffer.size() < length + max_srtp_overhead) return invalid_input("srtp room");
  int size = static_cast<int>(length);
  const auto status = srtp_protect_rtcp(context_->handle, buffer.data(), &size);
  return srtp_outcome(status, size);
}

Result<std::size_t> SrtpSession::unprotect(std::span<std::uint8_t> packet) {
  int size = static_cast<int>(packet.size());
  const auto status = srtp_unprotect(context_->handle, packet.data(), &size);
  return srtp_outcome(status, size);
}

Result<std::size_t> SrtpSession::unprotect_rtcp(std::span<std::uint8_t> packet) {
  int size = static_cast<int>(packet.size());
  const auto status = srtp_unprotect_rtcp(context_->handle, packet.data(), &size);
  return srtp_outcome(status, size);
}

std::size_t key_salt_size(CryptoSuite suite) {
  switch (suite) {
    case CryptoSuite::aes_cm_128_hmac_sha1_80:
      return 30;
    case CryptoSuite::aead_aes_128_gcm:
      return 28;
  }
  return 0;
}

Result<CryptoKey> make_crypto_key(CryptoSuite suite, std::uint32_t tag) {
  CryptoKey key;
  key.tag = tag;
  key.suite = suite;
  key.key_salt.resize(key_salt_size(suite));
  if (RAND_bytes(key.key_salt.data(), static_cast<int>(key.key_salt.size())) != 1) {
    return Error{Errc::unavailable, "the system gave no random bytes"};
  }
  return key;
}

std::string_view srtp_build() {
  return DUNLIN_SRTP_BUILD;
}

}  // namespace dunlin
