#pragma once
// The store as actors see it: the archive of cases and the small documents. Thread safe; short disk reads.
#include "actors/contracts/doors.hpp"
#include "actors/contracts/trunk_test.hpp"
#include "storage/store.hpp"

namespace dunlin {

class StoreArchive final : public CaseArchive {
 public:
  explicit StoreArchive(Store& store) : store_(store) {}
  Result<std::optional<std::string>> view(CaseId case_id) const override;
  Result<std::vector<StoredEvent>> events(CaseId case_id) const override { return store_.history().case_events(case_id); }
  Result<std::vector<CaseId>> find(const LookupKey& key) const override { return store_.history().find(key); }
  Result<std::vector<std::vector<CaseId>>> find_all(const std::vector<LookupKey>& keys) const override { return store_.history().find_all(keys); }
  CaseId case_id_for(const PersonKey& key) const override;
  Status each_due(ShardIndex shard, const std::function<bool(CaseId, const std::vector<DueRow>&)>& visit) const override {
    return store_.history().each_due(shard, visit);
  }
  Status each_view(ShardIndex shard, const std::function<bool(CaseId, const std::string&)>& visit, CaseId after) const override;
  Result<std::vector<CaseId>> case_ids(ShardIndex shard, CaseId after, std::size_t limit) const override {
    return store_.history().case_ids(shard, after, limit);
  }
  Result<std::optional<AttemptEntry>> attempt(AttemptId attempt) const override { return store_.attempts().find(attempt); }
  Status each_attempt(const AttemptRange& range, const std::function<bool(const AttemptEntry&)>& visit) const override {
    return store_.attempts().each(range, visit);
  }

 private:
  Store& store_;
};

class StoreDocuments final : public DocumentStore {
 public:
  explicit StoreDocuments(Store& store) : store_(store) {}
  void put(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::function<void(Status)> done) override;
  Result<std::vector<std::pair<std::string, std::string>>> list(const std::string& kind) const override;

 private:
  Store& store_;
};

class StoreTestReservations final : public TestReservations {
 public:
  explicit StoreTestReservations(Store& store) : store_(store) {}
  void reserve(const TrunkTest& test, MonoTime slot_expires_at, std::function<void(Status)> done) override;

 private:
  Store& store_;
};

}  // namespace dunlin
