#include "core/base/result.hpp"

namespace dunlin {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_input: return "invalid_input";
    case Errc::not_found: return "not_found";
    case Errc::conflict: return "conflict";
    case Errc::denied: return "denied";
    case Errc::unavailable: return "unavailable";
    case Errc::exhausted: return "exhausted";
    case Errc::corrupt: return "corrupt";
  }
  return "unknown";
}

}  // namespace dunlin
