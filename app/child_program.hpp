#pragma once
// Other programs, run as processes of their own and waited for: players, speech synthesis. No shell in between, so no word
// of a text becomes a command. Blocks the calling thread: never an actor's.
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dunlin {

/// The program of this name on PATH.
std::optional<std::filesystem::path> find_program(const std::string& name);

/// Its exit code; 127 when it could not be started, 130 when a signal ended it. `input` is its standard input unless empty.
/// A program that has not ended within `limit` is killed and counts as ended by a signal; without a limit it may take for ever.
int run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                const std::filesystem::path& input = {}, std::optional<std::chrono::seconds> limit = {});

}  // namespace dunlin
