#include "storage/history_digest.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "storage/cipher.hpp"
#include "storage/event_rows.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {
namespace {

/// Whose events a row holds; none when it cannot be read.
CaseId case_of_event_row(std::string_view row) {
  if (is_commit_row(row)) {
    const auto commit = decode_commit_row(row);
    return commit ? commit->case_id : CaseId();
  }
  const auto event = decode_event_row(row);
  return event ? event->case_id : CaseId();
}

/// Where the events of an index row end, and where they begin; damage counts as there from the start.
EventRun run_of(std::string_view row) {
  const auto run = decode_event_run(row);
  return run ? *run : EventRun{};
}

/// Cases one after the other as their index rows come.
class CaseCollector {
 public:
  explicit CaseCollector(DigestAnswer& answer) : answer_(answer) {}

  /// False: as many cases as one answer may hold are full.
  bool take(CaseId case_id, std::string_view key, std::string_view value) {
    if (case_id != case_id_) {
      if (answer_.count == digest_piece_cases) return false;
      case_id_ = case_id;
      ++answer_.count;
      answer_.reached = case_id.value();
      answer_.lines.push_back({0, case_id, {}});
    }
    answer_.lines.back().digest = hasher_.of(view_of(answer_.lines.back().digest), key, value);
    return true;
  }

 private:
  DigestAnswer& answer_;
  Hasher hasher_;
  CaseId case_id_;
};

void sum_lines(DigestAnswer& answer, bool keeps_lines) {
  Hasher hasher;
  for (const DigestLine& line : answer.lines) {
    answer.digest = hasher.of(view_of(answer.digest), std::to_string(line.place) + " " + line.case_id.str(), view_of(line.digest));
  }
  if (!keeps_lines) answer.lines.clear();
}

}  // namespace

Result<DigestAnswer> HistoryDigests::answer(ShardIndex shard, const DigestAsk& ask) const {
  DigestAnswer answer;
  Status read = read_head(shard, answer);
  if (!read) return read.error();
  switch (ask.step) {
    case DigestStep::head:
      answer.is_last = true;
      break;
    case DigestStep::rows:
      read = read_rows(shard, ask, answer);
      break;
    case DigestStep::cases:
      read = read_cases(shard, ask, answer);
      break;
    case DigestStep::one_case:
      read = read_case(shard, ask, answer);
      break;
  }
  if (!read) return read.error();
  return answer;
}

Status HistoryDigests::read_head(ShardIndex shard, DigestAnswer& answer) const {
  const auto bytes = history_.get(key_space::head(shard));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return Done{};
  const auto head = decode_head_row(**bytes);
  if (!head) return Error{head.error().code, "shard " + std::to_string(shard) + ": " + head.error().detail};
  if (head->chain.size() != answer.chain.size()) return Error{Errc::corrupt, "shard " + std::to_string(shard) + ": its head has a bad chain"};
  answer.sequence = head->sequence;
  std::copy(head->chain.begin(), head->chain.end(), answer.chain.begin());
  return Done{};
}

Status HistoryDigests::read_rows(ShardIndex shard, const DigestAsk& ask, DigestAnswer& answer) const {
  Hasher hasher;
  answer.digest = ask.chain;
  answer.reached = ask.from;
  answer.is_last = true;
  const auto from = key_space::event(shard, ask.from + 1);
  const auto end = key_space::after_prefix(key_space::event_prefix(shard));
  return history_.scan({.from = from, .to = end}, [&](std::string_view key, std::string_view value) {
    const auto sequence = key_space::sequence_of_event(key).value_or(0);
    if (sequence > ask.up_to) return false;
    if (answer.count == digest_piece_rows) {
      answer.is_last = false;
      return false;
    }
    ++answer.count;
    answer.reached = sequence;
    answer.digest = hasher.of(view_of(answer.digest), key, value);
    if (ask.with_lines) answer.lines.push_back({sequence, case_of_event_row(value), hasher.of(key, value)});
    return true;
  });
}

Result<HistoryDigest> HistoryDigests::digest_of_key(CaseId case_id) const {
  const auto wrapped = keys_.get(key_space::case_key(case_id));
  if (!wrapped) return wrapped.error();
  return wrapped->has_value() ? sha256(**wrapped) : HistoryDigest{};
}

Status HistoryDigests::read_cases(ShardIndex shard, const DigestAsk& ask, DigestAnswer& answer) const {
  answer.is_last = true;
  answer.reached = ask.from;
  CaseCollector cases(answer);
  const auto prefix = key_space::shard_index_prefix(shard);
  const auto from = ask.from == 0 ? prefix : key_space::after_prefix(key_space::case_index_prefix(CaseId(ask.from)));
  const auto end = key_space::after_prefix(prefix);
  const Status scanned = history_.scan({.from = from, .to = end}, [&](std::string_view key, std::string_view value) {
    if (run_of(value).first_sequence > ask.up_to) return true;
    answer.is_last = cases.take(key_space::case_of(key).value_or(CaseId()), key, value);
    return answer.is_last;
  });
  if (!scanned) return scanned;
  Hasher hasher;
  for (DigestLine& line : answer.lines) {
    const auto wrapped = digest_of_key(line.case_id);
    if (!wrapped) return wrapped.error();
    line.digest = hasher.of(view_of(line.digest), view_of(*wrapped));
  }
  sum_lines(answer, ask.with_lines);
  return Done{};
}

/// The path a reader takes: from the index to the rows it names.
Status HistoryDigests::read_case(ShardIndex shard, const DigestAsk& ask, DigestAnswer& answer) const {
  const CaseId case_id(ask.from);
  answer.is_last = true;
  answer.reached = ask.from;
  Hasher hasher;
  Status read = Done{};
  const Status scanned = history_.scan_prefix(key_space::case_index_prefix(case_id), [&](std::string_view key, std::string_view value) {
    const EventRun run = run_of(value);
    if (run.first_sequence > ask.up_to) return true;
    DigestLine line{key_space::version_of_index(key).value_or(0), case_id, hasher.of(key, value)};
    for (std::uint64_t at = run.first_sequence; at < run.first_sequence + run.count;) {
      const auto row = history_.get(key_space::event(shard, at));
      if (!row) return read = row.error(), false;
      line.digest = hasher.of(view_of(line.digest), std::to_string(at), row->has_value() ? "row" + **row : "no row");
      if (!row->has_value()) break;
      const auto count = count_events(**row);
      at += count ? std::max<std::uint32_t>(*count, 1) : 1;
    }
    ++answer.count;
    answer.lines.push_back(line);
    return true;
  });
  if (!read) return read;
  if (!scanned) return scanned;
  const auto wrapped = digest_of_key(case_id);
  if (!wrapped) return wrapped.error();
  if (answer.count > 0) answer.lines.insert(answer.lines.begin(), {0, case_id, *wrapped});
  sum_lines(answer, ask.with_lines);
  return Done{};
}

}  // namespace dunlin
