#include "storage/storage_actor_persons.hpp"

namespace dunlin {

std::vector<HashedKey> StorePersonIndex::hash(const std::vector<LookupKey>& keys) const {
  std::vector<HashedKey> hashed;
  hashed.reserve(keys.size());
  for (const LookupKey& key : keys) hashed.push_back({key.kind, store_.vault().lookup_hash(key), is_name_lookup(key)});
  return hashed;
}

}  // namespace dunlin
