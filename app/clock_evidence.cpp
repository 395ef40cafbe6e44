#include "app/clock_evidence.hpp"

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr const char* node_kind = "node";
constexpr const char* stopped_at_id = "stopped_at";

}  // namespace

Result<ClockEvidence> clock_evidence(Store& store) {
  ClockEvidence evidence;
  const auto built = parse_utc(DUNLIN_BUILD_DAY "T00:00:00Z");
  DUNLIN_CHECK(built.ok());
  evidence.built_at = *built;
  const auto stop = store.documents().get(node_kind, stopped_at_id);
  if (!stop && stop.error().code != Errc::corrupt) return stop.error();
  if (stop && *stop) {
    if (const auto at = parse_utc((*stop)->bytes); at) evidence.stopped_at = *at;
  }
  const Status walked = store.attempts().each({}, [&evidence](const AttemptEntry& newest) {
    evidence.last_attempt_at = newest.reserved_at;
    return false;
  });
  // A damaged row costs its case, not the node: the other witnesses speak.
  if (!walked && walked.error().code != Errc::corrupt) return walked.error();
  return evidence;
}

DocumentWrite stop_record(UtcTime stopped_at) { return {node_kind, stopped_at_id, format_utc(stopped_at), std::nullopt}; }

}  // namespace dunlin
