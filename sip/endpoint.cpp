#include "sip/endpoint.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sip/limits.hpp"
#include "sip/socket_filter.hpp"

namespace dunlin {

std::string_view transport_name(SipTransport transport) {
  switch (transport) {
    case SipTransport::udp: return "udp";
    case SipTransport::tcp: return "tcp";
    case SipTransport::tls: return "tls";
  }
  return "udp";
}

namespace {

/// Sofia keeps its reason to itself, so the same is tried once more by hand.
std::string why_not_open(const HostPort& bind, SipTransport transport) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = transport == SipTransport::udp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(bind.host.c_str(), std::to_string(bind.port).c_str(), &hints, &found) != 0) return "not an address";
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address(found, &freeaddrinfo);
  const int fd = ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::strerror(errno);
  const int is_on = 1;
  if (transport != SipTransport::udp) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &is_on, sizeof is_on);
  const int problem = ::bind(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
  ::close(fd);
  if (problem == EADDRINUSE) return "another program has this port";
  return problem == 0 ? "the library refused it (its certificate?)" : std::strerror(problem);
}

}  // namespace

Result<std::unique_ptr<Endpoint>> Endpoint::open(su_root_t* root, EndpointSettings settings, std::function<MonoTime()> clock) {
  auto bind = parse_host_port(settings.bind);
  if (!bind) return bind.error();
  if (!bind->is_numeric) return invalid_input("sip bind is not a numeric address: " + settings.bind);
  const std::uint16_t standard = settings.transport == SipTransport::tls ? 5061 : 5060;
  if (bind->port == 0) bind->port = standard;
  auto advertised = settings.advertised.empty() ? bind : parse_host_port(settings.advertised);
  if (!advertised) return advertised.error();
  if (advertised->port == 0) advertised->port = bind->port;
  std::unique_ptr<Endpoint> endpoint(new Endpoint(std::move(settings), *bind, *advertised));
  const auto status = endpoint->start(root, std::move(clock));
  if (!status) return status.error();
  return endpoint;
}

Status Endpoint::start(su_root_t* root, std::function<MonoTime()> clock) {
  if (settings_.verifies_peer) {
    auto folder = TlsFolder::make(settings_.ca_file, settings_.certificate_folder);
    if (!folder) return folder.error();
    tls_folder_ = std::move(*folder);
  }
  const auto& certificates = tls_folder_ ? tls_folder_->path() : settings_.certificate_folder;
  door_ = std::make_unique<FrontDoor>(settings_.admission, clock);
  const std::string transport(transport_name(settings_.transport));
  // The port in Via is the bound one; a public port that differs stands in Contact.
  // Sofia opens TLS sockets for the sips scheme only.
  const std::string scheme = settings_.transport == SipTransport::tls ? "sips:" : "sip:";
  const auto url = scheme + advertised_.uri_host() + ":" + std::to_string(bind_.port) + ";transport=" + transport +
                   ";maddr=" + bind_.uri_host();
  const auto on_message = [](nta_agent_magic_t* magic, nta_agent_t*, msg_t* msg, sip_t* sip) {
    magic->on_message(msg, sip);
    return 0;
  };
  const bool is_tls = settings_.transport == SipTransport::tls;
  const unsigned policy = settings_.verifies_peer ? TPTLS_VERIFY_SUBJECTS_OUT : TPTLS_VERIFY_NONE;
  agent_.reset(nta_agent_create(
      root, reinterpret_cast<const url_string_t*>(url.c_str()), on_message, static_cast<MessageHandler*>(this),
      NTATAG_MCLASS(door_->message_class()), NTATAG_UA(1), NTATAG_PASS_100(1), NTATAG_CANCEL_487(0), NTATAG_EXTRA_100(0),
      NTATAG_UDP_MTU(65535), NTATAG_MAXSIZE(sip_limits::max_message_bytes), NTATAG_USE_NAPTR(0),
      NTATAG_MAX_PROCEEDING(sip_limits::max_calls), NTATAG_SERVER_RPORT(1), NTATAG_CLIENT_RPORT(1), NTATAG_TCP_RPORT(1),
      NTATAG_TLS_RPORT(1), TPTAG_IDLE(3'600'000),
      TAG_IF(is_tls, TPTAG_CERTIFICATE(certificates.c_str())), TAG_IF(is_tls, TPTAG_TLS_VERIFY_POLICY(policy)),
      TAG_END()));
  if (!agent_) {
    return Error{Errc::unavailable, "cannot open sip " + transport + " on " + bind_.str() + ": " + why_not_open(bind_, settings_.transport) +
                                        "; give it a free port of this machine"};
  }
  if (settings_.admission.connections_per_second > 0) {
    const auto guarded = guard_connections(std::move(clock));
    if (!guarded) return guarded;
  }
  if (settings_.admission.is_open) return Done{};
  return guard_sockets(bind_, settings_.admission.allowed);
}

Status Endpoint::guard_connections(std::function<MonoTime()> clock) {
  auto guard = AcceptGuard::set(bind_, [this, clock = std::move(clock)](const IpBytes& source) {
    if (gate().judge_connection(source, clock()) == Admission::admitted) return true;
    if (settings_.on_refused_connection) settings_.on_refused_connection(source);
    return false;
  });
  if (!guard) return guard.error();
  accept_guard_.emplace(std::move(*guard));
  return Done{};
}

Status Endpoint::allow(const std::string& owner, std::vector<Cidr> addresses) {
  // Finding our sockets walks every descriptor of the process: only news are worth that.
  const auto known = allowed_by_name_.find(owner);
  if (known != allowed_by_name_.end() && known->second == addresses) return Done{};
  auto lists = allowed_by_name_;
  lists[owner] = std::move(addresses);
  auto allowed = settings_.admission.allowed;
  for (const auto& [name, list] : lists) allowed.insert(allowed.end(), list.begin(), list.end());
  const auto guarded = guard_sockets(bind_, allowed);
  if (!guarded) return guarded;
  allowed_by_name_ = std::move(lists);
  gate().allow(std::move(allowed));
  return Done{};
}

std::string Endpoint::contact_uri(const std::string& user) const {
  return "sip:" + user + "@" + advertised_.str() + ";transport=" + std::string(transport_name(settings_.transport));
}

void Endpoint::on_message(msg_t* msg, sip_t* sip) {
  if (sip->sip_request == nullptr || !handler_) {
    nta_msg_discard(agent_.get(), msg);
    return;
  }
  handler_(*this, msg, sip);
}

}  // namespace dunlin
