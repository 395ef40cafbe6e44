#include "core/cluster/history_compare.hpp"

#include <algorithm>
#include <utility>

namespace dunlin {
namespace {

using What = FirstDifference::What;

Error given_up() { return {Errc::unavailable, "the comparison was cancelled"}; }

/// One shard while it is compared.
class ShardComparer {
 public:
  ShardComparer(ShardIndex shard, const std::vector<CopyPlace>& places, std::optional<CaseId> case_id, const ComparePorts& ports)
      : case_id_(case_id), ports_(ports) {
    found_.shard = shard;
    for (const CopyPlace& place : places) found_.copies.push_back({place, CopyState::equal, 0, {}});
  }
  Result<ComparedShard> run();

 private:
  Result<DigestAnswer> ask(const ComparedCopy& copy, const DigestAsk& what) const {
    if (!ports_.go_on()) return given_up();
    return ports_.ask(copy.place, found_.shard, what);
  }
  void look(ComparedCopy& copy);
  void wait_for(ComparedCopy& copy);
  /// Nothing: the walk came to its end and all is equal.
  Result<std::optional<FirstDifference>> compare(ComparedCopy& ahead, ComparedCopy& other);
  Result<std::optional<FirstDifference>> walk(DigestStep step, ComparedCopy& ahead, ComparedCopy* other);
  Result<std::optional<FirstDifference>> find(DigestAsk piece, ComparedCopy& ahead, ComparedCopy& other);
  Result<FirstDifference> in_case(CaseId case_id, std::uint64_t up_to, ComparedCopy& ahead, ComparedCopy& other);
  Result<std::optional<FirstDifference>> walk_alone(ComparedCopy& ahead);
  void compare_all(ComparedCopy& ahead);
  FirstDifference difference_of(const ComparedCopy& ahead, const ComparedCopy& other) const;

  std::optional<CaseId> case_id_;
  const ComparePorts& ports_;
  ComparedShard found_;
  HistoryDigest head_chain_{};          ///< As the head row of the copy ahead says.
};

void ShardComparer::look(ComparedCopy& copy) {
  const auto answer = copy.place.node.empty() ? Result<DigestAnswer>(Error{Errc::unavailable, "its node does not sit in the cluster"})
                                              : ask(copy, DigestAsk{});
  if (!answer) {
    copy.state = CopyState::not_there;
    copy.trouble = answer.error().detail;
    return;
  }
  copy.sequence = answer->sequence;
  if (found_.sequence > 0 && answer->sequence <= found_.sequence) return;
  found_.sequence = answer->sequence;
  head_chain_ = answer->chain;
}

void ShardComparer::wait_for(ComparedCopy& copy) {
  for (unsigned round = 0; copy.state == CopyState::equal && copy.sequence < found_.sequence; ++round) {
    if (!ports_.wait(round)) {
      copy.state = CopyState::behind;
      return;
    }
    const auto again = ask(copy, DigestAsk{});
    if (again) copy.sequence = again->sequence;
  }
}

FirstDifference ShardComparer::difference_of(const ComparedCopy& ahead, const ComparedCopy& other) const {
  FirstDifference difference;
  difference.shard = found_.shard;
  difference.node = other.place.node;
  difference.from_node = ahead.place.node;
  return difference;
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

/// Piece after piece of both; without another one the copy ahead is only read.
Result<std::optional<FirstDifference>> ShardComparer::walk(DigestStep step, ComparedCopy& ahead, ComparedCopy* other) {
  DigestAsk piece{step, 0, other != nullptr ? std::min(other->sequence, found_.sequence) : found_.sequence, {}, false};
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
  if (step == DigestStep::rows && piece.up_to == found_.sequence) found_.digest = piece.chain;
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
  if (case_id_) {
    const auto known = ask(ahead, {DigestStep::one_case, case_id_->value(), found_.sequence, {}, false});
    if (!known) return known.error();
    found_.cases = known->count == 0 ? 0 : 1;
    found_.digest = known->digest;
    return std::optional<FirstDifference>();
  }
  const auto rows = walk(DigestStep::rows, ahead, nullptr);
  if (!rows) return rows.error();
  const auto cases = walk(DigestStep::cases, ahead, nullptr);
  if (!cases) return cases.error();
  if (found_.digest == head_chain_) return std::optional<FirstDifference>();
  auto broken = difference_of(ahead, ahead);
  broken.from_node.clear();
  broken.what = What::chain_broken;
  return std::optional(broken);
}

/// The others one by one against the copy ahead.
void ShardComparer::compare_all(ComparedCopy& ahead) {
  for (ComparedCopy& copy : found_.copies) {
    if (&copy == &ahead || copy.state == CopyState::not_there) continue;
    const auto difference = compare(ahead, copy);
    if (!difference) {
      copy.state = CopyState::not_there;
      copy.trouble = difference.error().detail;
    } else if (*difference) {
      copy.state = CopyState::different;
      if (!found_.difference) found_.difference = **difference;
    }
  }
}

Result<ComparedShard> ShardComparer::run() {
  for (ComparedCopy& copy : found_.copies) look(copy);
  for (ComparedCopy& copy : found_.copies) wait_for(copy);
  // Nobody had more than the one that is there: at least that one is not behind.
  const auto ahead = std::find_if(found_.copies.begin(), found_.copies.end(), [](const auto& copy) { return copy.state == CopyState::equal; });
  if (ahead == found_.copies.end()) {
    const std::string why = found_.copies.empty() ? "no node that sits has it" : found_.copies.front().trouble;
    return Error{Errc::unavailable, "no copy of shard " + std::to_string(found_.shard) + " can be read: " + why};
  }
  const auto alone = walk_alone(*ahead);
  if (!alone) return alone.error();
  found_.difference = *alone;
  compare_all(*ahead);
  if (*alone) ahead->state = CopyState::different;
  if (!ports_.go_on()) return given_up();
  if (case_id_ && found_.cases == 0 && !found_.difference) return Error{Errc::not_found, "no case " + case_id_->str()};
  // The worst last: what is different says more than what is not there, and that more than what lags.
  for (const CopyState worst : {CopyState::behind, CopyState::not_there, CopyState::different}) {
    if (std::any_of(found_.copies.begin(), found_.copies.end(), [worst](const auto& copy) { return copy.state == worst; })) found_.state = worst;
  }
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
