#pragma once
// Trunk tests that a former life of the node began and did not settle: nobody will hear of their end any more.
// Main thread, before the actors; reads and writes the disk.
#include "storage/store.hpp"

namespace dunlin {

/// Gives each the result unknown_after_failure. Returns how many there were. A record that cannot be read is left as it is
/// (`trunk tests` shows it). Errors: of the store.
Result<std::size_t> settle_left_trunk_tests(Store& store);

}  // namespace dunlin
