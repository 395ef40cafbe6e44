#pragma once
// Strong identifiers: 64-bit values printed with a prefix ("case_00000000000000a1"). Pure, any thread.
// Ids are made by their owners (keyed hash for cases, counters with a random base for attempts), never here.
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

std::string format_id(std::string_view prefix, std::uint64_t value);
Result<std::uint64_t> parse_id(std::string_view prefix, std::string_view text);

template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::uint64_t value) : value_(value) {}

  /// Accepts exactly what str() prints.
  static Result<Id> parse(std::string_view text) {
    auto value = parse_id(Tag::prefix, text);
    if (!value) return value.error();
    return Id(*value);
  }

  constexpr std::uint64_t value() const { return value_; }
  constexpr bool is_set() const { return value_ != 0; }
  std::string str() const { return format_id(Tag::prefix, value_); }
  constexpr auto operator<=>(const Id&) const = default;

 private:
  std::uint64_t value_ = 0;
};

struct CaseTag { static constexpr std::string_view prefix = "case"; };
struct AttemptTag { static constexpr std::string_view prefix = "att"; };
struct CallTag { static constexpr std::string_view prefix = "call"; };
struct LegTag { static constexpr std::string_view prefix = "leg"; };
struct AgentTag { static constexpr std::string_view prefix = "agent"; };
struct CampaignTag { static constexpr std::string_view prefix = "camp"; };
struct ImportTag { static constexpr std::string_view prefix = "imp"; };

using CaseId = Id<CaseTag>;          ///< A person. Derived from the person key by a keyed hash.
using AttemptId = Id<AttemptTag>;    ///< One intended contact.
using CallId = Id<CallTag>;          ///< The call an attempt became. Same number as its attempt.
using LegId = Id<LegTag>;            ///< One SIP dialog with its media.
using AgentId = Id<AgentTag>;
using CampaignId = Id<CampaignTag>;
using ImportId = Id<ImportTag>;

/// Index of a shard, 0..255. Position of an event: (shard, sequence).
using ShardIndex = std::uint16_t;
inline constexpr ShardIndex shard_count = 256;

/// The shard that owns a case. Ids are already uniformly hashed, so the low bits are enough.
constexpr ShardIndex shard_of(CaseId id) { return static_cast<ShardIndex>(id.value() % shard_count); }

}  // namespace dunlin

template <class Tag>
struct std::hash<dunlin::Id<Tag>> {
  std::size_t operator()(dunlin::Id<Tag> id) const noexcept { return std::hash<std::uint64_t>()(id.value()); }
};
