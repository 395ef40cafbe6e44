#pragma once
// The answer model of this node: learned from the attempts of all cases, kept in memory, learned anew when it has grown
// old, and handed to dialing each time. Nothing of it is stored, because the history is all it comes from. Blocks on the
// disk while it learns: its own thread or one of a job, never an actor's. Thread safe.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/clock.hpp"
#include "core/dialing/answer_odds.hpp"
#include "core/report/model_report.hpp"
#include "storage/store.hpp"

namespace dunlin {

class AnswerModelDesk {
 public:
  using Progress = std::function<bool(double share_done)>;
  using Odds = std::shared_ptr<const AnswerOdds>;
  /// Called after each learning, on the thread that learned.
  using Publish = std::function<void(Odds)>;

  /// Store and clock outlive it; what `zone` asks outlives all who were handed the odds.
  AnswerModelDesk(const Store& store, PersonZone zone, const Clock& clock, Publish publish)
      : store_(store), zone_(std::move(zone)), clock_(clock), publish_(std::move(publish)) {}

  /// Learns now and again whenever the model is an hour old, on a thread of its own, until stop().
  void keep_fresh();
  /// Ends that thread; a learning under way is given up. Idempotent.
  void stop();

  /// Learns from the older attempts and judges by the younger. An empty portfolio means all. Errc::unavailable when
  /// `progress` stops it, Errc::invalid_input when there is too little to judge.
  Result<ModelReport> report(const std::string& portfolio, const Progress& progress) const;

  /// The model, learned anew when it is older than an hour.
  Result<Odds> odds(const Progress& progress = {});
  /// Learned now, however young the known one is.
  Result<Odds> learn(const Progress& progress);

 private:
  Result<std::vector<AnswerExample>> examples(const std::string& portfolio, const Progress& progress) const;
  Result<Odds> learn_locked(const Progress& progress);
  void refresh_until(const std::stop_token& stop);

  const Store& store_;
  PersonZone zone_;
  const Clock& clock_;
  Publish publish_;
  std::mutex mutex_;                 ///< Guards what follows; held while learning, so that it is learned once.
  Odds odds_;
  MonoTime learned_at_;
  std::condition_variable_any wake_;
  std::mutex wake_mutex_;            ///< Only for waiting.
  std::jthread refresher_;
};

}  // namespace dunlin
