#pragma once
// How a command that works without the node says why it failed. Prints to stderr; the command's thread.
#include "core/base/result.hpp"

namespace dunlin {

/// Prints the error; its exit code: 2 wrong words, 3 not found, 4 conflict, 5 denied, 1 anything else. (6 is a node's that is away.)
int tell_failure(const Error& error);

}  // namespace dunlin
