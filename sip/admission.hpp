#pragma once
// Who may speak to a socket at all, judged before anything is answered: source list, message size, header count, known
// scanners, a token bucket per source and bans. Knows no sockets: addresses and time come in as values. Lives in the
// SIP thread; not thread safe. Bounded: at the limit the source seen longest ago is forgotten, bans last.
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "sip/address.hpp"

namespace dunlin {

struct AdmissionSettings {
  std::vector<Cidr> allowed;        ///< Empty and not is_open: nobody.
  bool is_open = false;             ///< Agents over TLS come from anywhere.
  int requests_per_second = 50;     ///< Bucket of one source; burst is ten times this.
  int total_per_second = 2000;      ///< Bucket of the socket; burst is ten times this.
  int connections_per_second = 0;   ///< New connections of one source; burst is ten times this; 0 = any number.
  int total_connections_per_second = 0;
};

/// What the door sees of one message.
struct MessageFacts {
  IpBytes source{};
  std::size_t size = 0;
  std::size_t headers = 0;
  std::string_view user_agent;
  bool is_request = true;
  bool is_in_dialog = false;        ///< To has a tag: dialogs under way go before newcomers.
};

enum class Admission : std::uint8_t { admitted, stranger, oversized, scanner, flood, banned };
std::string_view to_string(Admission verdict);

class AdmissionGate {
 public:
  explicit AdmissionGate(AdmissionSettings settings) : settings_(std::move(settings)) {}

  Admission judge(const MessageFacts& facts, MonoTime now);
  /// A new connection, judged before its handshake: not a banned source's, not one too many.
  Admission judge_connection(const IpBytes& source, MonoTime now);
  void ban(const IpBytes& source, MonoTime until);
  /// Somebody behind this source has proven a password: an office's phones share one address, so for vouch_life
  /// it may do vouched_factor times as much. The socket's own buckets still hold.
  void vouch(const IpBytes& source, MonoTime now);
  bool is_banned(const IpBytes& source, MonoTime now) const;
  /// Instead of the list so far.
  void allow(std::vector<Cidr> allowed) { settings_.allowed = std::move(allowed); }

  /// Refused messages by verdict, for metrics.
  std::uint64_t count(Admission verdict) const { return counts_[static_cast<std::size_t>(verdict)]; }

 private:
  /// Tokens in thousandths, so that a rate of one a second refills in milliseconds.
  struct Bucket {
    std::int64_t tokens = 0;
    MonoTime filled_at;
  };
  struct Source {
    Bucket bucket;
    Bucket connections;
    MonoTime banned_until;
    MonoTime vouched_until;
    std::list<IpBytes>::iterator place;
  };
  Admission verdict(const MessageFacts& facts, MonoTime now);
  Source& source(const IpBytes& address, MonoTime now);
  static std::int64_t capacity(int per_second);
  static int factor(const Source& source, MonoTime now);
  static bool take(Bucket& bucket, int per_second, MonoTime now);

  AdmissionSettings settings_;
  Bucket total_;
  bool is_total_started_ = false;
  Bucket total_connections_;
  bool are_connections_started_ = false;
  std::map<IpBytes, Source> sources_;
  std::list<IpBytes> by_age_;
  std::array<std::uint64_t, 6> counts_{};
};

/// True for the names the usual SIP scanners and brute forcers give themselves.
bool is_scanner(std::string_view user_agent);

}  // namespace dunlin
