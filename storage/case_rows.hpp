#pragma once
// What the disk knows about one case beside its events: how many there are and where, and by which keys it is found.
// Any thread, short disk reads. Errors: corrupt (a damaged row, the case named), unavailable (the disk).
#include <cstdint>
#include <set>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {

class Database;

/// Number of events of the case; 0 when unknown.
Result<std::uint64_t> stored_version(const Database& database, CaseId case_id);

/// Where the events of one commit stand.
struct StoredRun {
  std::uint64_t first_version = 0;
  EventRun place;
};
/// The runs that hold events with version > after_version, in order, as many as `limit` events need. The first one may
/// begin with events at or below after_version.
Result<std::vector<StoredRun>> stored_runs(const Database& database, CaseId case_id, std::uint64_t after_version,
                                           std::size_t limit);

using CaseLookupSet = std::set<key_space::CaseLookup>;

struct StoredLookups {
  CaseLookupSet set;
  bool has_former_rows = false;  ///< Some stand in rows of data format 2, one each.
};
Result<StoredLookups> stored_lookups(const Database& database, CaseId case_id);

}  // namespace dunlin
