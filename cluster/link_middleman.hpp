#pragma once
// The door to CAF's network and TLS modules. What crosses it is an actor handle and messages of plain bytes; everything
// these modules leave open (credentials, finite times, dead connections) is set here.
#include <functional>

#include <caf/all.hpp>

#include "cluster/link_address.hpp"
#include "cluster/link_credentials.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// Makes an actor system speak to other nodes, over mutual TLS and nothing else. Before the system is constructed; the
/// credentials must outlive it.
void load_link(caf::actor_system_config& config, const SealedCredentials& credentials);

/// Listens for other nodes; they reach this actor. Returns the port. Blocks for a moment: at start only, on no actor's thread.
Result<std::uint16_t> publish_link(const caf::actor& link, const LinkAddress& bind);

/// Asks for the actor that the node at the address has published. `done` runs in `self`, within the timeout.
void connect_link(caf::event_based_actor* self, const LinkAddress& address, Duration timeout, std::function<void(Result<caf::actor>)> done);

}  // namespace dunlin
