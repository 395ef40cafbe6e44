#include "cluster/cluster_identity.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/secret_box.hpp"

namespace dunlin {
namespace {

constexpr std::string_view identity_format = "1 ";

std::string secret_part(const ClusterSecret& secret, const std::string& cluster) {
  return keyed_name(secret, "dunlin cluster identity", "secret|" + cluster);
}

/// No batch, no document, and nobody sits or owns: all that another secret or key could not read is not there.
Result<bool> holds_nothing(EtcdClient& client, const JournalKeys& keys) {
  std::vector<EtcdRead> reads;
  for (const auto& prefix : {keys.heads(), keys.documents(), keys.owners(), keys.node("")}) reads.push_back({prefix, range_end_of(prefix), 1});
  const auto seen = client.read_together(std::move(reads));
  if (!seen) return seen.error();
  return std::all_of(seen->begin(), seen->end(), [](const auto& rows) { return rows.empty(); });
}

Error mismatch(const std::string& theirs, const ClusterSecret& secret, const std::string& cluster, const std::string& key_fingerprint) {
  if (theirs.rfind(std::string(identity_format) + secret_part(secret, cluster) + " ", 0) != 0) {
    return {Errc::denied, "cluster.secret_file: this is not the secret of cluster '" + cluster + "': take the file of the nodes that are in it"};
  }
  return {Errc::denied, "the installation key of this node (fingerprint " + key_fingerprint + ") is not that of the nodes of cluster '" + cluster +
                            "': empty the data folder and put theirs in it with `dunlin key install`"};
}

}  // namespace

std::string identity_of(const ClusterSecret& secret, const std::string& cluster, const std::string& key_fingerprint) {
  return std::string(identity_format) + secret_part(secret, cluster) + " " + keyed_name(secret, "dunlin cluster identity", "key|" + key_fingerprint);
}

Status confirm_identity(EtcdClient& client, const std::string& cluster, const ClusterSecret& secret, const std::string& key_fingerprint) {
  const auto key = JournalKeys(cluster).identity();
  const auto own = identity_of(secret, cluster, key_fingerprint);
  const auto put = client.run({{EtcdCompare::absent(key)}, {EtcdPut{key, own, 0}}, {}});
  if (!put) return put.error();
  const auto stands = client.read({key, {}, 1});
  if (!stands) return stands.error();
  if (stands->rows.empty()) return Error{Errc::unavailable, "etcd does not show the identity of cluster '" + cluster + "'"};
  const std::string& theirs = stands->rows.front().value;
  if (theirs == own) return Done{};
  if (theirs.rfind(identity_format, 0) != 0) return Error{Errc::corrupt, "the identity of cluster '" + cluster + "' in etcd was written by a newer version, or is damaged"};
  // A first node that failed at its first start and was made anew would otherwise stand before its own old mark for ever.
  const auto is_vacant = holds_nothing(client, JournalKeys(cluster));
  if (!is_vacant) return is_vacant.error();
  if (!*is_vacant) return mismatch(theirs, secret, cluster, key_fingerprint);
  const auto replaced = client.run({{EtcdCompare::holds(key, theirs)}, {EtcdPut{key, own, 0}}, {}});
  if (!replaced) return replaced.error();
  return replaced->is_done ? Status(Done{}) : Status(Error{Errc::unavailable, "another node began cluster '" + cluster + "' at the same moment"});
}

}  // namespace dunlin
