#pragma once
// The store's index of people as the persons desk sees it. Thread safe; one disk read a call.
#include "actors/contracts/person_search.hpp"
#include "storage/store.hpp"

namespace dunlin {

class StorePersonIndex final : public PersonIndex {
 public:
  explicit StorePersonIndex(Store& store) : store_(store) {}
  std::vector<HashedKey> hash(const std::vector<LookupKey>& keys) const override;
  Result<std::vector<std::vector<CaseId>>> find(const std::vector<HashedKey>& keys) const override { return store_.history().find_hashed(keys); }

 private:
  Store& store_;
};

}  // namespace dunlin
