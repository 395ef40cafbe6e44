#pragma once
// G.711 A-law and mu-law by table (ITU-T G.711), written apart from the product's own. Pure, any thread.
#include <cstdint>

namespace dunlin::peer {

std::uint8_t to_alaw(std::int16_t sample);
std::int16_t from_alaw(std::uint8_t code);
std::uint8_t to_ulaw(std::int16_t sample);
std::int16_t from_ulaw(std::uint8_t code);

}  // namespace dunlin::peer
