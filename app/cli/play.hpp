#pragma once
// `recording play`: the node decrypts into a private temporary file, the first player that is installed plays it, the
// file is removed. Blocks until the player ends.
#include <string>
#include <vector>

#include "app/cli/client.hpp"

namespace dunlin {

/// `words`: recording play ATTEMPT. Without a player: exit 1 and how to listen.
int play_recording(NodeClient& client, std::vector<std::string> words);

}  // namespace dunlin
