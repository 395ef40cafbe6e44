#pragma once
// Follows an import job on the terminal: rows/s, ETA, rejected so far. Ctrl-C detaches; the job goes on in the node.
#include <string>

#include "app/cli/client.hpp"
#include "app/cli/render.hpp"

namespace dunlin {

/// Exit code: 0 all rows in, 7 some came back, 1 failed, 130 detached.
int follow_import(NodeClient& client, const std::string& import_id, OutputFormat format);

}  // namespace dunlin
