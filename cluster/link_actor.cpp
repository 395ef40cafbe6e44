#include "cluster/link_actor.hpp"

#include <utility>

#include "cluster/link_middleman.hpp"
#include "cluster/link_actor_wire.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr Duration link_tick = milliseconds(100);
/// A host that is there answers a connect within this; one that swallows packets never does.
constexpr Duration probe_limit = seconds(1);
constexpr Duration connect_limit = seconds(5);
/// A tick this late means that the process stood still: the silence is its own.
constexpr Duration own_pause = milliseconds(800);
constexpr std::size_t max_peers = 256;

}  // namespace

LinkActor::LinkActor(caf::actor_config& config, const Clock* clock, LinkSettings settings, caf::actor receiver)
    : caf::event_based_actor(config),
      clock_(clock),
      settings_(std::move(settings)),
      receiver_(std::move(receiver)),
      rng_(settings_.seed),
      memory_(settings_.memory),
      ticked_at_(clock_->now_mono()) {}

caf::behavior LinkActor::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
  // A message that no node of this version sends must not end the link.
  set_default_handler(caf::drop);
  tell_after(this, link_tick, caf::actor_cast<caf::actor>(this), msg::LinkTick{});
  return {
      [this](msg::AskPeer& question) { return on_ask(question); },
      [this](const msg::SetPeers& command) { return on_set_peers(command); },
      [this](const msg::GetPeers&) { return view(); },
      [this](const msg::LinkTick&) { on_tick(); },
      [this](link_hello_atom, const std::string& bytes) { return on_hello(bytes); },
      [this](link_ask_atom, const std::string& bytes) { return on_wire_ask(bytes); },
      [this](link_heartbeat_atom) { on_heartbeat(); },
      [this](link_stranger_atom) { on_stranger(); },
  };
}

void LinkActor::on_exit() {
  for (auto& [number, question] : questions_) question.promise.deliver(msg::PeerAnswered{Error{Errc::unavailable, "the link is closed"}, {}});
  questions_.clear();
  peers_.clear();
}

msg::Answer LinkActor::on_set_peers(const msg::SetPeers& command) {
  if (command.peers.size() > max_peers) return {Error{Errc::exhausted, "more than " + std::to_string(max_peers) + " nodes"}, {}};
  std::map<std::string, std::pair<LinkAddress, std::string>> wanted;
  std::optional<Error> refused;
  for (const msg::PeerPlace& place : command.peers) {
    auto address = parse_link_address(place.address);
    // One node's bad address must not cost the others theirs.
    if (!address) {
      refused = Error{address.error().code, "node " + place.node_id + ": " + address.error().detail};
      continue;
    }
    if (place.node_id != settings_.self.node_id) wanted.emplace(place.node_id, std::make_pair(*address, place.address));
  }
  for (auto at = peers_.begin(); at != peers_.end();) {
    if (wanted.count(at->first) != 0) {
      ++at;
      continue;
    }
    mark_down(at->second, "it is no node of the cluster any more");
    at = peers_.erase(at);
  }
  for (auto& [node_id, place] : wanted) {
    const auto [at, is_new] = peers_.try_emplace(node_id);
    Peer& peer = at->second;
    if (is_new) {
      peer.node_id = node_id;
      peer.since = clock_->now_utc();
      if (node_id < settings_.self.node_id) peer.cause = "waits for the node's call";
    }
    if (!is_new && peer.address == place.first) continue;
    peer.address = place.first;
    peer.address_text = place.second;
    peer.failures = 0;
    peer.next_try = clock_->now_mono();
  }
  if (refused) log_warn("link", "address_refused", "{}", refused->detail);
  return {refused, {}};
}

msg::PeersView LinkActor::view() const {
  msg::PeersView view;
  for (const auto& [node_id, peer] : peers_) {
    view.peers.push_back({node_id, peer.address_text, static_cast<bool>(peer.actor), peer.actor ? std::string() : peer.cause, peer.since, peer.unanswered});
  }
  return view;
}

void LinkActor::on_tick() {
  const MonoTime now = clock_->now_mono();
  const bool has_stood_still = now - ticked_at_ > link_tick + own_pause;
  ticked_at_ = now;
  for (auto& [node_id, peer] : peers_) {
    if (!peer.actor) {
      if (settings_.self.node_id < node_id) try_to_reach(peer, now);
      continue;
    }
    if (has_stood_still) peer.heard_at = now;
    if (now - peer.heard_at > settings_.silence) {
      mark_down(peer, "nothing heard from it for " + std::to_string((now - peer.heard_at).ms) + " ms");
      continue;
    }
    if (now - peer.told_at < settings_.heartbeat) continue;
    peer.told_at = now;
    send(peer.actor, link_heartbeat_atom::value);
  }
  tell_after(this, link_tick, caf::actor_cast<caf::actor>(this), msg::LinkTick{});
}

/// First a look without blocking, then CAF's own connect, then the hello.
void LinkActor::try_to_reach(Peer& peer, MonoTime now) {
  if (peer.is_calling || now < peer.next_try) return;
  if (!peer.probe) {
    peer.probe = std::make_unique<TcpProbe>(peer.address);
    peer.tried_at = now;
    ++peer.call;
  }
  const auto state = peer.probe->look();
  if (state == TcpProbe::State::failed) return fail_try(peer.node_id, peer.call, peer.address_text + ": " + peer.probe->cause());
  if (state == TcpProbe::State::waiting) {
    if (now - peer.tried_at > probe_limit) fail_try(peer.node_id, peer.call, peer.address_text + " does not answer");
    return;
  }
  peer.probe.reset();
  peer.is_calling = true;
  connect_link(this, peer.address, connect_limit, [this, node_id = peer.node_id, call = peer.call](Result<caf::actor> found) {
    if (found) say_hello(node_id, call, *found);
    else fail_try(node_id, call, found.error().detail + " (does the cluster's authority know its certificate?)");
  });
}

void LinkActor::say_hello(const std::string& node_id, std::uint64_t call, const caf::actor& actor) {
  request(actor, to_chrono(settings_.silence), link_hello_atom::value, encode(settings_.self))
      .then([this, node_id, call, actor](const std::string& refusal, const std::string& hello) { on_hello_answer(node_id, call, actor, refusal, hello); },
            [this, node_id, call](const caf::error& error) { fail_try(node_id, call, "no answer to the hello: " + caf::to_string(error)); });
}

void LinkActor::on_hello_answer(const std::string& node_id, std::uint64_t call, const caf::actor& actor, const std::string& refusal, const std::string& hello) {
  if (!refusal.empty()) return fail_try(node_id, call, "refused: " + refusal.substr(0, 1000));
  const auto theirs = decode_link_hello(hello);
  if (!theirs) return fail_try(node_id, call, theirs.error().detail);
  const auto version = check_hello(settings_.self, *theirs, node_id);
  if (!version) return fail_try(node_id, call, version.error().detail);
  const auto found = peers_.find(node_id);
  if (found == peers_.end() || found->second.call != call) return;
  mark_up(found->second, *theirs, actor);
}

void LinkActor::fail_try(const std::string& node_id, std::uint64_t call, const std::string& cause) {
  const auto found = peers_.find(node_id);
  if (found == peers_.end() || found->second.call != call || found->second.actor) return;
  Peer& peer = found->second;
  peer.probe.reset();
  peer.is_calling = false;
  peer.next_try = clock_->now_mono() + settings_.retry.after(++peer.failures, rng_);
  if (peer.cause != cause) log_warn("link", "peer_unreachable", "node={} {}", node_id, cause);
  peer.cause = cause;
}

/// The other side of say_hello. A refusal is a sentence: it is shown on the node that called.
caf::result<std::string, std::string> LinkActor::on_hello(const std::string& bytes) {
  const auto actor = caf::actor_cast<caf::actor>(current_sender());
  const auto theirs = decode_link_hello(bytes);
  const Status admitted = theirs ? admit(*theirs, actor) : Status(theirs.error());
  if (admitted) return {std::string(), encode(settings_.self)};
  log_warn("link", "hello_refused", "{}", admitted.error().detail);
  return {admitted.error().detail, std::string()};
}

Status LinkActor::admit(const LinkHello& hello, const caf::actor& actor) {
  if (const auto version = check_hello(settings_.self, hello, ""); !version) return version.error();
  const auto found = peers_.find(hello.node_id);
  if (found == peers_.end()) return Error{Errc::unavailable, "node " + hello.node_id + " is not in this node's list of the cluster yet"};
  Peer& peer = found->second;
  if (peer.actor && peer.store_id != hello.store_id) {
    return Error{Errc::conflict, "another node named " + hello.node_id + " is connected: give one of them another name"};
  }
  if (peer.actor && peer.actor != actor) mark_down(peer, "it called anew");
  if (!peer.actor) mark_up(peer, hello, actor);
  return Done{};
}

void LinkActor::mark_up(Peer& peer, const LinkHello& hello, const caf::actor& actor) {
  peer.actor = actor;
  peer.store_id = hello.store_id;
  peer.probe.reset();
  peer.is_calling = false;
  peer.failures = 0;
  peer.since = clock_->now_utc();
  peer.heard_at = clock_->now_mono();
  peer.told_at = {};
  monitor(actor);
  log_info("link", "peer_up", "node={} incarnation={:x}", peer.node_id, hello.incarnation);
}

/// What was asked of it may have been done or not: nobody here can say.
void LinkActor::mark_down(Peer& peer, const std::string& cause) {
  if (!peer.actor) return;
  demonitor(peer.actor.address());
  peer.actor = {};
  peer.cause = cause;
  peer.since = clock_->now_utc();
  peer.next_try = clock_->now_mono() + settings_.retry.after(1, rng_);
  log_warn("link", "peer_down", "node={} unanswered={} {}", peer.node_id, peer.unanswered, cause);
  std::vector<std::uint64_t> lost;
  for (const auto& [number, question] : questions_) {
    if (question.node_id == peer.node_id) lost.push_back(number);
  }
  for (const std::uint64_t number : lost) {
    finish(number, {Error{Errc::unavailable, "node " + peer.node_id + " is down (" + cause + "); whether it was done is not known"}, {}});
  }
}

void LinkActor::on_down(const caf::actor_addr& address) {
  for (auto& [node_id, peer] : peers_) {
    if (peer.actor && peer.actor.address() == address) mark_down(peer, "the connection is gone");
  }
}

LinkActor::Peer* LinkActor::peer_of(const caf::strong_actor_ptr& from) {
  for (auto& [node_id, peer] : peers_) {
    if (peer.actor && caf::actor_cast<caf::strong_actor_ptr>(peer.actor) == from) return &peer;
  }
  return nullptr;
}

void LinkActor::on_heartbeat() {
  if (Peer* peer = peer_of(current_sender())) {
    peer->heard_at = clock_->now_mono();
  } else if (const auto stranger = caf::actor_cast<caf::actor>(current_sender())) {
    send(stranger, link_stranger_atom::value);
  }
}

/// It took us for down meanwhile: without a new hello it answers nothing.
void LinkActor::on_stranger() {
  if (Peer* peer = peer_of(current_sender())) mark_down(*peer, "it took this node for down");
}

}  // namespace dunlin
