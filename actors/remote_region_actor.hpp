#pragma once
// The sending face of the region: a command wrapped in msg::ForNode goes to that node over the link and is answered as the
// shard itself would answer, so that a shard delegates to it what another node owns. Errors come back in the answer's own
// error field where it has one, else as a caf::error. `unavailable` leaves open whether the command was done; each wrapped
// command has an id of its own, so asking again is a new command. Runs on the CAF pool.
#include <cstdint>
#include <tuple>

#include "actors/contracts/region.hpp"
#include "config/clock.hpp"

namespace dunlin {

class RemoteRegionActor : public caf::event_based_actor {
 public:
  /// `incarnation` of this life of the process names the sender of its commands: never the same twice.
  RemoteRegionActor(caf::actor_config& config, const Clock* clock, caf::actor link, std::uint64_t incarnation);
  caf::behavior make_behavior() override;
  const char* name() const override { return "remote_region"; }

 private:
  template <class... Command, class... Question>
  caf::behavior handlers(const std::tuple<Command...>*, const std::tuple<Question...>*);
  template <class Command>
  caf::response_promise pass_on(const msg::ForNode<Command>& wrapped);

  const Clock* clock_;
  caf::actor link_;
  std::uint64_t incarnation_;
  std::uint64_t commands_ = 0;
};

}  // namespace dunlin
