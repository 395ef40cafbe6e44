#pragma once
// One import job: reads the file beside live dialing, finds each row's person, sends the rows to their shards in bounded
// batches, has cases merged that turned out to be one person, and ends with a report of what the law lets dial. Runs on a
// thread of its own: reading a file blocks. Tells the desk its last view and ends.
#include <array>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/contracts/messages.hpp"
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
  // The way into the shards.
  Status send_rows(std::vector<ImportRow> rows);
  void send_batch(ShardIndex shard, std::vector<std::pair<CaseId, ImportRow>> rows);
  void on_done(const msg::ImportRowsDone& done, const std::vector<std::uint64_t>& lines);
  void give_back_refused(const msg::RefusedRow& refused);
  void give_back(std::uint64_t line, RowErrorCode code, const std::string& detail, CaseId other);
  void review(ImportReview item);
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
  std::vector<std::pair<CaseId, CaseId>> merges_;       ///< Survivor, absorbed; done after the last row, last first.
  std::unordered_map<CaseId, CaseRecord> tried_;        ///< Dry run: cases as its rows would leave them, some of them.
  std::unordered_set<CaseId> opened_;                   ///< Dry run: cases the base would get.
  std::vector<std::pair<ShardIndex, std::vector<CaseId>>> to_judge_;
  std::size_t judging_ = 0;
};

}  // namespace dunlin
