#include "sip/sip_types.hpp"

namespace dunlin {

std::string_view to_string(EndOrigin origin) {
  switch (origin) {
    case EndOrigin::local: return "local";
    case EndOrigin::remote: return "remote";
    case EndOrigin::timeout: return "timeout";
    case EndOrigin::transport: return "transport";
    case EndOrigin::not_sent: return "not_sent";
  }
  return "?";
}

}  // namespace dunlin
