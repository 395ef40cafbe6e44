#include "cluster/cluster_identity.hpp"

#include <string_view>

#include "cluster/secret_box.hpp"

namespace dunlin {
namespace {

constexpr std::string_view identity_format = "1 ";

std::string secret_part(const ClusterSecret& secret, const std::string& cluster) {
  return keyed_name(secret, "dunlin cluster identity", "secret|" + cluster);
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
  if (theirs.rfind(std::string(identity_format) + secret_part(secret, cluster) + " ", 0) != 0) {
    return Error{Errc::denied, "cluster.secret_file: this is not the secret of cluster '" + cluster + "': take the file of the nodes that are in it"};
  }
  return Error{Errc::denied, "the installation key of this node (fingerprint " + key_fingerprint + ") is not that of the nodes of cluster '" + cluster +
                                 "': empty the data folder and put theirs in it with `dunlin key install`"};
}

}  // namespace dunlin
