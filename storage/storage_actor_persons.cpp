#include "storage/storage_actor_persons.hpp"

namespace dunlin {

std::vector<HashedKey> StorePersonIndex::hash(const std::vector<LookupKey>& keys) const { return store_.history().hash(keys); }

}  // namespace dunlin
