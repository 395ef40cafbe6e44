#pragma once
// One local address of ours: an nta agent with its socket, front door and the names it shows. Trunks with equal
// addresses share one. SIP thread only.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sip/accept_gate.hpp"
#include "sip/front_door.hpp"
#include "sip/nta_calls.hpp"
#include "sip/sip_types.hpp"
#include "sip/sofia.hpp"
#include "sip/tls_folder.hpp"

namespace dunlin {

struct EndpointSettings {
  SipTransport transport = SipTransport::udp;
  std::string bind;                ///< "ip:port"
  std::string advertised;          ///< "ip[:port]", empty = bind.
  std::string certificate_folder;  ///< TLS: agent.pem and cafile.pem; of a trunk only agent.pem, may be empty.
  std::string ca_file;             ///< TLS trunk: trust anchors, empty = the system's.
  bool verifies_peer = false;      ///< TLS client: the server's certificate must carry the name dialed (RFC 5922).
  AdmissionSettings admission;
  std::function<void(const IpBytes& source)> on_refused_connection;  ///< May be empty.
};

class Endpoint : private MessageHandler {
 public:
  /// Hears requests that belong to no dialog. Owns msg.
  using StrayHandler = std::function<void(Endpoint& endpoint, msg_t* msg, sip_t* sip)>;

  static Result<std::unique_ptr<Endpoint>> open(su_root_t* root, EndpointSettings settings, std::function<MonoTime()> clock);
  virtual ~Endpoint() = default;

  void set_handler(StrayHandler handler) { handler_ = std::move(handler); }
  nta_agent_t* agent() const { return agent_.get(); }
  const EndpointSettings& settings() const { return settings_; }
  AdmissionGate& gate() { return door_->gate(); }
  bool is_ipv6() const { return bind_.host.find(':') != std::string::npos; }
  /// Lets these in beside the networks of the settings, in place of what the same owner named before: the addresses
  /// behind a carrier's name. Errors: the kernel refuses the filter; then the old one stays.
  Status allow(const std::string& owner, std::vector<Cidr> addresses);
  /// "sip:dunlin@192.0.2.1:5060;transport=tcp": where requests of our dialogs come to.
  std::string contact_uri(const std::string& user = "dunlin") const;
  /// Host (and port) we show in From and Call-ID-free places.
  std::string shown_host() const { return advertised_.uri_host(); }

 private:
  Endpoint(EndpointSettings settings, HostPort bind, HostPort advertised)
      : settings_(std::move(settings)), bind_(std::move(bind)), advertised_(std::move(advertised)) {}
  Status start(su_root_t* root, std::function<MonoTime()> clock);
  Status guard_connections(std::function<MonoTime()> clock);
  void on_message(msg_t* msg, sip_t* sip) override;

  EndpointSettings settings_;
  HostPort bind_;
  HostPort advertised_;
  std::map<std::string, std::vector<Cidr>> allowed_by_name_;
  StrayHandler handler_;
  std::unique_ptr<TlsFolder> tls_folder_;
  std::unique_ptr<FrontDoor> door_;  ///< Before agent_: outlives it.
  AgentPtr agent_;
  std::optional<AcceptGuard> accept_guard_;
};

std::string_view transport_name(SipTransport transport);

}  // namespace dunlin
