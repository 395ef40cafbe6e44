#pragma once
// The one shape in which facts leave the node: CloudEvents 1.0 in JSON. The Redis streams, `dunlin event tail` and
// whatever else follows the history use this file, so a consumer meets one envelope everywhere. docs/events.md is the
// contract. Pure, any thread. Never holds personal data: ids, masked numbers, outcomes, counts and times only.
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/time.hpp"

namespace dunlin {

/// One fact on its way out.
struct EventEnvelope {
  std::string id;              ///< Position in the feed, "12-345": equal ids are the same fact told again.
  std::string type;            ///< Short name, "call.answered"; the family is the word before the dot.
  std::string subject;         ///< "call_…", "att_…", "case_…", "camp_…", "imp_…".
  UtcTime time;                ///< When it happened, by the node's wall clock.
  std::string campaign;        ///< "camp_…"; empty = belongs to none.
  std::string case_id;         ///< "case_…"; empty = a fact of the node.
  std::uint64_t sequence = 0;  ///< Grows within the partition.
  std::string partition;       ///< Number of the shard, or the node's name.
  nlohmann::ordered_json data;
};

/// Who speaks: goes into `source` and `tenant` of every event.
struct EventOrigin {
  std::string tenant;
};

/// "call" of "call.answered".
std::string_view family_of(std::string_view type);
/// "ru.dunlin.call.answered.v1".
std::string full_type(std::string_view type);
/// The CloudEvents object, attributes in the order of docs/events.md.
nlohmann::ordered_json cloud_event(const EventEnvelope& event, const EventOrigin& origin);
/// One line, always valid UTF-8.
std::string to_line(const nlohmann::ordered_json& document);

/// Patterns of `event tail --type`: '*' stands for any run of characters. Matches the short or the full name.
bool matches_type(std::string_view pattern, std::string_view type);

/// Names of the keys in Redis. The prefix and the tenant come from the settings.
struct RedisNames {
  std::string prefix = "dunlin";
  std::string tenant = "default";

  /// "dunlin:ev:default:call".
  std::string stream(std::string_view type) const { return prefix + ":ev:" + tenant + ":" + std::string(family_of(type)); }
  /// "dunlin:live:default:agent".
  std::string channel(std::string_view topic) const { return prefix + ":live:" + tenant + ":" + std::string(topic); }
};

}  // namespace dunlin
