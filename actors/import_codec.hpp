#pragma once
// Stored bytes of an import's document: what was asked, what came of it, whether it was undone. Versioned; pure. Holds
// line numbers, ids and counts only, beside the file's name.
#include "actors/contracts/messages.hpp"

namespace dunlin {

std::string encode_import(const msg::ImportView& view);
Result<msg::ImportView> decode_import(std::string_view bytes);

}  // namespace dunlin
