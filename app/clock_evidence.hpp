#pragma once
// What a node's folder and its program know of the time that has passed, for the judgement of the wall clock at the start.
// Main thread; reads the disk.
#include "core/base/clock_at_start.hpp"
#include "storage/store.hpp"

namespace dunlin {

/// Errors: of the store.
Result<ClockEvidence> clock_evidence(Store& store);

/// The document that says when this life of the node stopped.
DocumentWrite stop_record(UtcTime stopped_at);

}  // namespace dunlin
