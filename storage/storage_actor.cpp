#include "storage/storage_actor.hpp"

namespace dunlin {
namespace {

/// A completion for those who do not ask for the revision.
DocumentCompletion telling(std::function<void(Status)> done) {
  return [done = std::move(done)](Result<std::uint64_t> revision) { done(revision ? Status(Done{}) : Status(revision.error())); };
}

}  // namespace

Result<std::optional<std::string>> StoreArchive::view(CaseId case_id) const {
  auto stored = store_.history().case_view(case_id);
  if (stored) return std::optional<std::string>(std::move(stored->bytes));
  if (stored.error().code == Errc::not_found) return std::optional<std::string>();
  return stored.error();
}

CaseId StoreArchive::case_id_for(const PersonKey& key) const {
  return store_.vault().case_id_for(std::string(to_string(key.kind)) + "|" + key.value);
}

Status StoreArchive::each_view(ShardIndex shard, const std::function<bool(CaseId, const std::string&)>& visit, CaseId after) const {
  return store_.history().each_view(shard, [&visit](CaseId id, const StoredView& view) { return visit(id, view.bytes); }, after);
}

void StoreDocuments::put(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::function<void(Status)> done) {
  store_.documents().put({kind, id, std::move(bytes), std::nullopt}, telling(std::move(done)));
}

void StoreTestReservations::reserve(const TrunkTest& test, MonoTime slot_expires_at, std::function<void(Status)> done) {
  DocumentWrite write{std::string(TrunkTest::document_kind), test.attempt.str(), encode(test), 0, CommitRequest::Reservation{test.attempt, 1, slot_expires_at}};
  store_.documents().put(std::move(write), telling(std::move(done)));
}

Result<std::vector<std::pair<std::string, std::string>>> StoreDocuments::list(const std::string& kind) const {
  auto documents = store_.documents().list(kind);
  if (!documents) return documents.error();
  std::vector<std::pair<std::string, std::string>> pairs;
  for (Document& document : *documents) pairs.emplace_back(std::move(document.id), std::move(document.bytes));
  return pairs;
}

}  // namespace dunlin
