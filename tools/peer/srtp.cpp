#include "tools/peer/srtp.hpp"

#include <mutex>
#include <vector>

#include <srtp2/srtp.h>

namespace dunlin::peer {
namespace {

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { srtp_init(); });
}

srtp_t make_session(SrtpSuite suite, const std::string& key_salt, srtp_ssrc_type_t direction) {
  std::vector<unsigned char> key(key_salt.begin(), key_salt.end());
  srtp_policy_t policy{};
  if (suite == SrtpSuite::gcm_128) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  } else {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  }
  policy.ssrc.type = direction;
  policy.key = key.data();
  policy.window_size = 1024;
  policy.allow_repeat_tx = 0;
  srtp_t session = nullptr;
  return srtp_create(&session, &policy) == srtp_err_status_ok ? session : nullptr;
}

}  // namespace

void SrtpPair::Free::operator()(srtp_ctx_t_* session) const {
  srtp_dealloc(session);
}

Result<SrtpPair> SrtpPair::create(const SrtpKeys& keys) {
  start_library();
  SrtpPair pair;
  pair.out_.reset(make_session(keys.suite, keys.ours, ssrc_any_outbound));
  pair.in_.reset(make_session(keys.suite, keys.theirs, ssrc_any_inbound));
  if (!pair.out_ || !pair.in_) return Failure{"libsrtp refused the keys"};
  return pair;
}

std::size_t SrtpPair::protect(std::span<std::uint8_t> buffer, std::size_t length) {
  int size = static_cast<int>(length);
  if (buffer.size() < length + srtp_trailer_bytes) return 0;
  return srtp_protect(out_.get(), buffer.data(), &size) == srtp_err_status_ok ? static_cast<std::size_t>(size)
                                                                              : 0;
}

std::size_t SrtpPair::unprotect(std::span<std::uint8_t> buffer, std::size_t length) {
  int size = static_cast<int>(length);
  if (buffer.size() < length) return 0;
  return srtp_unprotect(in_.get(), buffer.data(), &size) == srtp_err_status_ok
             ? static_cast<std::size_t>(size)
             : 0;
}

}  // namespace dunlin::peer
