#pragma once
// Who watches a what-if run from outside: told of every person in the list, of everything written down of a case and of
// every refusal, in the order in which they happen. It decides nothing. Called on the run's thread; outlives the run.
#include <vector>

#include "core/case/case_event.hpp"
#include "core/case/case_machine.hpp"

namespace dunlin {

class WhatIfWitness {
 public:
  virtual ~WhatIfWitness() = default;
  /// Before the first shift, with the plan the person came with.
  virtual void on_case(UtcTime at, const CaseRecord& record) = 0;
  /// `record` is the case after the events.
  virtual void on_events(UtcTime at, const CaseRecord& record, const std::vector<CaseEvent>& events) = 0;
  /// After the events of the refusal. A refusal that was written down before brings none.
  virtual void on_refusal(UtcTime at, const CaseRecord& record, const DenialView& denial) = 0;
};

}  // namespace dunlin
