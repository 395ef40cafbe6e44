#pragma once
// The certificate a node makes for its agents' edge when none is configured: a private CA (cafile.pem, for the phones)
// and a server certificate with its key (agent.pem), ECDSA P-256, valid for the node's host names. Start-up only.
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// Does nothing when agent.pem exists. Names may be host names or numeric addresses.
Status ensure_certificates(const std::filesystem::path& folder, const std::vector<std::string>& names);

}  // namespace dunlin
