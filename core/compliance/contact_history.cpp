#include "core/compliance/contact_history.hpp"

#include <algorithm>

namespace dunlin {
namespace {

bool is_before(UtcTime time, const ContactFact& fact) { return time < fact.at; }

}  // namespace

ContactHistory::Bucket& ContactHistory::bucket_of(Channel channel, ContactResult result) {
  for (Bucket& bucket : buckets_) {
    if (bucket.channel == channel && bucket.result == result) return bucket;
  }
  buckets_.push_back({channel, result, {}});
  return buckets_.back();
}

void ContactHistory::append(const ContactFact& fact) {
  if (fact.result == ContactResult::in_flight) {
    in_flight_.push_back(fact);
    return;
  }
  std::vector<ContactFact>& facts = bucket_of(fact.channel, fact.result).facts;
  ++size_;
  const bool is_newest = facts.empty() || facts.back().at <= fact.at;  // Most facts come in their order.
  if (is_newest) facts.push_back(fact);
  else facts.insert(std::upper_bound(facts.begin(), facts.end(), fact.at, is_before), fact);
}

bool ContactHistory::settle(std::uint64_t attempt, ContactResult result) {
  for (const ContactFact& open : in_flight_) {
    if (open.attempt != attempt) continue;
    ContactFact outcome = open;
    outcome.result = result;
    return settle(outcome);
  }
  return false;
}

bool ContactHistory::settle(const ContactFact& outcome) {
  const auto open = std::find_if(in_flight_.begin(), in_flight_.end(),
                                 [&](const ContactFact& fact) { return fact.attempt == outcome.attempt; });
  if (open == in_flight_.end() || outcome.result == ContactResult::in_flight) return false;
  in_flight_.erase(open);
  append(outcome);
  return true;
}

std::optional<UtcTime> ContactHistory::newest() const {
  std::optional<UtcTime> newest;
  const auto consider = [&](UtcTime at) { newest = newest ? std::max(*newest, at) : at; };
  for (const Bucket& bucket : buckets_) {
    if (!bucket.facts.empty()) consider(bucket.facts.back().at);
  }
  for (const ContactFact& fact : in_flight_) consider(fact.at);
  return newest;
}

}  // namespace dunlin
