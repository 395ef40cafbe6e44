#pragma once
// Follows an import job, or its undo, on the terminal: rows/s, ETA, rejected so far. Ctrl-C detaches; the job goes on in
// the node and `import attach` follows it again.
#include <optional>
#include <string>
#include <vector>

#include "app/cli/client.hpp"
#include "app/cli/render.hpp"

namespace dunlin {

enum class Followed { import, undo };

/// Exit code: 0 all rows in (or all cases put back), 7 done in part, 1 failed, 130 detached.
int follow_import(NodeClient& client, const std::string& import_id, Followed what, OutputFormat format);

/// What to follow after this command, if anything: `import run`, `import attach`, `import undo`.
std::optional<Followed> followed_by(const std::vector<std::string>& words);

}  // namespace dunlin
