#pragma once
// The documents a cluster shares (campaigns, strategies, flows, agents, templates) and their bytes before they are sealed:
// one document, and the head that counts all changes (docs/cluster.md, documents). Pure, any thread.
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

struct SharedDocument {
  std::string kind;                      ///< 1 to 64 characters of a-z, 0-9 and '_'.
  std::string id;                        ///< 1 to max_shared_document_id bytes.
  std::optional<std::string> bytes;      ///< nullopt: removed; kept as such, so that who was away learns of it.
  bool operator==(const SharedDocument&) const = default;
};

/// So many bytes of one document at most: etcd takes requests up to 1.5 MB.
inline constexpr std::size_t max_shared_document_bytes = 1u << 20;
inline constexpr std::size_t max_shared_document_id = 256;

/// What operators make for the whole cluster; all else (import jobs, keys of recordings, cursors) is a node's own.
inline constexpr std::array<std::string_view, 5> shared_document_kinds = {"agent", "campaign", "flow", "import_template", "strategy"};
bool is_shared_kind(std::string_view kind);

/// What became of a change.
struct DocumentOutcome {
  std::optional<Error> error;
  std::int64_t position = 0;         ///< Of the copy; what was told before this holds everything up to here.
  bool is_stale = false;             ///< With an error: only other documents have changed, so deciding anew may do.
};
using DocumentWritten = std::function<void(DocumentOutcome)>;

/// Names one try to change a document: random.
using DocumentWriteId = std::array<unsigned char, 16>;

/// What counts the changes: every change writes it, so all changes stand in one order.
struct DocumentHead {
  std::uint64_t changes = 0;                  ///< Since the cluster began.
  std::vector<DocumentWriteId> last;          ///< The tries that stood, youngest last; at most max_remembered_writes.
  bool operator==(const DocumentHead&) const = default;
};
/// By these a writer whose answer was lost learns what became of it.
inline constexpr std::size_t max_remembered_writes = 64;

/// The head after one more change.
DocumentHead head_after(DocumentHead head, const DocumentWriteId& write);
bool stands_in(const DocumentHead& head, const DocumentWriteId& write);

std::string encode(const SharedDocument& document);
std::string encode(const DocumentHead& head);
/// Errors: corrupt; invalid_input for a version that is not spoken here.
Result<SharedDocument> decode_shared_document(std::string_view bytes);
Result<DocumentHead> decode_document_head(std::string_view bytes);

}  // namespace dunlin
