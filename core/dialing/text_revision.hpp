#pragma once
// One stored version of a text people write for the node (a strategy, a flow): as it was written, with who, when and why.
// A document of its own; ids sort by revision. Pure value, any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

struct TextRevision {
  std::string name;
  std::uint32_t revision = 0;
  std::string author;
  UtcTime at;
  std::string origin;                      ///< The file it came from, or "rollback to 3".
  std::string text;
  bool operator==(const TextRevision&) const = default;
};
std::string encode_text_revision(const TextRevision& revision);
/// Errc::corrupt for anything else.
Result<TextRevision> decode_text_revision(std::string_view bytes);

}  // namespace dunlin
