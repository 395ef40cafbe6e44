#pragma once
// The link between nodes: one actor a node, published over mutual TLS, that keeps one connection to every other node and
// carries envelopes both ways (docs/cluster.md, the link). Of two nodes the one with the lesser name calls, so that there is
// one connection and not two that cut each other off. A node is up after a hello that both sides accept and for as long as
// it is heard from: heartbeats every half second, down after two seconds of silence. Everything asked is answered in finite
// time: by the other side, or `unavailable` when it is down, when it goes down, or when the time is over; above the credit
// of a node `exhausted` at once. A command that comes again is answered from memory (R10), one of an older epoch than is
// known here is refused. Runs on the CAF pool; times are the node's monotonic clock.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/contracts/region.hpp"
#include "cluster/back_off.hpp"
#include "cluster/link_address.hpp"
#include "config/clock.hpp"
#include "config/limits.hpp"
#include "core/base/rng.hpp"
#include "core/cluster/answer_memory.hpp"
#include "core/cluster/link_hello.hpp"

namespace dunlin {

struct LinkSettings {
  LinkHello self;
  /// The newest epoch this node knows of a shard, 0 for none; asked from the link's thread. Unset: epochs are not compared.
  std::function<std::int64_t(ShardIndex)> epoch_of;
  std::size_t unanswered = limits::envelopes_unanswered_per_peer;
  std::size_t unanswered_bytes = limits::envelope_bytes_unanswered_per_peer;
  Duration answer_timeout = limits::peer_answer_timeout;
  Duration heartbeat = limits::peer_heartbeat;
  Duration silence = limits::peer_silence;
  BackOff retry{limits::peer_retry_first, limits::peer_retry_longest};
  AnswerMemory::Bounds memory{};
  std::uint64_t seed = 1;           ///< Of the back-off's jitter.
};

class LinkActor : public caf::event_based_actor {
 public:
  /// `receiver` gets msg::EnvelopeArrived.
  LinkActor(caf::actor_config& config, const Clock* clock, LinkSettings settings, caf::actor receiver);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "link"; }

 private:
  struct Peer {
    std::string node_id;
    std::string address_text;
    LinkAddress address;
    caf::actor actor;               ///< Set while it is up.
    std::string store_id;
    std::string cause = "not reached yet";
    UtcTime since;
    MonoTime heard_at;
    MonoTime told_at;
    MonoTime next_try;
    std::unique_ptr<TcpProbe> probe;
    MonoTime tried_at;
    bool is_calling = false;
    std::uint64_t call = 0;         ///< Number of the present try: later news of former ones are dropped.
    unsigned failures = 0;
    std::size_t unanswered = 0;
    std::size_t unanswered_bytes = 0;
    std::size_t inbound = 0;        ///< Its envelopes that we have not answered.
  };
  struct Question {
    std::string node_id;
    CommandId command;
    std::size_t bytes = 0;
    caf::typed_response_promise<msg::PeerAnswered> promise;
  };
  using WirePromise = caf::typed_response_promise<std::string>;

  // Who is there.
  msg::Answer on_set_peers(const msg::SetPeers& command);
  msg::PeersView view() const;
  void on_tick();
  void on_down(const caf::actor_addr& address);
  void try_to_reach(Peer& peer, MonoTime now);
  void say_hello(const std::string& node_id, std::uint64_t call, const caf::actor& actor);
  void on_hello_answer(const std::string& node_id, std::uint64_t call, const caf::actor& actor, const std::string& refusal, const std::string& hello);
  caf::result<std::string, std::string> on_hello(const std::string& bytes);
  Status admit(const LinkHello& hello, const caf::actor& actor);
  void fail_try(const std::string& node_id, std::uint64_t call, const std::string& cause);
  void mark_up(Peer& peer, const LinkHello& hello, const caf::actor& actor);
  void mark_down(Peer& peer, const std::string& cause);
  void on_heartbeat();
  void on_stranger();
  Peer* peer_of(const caf::strong_actor_ptr& from);

  // What travels.
  caf::typed_response_promise<msg::PeerAnswered> on_ask(msg::AskPeer& question);
  void finish(std::uint64_t number, msg::PeerAnswered answer);
  void on_wire_answer(std::uint64_t number, const std::string& bytes);
  WirePromise on_wire_ask(const std::string& bytes);
  bool answer_from_memory(const CommandId& command, WirePromise promise);
  void pass_to_receiver(const std::string& from, Envelope envelope, WirePromise promise);
  void settle(const std::string& from, const CommandId& command, std::string answer, WirePromise promise);

  const Clock* clock_;
  LinkSettings settings_;
  caf::actor receiver_;
  Rng rng_;
  std::map<std::string, Peer> peers_;
  std::unordered_map<std::uint64_t, Question> questions_;
  std::uint64_t next_question_ = 0;
  AnswerMemory memory_;
  std::unordered_map<CommandId, std::vector<WirePromise>> waiting_;  ///< For the answer to a command that came again.
  MonoTime ticked_at_;
};

}  // namespace dunlin
