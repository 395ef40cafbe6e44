#include "actors/person_desk_actor.hpp"

#include <algorithm>
#include <bitset>

#include "actors/outlive_errors.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

/// 17 bytes each, so a question is far below what the link carries, and so is an answer: numbers and names lead to 16 cases at most,
/// and a key of one person to those few that are not merged yet.
constexpr std::size_t keys_a_question = 8'192;
constexpr std::size_t cases_a_question = 512;
/// Half of what the link takes in one message: one view more must fit as well.
constexpr std::size_t answer_bytes = std::size_t{2} << 20;

using CaseLists = std::vector<std::vector<CaseId>>;

std::vector<ShardIndex> every_shard() {
  std::vector<ShardIndex> shards;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) shards.push_back(shard);
  return shards;
}

std::bitset<shard_count> set_of(const std::vector<HeldShard>& shards) {
  std::bitset<shard_count> set;
  for (const HeldShard& each : shards) set.set(each.shard);
  return set;
}

Error moved(ShardIndex shard) { return {Errc::unavailable, "shard " + std::to_string(shard) + " has another owner by now"}; }

Error at_node(const std::string& node, const Error& error) { return {error.code, "node " + node + ": " + error.detail}; }

Error not_asked(const caf::error& error) { return {Errc::unavailable, caf::to_string(error)}; }

}  // namespace

struct PersonDeskActor::Search {
  std::vector<HashedKey> keys;
  Holders holders;
  CaseLists cases;
  std::size_t open = 0;             ///< Nodes whose answers are to come, and this one.
  std::optional<Error> error;       ///< The first.
  caf::typed_response_promise<msg::CasesFound> promise;

  void fail(Error why) {
    if (!error) error = std::move(why);
  }
};

struct PersonDeskActor::Reading {
  Holders holders;
  std::map<std::string, std::vector<CaseId>> ids;   ///< By node.
  std::unordered_map<CaseId, CaseRecord> records;
  std::size_t open = 0;
  std::optional<Error> error;
  caf::typed_response_promise<msg::CasesRead> promise;

  void fail(Error why) {
    if (!error) error = std::move(why);
  }
  /// A view that cannot be read is one case's damage, and is told by every reader of that case.
  void take(CaseId id, const std::string& view) {
    if (view.empty()) return;
    auto record = decode_view(view);
    if (record) records.insert_or_assign(id, std::move(*record));
    else log_error("persons", "case_unreadable", "case={} {}", id.str(), record.error().detail);
  }
};

caf::behavior PersonDeskActor::make_behavior() {
  outlive_errors(this);
  return {
      [this](const msg::FindCases& question) { return on_find(question); },
      [this](const msg::ReadCases& question) { return on_read(question); },
      [this](const msg::FindHeld& question) { return on_find_held(question); },
      [this](const msg::ReadHeld& question) { return on_read_held(question); },
  };
}

// --- who owns what -------------------------------------------------------------------------------------------------

Result<PersonDeskActor::Holders> PersonDeskActor::holders_of(const std::vector<ShardIndex>& shards) const {
  const RegionMap& region = *context_->region;
  Holders holders;
  for (const ShardIndex shard : shards) {
    if (const auto epoch = region.own_epoch(shard)) {
      holders.own.push_back({shard, *epoch});
    } else if (const auto holder = region.holder_of(shard)) {
      holders.others[holder->node_id].push_back({shard, holder->epoch});
    } else {
      return Error{Errc::unavailable, "no node serves shard " + std::to_string(shard) + " now"};
    }
  }
  return holders;
}

Status PersonDeskActor::check_own(const std::vector<HeldShard>& shards) const {
  for (const HeldShard& each : shards) {
    if (each.shard >= shard_count) return invalid_input("no such shard");
    if (context_->region->own_epoch(each.shard) != each.epoch) return moved(each.shard);
  }
  return Done{};
}

/// A shard that changed hands while the answers were on their way may know people that its former owner did not.
Status PersonDeskActor::check_holders(const Holders& holders) const {
  if (const Status own = check_own(holders.own); !own) return own;
  for (const auto& [node, shards] : holders.others) {
    for (const HeldShard& each : shards) {
      const auto now = context_->region->holder_of(each.shard);
      if (!now || now->node_id != node || now->epoch != each.epoch) return moved(each.shard);
    }
  }
  return Done{};
}

// --- cases by their keys -------------------------------------------------------------------------------------------

caf::typed_response_promise<msg::CasesFound> PersonDeskActor::on_find(const msg::FindCases& question) {
  auto promise = make_response_promise<msg::CasesFound>();
  auto holders = holders_of(every_shard());
  if (!holders) {
    promise.deliver(msg::CasesFound{holders.error(), {}});
    return promise;
  }
  auto search = std::make_shared<Search>();
  search->keys = index_->hash(question.keys);
  search->holders = std::move(*holders);
  search->cases.resize(search->keys.size());
  search->open = search->holders.others.size() + 1;
  search->promise = promise;
  for (const auto& [node, shards] : search->holders.others) find_at(search, node, 0);
  find_own(*search);
  close_one(search);
  return promise;
}

void PersonDeskActor::find_own(Search& search) const {
  if (search.holders.own.empty()) return;
  auto found = held(search.holders.own, search.keys);
  if (!found) return search.fail(found.error());
  for (std::size_t i = 0; i < found->size(); ++i) {
    search.cases[i].insert(search.cases[i].end(), (*found)[i].begin(), (*found)[i].end());
  }
}

/// One node's answers, part after part.
void PersonDeskActor::find_at(const std::shared_ptr<Search>& search, const std::string& node, std::size_t first) {
  if (search->error || first >= search->keys.size()) return close_one(search);
  const std::size_t count = std::min(keys_a_question, search->keys.size() - first);
  const auto from = search->keys.begin() + static_cast<std::ptrdiff_t>(first);
  const auto to = from + static_cast<std::ptrdiff_t>(count);
  msg::ForNode<msg::FindHeld> question{node, 0, 0, {search->holders.others[node], {from, to}}};
  ask(this, context_->region->remote, limits::peer_answer_timeout + seconds(2), std::move(question))
      .then(
          [this, search, node, first, count](const msg::HeldFound& found) {
            if (found.error) search->fail(at_node(node, *found.error));
            else if (found.cases.size() != count) search->fail({Errc::corrupt, "node " + node + " answered other keys than were asked"});
            else for (std::size_t i = 0; i < count; ++i) search->cases[first + i].insert(search->cases[first + i].end(), found.cases[i].begin(), found.cases[i].end());
            find_at(search, node, first + count);
          },
          [this, search, node](const caf::error& error) {
            search->fail(at_node(node, not_asked(error)));
            close_one(search);
          });
}

void PersonDeskActor::close_one(const std::shared_ptr<Search>& search) const {
  if (--search->open > 0) return;
  if (const Status same = check_holders(search->holders); !same) search->fail(same.error());
  if (search->error) search->cases.clear();
  for (auto& list : search->cases) std::sort(list.begin(), list.end());
  search->promise.deliver(msg::CasesFound{search->error, std::move(search->cases)});
}

// --- cases by their ids --------------------------------------------------------------------------------------------

caf::typed_response_promise<msg::CasesRead> PersonDeskActor::on_read(const msg::ReadCases& question) {
  auto promise = make_response_promise<msg::CasesRead>();
  auto reading = std::make_shared<Reading>();
  std::vector<ShardIndex> shards;
  for (const CaseId id : question.ids) shards.push_back(shard_of(id));
  std::sort(shards.begin(), shards.end());
  shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
  auto holders = holders_of(shards);
  if (!holders) {
    promise.deliver(msg::CasesRead{holders.error(), {}});
    return promise;
  }
  std::array<std::string, shard_count> node_of;
  for (const auto& [node, theirs] : holders->others) {
    for (const HeldShard& each : theirs) node_of[each.shard] = node;
  }
  std::vector<CaseId> own;
  for (const CaseId id : question.ids) {
    const std::string& node = node_of[shard_of(id)];
    (node.empty() ? own : reading->ids[node]).push_back(id);
  }
  reading->holders = std::move(*holders);
  reading->open = reading->ids.size() + 1;
  reading->promise = promise;
  for (const auto& [node, ids] : reading->ids) read_at(reading, node, 0);
  read_own(*reading, own);
  close_one(reading);
  return promise;
}

void PersonDeskActor::read_own(Reading& reading, const std::vector<CaseId>& ids) const {
  for (const CaseId id : ids) {
    const auto view = context_->archive->view(id);
    if (!view) return reading.fail(view.error());
    if (*view) reading.take(id, **view);
  }
}

void PersonDeskActor::read_at(const std::shared_ptr<Reading>& reading, const std::string& node, std::size_t first) {
  const std::vector<CaseId>& ids = reading->ids[node];
  if (reading->error || first >= ids.size()) return close_one(reading);
  const auto from = ids.begin() + static_cast<std::ptrdiff_t>(first);
  const auto to = from + static_cast<std::ptrdiff_t>(std::min(cases_a_question, ids.size() - first));
  msg::ForNode<msg::ReadHeld> question{node, 0, 0, {reading->holders.others[node], {from, to}}};
  const std::size_t asked = question.command.ids.size();
  ask(this, context_->region->remote, limits::peer_answer_timeout + seconds(2), std::move(question))
      .then(
          [this, reading, node, first, asked](const msg::HeldRead& read) {
            const bool is_answer = !read.views.empty() && read.views.size() <= asked;
            if (read.error) reading->fail(at_node(node, *read.error));
            else if (!is_answer) reading->fail({Errc::corrupt, "node " + node + " answered other cases than were asked"});
            else for (std::size_t i = 0; i < read.views.size(); ++i) reading->take(reading->ids[node][first + i], read.views[i]);
            read_at(reading, node, first + read.views.size());
          },
          [this, reading, node](const caf::error& error) {
            reading->fail(at_node(node, not_asked(error)));
            close_one(reading);
          });
}

void PersonDeskActor::close_one(const std::shared_ptr<Reading>& reading) const {
  if (--reading->open > 0) return;
  if (const Status same = check_holders(reading->holders); !same) reading->fail(same.error());
  if (reading->error) reading->records.clear();
  reading->promise.deliver(msg::CasesRead{reading->error, std::move(reading->records)});
}

// --- what other nodes ask ------------------------------------------------------------------------------------------

/// Of these shards only: the store may have copies of others, which their owners answer for.
Result<CaseLists> PersonDeskActor::held(const std::vector<HeldShard>& shards, const std::vector<HashedKey>& keys) const {
  auto found = index_->find(keys);
  if (!found) return found;
  const auto wanted = set_of(shards);
  for (auto& list : *found) {
    list.erase(std::remove_if(list.begin(), list.end(), [&wanted](CaseId id) { return !wanted.test(shard_of(id)); }), list.end());
  }
  return found;
}

msg::HeldFound PersonDeskActor::on_find_held(const msg::FindHeld& question) const {
  if (const Status own = check_own(question.shards); !own) return {own.error(), {}};
  auto found = held(question.shards, question.keys);
  if (!found) return {found.error(), {}};
  if (const Status own = check_own(question.shards); !own) return {own.error(), {}};
  return {std::nullopt, std::move(*found)};
}

msg::HeldRead PersonDeskActor::on_read_held(const msg::ReadHeld& question) const {
  if (const Status own = check_own(question.shards); !own) return {own.error(), {}};
  const auto wanted = set_of(question.shards);
  msg::HeldRead answer;
  std::size_t bytes = 0;
  for (const CaseId id : question.ids) {
    if (!wanted.test(shard_of(id))) return {invalid_input("a case of another shard"), {}};
    auto view = context_->archive->view(id);
    if (!view) return {view.error(), {}};
    answer.views.push_back(view->value_or(std::string()));
    bytes += answer.views.back().size();
    if (bytes > answer_bytes) break;
  }
  if (const Status own = check_own(question.shards); !own) return {own.error(), {}};
  return answer;
}

}  // namespace dunlin
