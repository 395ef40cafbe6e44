#pragma once
// A certificate for a first start without a certificate authority: a private key and a self-signed certificate in the
// two files Sofia reads, agent.pem (certificate and key) and cafile.pem. Not for carriers: phones must be told to
// trust it. Any thread; touches files.
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

struct SelfSignedRequest {
  std::string folder;              ///< Made if missing, readable by the owner only.
  std::string common_name;         ///< "dunlin.example"
  std::vector<std::string> names;  ///< Further DNS names and IP addresses for subjectAltName.
  int days = 825;
};

/// Writes the two files unless agent.pem is there already. Errors: the folder cannot be written, OpenSSL fails.
Status make_self_signed(const SelfSignedRequest& request);

}  // namespace dunlin
