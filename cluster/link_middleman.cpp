#include "cluster/link_middleman.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "config/limits.hpp"

namespace dunlin {
namespace {

constexpr Duration publish_limit = seconds(10);

}  // namespace

void load_link(caf::actor_system_config& config, const SealedCredentials& credentials) {
  config.load<caf::io::middleman>();
  config.load<caf::openssl::manager>();
  config.openssl_certificate = credentials.paths().certificate;
  config.openssl_key = credentials.paths().key;
  config.openssl_cafile = credentials.paths().authority;
  // Both are off by default. They end connections whose other end is gone without a word; the link's own heartbeats,
  // which also see a process that stands still, decide whether a node is up.
  config.set("middleman.heartbeat-interval", caf::timespan(std::chrono::milliseconds(limits::peer_heartbeat.ms)));
  config.set("middleman.connection-timeout", caf::timespan(std::chrono::milliseconds(limits::peer_silence.ms)));
}

Result<std::uint16_t> publish_link(const caf::actor& link, const LinkAddress& bind) {
  const auto cannot = [&bind](const std::string& why) {
    return Error{Errc::unavailable, "cannot listen for other nodes on " + bind.host + " port " + std::to_string(bind.port) + ": " + why};
  };
  auto& system = link.home_system();
  Result<std::uint16_t> result = cannot("no answer");
  // What caf::openssl::publish does, but with an end.
  caf::scoped_actor asker(system);
  asker->request(system.openssl_manager().actor_handle(), std::chrono::milliseconds(publish_limit.ms), caf::publish_atom::value, bind.port,
                 caf::actor_cast<caf::strong_actor_ptr>(link), system.message_types(link), bind.host, true)
      .receive([&](std::uint16_t port) { result = port; }, [&](const caf::error& error) { result = cannot(caf::to_string(error)); });
  return result;
}

void connect_link(caf::event_based_actor* self, const LinkAddress& address, Duration timeout, std::function<void(Result<caf::actor>)> done) {
  const auto manager = self->system().openssl_manager().actor_handle();
  self->request(manager, std::chrono::milliseconds(timeout.ms), caf::connect_atom::value, address.host, address.port)
      .then(
          [done](const caf::node_id&, const caf::strong_actor_ptr& found, const std::set<std::string>&) {
            auto actor = found ? caf::actor_cast<caf::actor>(found) : caf::actor();
            if (actor) done(std::move(actor));
            else done(Error{Errc::unavailable, "nobody answers for the node there"});
          },
          [done](const caf::error& error) { done(Error{Errc::unavailable, caf::to_string(error)}); });
}

}  // namespace dunlin
