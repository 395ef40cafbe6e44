#pragma once
// The titles of columns that mean exactly one thing, in Russian and English. Pure, any thread.
#include <optional>
#include <string_view>

#include "core/exchange/row_mapping.hpp"

namespace dunlin {

/// `folded` as fold_title gives it. Field::ignored: the column is known and not needed; nothing: the title is
/// unknown.
std::optional<Field> field_of_title(std::string_view folded);

}  // namespace dunlin
