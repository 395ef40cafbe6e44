#include "cluster/etcd_sight.hpp"

#include <utility>

namespace dunlin {

Result<EtcdTxnAnswers> SightedClient::run(const std::vector<EtcdTxn>& txns) {
  if (gone_back_) return *gone_back_;
  auto answers = client_->run_all(txns);
  if (!answers) return answers;
  const JournalSight now{answers->cluster_id, answers->revision};
  if (auto why = why_gone_back(sight_, now); !why.empty()) return close(std::move(why));
  sight_ = now;
  return answers;
}

Error SightedClient::close(std::string reason) {
  if (!gone_back_) gone_back_ = Error{Errc::corrupt, std::move(reason)};
  return *gone_back_;
}

}  // namespace dunlin
