#pragma once
// One carrier trunk: how its INVITEs look, whether it is up (OPTIONS or REGISTER), and its registration. SIP thread
// only. RFC 3261 10, 11; 3325; 5922. The choice between trunks is made above; this one does what it is told.
#include <optional>

#include "sip/call_table.hpp"
#include "sip/uac_call.hpp"

namespace dunlin {

class Trunk : private LegHandler, private ReplyHandler {
 public:
  /// What a trunk needs of its endpoint: trunks with equal results share one. Errors name the setting.
  static Result<EndpointSettings> endpoint_settings(const TrunkSettings& settings);
  static Result<std::unique_ptr<Trunk>> make(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint);
  virtual ~Trunk() = default;

  const std::string& name() const { return settings_.name; }
  Endpoint& endpoint() const { return endpoint_; }
  std::unique_ptr<UacCall> make_call(const TrunkCall& call, DialPermit permit) const;
  void probe(MonoTime now);
  void on_tick(MonoTime now);
  /// Removes the registration, best effort.
  void unregister();

 private:
  Trunk(const SipOffice& office, TrunkSettings settings, Endpoint& endpoint, HostPort address, std::optional<HostPort> proxy);
  bool on_request(nta_incoming_t* request, const sip_t* sip) override;
  void on_reply(nta_outgoing_t* request, const sip_t* sip) override;
  void on_register_reply(const sip_t* sip);
  bool send_register(Duration expires, const std::string& extra_headers);
  void set_state(bool is_up, const sip_t* sip);
  std::string cause_of(int status, const sip_t* sip) const;
  bool does_register() const { return settings_.login && settings_.login->does_register; }
  std::optional<Credentials> credentials() const;
  std::string next_hop() const;
  std::string domain() const;
  std::string address_of_record() const;

  const SipOffice& office_;
  TrunkSettings settings_;
  Endpoint& endpoint_;
  HostPort address_;
  std::optional<HostPort> proxy_;
  ClientAuth auth_;
  LegPtr probe_leg_;
  OutgoingPtr probe_;
  LegPtr register_leg_;
  OutgoingPtr register_;
  MonoTime probe_due_;
  MonoTime register_due_;
  MonoTime sent_at_;
  Duration granted_;
  bool is_known_ = false;
  bool is_up_ = false;
};

}  // namespace dunlin
