#pragma once
// SIP secrets of agents: made here, shown once, stored only as the digest's HA1 (RFC 7616 section 3.4.2). OpenSSL.
#include <string>

#include "core/base/result.hpp"

namespace dunlin {

/// 20 random characters without look-alikes.
std::string make_sip_secret();
/// H(user:realm:secret) in lower-case hex; H is MD5 or SHA-256.
Result<std::string> digest_secret(const std::string& user, const std::string& realm, const std::string& secret, bool is_md5);

}  // namespace dunlin
