#pragma once
// The only door to etcd: its JSON gateway over HTTP/1.1 through libcurl, with mutual TLS, a deadline on every request and
// no second try of anything that may have been executed (docs/cluster.md, R2). Blocking; one thread at a time a client.
// A request that certainly never left (no connection, no handshake) goes to the next member; anything else is answered,
// refused by name, or in doubt.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/etcd_txn.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

struct EtcdAccess {
  std::vector<std::string> members;         ///< "https://10.0.0.1:2379"; asked in turn, beginning with the last that answered.
  std::string authority_file;               ///< PEM; empty: members must be http:// on loopback.
  std::string certificate_file;             ///< PEM of this node.
  std::string key_file;
  Duration connect_timeout = milliseconds(300);
  Duration deadline = milliseconds(800);    ///< Of one request, all members tried.
};

/// Errors: invalid_input naming the field: no member, one that is no plain URL or goes without TLS off loopback, files missing.
Status check_access(const EtcdAccess& access);

/// What became of a request.
enum class EtcdFate : std::uint8_t {
  answered,   ///< `body` is etcd's answer.
  refused,    ///< Not executed and never will be; `detail` says why.
  doubtful,   ///< It may have been executed, or may yet be.
};

struct EtcdReply {
  EtcdFate fate = EtcdFate::doubtful;
  std::string body;
  std::string detail;       ///< For the operator; holds no key and no value.
  bool is_forbidden = false;  ///< Of `refused`: by etcd's own rights, so trying again does not help.
};

/// What the gateway's error means: by HTTP status and gRPC code in the body. Pure.
EtcdReply judge_gateway_error(int http_status, const std::string& body);

struct EtcdLease {
  std::int64_t id = 0;
  std::int64_t ttl_s = 0;   ///< 0: it has ended.
};

/// How requests get to etcd; EtcdClient::make takes libcurl. Blocking; one thread at a time.
class EtcdTransport {
 public:
  virtual ~EtcdTransport() = default;
  virtual EtcdReply post(const std::string& path, const std::string& body) = 0;
};

class EtcdClient {
 public:
  /// Checks the access; makes no connection yet.
  static Result<std::unique_ptr<EtcdClient>> make(EtcdAccess access);
  explicit EtcdClient(std::unique_ptr<EtcdTransport> transport) : transport_(std::move(transport)) {}

  EtcdReply post(const std::string& path, const std::string& body);

  /// Reads and leases may be repeated by their callers, so doubt is plain Errc::unavailable here; denied: etcd's own rights.
  Result<EtcdReadAnswer> read(const EtcdRead& read);
  /// As they stood at one revision: the rows of each read, in the order asked. corrupt: an answer of other parts.
  Result<std::vector<std::vector<EtcdRow>>> read_together(std::vector<EtcdRead> reads);
  Result<EtcdLease> grant_lease(std::int64_t ttl_s);
  Result<EtcdLease> keep_alive(std::int64_t lease);
  Status revoke_lease(std::int64_t lease);
  /// Transactions whose doubt the caller resolves by reading: a claim, a trim.
  Result<EtcdTxnAnswer> run(const EtcdTxn& txn);
  Result<EtcdTxnAnswers> run_all(const std::vector<EtcdTxn>& txns);
  /// Of the member that answers.
  Result<EtcdSize> measure();
  /// Forgets what keys held before this revision; what is forgotten already is no error.
  Status compact(std::int64_t revision);

 private:
  Result<std::string> ask(const std::string& path, const std::string& body);
  std::unique_ptr<EtcdTransport> transport_;
};

}  // namespace dunlin
