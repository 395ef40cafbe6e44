#pragma once
// Long work of the node itself (verification, backup) as jobs: each runs in a thread of its own, tells how far it is,
// can be cancelled, and is remembered after its end. Thread safe; bounded (config/limits). The destructor asks all to
// stop and waits for them. Imports are jobs of their own actor and only shown beside these.
#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

enum class NodeJobState : std::uint8_t { running, done, failed, cancelled };
std::string_view to_string(NodeJobState state);

struct NodeJobView {
  std::string id;                    ///< "job_0000000000000001".
  std::string kind;                  ///< "verify", "backup".
  std::string author;
  NodeJobState state = NodeJobState::running;
  UtcTime started_at;
  double share_done = 0;             ///< 0..1.
  nlohmann::ordered_json result;     ///< Of a job that is done.
  std::string error;
  int exit = 0;                      ///< What the command that waits for it ends with.
};

/// What the work sees of its job. Any thread.
class JobHandle {
 public:
  /// False: it was cancelled, stop.
  bool go_on(double share_done) {
    share_done_ = share_done;
    return !is_cancelled_;
  }

 private:
  friend class JobBoard;
  std::atomic<double> share_done_{0};
  std::atomic<bool> is_cancelled_{false};
};

struct JobOutcome {
  nlohmann::ordered_json result;
  int exit = 0;
};

class JobBoard {
 public:
  using Work = std::function<Result<JobOutcome>(JobHandle& handle)>;

  ~JobBoard();
  /// Errc::exhausted when too many run.
  Result<std::string> start(std::string kind, std::string author, UtcTime now, Work work);
  std::vector<NodeJobView> list() const;
  Result<NodeJobView> find(const std::string& id) const;
  /// Errc::not_found; Errc::conflict when it has ended.
  Status cancel(const std::string& id);

 private:
  struct Job {
    NodeJobView view;
    JobHandle handle;
    std::thread thread;
  };
  void run(const std::shared_ptr<Job>& job, const Work& work);
  void forget_old();

  mutable std::mutex mutex_;         ///< Guards the list and every view.
  std::list<std::shared_ptr<Job>> jobs_;
  std::uint64_t last_ = 0;
};

}  // namespace dunlin
