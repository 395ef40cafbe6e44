#pragma once
// `dunlin cluster init`: everything the machines of a new cluster need, written into one folder on an administrator's
// machine. Asks no node and no network. Main thread.
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/founding.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// What follows `cluster init`. Errors name the word and what is allowed.
Result<FoundingPlan> parse_founding(const std::vector<std::string>& words);

/// Makes authority, certificates, secrets and settings and writes them; the folder appears whole or not at all. Folders have
/// mode 0700, keys and secrets 0600, the installation key 0400. `plan` is settled. Errors: conflict (the folder holds something),
/// unavailable (it cannot be written), each with the path.
Status write_founding(const FoundingPlan& plan, UtcTime now);

/// The command with its output and exit code.
int run_cluster_init(const std::vector<std::string>& words);

}  // namespace dunlin
