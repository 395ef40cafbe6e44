#pragma once
// Follows a job of the node on the terminal to its end. Ctrl-C detaches and says how to attach again.
#include <string>

#include "app/cli/client.hpp"
#include "app/cli/render.hpp"

namespace dunlin {

/// The exit code the job ends with; 130 detached, 6 unreachable.
int follow_job(NodeClient& client, const std::string& job_id, OutputFormat format);

}  // namespace dunlin
