#pragma once
// A real etcd of one member for tests, in a folder and on ports of its own; and a wire to it that loses answers and holds
// requests back, so that a commit can be in doubt at will.
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cluster/etcd_client.hpp"
#include "tests/support/temporary_folder.hpp"

namespace dunlin::test {

std::uint16_t free_tcp_port();

/// Certificates of a private authority, made with openssl: server and client use one that serves both ways.
struct TestCertificates {
  explicit TestCertificates(const std::filesystem::path& folder);
  std::string authority;
  std::string certificate;
  std::string key;
};

class EtcdProcess {
 public:
  /// With certificates: https with client certificates demanded.
  explicit EtcdProcess(const TestCertificates* certificates = nullptr);
  ~EtcdProcess();
  std::uint16_t port() const { return port_; }
  std::string url() const;
  /// Plain access to this member.
  EtcdAccess access() const;
  void freeze();
  void thaw();

 private:
  void wait_until_it_answers() const;
  TemporaryFolder folder_;
  const TestCertificates* certificates_;
  std::uint16_t port_;
  pid_t pid_ = -1;
};

/// Forwards one request a connection to etcd, and does with it what the test says.
class FaultyWire {
 public:
  enum class Fate : std::uint8_t {
    pass,
    lose_answer,    ///< etcd executes, nobody hears.
    lose_request,   ///< Swallowed for ever.
    hold_request,   ///< Swallowed now, executed by release().
  };
  explicit FaultyWire(std::uint16_t target_port);
  ~FaultyWire();
  std::uint16_t port() const { return port_; }

  /// The fates of the next requests that hold this text, in order; afterwards, and others, pass.
  void plan(std::string holding, std::vector<Fate> fates);
  /// Sends the held requests to etcd now; returns how many.
  std::size_t release();
  std::size_t left_in_plan() const;

 private:
  void serve();
  void carry(int connection);
  Fate next_fate(const std::string& request);
  std::string exchange(const std::string& request) const;

  std::uint16_t target_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  mutable std::mutex mutex_;
  std::string holding_;
  std::vector<Fate> fates_;
  std::vector<std::string> held_;
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

/// Keeps one connection alive for one answered request, reads the next and dies without a word.
class DyingServer {
 public:
  DyingServer();
  ~DyingServer();
  std::uint16_t port() const { return port_; }
  int requests() const { return requests_; }

 private:
  void serve();
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace dunlin::test
