#include "actors/import_actor.hpp"

#include <algorithm>

#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

/// Rows read in one step: enough that the look-ups of a step share one pass over the index, and that a shard gets some
/// sixteen rows in one message.
constexpr std::size_t rows_per_step = 4096;
constexpr std::size_t reviews_kept = 1000;
constexpr std::size_t cases_per_question = 64;
constexpr std::size_t questions_in_flight = 4;
constexpr Duration longest_quiet = seconds(10);
/// On a cluster's node: rows of so many look-ups may be in while their keys are looked up again.
constexpr std::size_t chunks_looking_again = 4;

CivilDate date_of(UtcTime time) { return civil_from_days(time.ms / 86'400'000); }

}  // namespace

ImportActor::ImportActor(caf::actor_config& config, const NodeContext* context, caf::actor desk, ImportId id, msg::StartImport command)
    : caf::event_based_actor(config), context_(context), desk_(std::move(desk)), command_(std::move(command)), started_at_(context->clock->now_mono()) {
  state_.id = id;
  state_.file = command_.request.file;
  state_.portfolio = command_.request.portfolio;
  state_.is_dry_run = command_.is_dry_run;
  state_.started_at = context->clock->now_utc();
}

caf::behavior ImportActor::make_behavior() {
  tell(this, caf::actor_cast<caf::actor>(this), msg::ImportStep{});
  return {
      [this](const msg::ImportStep&) { on_step(); },
      [this](const msg::CancelImport&) {
        is_cancelled_ = true;
        return msg::Answer{};
      },
      [this](const msg::SearchAgain&) { search_again(); },
      [this](const msg::GetImport&) { return view(); },
  };
}

void ImportActor::on_step() {
  if (state_.phase == msg::ImportPhase::quiet) return wait_for_quiet();
  if (!source_) {
    auto opened = context_->imports_door->open(command_.request, date_of(context_->clock->now_utc()));
    if (opened) {
      source_ = std::move(*opened);
      record("import.started");
    } else {
      fail(opened.error());
    }
  }
  step();
}

void ImportActor::step() {
  if (is_read_) return end_if_landed();
  const bool is_full = in_flight_ >= limits::import_rows_in_flight || looking_again_ >= chunks_looking_again;
  if (is_full || is_searching_) return;  // The next answer goes on.
  if (is_cancelled_) {
    is_read_ = true;
    return end_if_landed();
  }
  auto read = source_->next(rows_per_step);
  if (!read) {
    fail(read.error());
  } else if (read->empty()) {
    is_read_ = true;
  } else {
    send_rows(std::move(*read));
  }
  if (is_read_) return end_if_landed();
  tell(this, caf::actor_cast<caf::actor>(this), msg::ImportStep{});
}

/// Rows on their way land and are counted first, whatever ended the reading: a report that leaves them out is not true.
void ImportActor::end_if_landed() {
  if (in_flight_ == 0 && looking_again_ == 0 && !is_searching_) end_rows();
}

// --- the way into the shards --------------------------------------------------------------------------------------

void ImportActor::send_rows(std::vector<ImportRow> rows) {
  if (context_->region != nullptr) return search_rows(std::move(rows));
  const auto found = context_->archive->find_all(lookups_for(rows));
  if (!found) return give_back_all(rows, found.error());
  place_rows(std::move(rows), *found);
}

/// They could not be looked up, and whom nobody looked up must not become a second case.
void ImportActor::give_back_all(const std::vector<ImportRow>& rows, const Error& error) {
  fail(error);  // The cause, before what giving the rows back may meet.
  for (const ImportRow& row : rows) give_back(row.line, RowErrorCode::not_taken, error.detail, {});
}

void ImportActor::place_rows(std::vector<ImportRow> rows, const Found& found) {
  CaseLists left(found);
  ShardRows batches;
  const auto chunk = context_->region != nullptr && !command_.is_dry_run ? std::make_shared<Chunk>() : nullptr;
  std::vector<std::uint64_t> counted;
  for (ImportRow& row : rows) {
    const RowFound known = take_found(left, row);
    const CaseId id = settle_person(row, known);
    if (!id.is_set()) continue;
    note_namesakes(row, id, known);
    note_shared_phone(row, id, known);
    if (command_.is_dry_run) {
      counted.push_back(row.line);
      try_row(id, std::move(row));
      continue;
    }
    if (chunk) note_fresh(*chunk, row, id, known);
    batches[shard_of(id)].emplace_back(id, std::move(row));
  }
  source_->settle(counted);
  if (chunk) chunk->open = batches.size();
  for (auto& [shard, batch] : batches) send_batch(shard, std::move(batch), chunk);
}

void ImportActor::send_batch(ShardIndex shard, std::vector<std::pair<CaseId, ImportRow>> rows, const std::shared_ptr<Chunk>& chunk) {
  std::vector<std::uint64_t> lines;
  lines.reserve(rows.size());
  for (const auto& [id, row] : rows) lines.push_back(row.line);
  in_flight_ += lines.size();
  ask(this, context_->shards[shard], limits::commit_timeout + seconds(20), msg::ImportRows{state_.id, command_.request.portfolio, std::move(rows)})
      .then([this, lines, chunk](const msg::ImportRowsDone& result) {
              close_chunk(chunk);
              on_done(result, lines);
            },
            [this, lines, chunk](const caf::error& error) {
              log_error("import", "batch_unanswered", "import={} rows={} {}", state_.id.str(), lines.size(), caf::to_string(error));
              msg::ImportRowsDone nothing;
              for (const std::uint64_t line : lines) nothing.refused.push_back({line, {Errc::unavailable, "the shard did not answer"}});
              close_chunk(chunk);
              on_done(nothing, lines);
            });
}

void ImportActor::on_done(const msg::ImportRowsDone& result, const std::vector<std::uint64_t>& lines) {
  in_flight_ -= lines.size();
  state_.created += result.created;
  state_.updated += result.updated;
  state_.unchanged += result.unchanged;
  line_quiet_at_ = std::max(line_quiet_at_, result.line_quiet_at);
  for (const msg::RefusedRow& refused : result.refused) give_back_refused(refused);
  source_->settle(lines);
  step();
}

void ImportActor::give_back_refused(const msg::RefusedRow& refused) {
  const bool is_known_otherwise = refused.error.code == Errc::conflict;
  give_back(refused.line, is_known_otherwise ? RowErrorCode::known_otherwise : RowErrorCode::not_taken, refused.error.detail, {});
}

void ImportActor::give_back(std::uint64_t line, RowErrorCode code, const std::string& detail, CaseId other) {
  ++state_.refused;
  const RowError words = make_row_error(code, -1, "", {detail, detail});
  log_warn("import", "row_refused", "import={} line={} code={}", state_.id.str(), line, to_string(code));
  if (is_review(code)) review({line, std::string(to_string(code)), words.message_ru, words.message_en, false, other});
  const Status given = source_->give_back(line, words);
  if (!given) fail(given.error());
}

void ImportActor::review(ImportReview item) {
  ++state_.review_count;
  // Bounded apart: a register full of shared numbers must not hide the contracts that came back.
  if (++listed_[item.is_taken ? 1 : 0] <= reviews_kept) state_.reviews.push_back(std::move(item));
}

void ImportActor::review_known_otherwise(std::uint64_t line, CaseId other) {
  const RowError words = make_row_error(RowErrorCode::known_otherwise, -1, "", {other.str(), other.str()});
  review({line, std::string(to_string(words.code)), words.message_ru, words.message_en, true, other});
}

// --- after the last row -------------------------------------------------------------------------------------------

void ImportActor::end_rows() {
  if (state_.phase != msg::ImportPhase::rows || state_.state != msg::JobState::running) return;
  state_.elapsed_s = seconds_so_far();
  state_.phase = msg::ImportPhase::merges;
  join_doubles();
}

void ImportActor::merge_next() {
  if (merges_.empty()) {
    state_.phase = msg::ImportPhase::quiet;
    return wait_for_quiet();
  }
  const Merge merge = merges_.back();
  merges_.pop_back();
  ask(this, context_->merges, limits::commit_timeout + seconds(20), msg::MergeCases{merge.survivor, merge.absorbed})
      .then(
          [this, merge](const msg::MergeAnswered& answer) {
            // Refused for ever: one of them was merged with somebody else meanwhile.
            if (answer.error && answer.error->code == Errc::denied) review_known_otherwise(merge.line, merge.absorbed);
            else ++(answer.is_done ? state_.merged : state_.merges_waiting);
            merge_next();
          },
          [this](const caf::error&) {
            ++state_.merges_waiting;
            merge_next();
          });
}

/// A call reserved just before its debt was paid may go out while its slot lives. The answer "imported" waits that long,
/// so that nobody is called after it.
void ImportActor::wait_for_quiet() {
  const UtcTime now = context_->clock->now_utc();
  if (line_quiet_at_ <= now) return start_census();
  const Duration left = std::min(line_quiet_at_ - now, longest_quiet);
  line_quiet_at_ = std::min(line_quiet_at_, now + longest_quiet);
  tell_after(this, left + milliseconds(20), caf::actor_cast<caf::actor>(this), msg::ImportStep{});
}

void ImportActor::start_census() {
  state_.phase = msg::ImportPhase::census;
  std::sort(persons_.begin(), persons_.end());
  persons_.erase(std::unique(persons_.begin(), persons_.end()), persons_.end());
  std::map<ShardIndex, std::vector<CaseId>> by_shard;
  for (const CaseId id : persons_) {
    if (id.is_set()) by_shard[shard_of(id)].push_back(id);
  }
  persons_.clear();
  for (const auto& [shard, ids] : by_shard) {
    for (std::size_t i = 0; i < ids.size(); i += cases_per_question) {
      const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), i + cases_per_question));
      to_judge_.emplace_back(shard, std::vector<CaseId>(ids.begin() + static_cast<std::ptrdiff_t>(i), end));
    }
  }
  judge_next();
}

void ImportActor::judge_next() {
  if (is_cancelled_) to_judge_.clear();
  while (judging_ < questions_in_flight && !to_judge_.empty()) {
    ++judging_;
    auto [shard, ids] = std::move(to_judge_.back());
    to_judge_.pop_back();
    const auto go_on = [this] {
      --judging_;
      judge_next();
    };
    ask(this, context_->shards[shard], limits::commit_timeout, msg::JudgeCases{std::move(ids)})
        .then(
            [this, go_on](const msg::CasesJudged& judged) {
              add(state_.census, judged.census);
              go_on();
            },
            [go_on](const caf::error&) { go_on(); });
  }
  if (judging_ == 0 && to_judge_.empty() && state_.phase == msg::ImportPhase::census) finish();
}

void ImportActor::finish() {
  state_.phase = msg::ImportPhase::over;
  if (source_) {
    auto rejects = source_->finish();
    if (rejects) state_.reject_file = *rejects;
    else fail(rejects.error());
  }
  state_.state = has_failed_ ? msg::JobState::failed : is_cancelled_ ? msg::JobState::cancelled : msg::JobState::done;
  const msg::ImportView last = view();
  log_info("import", "over", "import={} created={} updated={} unchanged={} rejected={} merged={} seconds={:.1f}", last.id.str(), last.created,
           last.updated, last.unchanged, last.progress.rows_rejected, last.merged, last.elapsed_s);
  record(last.state == msg::JobState::done ? "import.finished" : has_failed_ ? "import.failed" : "import.cancelled");
  tell(this, desk_, msg::ImportFinished{last});
  quit();
}

/// Counts only: the file's name and its rows are nobody else's business. A dry run changes nothing and is no fact.
void ImportActor::record(const char* fact_type) const {
  if (state_.is_dry_run) return;
  const auto count = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const std::uint64_t rejected = source_ ? source_->progress().rows_rejected : 0;
  context_->facts->record({fact_type, state_.id.str(), {},
                           {{"portfolio", state_.portfolio}, {"created", count(state_.created)}, {"updated", count(state_.updated)},
                            {"unchanged", count(state_.unchanged)}, {"refused", count(state_.refused)}, {"rejected", count(rejected)}}});
}

/// No further row is read. What has gone in stays, is merged and judged like any other import, and is named in the report.
void ImportActor::fail(const Error& error) {
  is_read_ = true;
  if (has_failed_) return;  // The first error is the cause of the others.
  has_failed_ = true;
  state_.error = error.detail;
  log_error("import", "failed", "import={} {}", state_.id.str(), error.detail);
}

double ImportActor::seconds_so_far() const { return static_cast<double>((context_->clock->now_mono() - started_at_).ms) / 1000.0; }

msg::ImportView ImportActor::view() const {
  msg::ImportView v = state_;
  if (source_) {
    v.progress = source_->progress();
    const auto of_file = source_->reviews();
    v.review_count += of_file.size();
    v.reviews.insert(v.reviews.end(), of_file.begin(), of_file.end());
  }
  if (v.phase == msg::ImportPhase::rows) v.elapsed_s = seconds_so_far();
  if (v.error.empty() && !waits_for_.empty()) v.error = "waits: " + waits_for_;
  if (v.elapsed_s > 0) v.rows_per_s = static_cast<double>(v.progress.rows_read) / v.elapsed_s;
  return v;
}

}  // namespace dunlin
