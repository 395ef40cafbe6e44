#pragma once
// What may follow a line that is being typed: nouns, verbs, options, and live values such as campaign names and agents.
#include <string>
#include <vector>

#include "api/command.hpp"

namespace dunlin {

/// `words` of the line so far; the last one is being typed and may be empty. The view's rows are {"word": …}.
View complete(const CommandContext& context, const std::vector<Command>& commands, const std::vector<std::string>& words);

}  // namespace dunlin
