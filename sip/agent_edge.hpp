#pragma once
// The agents' side: REGISTER with digest, INVITEs of registered agents, calls to their phones, liveness of their
// bindings. TLS from anywhere; UDP only from listed networks. SIP thread only. RFC 3261 10, 22; 5626 in spirit: an
// agent is reached over the connection it registered on.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sip/call_table.hpp"
#include "sip/registrar.hpp"
#include "sip/uac_call.hpp"
#include "sip/uas_call.hpp"

namespace dunlin {

class AgentEdge : private LegHandler, private ReplyHandler {
 public:
  static Result<std::unique_ptr<AgentEdge>> open(su_root_t* root, const SipOffice& office, CallTable& calls,
                                                 AgentEdgeSettings settings, std::uint64_t first_leg);
  virtual ~AgentEdge();

  /// Until the first call every request is told to come again in a second: a right password must not count as a wrong
  /// one because the node has just started.
  void set_accounts(std::vector<SipAccount> accounts);
  /// The call to the account's phone; an error when it is not registered.
  Result<std::unique_ptr<UacCall>> make_call(const StationCall& call, MonoTime now);
  void on_tick(MonoTime now);
  void set_draining() { is_draining_ = true; }

 private:
  /// What keeps a binding reachable and watched.
  struct Flow {
    Endpoint* endpoint = nullptr;
    TportPtr connection;
    std::string next_hop;
    LegPtr leg;
    OutgoingPtr ping;
    MonoTime ping_due;
    MonoTime ping_deadline;
  };

  AgentEdge(const SipOffice& office, CallTable& calls, AgentEdgeSettings settings, std::uint64_t first_leg);
  Result<std::unique_ptr<Endpoint>> open_endpoint(su_root_t* root, SipTransport transport);
  void tell_refused_connection(const IpBytes& source);
  void on_stray(Endpoint& endpoint, msg_t* msg, sip_t* sip);
  void on_other_method(Endpoint& endpoint, msg_t* msg, sip_method_t method);
  void on_register(Endpoint& endpoint, IncomingPtr request, const sip_t* sip);
  void on_invite(Endpoint& endpoint, IncomingPtr request, const sip_t* sip);
  /// The account when the request is authentic; otherwise the request has been answered.
  std::optional<std::string> authenticate(Endpoint& endpoint, nta_incoming_t* request, const sip_t* sip, bool is_register);
  void store_flow(Endpoint& endpoint, const nta::Peer& peer, TportPtr connection, const std::string& user);
  void forget(const std::string& user, const std::string& reason);
  void ping(const std::string& user, Flow& flow, MonoTime now);
  bool on_request(nta_incoming_t* request, const sip_t* sip) override;
  void on_reply(nta_outgoing_t* request, const sip_t* sip) override;
  CallRoute route_of(Endpoint& endpoint, const std::string& user) const;
  SipSource source_of(Endpoint& endpoint, nta_incoming_t* request) const;
  static SipSource source_of(Endpoint& endpoint, const nta::Peer& peer);

  const SipOffice& office_;
  CallTable& calls_;
  AgentEdgeSettings settings_;
  Registrar registrar_;
  std::uint64_t next_leg_;
  std::unique_ptr<Endpoint> tls_;
  std::unique_ptr<Endpoint> udp_;
  std::map<std::string, Flow> flows_;
  std::uint64_t refused_connections_ = 0;
  std::optional<MonoTime> refusals_told_at_;
  bool has_accounts_ = false;
  bool is_draining_ = false;
};

/// "sip:a***@192.0.2.0": enough to recognise a desk, not to reach it.
std::string mask_contact(const std::string& uri);

}  // namespace dunlin
