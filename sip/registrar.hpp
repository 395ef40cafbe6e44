#pragma once
// The agents' registrar: digest check, nonces, lockout and bindings. Knows nothing of sockets: requests and time come
// in as values, replies go out as values. Lives in the SIP thread; not thread safe. RFC 3261 10, 7616, 8760.
// A nonce is bound to its source address and good for one request; the reply to an unknown user is the same 401 and
// costs the same hash. The only maker of StationPermit.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/call/dial_permit.hpp"
#include "sip/digest.hpp"
#include "sip/nonce_store.hpp"
#include "sip/sip_types.hpp"

namespace dunlin {

/// Who sent a request: "192.0.2.1" and "192.0.2.1:5062;tls".
struct SipSource {
  std::string address;
  std::string flow;
  bool is_secure = false;
  auto operator<=>(const SipSource&) const = default;
};

/// Credentials of one request (from Authorization), empty user = none came.
struct AuthAttempt {
  std::string method;                        ///< "REGISTER" or "INVITE".
  std::string claimed_user;                  ///< User part of To (REGISTER) or From (INVITE).
  std::optional<DigestParameters> credentials;
  SipSource source;
};

struct AuthVerdict {
  enum class Kind : std::uint8_t { accepted, challenge, refused };
  Kind kind = Kind::challenge;
  std::string user;                          ///< The account, when accepted.
  std::string challenge;                     ///< WWW-Authenticate value, when challenge.
  int status = 401;                          ///< When challenge (401) or refused (403).
  std::optional<SourceBanned> ban;           ///< This failure was one too many: ban the source.
};

struct AgentBinding {
  std::string user;
  std::string contact_uri;
  std::string call_id;
  std::uint32_t sequence = 0;
  SipSource source;
  MonoTime expires_at;
};

struct RegisterRequest {
  std::string user;                          ///< Authenticated.
  std::string contact_uri;                   ///< Empty with is_wildcard or a query.
  bool is_wildcard = false;
  std::optional<Duration> expires;
  std::string call_id;
  std::uint32_t sequence = 0;
  SipSource source;
};

struct RegisterReply {
  int status = 200;
  Duration expires;                          ///< Granted; 0 = removed.
  Duration min_expires;                      ///< For 423.
  std::string contact_uri;                   ///< Current binding, empty = none.
  bool is_new = false;                       ///< Agent came (no binding before, or another flow).
  bool is_removed = false;                   ///< Agent left.
};

class Registrar {
 public:
  /// `nonce_key`: 32 random bytes, secret of this process.
  Registrar(AgentEdgeSettings settings, std::array<std::uint8_t, 32> nonce_key);

  /// Replaces the accounts; returns the users whose binding ended with it.
  std::vector<std::string> set_accounts(std::vector<SipAccount> accounts);

  AuthVerdict authenticate(const AuthAttempt& attempt, MonoTime now);
  RegisterReply register_contact(const RegisterRequest& request, MonoTime now);

  /// Drops what has expired; returns the users.
  std::vector<std::string> expire(MonoTime now);
  /// Drops the user's binding (connection lost, no answer to OPTIONS). False: there was none.
  bool drop(const std::string& user);

  const AgentBinding* find(const std::string& user) const;
  std::vector<AgentBinding> bindings() const;
  /// Is somebody registered over this flow?
  bool has_flow(const std::string& flow) const;
  /// The right to call the agent's phone, if it is registered now.
  Result<StationPermit> station_permit(const std::string& user, MonoTime now) const;

 private:
  struct Failures {
    int count = 0;
    MonoTime since;
    int bans = 0;
  };
  AuthVerdict challenge(const AuthAttempt& attempt, MonoTime now);
  AuthVerdict failure(const AuthAttempt& attempt, MonoTime now);
  DigestAlgorithm algorithm_for(const std::string& user) const;
  const SipAccount* find_account(const std::string& user) const;
  bool is_backed_off(const std::string& user, const SipSource& source, MonoTime now) const;

  AgentEdgeSettings settings_;
  NonceStore nonces_;
  std::unordered_map<std::string, SipAccount> accounts_;
  std::size_t md5_accounts_ = 0;
  std::string disguise_key_;
  std::map<std::string, AgentBinding> bindings_;
  std::map<std::string, Failures> failures_by_address_;
  std::map<std::string, Failures> failures_by_user_;
};

}  // namespace dunlin
