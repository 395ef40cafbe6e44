#pragma once
// For actors that tell shards something without waiting: a refusal comes back as a bare error, and CAF's default ends the
// actor that gets one. These say so in the log and live on; what they told is repeated by its own timers.
#include "actors/contracts/caf.hpp"
#include "config/log.hpp"

namespace dunlin {

template <class Self>
void outlive_errors(Self* self) {
  self->set_error_handler([self](caf::error& error) { log_warn("actor", "refused", "actor={} {}", self->name(), caf::to_string(error)); });
}

}  // namespace dunlin
