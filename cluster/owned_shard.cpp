#include "cluster/owned_shard.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace dunlin {

std::vector<std::string> lines_of(const BatchDraft& draft) {
  std::vector<std::string> lines;
  for (const auto* list : {&draft.lines_taken, &draft.lines_freed}) {
    for (const auto& held : *list) lines.push_back(held.line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string why_no_room(const CommitRequest& request, JournalRoom room) {
  const bool is_fact = !request.attempts.empty() && !request.reservation;
  switch (room) {
    case JournalRoom::enough:
      return {};
    case JournalRoom::no_reservations:
      return request.reservation ? "the shared journal has no room for new attempts" : "";
    case JournalRoom::facts_only:
      return is_fact ? "" : "the shared journal has room for the facts of attempts only";
  }
  DUNLIN_CHECK(false);
  return {};
}

}  // namespace dunlin
