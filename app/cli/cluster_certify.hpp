#pragma once
// `dunlin cluster certify`: a certificate of a kept authority, for a new machine or in place of one that runs out. Main thread.
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/founding.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

struct CertifyRequest {
  std::filesystem::path authority;   ///< Folder with ca.pem and ca.key.
  ClusterSeat seat;                  ///< Whom to certify.
  std::filesystem::path folder;      ///< Gets ca.pem, NAME.pem and NAME.key. Absolute.
};

/// What follows `cluster certify`. Errors name the word and what is allowed.
Result<CertifyRequest> parse_certify(const std::vector<std::string>& words);

/// Errors: not_found (no authority there), denied (others may read its key), invalid_input (it is none, has expired, or cannot name this host), conflict and
/// unavailable as of write_whole_folder.
Status write_certified(const CertifyRequest& request, UtcTime now);

/// The command with its output and exit code.
int run_cluster_certify(const std::vector<std::string>& words);

}  // namespace dunlin
