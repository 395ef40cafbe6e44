#include "actors/import_codec.hpp"

#include "core/base/archive.hpp"

namespace dunlin {

namespace msg {

constexpr JobState last_of(JobState) { return JobState::interrupted; }
constexpr ImportPhase last_of(ImportPhase) { return ImportPhase::over; }
constexpr UndoView::State last_of(UndoView::State) { return UndoView::State::done; }

}  // namespace msg

namespace {

constexpr std::uint8_t import_version = 1;

/// Times of the job as whole milliseconds; maps as lists, which is what archives know.
struct Stored {
  msg::ImportView view;
  std::int64_t elapsed_ms = 0;
  std::vector<std::pair<std::string, std::uint64_t>> zones;
  std::vector<std::pair<std::string, std::uint64_t>> rules;
};

}  // namespace

template <class A>
void describe(A& archive, typename A::template Ref<ImportReview> r) {
  archive(r.line, r.code, r.message_ru, r.message_en, r.is_taken, r.other);
}

template <class A>
void describe(A& archive, typename A::template Ref<msg::UndoView> u) {
  archive(u.state, u.author, u.asked_at, u.undone, u.kept, u.failed, u.kept_cases);
}

template <class A>
void describe(A& archive, typename A::template Ref<CaseCensus> c) {
  archive(c.cases, c.closed, c.without_place, c.callable_now, c.callable_today, c.denied);
}

template <class A>
void describe(A& archive, typename A::template Ref<Stored> s) {
  auto& v = s.view;
  archive(v.id, v.file, v.portfolio, v.state, v.progress.rows_read, v.progress.rows_rejected, v.progress.duplicates, v.created, v.updated, v.unchanged,
          v.refused, s.elapsed_ms, v.is_dry_run, v.reject_file, v.error, v.phase, v.started_at, v.merged, v.merges_waiting, v.review_count, v.reviews,
          v.census, s.zones, s.rules, v.undo);
}

std::string encode_import(const msg::ImportView& view) {
  Stored stored{view, static_cast<std::int64_t>(view.elapsed_s * 1000.0), {}, {}};
  stored.zones.assign(view.census.per_zone.begin(), view.census.per_zone.end());
  stored.rules.assign(view.census.denied_by_rule.begin(), view.census.denied_by_rule.end());
  Encoder encoder;
  encoder(import_version, stored);
  return encoder.take();
}

Result<msg::ImportView> decode_import(std::string_view bytes) {
  Decoder decoder(bytes);
  std::uint8_t version = 0;
  decoder(version);
  if (version != import_version) return Error{Errc::corrupt, "import of an unknown version"};
  Stored stored;
  decoder(stored);
  if (const Status read = decoder.finish(); !read) return read.error();
  msg::ImportView& view = stored.view;
  view.elapsed_s = static_cast<double>(stored.elapsed_ms) / 1000.0;
  if (view.elapsed_s > 0) view.rows_per_s = static_cast<double>(view.progress.rows_read) / view.elapsed_s;
  view.progress.share_done = view.state == msg::JobState::running ? 0 : 1;
  view.census.per_zone.insert(stored.zones.begin(), stored.zones.end());
  view.census.denied_by_rule.insert(stored.rules.begin(), stored.rules.end());
  return view;
}

}  // namespace dunlin
