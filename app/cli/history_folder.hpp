#pragma once
// A data folder opened without its node, for the commands that read a stopped node's history. Main thread.
#include <memory>

#include "app/cli/local_commands.hpp"
#include "core/base/result.hpp"
#include "storage/store.hpp"

namespace dunlin {

Result<std::unique_ptr<Store>> open_store(const LocalContext& context);
/// Of a folder that has a history already: a mistyped --data must not make an empty one.
Result<std::unique_ptr<Store>> open_history(const LocalContext& context);
/// The same; Errc::conflict while the node runs.
Result<std::unique_ptr<Store>> open_stopped_history(const LocalContext& context);

}  // namespace dunlin
