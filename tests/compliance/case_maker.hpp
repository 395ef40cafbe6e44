#pragma once
// Random law cases for the property tests, as rows of the law table. Instants crowd around the edges of days, hours and
// counting periods, where mistakes live. Same seed, same rows.
#include <optional>
#include <string>
#include <vector>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace dunlin {

inline constexpr const char* case_columns = "id,jurisdiction,local_zone,attempt_at,channel,counterparty,history,flags\n";

/// One history asked about many times: every instant with every channel is one decision.
struct ManyQuestions {
  std::string row;                    ///< For tools/law_reference.py: instants and channels joined by "|".
  std::string first;                  ///< The same row with its first instant and channel only, as the program reads it.
  std::vector<UtcTime> instants;      ///< Ascending.
  std::vector<std::string> channels;
};

class CaseMaker {
 public:
  explicit CaseMaker(std::uint64_t seed) : rng_(seed) {}
  std::string next(int number);
  ManyQuestions next_many(int number);

 private:
  bool is_likely(unsigned percent) { return rng_.below(100) < percent; }
  std::string pick(std::initializer_list<const char*> words) { return *(words.begin() + rng_.below(words.size())); }
  std::size_t pick_country();
  /// A country and a place of it, and the instant around which everything happens.
  std::string choose_place();
  UtcTime random_instant();
  UtcTime near_an_edge(UtcTime at);
  std::vector<UtcTime> many_instants();
  std::string party();
  std::string history();
  std::string item();
  std::string date_near(std::int64_t earliest_days, std::int64_t latest_days);
  std::string flags(const std::string& channel);

  Rng rng_;
  UtcTime at_;
  std::optional<UtcTime> clock_change_;  ///< Nearby, at midnight: the day has no beginning, or two.
  bool is_in_yakutia_ = false;   ///< In one of the three zones of a region.
  std::vector<UtcTime> facts_;   ///< Of the last history made.
};

}  // namespace dunlin
