#pragma once
// The addresses behind a carrier's name, asked of the name servers by Sofia's resolver (RFC 3263 4.2, RFC 2782): a name
// without a port is looked up as SRV for the trunk's transport, and without such records as an address; a name with a
// port as an address only. SIP thread only. Servers: /etc/resolv.conf, or the file the variable SRESOLV_CONF names.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "sip/sip_types.hpp"
#include "sip/sofia.hpp"
#include "sip/target_list.hpp"

struct sres_resolver_s;
struct sres_query_s;

namespace dunlin {

struct ResolverDeleter {
  void operator()(sres_resolver_s* resolver) const;
};
/// Lives in the event loop; outlives its lookups.
using ResolverPtr = std::unique_ptr<sres_resolver_s, ResolverDeleter>;
Result<ResolverPtr> open_resolver(su_root_t* root);

struct LookupQuestion {
  HostPort name;
  SipTransport transport = SipTransport::udp;
  bool is_ipv6 = false;  ///< The socket it is asked for: only addresses of its family are of use.
};

struct LookupAnswer {
  std::vector<SipTarget> targets;  ///< Empty = failed.
  Duration life;                   ///< How long the servers vouch for it.
  std::string problem;             ///< "sip.carrier.example: no such name".
  bool is_partial = false;         ///< Some of the hosts could not be asked for: targets known before may still hold.
};

class NameLookup {
 public:
  /// Called once, never from inside start(); may destroy the lookup.
  using Done = std::function<void(LookupAnswer)>;
  NameLookup(sres_resolver_s* resolver, LookupQuestion question, Done done);
  ~NameLookup();
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

  /// False: the question could not even be sent; Done will not be called.
  bool start();

 private:
  friend struct LookupCallbacks;
  struct Host {
    std::string name;
    std::uint16_t port = 0;
    int priority = 0;
    int weight = 0;
  };
  bool ask_services();
  bool ask_next_host();
  void finish();
  void fail(std::string why);

  sres_resolver_s* resolver_;
  LookupQuestion question_;
  Done done_;
  sres_query_s* query_ = nullptr;
  std::vector<Host> hosts_;
  std::size_t next_host_ = 0;
  LookupAnswer answer_;
  int last_status_ = 0;
};

}  // namespace dunlin
