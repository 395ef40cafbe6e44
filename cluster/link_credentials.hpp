#pragma once
// What a node proves itself with on the link between nodes, checked once before anything listens: certificate, key and the
// cluster's own authority, all three, belonging together and valid now (docs/cluster.md, the link; R14). CAF's TLS module
// falls back to an anonymous cipher without them and reads them anew for every connection, so the checked bytes are kept
// in memory and it is given names of those. Any thread.
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// Paths of PEM files.
struct LinkCredentials {
  std::string certificate;          ///< With the chain below the authority, if there is one; own certificate first.
  std::string key;                  ///< Secret.
  std::string authority;            ///< The cluster's private authority. Whoever it certifies is a node.
};

/// The checked bytes as files nobody can change. Owner: whoever owns the actor system, for as long as that lives.
class SealedCredentials {
 public:
  /// Errors name the file and the repair.
  static Result<SealedCredentials> take(const LinkCredentials& files, UtcTime now);
  SealedCredentials(SealedCredentials&& other) noexcept;
  SealedCredentials& operator=(SealedCredentials&& other) noexcept;
  ~SealedCredentials();

  /// Paths that OpenSSL can open.
  const LinkCredentials& paths() const { return paths_; }

 private:
  SealedCredentials() = default;
  Result<std::string> seal(const std::string& bytes);
  void close_all();

  LinkCredentials paths_;
  std::vector<int> files_;
};

}  // namespace dunlin
