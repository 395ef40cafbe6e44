#pragma once
// Small pieces of text work shared by the SDP parser, writer and answerer. Pure, any thread, never past the end.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dunlin::sdp_text {

std::string_view trim(std::string_view text);
/// Takes the next space-separated word off the front; empty when none is left.
std::string_view next_word(std::string_view& text);
std::string_view before(std::string_view text, char separator);
/// Digits only, at most `largest`.
std::optional<std::uint64_t> to_number(std::string_view text, std::uint64_t largest);
std::string lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace dunlin::sdp_text
