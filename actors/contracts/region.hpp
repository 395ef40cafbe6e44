#pragma once
// The protocol book, part three: what leaves the process. A shard that another node owns is reached by a command wrapped
// in ForNode, which becomes an envelope of bytes (actors/region_codec), crosses the link (cluster/link_actor) and is a plain
// message again on the other side (actors/region_door_actor). Every question here is answered, with an error if need be,
// within limits::peer_answer_timeout. Answers that say `unavailable` leave open whether a command was done.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/contracts/messages.hpp"
#include "core/cluster/envelope.hpp"

namespace dunlin::msg {

// --- the link ----------------------------------------------------------------------------------------------------

/// To the link: pass this on to that node. Errors: unavailable (unknown, down, or no answer in time), exhausted (as many
/// messages or bytes as may be are unanswered), and whatever the other side refuses with.
struct AskPeer { std::string node_id; Envelope envelope; };
struct PeerAnswered { std::optional<Error> error; Envelope envelope; };

/// From the link to the receiver given at its start; answered by EnvelopeAnswer. A command comes here once.
struct EnvelopeArrived { std::string from; Envelope envelope; };
/// Of the envelope only type and body count: id and shard are those of the question.
struct EnvelopeAnswer { std::optional<Error> error; Envelope envelope; };

struct PeerPlace { std::string node_id; std::string address; };
/// To the link: the other nodes from now on. Who is no longer named is let go. Answered by Answer.
struct SetPeers { std::vector<PeerPlace> peers; };
struct GetPeers {};
struct PeerView {
  std::string node_id;
  std::string address;
  bool is_up = false;
  std::string cause;                ///< Why it is not up: the sentence for the operator.
  UtcTime since;                    ///< Up or down since then.
  std::size_t unanswered = 0;
};
struct PeersView { std::vector<PeerView> peers; };
struct LinkTick {};

// --- the region --------------------------------------------------------------------------------------------------

/// To the remote region: this command of a shard, on that node. Answered as the shard itself would answer.
template <class Command>
struct ForNode {
  std::string node_id;
  ShardIndex shard = 0;
  std::int64_t epoch = 0;           ///< Of the shard's owner, as known here; 0: not known.
  Command command;
};

}  // namespace dunlin::msg

template <class Command>
struct caf::allowed_unsafe_message_type<dunlin::msg::ForNode<Command>> : std::true_type {};
#define DUNLIN_REGION_MESSAGE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::name)
DUNLIN_REGION_MESSAGE(AskPeer)
DUNLIN_REGION_MESSAGE(PeerAnswered)
DUNLIN_REGION_MESSAGE(EnvelopeArrived)
DUNLIN_REGION_MESSAGE(EnvelopeAnswer)
DUNLIN_REGION_MESSAGE(SetPeers)
DUNLIN_REGION_MESSAGE(GetPeers)
DUNLIN_REGION_MESSAGE(PeersView)
DUNLIN_REGION_MESSAGE(LinkTick)
#undef DUNLIN_REGION_MESSAGE
