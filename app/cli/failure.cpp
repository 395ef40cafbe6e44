#include "app/cli/failure.hpp"

#include <cstdio>

namespace dunlin {

int tell_failure(const Error& error) {
  std::fprintf(stderr, "dunlin: %s\n", error.detail.c_str());
  switch (error.code) {
    case Errc::invalid_input: return 2;
    case Errc::not_found: return 3;
    case Errc::conflict: return 4;
    case Errc::denied: return 5;
    case Errc::unavailable:
    case Errc::exhausted:
    case Errc::corrupt: return 1;
  }
  return 1;
}

}  // namespace dunlin
