#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes a step, by the processor's own instruction where it has one.
// Finds damage, not tampering. Pure, any thread.
#include <cstdint>
#include <string_view>

namespace dunlin {

std::uint32_t crc32c(std::string_view bytes);
/// The same sum without the instruction, which the tests hold beside it.
std::uint32_t portable_crc32c(std::string_view bytes);

}  // namespace dunlin
