// Finding people from a node of a cluster. Before rows go in, the owners of all shards are asked which cases have their keys, and for
// those cases where the rows alone do not say who is who. After they are in, the keys that were new are asked for again: of two files
// that bring one person at the same time on two nodes, at least the one whose rows were committed last finds the other's case then,
// and the two are merged. A shard between two owners, or a node that is down, is waited for; nobody is taken for new meanwhile.
#include <algorithm>

#include "actors/import_actor.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

/// Longer than a killed node's shards need to get another owner.
constexpr Duration search_patience = minutes(2);
constexpr Duration search_pause = milliseconds(500);
/// One question to the persons desk is several to each node, one after the other.
constexpr Duration longest_search = minutes(2);
/// A case may have been merged into one that was merged later.
constexpr int alias_steps = 16;
constexpr std::size_t doubles_a_step = 2'048;

/// What the rows of one look-up say of each person of the file, as far as the base knows it.
using PersonCases = std::unordered_map<std::uint32_t, std::vector<CaseId>>;

void add_case(std::vector<CaseId>& cases, CaseId id) {
  if (id.is_set() && std::find(cases.begin(), cases.end(), id) == cases.end()) cases.push_back(id);
}

/// The case that goes on: that of the strongest key, and of two as strong ones that with the lesser id, so that every node chooses alike.
std::pair<int, CaseId> rank_of(const CaseRecord& record) {
  int strongest = static_cast<int>(PersonKeyKind::source_client) + 1;
  for (const PersonKey& key : record.keys) strongest = std::min(strongest, static_cast<int>(key.kind));
  return {strongest, record.id};
}

const CaseRecord* root_in(const std::unordered_map<CaseId, CaseRecord>& records, CaseId id) {
  for (int step = 0; step <= alias_steps; ++step) {
    const auto record = records.find(id);
    if (record == records.end() || !record->second.is_opened()) return nullptr;
    if (!record->second.alias_of.is_set()) return &record->second;
    id = record->second.alias_of;
  }
  return nullptr;
}

}  // namespace

// --- asking, and asking again --------------------------------------------------------------------------------------

template <class Reply, class Question>
void ImportActor::ask_persons(std::shared_ptr<const Question> question, MonoTime give_up_at, bool may_cancel, std::function<void(Result<Reply>)> then) {
  const auto refused = [this, question, give_up_at, may_cancel, then](const Error& error) {
    const bool is_over = context_->clock->now_mono() >= give_up_at || (may_cancel && is_cancelled_);
    // Exhausted: the link to that node carries as much as it may just now.
    const bool may_pass = error.code == Errc::unavailable || error.code == Errc::exhausted;
    if (!may_pass || is_over) {
      waits_for_.clear();
      return then(error);
    }
    if (waits_for_ != error.detail) log_warn("import", "waits", "import={} {}", state_.id.str(), error.detail);
    waits_for_ = error.detail;
    to_search_again_.push_back([this, question, give_up_at, may_cancel, then] { ask_persons<Reply>(question, give_up_at, may_cancel, then); });
    if (to_search_again_.size() == 1) tell_after(this, search_pause, caf::actor_cast<caf::actor>(this), msg::SearchAgain{});
  };
  ask(this, context_->region->persons, longest_search, *question)
      .then(
          [this, refused, then](const Reply& reply) {
            if (reply.error) return refused(*reply.error);
            waits_for_.clear();
            then(reply);
          },
          [refused](const caf::error& error) { refused({Errc::unavailable, caf::to_string(error)}); });
}

void ImportActor::search_again() {
  for (const auto& again : std::exchange(to_search_again_, {})) again();
}

void ImportActor::find_cases(std::vector<LookupKey> keys, bool may_cancel, std::function<void(Result<Found>)> then) {
  const auto question = std::make_shared<const msg::FindCases>(msg::FindCases{std::move(keys)});
  ask_persons<msg::CasesFound, msg::FindCases>(question, context_->clock->now_mono() + search_patience, may_cancel,
                                               [then = std::move(then)](const Result<msg::CasesFound>& reply) {
                                                 then(reply ? Result<Found>(reply->cases) : Result<Found>(reply.error()));
                                               });
}

void ImportActor::read_cases(std::vector<CaseId> ids, bool may_cancel, std::function<void(Result<Records>)> then) {
  read_missing(std::make_shared<Records>(), std::move(ids), may_cancel, std::move(then));
}

/// With whatever the cases were merged into.
void ImportActor::read_missing(std::shared_ptr<Records> known, std::vector<CaseId> ids, bool may_cancel, std::function<void(Result<Records>)> then) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty()) return then(std::move(*known));
  const auto question = std::make_shared<const msg::ReadCases>(msg::ReadCases{std::move(ids)});
  const auto taken = [this, known, may_cancel, then](const Result<msg::CasesRead>& reply) {
    if (!reply) return then(reply.error());
    std::vector<CaseId> missing;
    for (const auto& [id, record] : reply->records) {
      if (record.alias_of.is_set() && known->count(record.alias_of) == 0 && reply->records.count(record.alias_of) == 0) missing.push_back(record.alias_of);
    }
    known->insert(reply->records.begin(), reply->records.end());
    read_missing(known, std::move(missing), may_cancel, then);
  };
  ask_persons<msg::CasesRead, msg::ReadCases>(question, context_->clock->now_mono() + search_patience, may_cancel, taken);
}

// --- before the rows go in -------------------------------------------------------------------------------------------

void ImportActor::search_rows(std::vector<ImportRow> rows) {
  is_searching_ = true;
  auto lookups = lookups_for(rows);
  const auto held = std::make_shared<std::vector<ImportRow>>(std::move(rows));
  find_cases(std::move(lookups), true, [this, held](const Result<Found>& found) {
    if (!found) return on_searched(std::move(*held), {}, found.error());
    read_cases(records_wanted(*held, *found), true,
               [this, held, found = *found](Result<Records>&& records) { on_searched(std::move(*held), found, std::move(records)); });
  });
}

void ImportActor::on_searched(std::vector<ImportRow> rows, const Found& found, Result<Records>&& records) {
  is_searching_ = false;
  if (records) {
    known_ = std::move(*records);
    place_rows(std::move(rows), found);
    known_.clear();
  } else if (is_cancelled_) {
    for (const ImportRow& row : rows) give_back(row.line, RowErrorCode::not_taken, records.error().detail, {});
  } else {
    give_back_all(rows, records.error());
  }
  step();
}

/// The cases whose records decide: where a row leads to several, or a contract to one that no key of the row does. A dry run
/// decides every row on the record.
std::vector<CaseId> ImportActor::records_wanted(const std::vector<ImportRow>& rows, const Found& found) const {
  CaseLists left(found);
  PersonCases of_person;
  std::vector<CaseId> wanted;
  for (const ImportRow& row : rows) {
    const RowFound known = take_found(left, row);
    std::vector<std::uint32_t> persons = row.same_as;
    persons.push_back(row.person);
    std::vector<CaseId> cases;
    for (const auto& of_key : known.keys) {
      for (const CaseId id : of_key) add_case(cases, id);
    }
    for (const std::uint32_t person : persons) {
      if (person < persons_.size()) add_case(cases, persons_[person]);
      for (const CaseId id : of_person[person]) add_case(cases, id);
    }
    for (const std::uint32_t person : persons) of_person[person] = cases;
    std::vector<CaseId> all = cases;
    for (const auto& of_contract : known.contracts) {
      for (const CaseId id : of_contract) add_case(all, id);
    }
    if (all.size() > 1 || all.size() > cases.size() || command_.is_dry_run) wanted.insert(wanted.end(), all.begin(), all.end());
  }
  return wanted;
}

// --- when they are in ------------------------------------------------------------------------------------------------

void ImportActor::note_fresh(Chunk& chunk, const ImportRow& row, CaseId own, const RowFound& found) {
  for (std::size_t i = 0; i < row.draft.keys.size(); ++i) {
    const auto& cases = found.keys[i];
    if (std::find(cases.begin(), cases.end(), own) != cases.end()) continue;
    const PersonKey& key = row.draft.keys[i];
    chunk.fresh.push_back({row.line, own, {LookupKind::person_key, std::string(to_string(key.kind)) + "|" + key.value}});
  }
}

void ImportActor::close_chunk(const std::shared_ptr<Chunk>& chunk) {
  if (chunk && --chunk->open == 0 && !chunk->fresh.empty()) look_again(chunk);
}

void ImportActor::look_again(const std::shared_ptr<Chunk>& chunk) {
  ++looking_again_;
  std::vector<LookupKey> keys;
  keys.reserve(chunk->fresh.size());
  for (const FreshKey& fresh : chunk->fresh) keys.push_back(fresh.key);
  find_cases(std::move(keys), false, [this, chunk](const Result<Found>& found) { on_looked_again(chunk->fresh, found); });
}

void ImportActor::on_looked_again(const std::vector<FreshKey>& fresh, const Result<Found>& found) {
  --looking_again_;
  if (!found) {
    fail({found.error().code, "rows went in, but whether another node imported the same people at the same time is not known: import the file again (" +
                                  found.error().detail + ")"});
    return step();
  }
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    for (const CaseId other : (*found)[i]) {
      if (survivor_of(other) != survivor_of(fresh[i].own)) doubles_.push_back({fresh[i].line, fresh[i].own, other});
    }
  }
  step();
}

/// Their records say which goes on, and whether they are one person after all. Some at a time: the records of a whole file are large.
void ImportActor::join_doubles() {
  if (doubles_.empty()) return merge_next();
  const std::size_t count = std::min(doubles_.size(), doubles_a_step);
  std::vector<Double> some(doubles_.end() - static_cast<std::ptrdiff_t>(count), doubles_.end());
  doubles_.resize(doubles_.size() - count);
  std::vector<CaseId> ids;
  for (const Double& two : some) {
    ids.push_back(two.own);
    ids.push_back(two.other);
  }
  read_cases(std::move(ids), false, [this, some = std::move(some)](const Result<Records>& records) {
    if (!records) fail({records.error().code, "people that another node imported at the same time are not joined: import the file again (" + records.error().detail + ")"});
    if (!records) doubles_.clear();  // The owner was waited for; it would be for each of the others.
    for (const Double& two : some) {
      if (records) join(two, *records);
    }
    join_doubles();
  });
}

/// Merges are done one after the other later on: who is joined to two cases joins their keys as well.
std::vector<PersonKey> ImportActor::planned_keys(const CaseRecord& record) const {
  std::vector<PersonKey> keys = record.keys;
  const auto joined = joined_keys_.find(survivor_of(record.id));
  if (joined != joined_keys_.end()) keys.insert(keys.end(), joined->second.begin(), joined->second.end());
  return keys;
}

void ImportActor::join(const Double& two, const Records& records) {
  const CaseRecord* first = root_in(records, two.own);
  const CaseRecord* second = root_in(records, two.other);
  if (first == nullptr || second == nullptr || survivor_of(first->id) == survivor_of(second->id)) return;
  if (rank_of(*second) < rank_of(*first)) std::swap(first, second);
  std::vector<PersonKey> keys = planned_keys(*first);
  const std::vector<PersonKey> others = planned_keys(*second);
  if (are_contradicting(keys, others)) return review_known_otherwise(two.line, two.other);
  keys.insert(keys.end(), others.begin(), others.end());
  joined_keys_.insert_or_assign(survivor_of(first->id), std::move(keys));
  absorbed_into_.emplace(survivor_of(second->id), survivor_of(first->id));
  merges_.push_back({two.line, first->id, second->id});
}

}  // namespace dunlin
