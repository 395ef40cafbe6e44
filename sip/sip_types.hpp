#pragma once
// The vocabulary of the SIP edge: settings, commands and events as plain values. No Sofia type appears here, so any
// thread may hold them. Personal data: TrunkCall carries the dialed number; events and trace lines do not.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/phone_number.hpp"
#include "core/base/time.hpp"
#include "core/call/media_description.hpp"
#include "core/call/outcome_map.hpp"

namespace dunlin {

enum class SipTransport : std::uint8_t { udp, tcp, tls };
/// How a number is written in the request URI: +79.., 79.., 89...
enum class NumberFormat : std::uint8_t { plus_e164, digits, national_8 };
/// Which header carries the caller id: the user part of From, P-Asserted-Identity (RFC 3325) or Remote-Party-ID.
/// With the latter two, From shows the registered user or the caller id as well.
enum class CallerIdHeader : std::uint8_t { from, p_asserted_identity, remote_party_id };
/// RFC 3262: never mention, answer with PRACK when asked, or require.
enum class Reliability : std::uint8_t { off, supported, required };

/// REGISTER to a carrier. The password comes from a file and never leaves the process.
struct TrunkLogin {
  std::string user;
  std::string password;
  std::string auth_user;        ///< Digest user name when it differs from user.
  std::string domain;           ///< Of the address of record; empty = the trunk's domain or address host.
  bool does_register = true;    ///< False: credentials answer challenges only.
  Duration expires = seconds(300);
};

struct TrunkSettings {
  std::string name;
  SipTransport transport = SipTransport::udp;
  std::string address;             ///< Carrier "host[:port]": request URI and, without outbound_proxy, the next hop. A name without
                                   ///< a port is looked up as SRV (RFC 3263), one with a port as an address.
  std::string outbound_proxy;      ///< "host[:port]", empty = none.
  std::string domain;              ///< SIP domain of From, and the name the TLS certificate must carry (RFC 5922).
  std::string local_bind = "0.0.0.0:5060";  ///< "ip:port"; trunks with equal bind, transport and addresses share a socket.
  std::string advertised_address;  ///< "ip[:port]" in Via and Contact; empty = local_bind's.
  std::vector<std::string> allowed_sources;  ///< CIDRs; others get silence. Empty = address and proxy, or what their names lead to.
  std::optional<TrunkLogin> login;
  NumberFormat number_format = NumberFormat::plus_e164;
  std::string number_prefix;       ///< Put before the formatted number (tech prefix).
  CallerIdHeader caller_id_header = CallerIdHeader::from;
  Reliability reliability = Reliability::supported;
  bool requires_srtp = false;      ///< Refuse an answer without crypto.
  Duration session_expires = seconds(1800);  ///< RFC 4028; 0 = not offered.
  Duration options_interval = seconds(30);   ///< 0 = no probes: the trunk counts as up.
  std::string ca_file;             ///< TLS: trust anchors; empty = the system store.
  std::string client_certificate_folder;  ///< TLS: folder with agent.pem for mutual TLS; empty = none.
};

/// When a source that fails to authenticate is banned, and for how long.
struct LockoutSettings {
  int failures = 5;
  Duration window = seconds(60);
  Duration first_ban = minutes(15);   ///< Doubles with every further ban,
  Duration longest_ban = hours(24);   ///< up to this.
};

struct AgentEdgeSettings {
  std::string tls_bind = "0.0.0.0:5061";     ///< Empty = no TLS socket.
  std::string udp_bind;                      ///< Empty = no UDP socket.
  std::string advertised_address;            ///< "ip[:port]" for Contact; empty = the bind's.
  std::string certificate_folder;            ///< Holds agent.pem (certificate + key) and cafile.pem.
  std::vector<std::string> plain_agent_networks;  ///< CIDRs from which UDP agents are heard.
  std::string realm = "dunlin";
  Duration shortest_expires = seconds(30);
  Duration longest_expires = seconds(600);
  LockoutSettings lockout;
  int requests_per_second = 50;              ///< Token bucket of one source; burst is ten times this; ten times both
                                             ///< for a source that has proven a password.
  int connections_per_second = 10;           ///< New TLS connections of one source; burst is ten times this; 0 = any.
  int total_connections_per_second = 50;
  Duration session_expires = seconds(600);
};

enum class DigestAlgorithm : std::uint8_t { sha256, md5 };

/// An agent's SIP account. ha1 = H(user:realm:password) in lower-case hex, by the account's algorithm. A secret.
struct SipAccount {
  std::string user;
  std::string ha1;
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;
};

struct SipStackSettings {
  std::string installation_suffix = "dunlin";  ///< After '@' in Call-ID; a token, no address in it.
  std::vector<TrunkSettings> trunks;
  std::optional<AgentEdgeSettings> agents;
  std::uint64_t first_incoming_leg = 1ULL << 62;  ///< LegIds of calls agents make count up from here.
};

// --- Commands (see sip/stack.hpp) ---------------------------------------------------------------------------------

struct TrunkCall {
  LegId leg;
  std::string trunk;
  PhoneNumber to;
  PhoneNumber caller_id;
  std::string caller_name;           ///< Display name, ASCII; empty = none.
  MediaDescription offer;
  Duration ring_timeout = seconds(30);
};

/// A call to a registered agent's contact (persistent leg). Addresses the account, never a number.
struct StationCall {
  LegId leg;
  std::string user;
  MediaDescription offer;
  Duration ring_timeout = seconds(30);
};

// --- Events -------------------------------------------------------------------------------------------------------

/// A cause that is ours until something else is said (EndCause itself belongs to core/call).
inline EndCause local_end() {
  EndCause cause;
  cause.origin = EndOrigin::local;
  return cause;
}

struct InviteSent { LegId leg; MonoTime at; };
struct LegProgress { LegId leg; int status = 100; std::optional<MediaDescription> early; };
struct LegAnswered { LegId leg; MediaDescription answer; };
/// The far end asks for other media in a dialog. When needs_answer, reply with SipStack::answer(leg, 200, ...) or
/// reject(leg, 488) within 8 s; otherwise `offer` is the far end's answer to our re_offer or to a bodiless re-INVITE.
struct LegReoffered { LegId leg; MediaDescription offer; bool is_hold = false; bool needs_answer = true; };
struct LegEnded { LegId leg; EndCause cause; };
struct IncomingAgentCall { LegId leg; std::string user; MediaDescription offer; };
struct AgentRegistered { std::string user; std::string masked_contact; Duration expires; bool is_secure = false; };
struct AgentUnregistered { std::string user; std::string reason; };
struct TrunkState { std::string name; bool is_up = false; Duration latency; int sip_status = 0; std::string cause; };
/// SIP INFO application/dtmf-relay; RFC 4733 events are media's.
struct DtmfInfo { LegId leg; char digit = '0'; Duration length; };
/// fail2ban-readable fact: this source was banned.
struct SourceBanned { std::string source; Duration length; std::string reason; };

enum class TraceDirection : std::uint8_t { in, out };
/// One line of the ladder of `call trace`: method or status, never numbers or names.
struct SipTraceLine {
  LegId leg;
  MonoTime at;
  TraceDirection direction = TraceDirection::out;
  std::string summary;
  int status = 0;
};

using SipEvent = std::variant<InviteSent, LegProgress, LegAnswered, LegReoffered, LegEnded, IncomingAgentCall,
                              AgentRegistered, AgentUnregistered, TrunkState, DtmfInfo, SourceBanned, SipTraceLine>;

/// Who hears the SIP edge. Called in the SIP thread: must not block, must not call back into SipStack::stop.
class SipSink {
 public:
  virtual ~SipSink() = default;
  virtual void on_sip_event(SipEvent event) = 0;
};

}  // namespace dunlin
