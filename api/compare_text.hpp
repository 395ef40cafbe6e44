#pragma once
// A comparison of copies (core/cluster/history_compare) for people, in Russian or English, and as fields. Pure, any thread.
#include <string>

#include <nlohmann/json.hpp>

#include "api/model_text.hpp"
#include "core/cluster/history_compare.hpp"

namespace dunlin {

/// A short table: one line for all shards that are equal on the same nodes, one for each other shard; then the first
/// difference, and what the comparison comes to.
std::string comparison_text(const HistoryComparison& comparison, TextLanguage language);
nlohmann::ordered_json comparison_fields(const HistoryComparison& comparison);

}  // namespace dunlin
