#include "app/cli/history_folder.hpp"

namespace dunlin {

Result<std::unique_ptr<Store>> open_store(const LocalContext& context) {
  StorageSettings settings;
  settings.path = context.data_folder;
  return Store::open(settings);
}

Result<std::unique_ptr<Store>> open_history(const LocalContext& context) {
  if (std::filesystem::exists(context.data_folder / "history")) return open_store(context);
  return Error{Errc::not_found, "no history in " + context.data_folder.string() + ": name the data folder with --data"};
}

Result<std::unique_ptr<Store>> open_stopped_history(const LocalContext& context) {
  if (!context.is_node_up) return open_history(context);
  return Error{Errc::conflict, "the node is running: stop it (or restore a backup elsewhere) to play its cases or campaigns"};
}

}  // namespace dunlin
