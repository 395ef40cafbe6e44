#pragma once
// The address in "203.0.113.7", "203.0.113.7:5060", "[2001:db8::7]" or "[2001:db8::7]:5060". Pure, any thread.
#include <string>
#include <string_view>

namespace dunlin {

/// Without port and brackets; empty when the text is none of these: names are not resolved.
std::string numeric_host(std::string_view text);

}  // namespace dunlin
