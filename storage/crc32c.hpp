#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes a step. Finds damage, not tampering. Pure, any thread.
#include <cstdint>
#include <string_view>

namespace dunlin {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace dunlin
