#pragma once
// The protocol book: finding people in a cluster. A node's own copies may lag and lack shards, so who a person is, is asked of the
// nodes that own the shards: one question a node for many keys (msg::FindHeld), and one for many cases (msg::ReadHeld). The import
// and the merges ask their node's persons desk (actors/person_desk_actor), which joins the answers. An answer is whole or an error:
// a shard that nobody serves, or that changes hands meanwhile, makes it `unavailable`, and the same question may be asked again.
#include <unordered_map>
#include <vector>

#include "actors/contracts/messages.hpp"
#include "core/case/hashed_key.hpp"

namespace dunlin {

/// Finding cases on this node's disk by keys that may have been hashed elsewhere. Thread safe; one disk read a call.
class PersonIndex {
 public:
  virtual ~PersonIndex() = default;
  virtual std::vector<HashedKey> hash(const std::vector<LookupKey>& keys) const = 0;
  /// A list for each key, ascending by id; of a phone and of a name 16 cases at most. Errors: the disk's.
  virtual Result<std::vector<std::vector<CaseId>>> find(const std::vector<HashedKey>& keys) const = 0;
};

/// A shard and the epoch of the owner that is meant.
struct HeldShard {
  ShardIndex shard = 0;
  std::int64_t epoch = 0;
  bool operator==(const HeldShard&) const = default;
};

namespace msg {

// --- to this node's persons desk -----------------------------------------------------------------------------------

/// Which cases of the cluster carry these keys.
struct FindCases { std::vector<LookupKey> keys; };
struct CasesFound {
  std::optional<Error> error;
  std::vector<std::vector<CaseId>> cases;  ///< A list for each key, ascending by id.
};
/// These cases as their owners have them.
struct ReadCases { std::vector<CaseId> ids; };
struct CasesRead {
  std::optional<Error> error;
  std::unordered_map<CaseId, CaseRecord> records;  ///< Whom the cluster does not have is not in it.
};
/// To itself: questions that found no owner are asked again.
struct SearchAgain {};

// --- between persons desks -------------------------------------------------------------------------------------------

/// Which cases of these shards carry these keys. Refused unless the node owns every one of them in that epoch.
struct FindHeld { std::vector<HeldShard> shards; std::vector<HashedKey> keys; };
struct HeldFound { std::optional<Error> error; std::vector<std::vector<CaseId>> cases; };
/// The same of cases by their ids. The answer ends early when it gets too large for one message.
struct ReadHeld { std::vector<HeldShard> shards; std::vector<CaseId> ids; };
struct HeldRead {
  std::optional<Error> error;
  std::vector<std::string> views;   ///< Of the first ids, in their order, as stored; empty: no such case.
};

}  // namespace msg
}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::FindCases)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::CasesFound)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::ReadCases)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::CasesRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::SearchAgain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::FindHeld)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::HeldFound)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::ReadHeld)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::HeldRead)
