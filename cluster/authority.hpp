#pragma once
// The cluster's own certificate authority: made once, on an administrator's machine, to certify nodes and etcd's members
// (docs/operating.md, "Installing a cluster"). EC P-256 throughout; certificates as RFC 5280 wants them. No files: PEM in
// memory, the caller writes it. Any thread.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// How long certificates hold. Clocks of hosts differ: each begins an hour before it was made.
inline constexpr int authority_days = 3652;
inline constexpr int certificate_days = 730;

/// A certificate and its private key, as PEM. The key is a secret.
struct CertifiedKey {
  std::string certificate;
  std::string key;
};

/// Whom to certify.
struct CertificateRequest {
  std::string common_name;            ///< At most 64 characters (RFC 5280, ub-common-name).
  std::vector<std::string> hosts;     ///< Numeric addresses and DNS names: the subjectAltName.
  int days = certificate_days;
};

/// A numeric address, or a DNS name as hosts have them (RFC 1123 §2.1).
bool is_certifiable_host(std::string_view host);

class ClusterAuthority {
 public:
  /// A new one with a key of its own. Errors: invalid_input (a name OpenSSL refuses), unavailable (no randomness or memory).
  static Result<ClusterAuthority> found(const std::string& common_name, UtcTime now);
  /// One that was kept. Errors: invalid_input (no PEM, a key with a passphrase, parts that do not belong together, no authority,
  /// expired).
  static Result<ClusterAuthority> load(CertifiedKey pem, UtcTime now);
  ClusterAuthority(ClusterAuthority&&) noexcept;
  ClusterAuthority& operator=(ClusterAuthority&&) noexcept;
  ~ClusterAuthority();

  const CertifiedKey& pem() const;
  /// A new key, certified for both directions of TLS: nodes call each other, and etcd's gateway dials its own server.
  /// Never valid beyond the authority itself. Errors as above.
  Result<CertifiedKey> issue(const CertificateRequest& request, UtcTime now) const;

 private:
  struct Impl;
  explicit ClusterAuthority(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dunlin
