#pragma once
// "Did you mean": the nearest known word to a mistyped one. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin {

/// The candidate with the smallest edit distance, if it is near enough to be a slip of the keyboard.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "Y, Z"
std::string joined_names(const std::vector<std::string>& names);
/// What goes behind "X is not known": "; did you mean Y? allowed: Y, Z".
std::string guess_text(std::string_view word, const std::vector<std::string>& allowed);

}  // namespace dunlin
