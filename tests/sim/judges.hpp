#pragma once
// The judges of a simulation. They read three things only: what became durable, what the network saw, and what people
// were told. The counters, views and plans of the product are never believed. A violation is a sentence; the first one
// ends the play. Names in brackets are those of docs/attempt-protocol.md.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/case/case_event.hpp"
#include "tests/sim/network.hpp"
#include "tests/support/test_disk.hpp"

namespace dunlin::sim {

class Judges {
 public:
  Judges(const test::Stage& stage, test::TestDisk& disk, People& people, const PublicNetwork& network)
      : stage_(stage), disk_(disk), people_(people), network_(network) {}

  void on_durable(const CommitRequest& batch);
  void on_invite(const test::SentInvite& invite);
  void on_double_bridge(LegId agent, LegId debtor);
  /// An agent was told that the outcome is saved. `promised` belongs to a promise.
  void on_disposition_told(AttemptId attempt, Outcome outcome, std::optional<CivilDate> promised);
  /// An operator was told that the payment or the bar is recorded.
  void on_payment_told(CaseId id, const std::string& payment) { told_words_.emplace_back(id, payment); }
  void on_bar_told(CaseId id, const std::string& name) { told_words_.emplace_back(id, name); }
  void on_pause_told(CampaignId campaign) { paused_since_[campaign] = stage_.now(); }
  void on_resume_asked(CampaignId campaign) { paused_since_.erase(campaign); }
  /// Nothing the process began is going on any more.
  void on_death();
  /// Longer than any call lasts after the last one: nobody may need a restart to learn that his call is over.
  void judge_no_attempt_is_open();
  /// After the last recovery, when every line is silent.
  void at_end();
  void complain(const std::string& what) { violations_.push_back(what); }

  const std::vector<std::string>& violations() const { return violations_; }
  std::size_t reservations() const { return attempts_.size(); }
  std::size_t merges() const { return aliases_.size(); }
  std::map<std::string, int> outcomes() const;

 private:
  struct Attempt {
    CaseId case_id;
    std::string number;
    UtcTime slot_expires_at;
    int legs = 1;
    int settled = 0;
    Outcome outcome = Outcome::failed;
    std::set<int> invited_legs;
    bool is_orphan = false;      ///< Its process died before it was settled.
  };
  void on_reserved(CaseId id, const AttemptReserved& event, UtcTime decided_at);
  void judge_reservation(const AttemptReserved& event, CaseId id, UtcTime decided_at);
  void on_settled(const AttemptSettled& event);
  /// Why a call at this instant to the person as known now would be forbidden; `own` is not held against itself.
  std::optional<std::string> why_unlawful(CaseId id, AttemptId own, UtcTime at);
  std::vector<LivedCall> lived_calls(CaseId root, AttemptId own) const;
  bool is_called_now(CaseId root) const;
  /// The case a case lives on as.
  CaseId root_of(CaseId id) const;
  /// Every client number known to be the same person by now.
  std::vector<Person*> known_as(CaseId id);
  void judge_store();
  void judge_cases();
  void judge_attempts();
  void judge_told();
  /// The facts of the case and of the one it lives on as.
  std::vector<CaseEvent> events_of(CaseId id) const;
  const NetworkCall* call_of(AttemptId attempt, int leg_number) const;

  const test::Stage& stage_;
  test::TestDisk& disk_;
  People& people_;
  const PublicNetwork& network_;
  std::map<AttemptId, Attempt> attempts_;
  std::map<CaseId, AttemptId> open_;
  std::map<CaseId, CaseId> aliases_;
  std::map<AttemptId, Outcome> told_dispositions_;
  std::vector<std::pair<CaseId, std::string>> told_words_;   ///< Ids of payments, names of bars.
  std::map<CampaignId, UtcTime> paused_since_;
  std::vector<std::string> violations_;
};

}  // namespace dunlin::sim
