#pragma once
// One carrier trunk: how its INVITEs look, whether it is up (OPTIONS or REGISTER), and its registration. SIP thread
// only. RFC 3261 10, 11; 3263; 3325; 5922. A name is looked up here, each address behind it is probed, and calls go to
// those that answer. The choice between trunks is made above; this one does what it is told.
#include <map>
#include <optional>

#include "sip/call_table.hpp"
#include "sip/name_lookup.hpp"
#include "sip/target_list.hpp"
#include "sip/uac_call.hpp"

namespace dunlin {

class Trunk : private LegHandler, private ReplyHandler {
 public:
  /// What a trunk needs of its endpoint: trunks with equal results share one. Errors name the setting.
  static Result<EndpointSettings> endpoint_settings(const TrunkSettings& settings);
  /// True: `make` needs a resolver, which must outlive the trunk.
  static bool needs_resolver(const TrunkSettings& settings);
  static Result<std::unique_ptr<Trunk>> make(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint, sres_resolver_s* resolver);
  virtual ~Trunk() = default;

  const std::string& name() const { return settings_.name; }
  Endpoint& endpoint() const { return endpoint_; }
  /// Why no call can be made now: the carrier's name leads nowhere. Empty = one can.
  std::string why_unreachable() const;
  std::unique_ptr<UacCall> make_call(const TrunkCall& call, DialPermit permit);
  void probe(MonoTime now);
  void on_tick(MonoTime now);
  /// Removes the registration, best effort.
  void unregister();

 private:
  /// An OPTIONS under way to one target.
  struct Probe {
    HostPort target;
    LegPtr leg;
    OutgoingPtr request;
    MonoTime sent_at;
  };
  Trunk(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint, HostPort address, std::optional<HostPort> proxy,
        sres_resolver_s* resolver);
  const HostPort& hop() const { return proxy_ ? *proxy_ : address_; }
  void look_up_when_due(MonoTime now);
  void on_lookup(LookupAnswer answer);
  void keep_known(std::vector<SipTarget>& found) const;
  void allow_targets();
  std::string silence() const;
  void watch_probes(MonoTime now);
  void send_probe(const HostPort& target, MonoTime now);
  void tell_targets(Duration latency, int sip_status);
  void on_dead_hop(const std::string& hop);
  std::vector<HostPort> ordered_targets() const;
  bool on_request(nta_incoming_t* request, const sip_t* sip) override;
  void on_reply(nta_outgoing_t* request, const sip_t* sip) override;
  void on_register_reply(const sip_t* sip);
  bool send_register(Duration expires, const std::string& extra_headers);
  void set_state(bool is_up, const sip_t* sip);
  void tell(bool is_up, Duration latency, int sip_status, std::string cause);
  std::string cause_of(int status, const sip_t* sip) const;
  bool does_register() const { return settings_.login && settings_.login->does_register; }
  std::optional<Credentials> credentials() const;
  std::string hop_uri(const HostPort& target) const;
  std::string domain() const;
  std::string address_of_record() const;

  const SipOffice& office_;
  TrunkSettings settings_;
  Endpoint& endpoint_;
  HostPort address_;
  std::optional<HostPort> proxy_;
  ClientAuth auth_;
  sres_resolver_s* resolver_;
  std::unique_ptr<NameLookup> lookup_;
  MonoTime lookup_due_;
  MonoTime lookup_started_;
  std::string lookup_problem_;
  std::map<std::string, MonoTime> heard_until_;  ///< Addresses the name leads to, or led to a while ago.
  TargetList targets_;
  std::vector<Probe> probes_;
  HostPort register_target_;
  LegPtr register_leg_;
  OutgoingPtr register_;
  MonoTime probe_due_;
  MonoTime register_due_;
  MonoTime sent_at_;
  Duration granted_;
  bool is_known_ = false;
  bool is_up_ = false;
  std::string told_cause_;
};

}  // namespace dunlin
