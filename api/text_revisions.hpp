#pragma once
// What the commands of every kept text (strategies, flows) have in common: its revisions, one of them, their table. `noun` is
// the command's: "strategy", "flow".
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "api/command.hpp"
#include "core/dialing/text_revision.hpp"

namespace dunlin {

/// Errors: invalid_input, with the command that shows the revisions.
Result<std::uint32_t> revision_number(const std::string& noun, const std::string& text);

/// The revision with this number, the latest for an empty one. `revisions` are one text's, oldest first, never empty.
Result<TextRevision> revision_of(const std::string& noun, const std::vector<TextRevision>& revisions, const std::string& number);

/// When, by whom, from which file; the latest first.
View revisions_table(const std::vector<TextRevision>& revisions);

/// All revisions of a text, oldest first; never empty. Query is answered by Reply, which has `revisions`.
template <class Reply, class Query>
Result<std::vector<TextRevision>> revisions_of(const CommandContext& context, const std::string& noun, const std::string& name) {
  auto view = context.ask<Reply>(context.node.campaigns, Query{name});
  if (!view) return view.error();
  if (name.empty() || view->revisions.empty()) return Error{Errc::not_found, "no " + noun + " " + name + "; `" + noun + " list` shows them"};
  return std::move(view->revisions);
}

}  // namespace dunlin
