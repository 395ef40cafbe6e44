#pragma once
// What people write for a Russian region ("Свердловская обл.", "г. Москва", "RU-SVE") as its ISO 3166-2 code, by which
// the law's tables know its zones. Pure, any thread.
#include <optional>
#include <string>
#include <string_view>

namespace dunlin {

/// nullopt when the text names no subject of the federation that we know.
std::optional<std::string> region_code(std::string_view text);

}  // namespace dunlin
