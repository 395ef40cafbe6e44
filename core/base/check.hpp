#pragma once
// DUNLIN_CHECK: an illegal state ends the process (or the actor's test) with the place named. Stays on in release.

namespace dunlin {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define DUNLIN_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::dunlin::check_failed(#condition, __FILE__, __LINE__))
