#include "sip/sip_types.hpp"

namespace dunlin {

}  // namespace dunlin
