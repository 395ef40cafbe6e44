#include "core/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace dunlin {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "dunlin: illegal state: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace dunlin
