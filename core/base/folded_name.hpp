#pragma once
// Names as they are compared: upper case of Latin and Cyrillic letters, Ё as Е, single spaces, none at the ends, Latin
// look-alikes inside a Cyrillic word made Cyrillic; other characters as they are. Pure, any thread. Personal data.
#include <string>
#include <string_view>

namespace dunlin {

std::string fold_name(std::string_view utf8);

}  // namespace dunlin
