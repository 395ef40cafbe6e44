#pragma once
// What the clocks at a person's place show: for everything that is planned by the debtor's day and not by ours. The gate of
// the law is the one implementation of the node, so that plan and law reckon with the same zones. Pure, any thread.
#include <vector>

#include "core/base/time.hpp"
#include "core/case/case_record.hpp"
#include "core/compliance/zone_table.hpp"

namespace dunlin {

class DebtorClock {
 public:
  virtual ~DebtorClock() = default;
  /// One wall clock for every zone the person may live in, at least one; UTC when no zone is known at all.
  virtual std::vector<LocalTime> walls(const CaseRecord& record, UtcTime at) const = 0;
  /// Whether the law, by what is known now, would let the number be called then. For plans only: the attempt is judged anew.
  virtual bool may_call(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const = 0;
};

/// The wall clock of UTC.
LocalTime utc_wall(UtcTime at);

}  // namespace dunlin
