#pragma once
// What the languages implement, and the steps they share. Inside core/dialogue only; pure, any thread.
#include "core/dialogue/spoken.hpp"

namespace dunlin {

/// The grammar of one language; spoken.cpp chooses by SpokenLanguage.
SpokenPieces spoken_integer_ru(std::int64_t value, SpokenGender gender, SpokenCase form);
SpokenPieces spoken_money_ru(Money money, SpokenCase form);
SpokenPieces spoken_days_ru(std::int64_t days);
SpokenPieces spoken_date_ru(CivilDate date, bool has_year);
SpokenPiece spoken_plus_ru();
SpokenPieces spoken_integer_en(std::int64_t value);
SpokenPieces spoken_money_en(Money money);
SpokenPieces spoken_days_en(std::int64_t days);
SpokenPieces spoken_date_en(CivilDate date, bool has_year);
SpokenPiece spoken_plus_en();

inline void append_pieces(SpokenPieces& to, SpokenPieces more) {
  for (SpokenPiece& piece : more) to.push_back(std::move(piece));
}

/// The size of a number without the trap of the least integer.
inline std::uint64_t spoken_magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

}  // namespace dunlin
