#pragma once
// One import job: reads the file beside live dialing, finds each row's person, sends the rows to their shards in bounded
// batches, has cases merged that turned out to be one person, and ends with a report of what the law lets dial. Runs on a
// thread of its own: reading a file blocks. Tells the desk its last view and ends. On a cluster's node the owners of the shards are
// asked who a person is, and asked again when the rows are in: a file on another node may have brought the same people meanwhile.
#include <array>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/contracts/person_search.hpp"
#include "actors/node_context.hpp"
#include "core/case/person_identity.hpp"

namespace dunlin {

class ImportActor : public caf::event_based_actor {
 public:
  ImportActor(caf::actor_config& config, const NodeContext* context, caf::actor desk, ImportId id, msg::StartImport command);
  caf::behavior make_behavior() override;
  const char* name() const override { return "import"; }

 private:
  using CaseLists = std::span<const std::vector<CaseId>>;
  /// The cases that the base finds by one row: a list for each key, contract and number, and for the name when the row has
  /// no birth date.
  struct RowFound {
    CaseLists keys;
    CaseLists contracts;
    CaseLists phones;
    CaseLists names;
  };
  using ShardRows = std::map<ShardIndex, std::vector<std::pair<CaseId, ImportRow>>>;
  using Found = std::vector<std::vector<CaseId>>;
  using Records = std::unordered_map<CaseId, CaseRecord>;
  /// A key of a row that its case did not have when it was looked up: somebody else may have brought it at the same time.
  struct FreshKey {
    std::uint64_t line = 0;
    CaseId own;
    LookupKey key;
  };
  /// The rows of one look-up on their way into the shards of a cluster.
  struct Chunk {
    std::size_t open = 0;           ///< Messages to shards.
    std::vector<FreshKey> fresh;
  };
  /// Two cases that one key leads to.
  struct Double {
    std::uint64_t line = 0;
    CaseId own;
    CaseId other;
  };

  struct Merge {
    std::uint64_t line = 0;         ///< The row that says so.
    CaseId survivor;
    CaseId absorbed;
  };

  void step();
  void on_step();
  void end_if_landed();
  // The person of each row (import_actor_rows.cpp).
  static std::vector<LookupKey> lookups_for(const std::vector<ImportRow>& rows);
  static RowFound take_found(CaseLists& left, const ImportRow& row);
  /// The row's case; unset when the row went back: its keys contradict each other, or a contract is another person's.
  CaseId settle_person(const ImportRow& row, const RowFound& found);
  PersonMatch match_row(const ImportRow& row, const RowFound& found) const;
  bool may_hold_contracts(const ImportRow& row, const RowFound& found, const PersonMatch& match);
  CaseId other_holder(const Debt& debt, const std::vector<CaseId>& cases, const PersonMatch& match) const;
  std::optional<Debt> own_debt(const Debt& debt, const PersonMatch& match) const;
  std::optional<CaseRecord> stored(CaseId id) const;
  /// The case this one will be part of when the merges of the file are done.
  CaseId survivor_of(CaseId id) const;
  void remember(const ImportRow& row, const PersonMatch& match);
  void note_namesakes(const ImportRow& row, CaseId own, const RowFound& found);
  void note_shared_phone(const ImportRow& row, CaseId own, const RowFound& found);
  CaseId other_owner(const PhoneNumber& number, CaseId own, const std::vector<CaseId>& cases);
  // Where the cluster finds people (import_actor_search.cpp).
  void search_rows(std::vector<ImportRow> rows);
  void on_searched(std::vector<ImportRow> rows, const Found& found, Result<Records>&& records);
  std::vector<CaseId> records_wanted(const std::vector<ImportRow>& rows, const Found& found) const;
  void find_cases(std::vector<LookupKey> keys, bool may_cancel, std::function<void(Result<Found>)> then);
  void read_cases(std::vector<CaseId> ids, bool may_cancel, std::function<void(Result<Records>)> then);
  void read_missing(std::shared_ptr<Records> known, std::vector<CaseId> ids, bool may_cancel, std::function<void(Result<Records>)> then);
  template <class Reply, class Question>
  void ask_persons(std::shared_ptr<const Question> question, MonoTime give_up_at, bool may_cancel, std::function<void(Result<Reply>)> then);
  void search_again();
  static void note_fresh(Chunk& chunk, const ImportRow& row, CaseId own, const RowFound& found);
  void close_chunk(const std::shared_ptr<Chunk>& chunk);
  void look_again(const std::shared_ptr<Chunk>& chunk);
  void on_looked_again(const std::vector<FreshKey>& fresh, const Result<Found>& found);
  void join_doubles();
  void join(const Double& two, const Records& records);
  std::vector<PersonKey> planned_keys(const CaseRecord& record) const;
  // The way into the shards.
  void send_rows(std::vector<ImportRow> rows);
  void give_back_all(const std::vector<ImportRow>& rows, const Error& error);
  void place_rows(std::vector<ImportRow> rows, const Found& found);
  void send_batch(ShardIndex shard, std::vector<std::pair<CaseId, ImportRow>> rows, const std::shared_ptr<Chunk>& chunk);
  void on_done(const msg::ImportRowsDone& done, const std::vector<std::uint64_t>& lines);
  void give_back_refused(const msg::RefusedRow& refused);
  void give_back(std::uint64_t line, RowErrorCode code, const std::string& detail, CaseId other);
  void review(ImportReview item);
  /// Two strong keys disagree after the row went in.
  void review_known_otherwise(std::uint64_t line, CaseId other);
  // A dry run (import_actor_try.cpp).
  void try_row(CaseId id, ImportRow row);
  CaseRecord tried(CaseId id) const;
  // After the last row.
  void end_rows();
  void merge_next();
  void wait_for_quiet();
  void start_census();
  void judge_next();
  void finish();
  void fail(const Error& error);
  void record(const char* fact_type) const;
  double seconds_so_far() const;
  msg::ImportView view() const;

  const NodeContext* context_;
  caf::actor desk_;
  msg::StartImport command_;
  std::unique_ptr<ImportSource> source_;
  msg::ImportView state_;
  MonoTime started_at_;
  std::size_t in_flight_ = 0;
  bool is_read_ = false;
  bool is_cancelled_ = false;
  bool has_failed_ = false;
  UtcTime line_quiet_at_;
  std::array<std::size_t, 2> listed_{};                 ///< Review items of rows that came back, and of rows that went in.
  std::vector<CaseId> persons_;                         ///< By number of the person within the file.
  std::map<CaseId, CaseId> absorbed_into_;
  std::unordered_map<std::uint64_t, CaseId> numbers_;   ///< Digits of each number of the file to the first case with it.
  std::vector<Merge> merges_;                           ///< Done after the last row, last first.
  std::unordered_map<CaseId, CaseRecord> tried_;        ///< Dry run: cases as its rows would leave them, some of them.
  std::unordered_set<CaseId> opened_;                   ///< Dry run: cases the base would get.
  Records known_;                                       ///< On a cluster's node: cases of the present look-up, as their owners have them.
  bool is_searching_ = false;                           ///< Rows wait for a look-up.
  std::size_t looking_again_ = 0;                       ///< Chunks whose rows are in and whose keys are looked up again.
  std::vector<Double> doubles_;                         ///< Joined after the last row.
  std::unordered_map<CaseId, std::vector<PersonKey>> joined_keys_;  ///< By survivor: what cases have once they are joined.
  std::vector<std::function<void()>> to_search_again_;
  std::string waits_for_;                               ///< Why a look-up is asked again; empty: none is.
  std::vector<std::pair<ShardIndex, std::vector<CaseId>>> to_judge_;
  std::size_t judging_ = 0;
};

}  // namespace dunlin
