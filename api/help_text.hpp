#pragma once
// Help as people read it: examples first, then the words. Also the manual page. Pure.
#include <string>
#include <vector>

#include "api/command.hpp"

namespace dunlin {

/// [] = all nouns; [NOUN] = its examples and verbs; [NOUN VERB] = one command; ["man"] = the manual page (roff).
View show_help(const std::vector<Command>& commands, const std::vector<std::string>& words);

}  // namespace dunlin
