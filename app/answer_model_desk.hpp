#pragma once
// The answer model of this node: learned from the attempts of all cases, kept in memory, learned anew when it has grown
// old. Nothing of it is stored, because the history is all it comes from. Blocks on the disk while it learns: any thread
// of a job, never an actor's. Thread safe.
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/clock.hpp"
#include "core/report/model_report.hpp"
#include "storage/store.hpp"

namespace dunlin {

class AnswerModelDesk {
 public:
  using Progress = std::function<bool(double share_done)>;

  /// All outlive it. `zones` says where the day of a person begins.
  AnswerModelDesk(const Store& store, const ZoneBook& zones, const Clock& clock) : store_(store), zones_(zones), clock_(clock) {}

  /// Learns from the older attempts and judges by the younger. An empty portfolio means all. Errc::unavailable when
  /// `progress` stops it, Errc::invalid_input when there is too little to judge.
  Result<ModelReport> report(const std::string& portfolio, const Progress& progress) const;

  /// The model, learned anew when it is older than an hour.
  Result<std::shared_ptr<const AnswerModel>> model();
  AnswerQuestion question(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const;

 private:
  Result<std::vector<AnswerExample>> examples(const std::string& portfolio, const Progress& progress) const;

  const Store& store_;
  const ZoneBook& zones_;
  const Clock& clock_;
  std::mutex mutex_;                 ///< Guards what follows; held while learning, so that it is learned once.
  std::shared_ptr<const AnswerModel> model_;
  MonoTime learned_at_;
};

}  // namespace dunlin
