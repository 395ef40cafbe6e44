#pragma once
// A client that notices when the journal has gone back: every answer's cluster and revision must follow what was seen
// before (docs/cluster.md, R11). Once one does not, nothing is asked any more. Blocking; one thread at a time.
#include <memory>
#include <optional>
#include <vector>

#include "cluster/etcd_client.hpp"
#include "core/cluster/journal_watch.hpp"

namespace dunlin {

class SightedClient {
 public:
  /// `seen`: as kept from an earlier life of the process.
  SightedClient(std::unique_ptr<EtcdClient> client, const std::optional<JournalSight>& seen)
      : client_(std::move(client)), sight_(seen.value_or(JournalSight{})) {}

  /// Errors: as EtcdClient::run_all; corrupt, for ever after, when the journal went back.
  Result<EtcdTxnAnswers> run(const std::vector<EtcdTxn>& txns);
  /// The reader found by itself that the journal went back, by what it holds. Returns the reason.
  Error close(std::string reason);

  const JournalSight& sight() const { return sight_; }
  /// Set once the journal went back.
  const std::optional<Error>& gone_back() const { return gone_back_; }
  /// For what tells nothing of the journal's state: size, compaction.
  EtcdClient& plain() { return *client_; }

 private:
  std::unique_ptr<EtcdClient> client_;
  JournalSight sight_;
  std::optional<Error> gone_back_;
};

}  // namespace dunlin
