#pragma once
// Two or three nodes' links in one process: an authority of the test's own, an actor system a node, real TLS on loopback.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "cluster/link_actor.hpp"
#include "cluster/link_credentials.hpp"
#include "cluster/link_middleman.hpp"
#include "tests/support/temporary_folder.hpp"

namespace dunlin::test {

/// Longest wait for anything here; a loaded machine needs a small part of it.
inline constexpr Duration link_patience = seconds(30);

struct CertificateWish {
  std::string name = "node";
  long valid_from_s = -3600;        ///< Seconds from now.
  long valid_to_s = 86'400;
  std::string usage = "serverAuth,clientAuth";
};

class TestAuthority {
 public:
  TestAuthority();
  /// Certificate, key and this authority as PEM files in the folder.
  LinkCredentials issue(const CertificateWish& wish = {}) const;

 private:
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

/// What the other side of a link does with an envelope: echoes its body, or holds its answer for ever.
inline constexpr std::uint16_t echo_type = 40;
inline constexpr std::uint16_t silent_type = 41;
inline constexpr std::uint16_t failing_type = 42;

struct LinkNodeOptions {
  std::string name = "n1";
  std::string cluster = "north";
  std::string store;                ///< Empty: of the name.
  std::uint16_t port = 0;
  std::optional<UtcTime> checked_at;  ///< When the credentials are checked; unset: now.
  std::function<void(LinkSettings&)> adjust;
};

struct LateAnswer {
  std::atomic<bool> is_there{false};
  msg::PeerAnswered answer;         ///< To be read once it is there.
};

class LinkNode {
 public:
  LinkNode(const LinkCredentials& credentials, LinkNodeOptions options);
  ~LinkNode();

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  const std::string& name() const { return options_.name; }
  caf::actor_system& system() { return *system_; }
  const caf::actor& link() const { return link_; }
  int arrived() const { return arrived_->load(); }

  void set_peers(std::vector<msg::PeerPlace> peers);
  msg::PeerView peer(const std::string& name);
  /// Waits for it; the view that came last.
  msg::PeerView await_peer(const std::string& name, const std::function<bool(const msg::PeerView&)>& is_as_wanted);
  bool await_up(const std::string& name);
  msg::PeerAnswered ask(const std::string& name, const Envelope& envelope);
  /// Does not wait.
  std::shared_ptr<LateAnswer> ask_later(const std::string& name, const Envelope& envelope);

 private:
  LinkNodeOptions options_;
  SystemClock clock_;
  std::shared_ptr<std::atomic<int>> arrived_ = std::make_shared<std::atomic<int>>(0);
  std::optional<SealedCredentials> credentials_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::actor receiver_;
  caf::actor link_;
  std::uint16_t port_ = 0;
};

/// Connects the two by name; the test goes on when both are up.
bool introduce(LinkNode& one, LinkNode& other);

bool wait_until(const std::function<bool()>& is_true);

/// Hands bytes on between a port of its own and another until it freezes: then it is silent, and nothing is closed.
class FreezingRelay {
 public:
  explicit FreezingRelay(std::uint16_t target);
  ~FreezingRelay();
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void freeze() { is_frozen_ = true; }
  void thaw() { is_frozen_ = false; }

 private:
  void run();

  std::uint16_t target_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> is_frozen_{false};
  std::atomic<bool> is_ending_{false};
  std::thread thread_;
};

/// A TLS client without a certificate, or of an old version: true when the node closes on it without a word of its own.
bool is_refused_by_tls(std::uint16_t port, int max_version);

}  // namespace dunlin::test
