#include "core/call/media_description.hpp"

namespace dunlin {

std::string_view to_string(Codec codec) {
  switch (codec) {
    case Codec::pcma: return "PCMA";
    case Codec::pcmu: return "PCMU";
    case Codec::opus: return "opus";
  }
  return "unknown";
}

std::string_view to_string(CryptoSuite suite) {
  switch (suite) {
    case CryptoSuite::aes_cm_128_hmac_sha1_80: return "AES_CM_128_HMAC_SHA1_80";
    case CryptoSuite::aead_aes_128_gcm: return "AEAD_AES_128_GCM";
  }
  return "unknown";
}

}  // namespace dunlin
