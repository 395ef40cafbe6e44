#pragma once
// Small named documents beside the cases (campaigns, agents, settings, users) and named cursors (outbox positions).
// Documents are encrypted, revisioned and written by the journal's writer; cursors are plain numbers written without a
// sync, because repeating a delivery is allowed and losing one is not. Any thread; reads may block on the disk.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/embedded_journal.hpp"

namespace dunlin {

struct Document {
  std::string kind;
  std::string id;
  std::uint64_t revision = 0;  ///< 1 for the first write of this id.
  std::string bytes;
};

class Documents {
 public:
  Documents(Database& database, const Vault& vault, EmbeddedJournal& journal)
      : database_(database), vault_(vault), journal_(journal) {}

  void put(DocumentWrite write, DocumentCompletion done) { journal_.commit_document(std::move(write), std::move(done)); }
  /// Blocks until the document is on disk; for start-up and tools.
  Result<std::uint64_t> put_and_wait(DocumentWrite write) { return journal_.commit_document_and_wait(std::move(write)); }
  /// nullopt when there is none.
  Result<std::optional<Document>> get(std::string_view kind, std::string_view id) const;
  /// All documents of a kind, ascending by id; the visitor returns false to stop.
  Status each(std::string_view kind, const std::function<bool(const Document&)>& visit) const;
  Result<std::vector<Document>> list(std::string_view kind, std::size_t limit = 100'000) const;
  /// Documents with an id greater than `after`, ascending, at most `limit`: for kinds whose ids are numbers in order.
  Result<std::vector<Document>> list_after(std::string_view kind, std::string_view after, std::size_t limit) const;
  /// The greatest id of the kind; empty when it has none.
  Result<std::string> last_id(std::string_view kind) const;

  /// A cursor never written is 0. Names follow the rule of document kinds; one position per shard.
  Result<std::uint64_t> cursor(std::string_view name, ShardIndex shard) const;
  Status put_cursor(std::string_view name, ShardIndex shard, std::uint64_t sequence);

 private:
  Database& database_;
  const Vault& vault_;
  EmbeddedJournal& journal_;
};

}  // namespace dunlin
