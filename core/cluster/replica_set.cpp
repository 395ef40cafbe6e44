#include "core/cluster/replica_set.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace dunlin {
namespace {

constexpr std::string_view replicas_format = "1";
constexpr std::size_t max_store_name = 64;
constexpr std::size_t max_host_name = 255;

Error bad_replicas(const std::string& what) { return {Errc::corrupt, "the replica list of a shard has " + what}; }

/// Cuts the text up to the separator off its front.
std::string_view cut_front(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto front = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return front;
}

std::optional<std::uint64_t> list_number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.front() == '0') return std::nullopt;
  return value;
}

std::string_view word_of(ReplicaState state) {
  switch (state) {
    case ReplicaState::in_sync:
      return "in_sync";
    case ReplicaState::catching_up:
      return "catching_up";
  }
  return {};
}

Result<Replica> replica_in(std::string_view line) {
  Replica replica;
  const auto state = cut_front(line, ' ');
  if (state == word_of(ReplicaState::in_sync)) replica.state = ReplicaState::in_sync;
  else if (state != word_of(ReplicaState::catching_up)) return bad_replicas("an unknown state");
  const auto store = cut_front(line, ' ');
  if (!is_store_name(store)) return bad_replicas("a bad store name");
  if (!is_host_name(line)) return bad_replicas("a bad host name");
  replica.place = {std::string(store), std::string(line)};
  return replica;
}

/// One look at a list by these rules.
class ListJudge {
 public:
  ListJudge(const ReplicaSet& now, const ReplicaView& view, const ReplicaRules& rules) : now_(now), view_(view), rules_(rules) {}

  std::uint64_t applied_by(const Replica& replica) const { return standing_of(replica).applied; }
  bool is_own(const Replica& replica) const { return replica.place.store == view_.own.store; }
  /// Stays away, gets nowhere, or falls too far behind.
  bool is_late(const Replica& replica) const {
    if (is_own(replica)) return false;
    if (view_.gone.count(replica.place.store) != 0) return true;
    const auto standing = standing_of(replica);
    const bool is_behind = replica.state == ReplicaState::in_sync && standing.applied < view_.head;
    const bool is_far = is_behind && view_.head - standing.applied > rules_.most_behind;
    return is_far || standing.stuck_for > rules_.patience;
  }
  bool is_ready_to_count(const Replica& replica) const {
    const auto standing = standing_of(replica);
    const bool is_near = standing.applied >= view_.head || view_.head - standing.applied <= rules_.near_head;
    return replica.state == ReplicaState::catching_up && standing.is_checked && is_near && !is_late(replica) && is_seated(replica.place);
  }
  /// Are there copies enough without this one, on hosts enough, or at least on no fewer than now?
  bool can_spare(const Replica& replica) const {
    const auto kept = copies_where([&](const Replica& other) { return other.place.store != replica.place.store && !is_late(other); });
    const auto all = copies_where([](const Replica&) { return true; });
    return kept.count >= wanted_copies() && kept.hosts.size() >= std::min(wanted_copies(), all.hosts.size());
  }
  bool has_copies() const {
    const auto copies = copies_where([](const Replica&) { return true; });
    return copies.count >= wanted_copies() && copies.hosts.size() >= wanted_copies();
  }
  const Replica* to_take_off() const;
  std::optional<StorePlace> to_add() const;
  /// A store that placement wants to hold the shard and that no list names yet.
  std::optional<StorePlace> to_move_to() const;

 private:
  StoreStanding standing_of(const Replica& replica) const {
    const auto found = view_.standings.find(replica.place.store);
    return found == view_.standings.end() ? StoreStanding{} : found->second;
  }
  /// May it be listed as a newcomer now?
  bool may_come(const StorePlace& place) const {
    // A rest lets the journal be trimmed meanwhile; where too few copies hold it back anyway, it would only cost the second one.
    const bool is_resting = has_copies() && view_.resting.count(place.store) != 0;
    const bool is_held_off = view_.full.count(place.store) != 0 || is_resting;
    return now_.find(place.store) == nullptr && is_store_name(place.store) && is_host_name(place.host) && !is_held_off;
  }
  bool is_seated(const StorePlace& place) const {
    return std::any_of(view_.seated.begin(), view_.seated.end(), [&](const StorePlace& seated) { return seated.store == place.store; });
  }
  struct Copies {
    std::size_t count = 0;
    std::set<std::string> hosts;
  };
  template <class Counts>
  Copies copies_where(Counts counts) const {
    Copies copies;
    for (const auto& replica : now_.stores) {
      if (replica.state != ReplicaState::in_sync || !counts(replica)) continue;
      ++copies.count;
      copies.hosts.insert(replica.place.host);
    }
    return copies;
  }
  std::size_t wanted_copies() const { return std::min<std::size_t>(2, rules_.copies); }
  const Replica* surplus() const;

  const ReplicaSet& now_;
  const ReplicaView& view_;
  const ReplicaRules& rules_;
};

const Replica* ListJudge::to_take_off() const {
  for (const auto& replica : now_.stores) {
    if (is_late(replica) && (replica.state == ReplicaState::catching_up || can_spare(replica))) return &replica;
  }
  return surplus();
}

/// One copy too many, as when a store that was replaced came back: the one that placement likes least. What placement wants
/// stays, even if the owner is none of it: the owner goes when it owns no more.
const Replica* ListJudge::surplus() const {
  std::vector<StorePlace> copies;
  for (const auto& replica : now_.stores) {
    if (replica.state == ReplicaState::in_sync && !is_late(replica)) copies.push_back(replica.place);
  }
  if (copies.size() <= rules_.copies) return nullptr;
  const auto ranked = stores_for(view_.shard, copies, copies.size());
  const auto wanted = stores_for(view_.shard, view_.seated, rules_.copies);
  for (auto place = ranked.rbegin(); place != ranked.rend(); ++place) {
    const auto* replica = now_.find(place->store);
    const bool is_wanted = std::any_of(wanted.begin(), wanted.end(), [&](const StorePlace& other) { return other.store == place->store; });
    if (!is_wanted && !is_own(*replica) && can_spare(*replica)) return replica;
  }
  return nullptr;
}

std::optional<StorePlace> ListJudge::to_add() const {
  std::size_t lasting = 0;
  std::set<std::string> hosts;
  for (const auto& replica : now_.stores) {
    if (is_late(replica)) continue;
    ++lasting;
    hosts.insert(replica.place.host);
  }
  const bool lacks_copies = lasting < rules_.copies;
  const bool lacks_hosts = hosts.size() < wanted_copies();
  if ((!lacks_copies && !lacks_hosts) || now_.stores.size() >= max_listed_stores) return std::nullopt;
  std::optional<StorePlace> second_best;
  for (auto& place : stores_for(view_.shard, view_.seated, view_.seated.size())) {
    if (!may_come(place)) continue;
    if (hosts.count(place.host) == 0) return place;
    if (lacks_copies && !second_best) second_best = std::move(place);
  }
  return second_best;
}

/// Only from a list that is well: full, in sync, nobody late.
std::optional<StorePlace> ListJudge::to_move_to() const {
  const auto is_well = [this](const Replica& replica) { return replica.state == ReplicaState::in_sync && !is_late(replica); };
  if (!rules_.can_seed && view_.head != 0) return std::nullopt;
  if (now_.stores.size() != rules_.copies || !std::all_of(now_.stores.begin(), now_.stores.end(), is_well)) return std::nullopt;
  for (auto& place : stores_for(view_.shard, view_.seated, rules_.copies)) {
    if (may_come(place)) return place;
  }
  return std::nullopt;
}

ReplicaSet changed(const ReplicaSet& now) {
  auto next = now;
  ++next.number;
  return next;
}

std::optional<ReplicaSet> with(const ReplicaSet& now, const Replica& replica) {
  auto next = changed(now);
  const auto is_it = [&](const Replica& other) { return other.place.store == replica.place.store; };
  const auto listed = std::find_if(next.stores.begin(), next.stores.end(), is_it);
  if (listed != next.stores.end()) *listed = replica;
  else if (next.stores.size() < max_listed_stores) next.stores.push_back(replica);
  else return std::nullopt;
  return next;
}

}  // namespace

const Replica* ReplicaSet::find(std::string_view store) const {
  const auto found = std::find_if(stores.begin(), stores.end(), [store](const Replica& replica) { return replica.place.store == store; });
  return found == stores.end() ? nullptr : &*found;
}

bool ReplicaSet::is_in_sync(std::string_view store) const {
  const auto* replica = find(store);
  return replica != nullptr && replica->state == ReplicaState::in_sync;
}

bool is_store_name(std::string_view text) {
  return !text.empty() && text.size() <= max_store_name && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  });
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= max_host_name && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string encode(const ReplicaSet& set) {
  std::string out = std::string(replicas_format) + ' ' + std::to_string(set.number);
  for (const auto& replica : set.stores) {
    out += '\n' + std::string(word_of(replica.state)) + ' ' + replica.place.store + ' ' + replica.place.host;
  }
  return out;
}

Result<ReplicaSet> decode_replica_set(std::string_view text) {
  if (!text.empty() && text.back() == '\n') return bad_replicas("an empty line at its end");
  auto first_line = cut_front(text, '\n');
  if (cut_front(first_line, ' ') != replicas_format) return bad_replicas("an unknown format number; was it written by a newer version?");
  const auto number = list_number_in(first_line);
  if (!number) return bad_replicas("a bad number");
  ReplicaSet set{*number, {}};
  do {
    auto replica = replica_in(cut_front(text, '\n'));
    if (!replica) return replica.error();
    if (set.find(replica->place.store) != nullptr) return bad_replicas("a store twice");
    if (set.stores.size() == max_listed_stores) return bad_replicas("too many stores");
    set.stores.push_back(std::move(*replica));
  } while (!text.empty());
  return set;
}

ReplicaSet first_replicas(const ReplicaView& view, const ReplicaRules& rules) {
  ReplicaSet set{1, {{view.own, ReplicaState::in_sync}}};
  while (const auto place = ListJudge(set, view, rules).to_add()) set.stores.push_back({*place, ReplicaState::catching_up});
  return set;
}

std::optional<StorePlace> owner_for(ShardIndex shard, const std::vector<StorePlace>& seated, const ReplicaSet* list) {
  for (const auto state : {ReplicaState::in_sync, ReplicaState::catching_up}) {
    std::vector<StorePlace> able;
    for (const auto& place : seated) {
      const auto* replica = list == nullptr ? nullptr : list->find(place.store);
      if (list == nullptr || (replica != nullptr && replica->state == state)) able.push_back(place);
    }
    if (auto best = stores_for(shard, able, 1); !best.empty()) return std::move(best.front());
  }
  return std::nullopt;
}

std::optional<ReplicaSet> next_replicas(const ReplicaSet& now, const ReplicaView& view, const ReplicaRules& rules) {
  const ListJudge judge(now, view, rules);
  if (const Replica own{view.own, ReplicaState::in_sync}; !now.is_in_sync(own.place.store)) return with(now, own);
  for (const auto& replica : now.stores) {
    if (judge.is_ready_to_count(replica)) return with(now, {replica.place, ReplicaState::in_sync});
  }
  if (const auto* leaving = judge.to_take_off()) {
    auto next = changed(now);
    next.stores.erase(next.stores.begin() + (leaving - now.stores.data()));
    return next;
  }
  for (const auto& place : {judge.to_add(), judge.to_move_to()}) {
    if (place) return with(now, {*place, ReplicaState::catching_up});
  }
  return std::nullopt;
}

std::optional<ReplicaSet> without_own_copy(const ReplicaSet& now, const std::string& own_store, const std::vector<StorePlace>& seated) {
  if (!now.is_in_sync(own_store)) return std::nullopt;
  const bool has_another = std::any_of(seated.begin(), seated.end(), [&](const StorePlace& place) {
    return place.store != own_store && now.is_in_sync(place.store);
  });
  if (!has_another) return std::nullopt;
  return with(now, {now.find(own_store)->place, ReplicaState::catching_up});
}

std::uint64_t trim_point(const ReplicaSet& now, const ReplicaView& view, const ReplicaRules& rules) {
  const ListJudge judge(now, view, rules);
  if (!now.is_in_sync(view.own.store) || !judge.has_copies()) return 0;
  auto point = view.head;
  for (const auto& replica : now.stores) point = std::min(point, judge.applied_by(replica));
  return point;
}

}  // namespace dunlin
