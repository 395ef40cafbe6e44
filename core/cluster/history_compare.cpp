#include "core/cluster/history_compare.hpp"

#include <algorithm>
#include <utility>

namespace dunlin {
namespace {

using What = FirstDifference::What;

Error given_up() { return {Errc::unavailable, "the comparison was cancelled"}; }

/// One shard while it is compared. A copy that fails to answer is laid aside with its trouble, whatever was asked of it.
class ShardComparer {
 public:
  ShardComparer(ShardIndex shard, const std::vector<CopyPlace>& places, std::optional<CaseId> case_id, const ComparePorts& ports)
      : case_id_(case_id), ports_(ports), head_chains_(places.size()) {
    found_.shard = shard;
    for (const CopyPlace& place : places) found_.copies.push_back({place, CopyState::equal, 0, {}});
  }
  Result<ComparedShard> run();

 private:
  Result<DigestAnswer> ask(ComparedCopy& copy, const DigestAsk& what);
  HistoryDigest& head_chain_of(const ComparedCopy& copy) { return head_chains_[static_cast<std::size_t>(&copy - found_.copies.data())]; }
  bool read_head(ComparedCopy& copy);
  void wait_for(ComparedCopy& copy, std::uint64_t sequence);
  /// Nothing: the walk came to its end and all is equal.
  Result<std::optional<FirstDifference>> compare(ComparedCopy& ahead, ComparedCopy& other);
  Result<std::optional<FirstDifference>> walk(DigestStep step, ComparedCopy& ahead, ComparedCopy* other);
  Result<std::optional<FirstDifference>> find(DigestAsk piece, ComparedCopy& ahead, ComparedCopy& other);
  Result<FirstDifference> in_case(CaseId case_id, std::uint64_t up_to, ComparedCopy& ahead, ComparedCopy& other);
  Result<std::optional<FirstDifference>> walk_alone(ComparedCopy& ahead);
  ComparedCopy* copy_ahead();
  void compare_all(ComparedCopy& ahead);
  void note(ComparedCopy& copy, const FirstDifference& difference);
  FirstDifference difference_of(const ComparedCopy& ahead, const ComparedCopy& other) const;
  FirstDifference broken_chain_of(const ComparedCopy& copy) const;
  CopyState worst_state() const;

  std::optional<CaseId> case_id_;
  const ComparePorts& ports_;
  ComparedShard found_;
  std::vector<HistoryDigest> head_chains_;   ///< By copy: as its head row says, at the copy's sequence.
};

/// Nothing failed when it was asked.
bool is_usable(const ComparedCopy& copy) { return copy.trouble.empty() && copy.state != CopyState::not_there; }

Result<DigestAnswer> ShardComparer::ask(ComparedCopy& copy, const DigestAsk& what) {
  if (!ports_.go_on()) return given_up();
  auto answer = ports_.ask(copy.place, found_.shard, what);
  if (!answer) {
    // What is there and cannot be read is no equal copy; what does not answer may be one.
    copy.state = answer.error().code == Errc::corrupt ? CopyState::different : CopyState::not_there;
    copy.trouble = answer.error().detail;
  }
  return answer;
}

bool ShardComparer::read_head(ComparedCopy& copy) {
  if (copy.place.node.empty()) {
    copy.state = CopyState::not_there;
    copy.trouble = "its node does not sit in the cluster";
    return false;
  }
  const auto answer = ask(copy, DigestAsk{});
  if (!answer) return false;
  copy.sequence = answer->sequence;
  head_chain_of(copy) = answer->chain;
  return true;
}

void ShardComparer::wait_for(ComparedCopy& copy, std::uint64_t sequence) {
  for (unsigned round = 0; is_usable(copy) && copy.sequence < sequence; ++round) {
    if (!ports_.wait(round)) {
      copy.state = CopyState::behind;
      return;
    }
    if (!read_head(copy)) return;
  }
}

FirstDifference ShardComparer::difference_of(const ComparedCopy& ahead, const ComparedCopy& other) const {
  FirstDifference difference;
  difference.shard = found_.shard;
  difference.node = other.place.node;
  difference.from_node = ahead.place.node;
  return difference;
}

FirstDifference ShardComparer::broken_chain_of(const ComparedCopy& copy) const {
  auto broken = difference_of(copy, copy);
  broken.from_node.clear();
  broken.what = What::chain_broken;
  return broken;
}

/// The first line of two lists, in the order of their places, that is not in both.
struct LinePair {
  const DigestLine* ahead = nullptr;
  const DigestLine* other = nullptr;
  const DigestLine& either() const { return ahead != nullptr ? *ahead : *other; }
};
LinePair first_unlike(const DigestAnswer& ahead, const DigestAnswer& other, std::uint64_t (*place)(const DigestLine&)) {
  for (std::size_t i = 0;; ++i) {
    const DigestLine* one = i < ahead.lines.size() ? &ahead.lines[i] : nullptr;
    const DigestLine* two = i < other.lines.size() ? &other.lines[i] : nullptr;
    if (one == nullptr && two == nullptr) return {};
    if (one != nullptr && two != nullptr && place(*one) == place(*two)) {
      if (*one == *two) continue;
      return {one, two};
    }
    if (two == nullptr || (one != nullptr && place(*one) < place(*two))) return {one, nullptr};
    return {nullptr, two};
  }
}

std::uint64_t by_place(const DigestLine& line) { return line.place; }
std::uint64_t by_case(const DigestLine& line) { return line.case_id.value(); }

/// A piece differs: the same again, line by line.
Result<std::optional<FirstDifference>> ShardComparer::find(DigestAsk piece, ComparedCopy& ahead, ComparedCopy& other) {
  piece.with_lines = true;
  const auto ours = ask(ahead, piece);
  if (!ours) return ours.error();
  const auto theirs = ask(other, piece);
  if (!theirs) return theirs.error();
  const bool is_rows = piece.step == DigestStep::rows;
  const LinePair unlike = first_unlike(*ours, *theirs, is_rows ? by_place : by_case);
  auto difference = difference_of(ahead, other);
  if (unlike.ahead == nullptr && unlike.other == nullptr) return std::optional(difference);
  if (!is_rows) {
    const auto told = in_case(unlike.either().case_id, piece.up_to, ahead, other);
    if (!told) return told.error();
    return std::optional(*told);
  }
  difference.case_id = unlike.either().case_id;
  difference.sequence = unlike.either().place;
  difference.what = unlike.ahead == nullptr ? What::row_extra : unlike.other == nullptr ? What::row_missing : What::row_differs;
  return std::optional(difference);
}

/// Which commit of a case, or its key.
Result<FirstDifference> ShardComparer::in_case(CaseId case_id, std::uint64_t up_to, ComparedCopy& ahead, ComparedCopy& other) {
  DigestAsk piece{DigestStep::one_case, case_id.value(), up_to, {}, true};
  const auto ours = ask(ahead, piece);
  if (!ours) return ours.error();
  const auto theirs = ask(other, piece);
  if (!theirs) return theirs.error();
  auto difference = difference_of(ahead, other);
  difference.case_id = case_id;
  difference.what = What::index_differs;
  const LinePair unlike = first_unlike(*ours, *theirs, by_place);
  if (unlike.ahead == nullptr && unlike.other == nullptr) return difference;
  difference.version = unlike.either().place;
  if (difference.version == 0) difference.what = What::key_differs;
  else if (unlike.ahead == nullptr) difference.what = What::row_extra;
  else if (unlike.other == nullptr) difference.what = What::row_missing;
  return difference;
}

/// Piece after piece of both; without another one the copy ahead is only read. Whose rows were all read is held against its chain.
Result<std::optional<FirstDifference>> ShardComparer::walk(DigestStep step, ComparedCopy& ahead, ComparedCopy* other) {
  const ComparedCopy& whole = other != nullptr ? *other : ahead;
  DigestAsk piece{step, 0, std::min(whole.sequence, found_.sequence), {}, false};
  std::uint64_t cases = 0;
  for (;;) {
    const auto ours = ask(ahead, piece);
    if (!ours) return ours.error();
    if (other != nullptr) {
      const auto theirs = ask(*other, piece);
      if (!theirs) return theirs.error();
      const bool is_equal = ours->digest == theirs->digest && ours->count == theirs->count && ours->reached == theirs->reached && ours->is_last == theirs->is_last;
      if (!is_equal) return find(piece, ahead, *other);
    }
    cases += ours->count;
    piece.from = ours->reached;
    if (step == DigestStep::rows) piece.chain = ours->digest;
    if (ours->is_last) break;
  }
  if (step == DigestStep::cases) found_.cases = std::max(found_.cases, cases);
  if (step != DigestStep::rows) return std::optional<FirstDifference>();
  if (other == nullptr) found_.digest = piece.chain;
  if (piece.up_to == whole.sequence && piece.chain != head_chain_of(whole)) return std::optional(broken_chain_of(whole));
  return std::optional<FirstDifference>();
}

Result<std::optional<FirstDifference>> ShardComparer::compare(ComparedCopy& ahead, ComparedCopy& other) {
  if (!case_id_) {
    auto rows = walk(DigestStep::rows, ahead, &other);
    return !rows || *rows ? rows : walk(DigestStep::cases, ahead, &other);
  }
  const DigestAsk piece{DigestStep::one_case, case_id_->value(), std::min(other.sequence, found_.sequence), {}, false};
  const auto ours = ask(ahead, piece);
  if (!ours) return ours.error();
  const auto theirs = ask(other, piece);
  if (!theirs) return theirs.error();
  if (ours->digest == theirs->digest && ours->count == theirs->count) return std::optional<FirstDifference>();
  const auto told = in_case(*case_id_, piece.up_to, ahead, other);
  if (!told) return told.error();
  return std::optional(*told);
}

/// What the copy that is ahead says of itself: its chain, or the case.
Result<std::optional<FirstDifference>> ShardComparer::walk_alone(ComparedCopy& ahead) {
  found_.sequence = ahead.sequence;
  found_.digest = {};
  found_.cases = 0;
  if (case_id_) {
    const auto known = ask(ahead, {DigestStep::one_case, case_id_->value(), found_.sequence, {}, false});
    if (!known) return known.error();
    found_.cases = known->count == 0 ? 0 : 1;
    found_.digest = known->digest;
    return std::optional<FirstDifference>();
  }
  auto rows = walk(DigestStep::rows, ahead, nullptr);
  if (!rows) return rows;
  const auto cases = walk(DigestStep::cases, ahead, nullptr);
  return cases ? rows : cases;
}

/// Where rows differ says more than that a chain is broken somewhere.
void ShardComparer::note(ComparedCopy& copy, const FirstDifference& difference) {
  copy.state = CopyState::different;
  if (!found_.difference || found_.difference->what == What::chain_broken) found_.difference = difference;
}

/// The others one by one against the copy ahead, until that one fails.
void ShardComparer::compare_all(ComparedCopy& ahead) {
  for (ComparedCopy& copy : found_.copies) {
    if (&copy == &ahead || !is_usable(copy)) continue;
    const auto difference = compare(ahead, copy);
    if (!is_usable(ahead)) return;
    if (difference && *difference) note(copy, **difference);
  }
}

/// Of those in which no fault was found, the one with most rows; null: none.
ComparedCopy* ShardComparer::copy_ahead() {
  ComparedCopy* ahead = nullptr;
  for (ComparedCopy& copy : found_.copies) {
    if (!is_usable(copy) || copy.state == CopyState::different) continue;
    if (ahead == nullptr || copy.sequence > ahead->sequence) ahead = &copy;
  }
  return ahead;
}

/// What is different says more than what is not there, and that more than what lags.
CopyState ShardComparer::worst_state() const {
  for (const CopyState worst : {CopyState::different, CopyState::not_there, CopyState::behind}) {
    if (std::any_of(found_.copies.begin(), found_.copies.end(), [worst](const auto& copy) { return copy.state == worst; })) return worst;
  }
  return CopyState::equal;
}

Result<ComparedShard> ShardComparer::run() {
  std::uint64_t most = 0;
  for (ComparedCopy& copy : found_.copies) {
    if (read_head(copy)) most = std::max(most, copy.sequence);
  }
  for (ComparedCopy& copy : found_.copies) wait_for(copy, most);
  ComparedCopy* ahead = nullptr;
  while ((ahead = copy_ahead()) != nullptr) {
    const auto alone = walk_alone(*ahead);
    if (alone && *alone) note(*ahead, **alone);
    else if (alone) compare_all(*ahead);
    if (!ports_.go_on()) return given_up();
    if (is_usable(*ahead) && ahead->state != CopyState::different) break;
  }
  found_.state = worst_state();
  if (ahead == nullptr && found_.state != CopyState::different) {
    const std::string why = found_.copies.empty() ? "no node that sits has it" : found_.copies.front().trouble;
    return Error{Errc::unavailable, "no copy of shard " + std::to_string(found_.shard) + " can be read: " + why};
  }
  if (ahead != nullptr && case_id_ && found_.cases == 0 && !found_.difference) return Error{Errc::not_found, "no case " + case_id_->str()};
  return std::move(found_);
}

}  // namespace

std::size_t HistoryComparison::count_of(CopyState state) const {
  return static_cast<std::size_t>(std::count_if(shards.begin(), shards.end(), [state](const auto& shard) { return shard.state == state; }));
}

std::uint64_t HistoryComparison::events() const {
  std::uint64_t sum = 0;
  for (const ComparedShard& shard : shards) sum += shard.sequence;
  return sum;
}

std::uint64_t HistoryComparison::cases() const {
  std::uint64_t sum = 0;
  for (const ComparedShard& shard : shards) sum += shard.cases;
  return sum;
}

const FirstDifference* HistoryComparison::first_difference() const {
  for (const ComparedShard& shard : shards) {
    if (shard.difference) return &*shard.difference;
  }
  return nullptr;
}

int HistoryComparison::exit() const {
  if (count_of(CopyState::different) > 0) return 1;
  return count_of(CopyState::equal) == shards.size() ? 0 : 7;
}

Result<HistoryComparison> compare_history(const CompareScope& scope, const std::vector<std::vector<CopyPlace>>& places, const ComparePorts& ports,
                                          const std::function<bool(double)>& progress) {
  HistoryComparison comparison;
  comparison.case_id = scope.case_id;
  const bool is_one = scope.case_id || scope.shard;
  const ShardIndex first = scope.case_id ? shard_of(*scope.case_id) : scope.shard.value_or(0);
  const ShardIndex end = is_one ? static_cast<ShardIndex>(first + 1) : shard_count;
  for (ShardIndex shard = first; shard < end; ++shard) {
    if (!progress(static_cast<double>(shard - first) / (end - first))) return given_up();
    auto compared = compare_shard(shard, places.at(shard), scope.case_id, ports);
    if (!compared && (is_one || !ports.go_on())) return compared.error();
    if (compared) {
      comparison.shards.push_back(std::move(*compared));
      continue;
    }
    // One shard that cannot be read hides no other.
    ComparedShard& unread = comparison.shards.emplace_back();
    unread.shard = shard;
    unread.state = CopyState::not_there;
    for (const CopyPlace& place : places[shard]) unread.copies.push_back({place, CopyState::not_there, 0, compared.error().detail});
  }
  return comparison;
}

Result<ComparedShard> compare_shard(ShardIndex shard, const std::vector<CopyPlace>& places, std::optional<CaseId> case_id, const ComparePorts& ports) {
  return ShardComparer(shard, places, case_id, ports).run();
}

}  // namespace dunlin
