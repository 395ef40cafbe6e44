#pragma once
// A map that never grows past its bound: entries live in a young and an old half; when the young half is full the old
// one is forgotten. An entry found in the old half moves back to the young. One thread, or under the owner's lock.
#include <optional>
#include <unordered_map>
#include <utility>

namespace dunlin {

template <class Key, class Value>
class BoundedCache {
 public:
  explicit BoundedCache(std::size_t capacity) : half_(capacity / 2 + 1) {}

  std::optional<Value> find(const Key& key) {
    const auto young = young_.find(key);
    if (young != young_.end()) return young->second;
    const auto old = old_.find(key);
    if (old == old_.end()) return std::nullopt;
    Value value = old->second;
    put(key, value);
    return value;
  }
  void put(const Key& key, const Value& value) {
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_ = {};
    }
    young_.insert_or_assign(key, value);
  }
  void erase(const Key& key) {
    young_.erase(key);
    old_.erase(key);
  }
  void clear() {
    young_.clear();
    old_.clear();
  }
  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  std::size_t half_;
  std::unordered_map<Key, Value> young_;
  std::unordered_map<Key, Value> old_;
};

}  // namespace dunlin
