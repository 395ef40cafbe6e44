#include "sip/nonce_store.hpp"

#include <string>

#include "sip/digest.hpp"
#include "sip/limits.hpp"

namespace dunlin {

std::string NonceStore::make(const std::string& source_address, MonoTime now) {
  trim(now);
  // A keyed hash over a counter: unguessable without the key and different for every challenge.
  std::string secret(reinterpret_cast<const char*>(key_.data()), key_.size());
  secret += ":" + std::to_string(++counter_) + ":" + source_address;
  auto nonce = digest_hash(DigestAlgorithm::sha256, secret + digest_hash(DigestAlgorithm::sha256, secret)).substr(0, 40);
  // Spent nonces stay in the queue until they come to its front, so the queue is what is bounded.
  if (order_.size() >= sip_limits::max_nonces) {
    live_.erase(order_.front());
    order_.pop_front();
  }
  live_.emplace(nonce, Entry{source_address, now});
  order_.push_back(nonce);
  return nonce;
}

NonceStore::Use NonceStore::spend(const std::string& nonce, const std::string& source_address, MonoTime now) {
  const auto found = live_.find(nonce);
  if (found == live_.end() || found->second.source_address != source_address) return Use::unknown;
  const bool is_old = now - found->second.made_at > sip_limits::nonce_life;
  live_.erase(found);
  return is_old ? Use::stale : Use::good;
}

void NonceStore::trim(MonoTime now) {
  // Twice the life, so that a late but honest client hears "stale" and need not ask its user again.
  while (!order_.empty()) {
    const auto found = live_.find(order_.front());
    if (found != live_.end() && now - found->second.made_at <= sip_limits::nonce_life * 2) return;
    if (found != live_.end()) live_.erase(found);
    order_.pop_front();
  }
}

}  // namespace dunlin
