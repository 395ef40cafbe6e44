#include "app/cluster_place.hpp"

#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "storage/cipher.hpp"

namespace dunlin {
namespace {

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

}  // namespace

Result<std::optional<FormerSeat>> former_seat(Store& store) {
  const auto known = store.documents().get(seat_kind, seat_id);
  if (!known) return known.error();
  if (!known->has_value()) return std::optional<FormerSeat>();
  std::istringstream lines((*known)->bytes);
  FormerSeat seat;
  std::getline(lines, seat.cluster);
  std::getline(lines, seat.node);
  std::string identity;
  seat.is_confirmed = std::getline(lines, identity) && !identity.empty();
  return std::optional(seat);
}

Status keep_adopted_seat(Store& store, const std::string& cluster, const std::string& node) {
  const auto kept = store.documents().put_and_wait({seat_kind, seat_id, cluster + "\n" + node + "\n", std::nullopt});
  return kept ? Status(Done{}) : Status(kept.error());
}

Result<ClusterSecret> read_cluster_secret(const std::string& file) {
  const auto text = read_secret_file(file);
  if (!text) return Error{text.error().code, "cluster.secret_file: " + text.error().detail};
  const auto bytes = from_hex(*text);
  ClusterSecret secret{};
  if (!bytes || bytes->size() != secret.size()) {
    return invalid_input("cluster.secret_file: " + file + " must hold 64 hex digits, the same on every node");
  }
  std::copy(bytes->begin(), bytes->end(), secret.begin());
  return secret;
}

EtcdAccess etcd_access_of(const ClusterOptions& options) {
  EtcdAccess access;
  access.members = options.etcd;
  access.authority_file = options.ca_file;
  access.certificate_file = options.certificate_file;
  access.key_file = options.key_file;
  return access;
}

StorePlace store_place(const NodeSettings& settings, const Store& store) {
  return {store.store_id(), settings.cluster.host.empty() ? host_name() : settings.cluster.host};
}

}  // namespace dunlin
