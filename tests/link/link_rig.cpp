#include "tests/link/link_rig.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace dunlin::test {
namespace {

using RigCertificate = std::unique_ptr<X509, decltype(&X509_free)>;
using RigKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free);
  ASSERT_TRUE(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

RigCertificate unsigned_certificate(EVP_PKEY* key, const CertificateWish& wish) {
  static std::uint64_t serial = 1;
  RigCertificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), ++serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wish.valid_to_s);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

void write_certificate(const std::filesystem::path& path, X509* certificate) {
  const std::unique_ptr<FILE, decltype(&fclose)> file(fopen(path.c_str(), "w"), &fclose);
  ASSERT_TRUE(file && PEM_write_X509(file.get(), certificate) == 1);
}

void write_key(const std::filesystem::path& path, EVP_PKEY* key) {
  const std::unique_ptr<FILE, decltype(&fclose)> file(fopen(path.c_str(), "w"), &fclose);
  ASSERT_TRUE(file && PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

sockaddr_in rig_loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connected_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = rig_loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

caf::behavior receive_envelopes(caf::event_based_actor* self, const std::shared_ptr<std::atomic<int>>& arrived) {
  auto held = std::make_shared<std::vector<caf::typed_response_promise<msg::EnvelopeAnswer>>>();
  return {[self, arrived, held](const msg::EnvelopeArrived& news) {
    ++*arrived;
    auto promise = self->make_response_promise<msg::EnvelopeAnswer>();
    Envelope answer = news.envelope;
    answer.body = news.from + " says " + news.envelope.body;
    if (news.envelope.type == silent_type) held->push_back(promise);
    else if (news.envelope.type == failing_type) promise.deliver(msg::EnvelopeAnswer{Error{Errc::denied, "not this"}, {}});
    else promise.deliver(msg::EnvelopeAnswer{std::nullopt, std::move(answer)});
    return promise;
  }};
}

}  // namespace

TestAuthority::TestAuthority()
    : folder_(std::make_unique<TemporaryFolder>()), key_(EVP_EC_gen("P-256"), &EVP_PKEY_free), certificate_(nullptr, &X509_free) {
  certificate_ = unsigned_certificate(key_.get(), {"authority", -86'400 * 30L, 86'400, ""});
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  write_certificate(folder_->file("ca.pem"), certificate_.get());
}

LinkCredentials TestAuthority::issue(const CertificateWish& wish) const {
  const RigKey key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const auto certificate = unsigned_certificate(key.get(), wish);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate.get(), certificate_.get(), NID_ext_key_usage, wish.usage);
  X509_sign(certificate.get(), key_.get(), EVP_sha256());
  const LinkCredentials files{folder_->file(wish.name + ".pem").string(), folder_->file(wish.name + ".key").string(), folder_->file("ca.pem").string()};
  write_certificate(files.certificate, certificate.get());
  write_key(files.key, key.get());
  return files;
}

LinkNode::LinkNode(const LinkCredentials& credentials, LinkNodeOptions options) : options_(std::move(options)) {
  auto sealed = SealedCredentials::take(credentials, options_.checked_at.value_or(clock_.now_utc()));
  if (!sealed) {
    ADD_FAILURE() << sealed.error().detail;
    return;
  }
  credentials_.emplace(std::move(*sealed));
  config_ = std::make_unique<caf::actor_system_config>();
  config_->set("scheduler.policy", caf::atom("sharing"));
  config_->set("scheduler.max-threads", std::size_t{2});
  config_->set("logger.verbosity", caf::atom("quiet"));
  load_link(*config_, *credentials_);
  system_ = std::make_unique<caf::actor_system>(*config_);
  receiver_ = system_->spawn(receive_envelopes, arrived_);
  LinkSettings settings;
  settings.self = {options_.cluster, options_.name, options_.store.empty() ? "store-" + options_.name : options_.store, 1, link_protocol};
  // A test's retries are quick; its answers may be late on a loaded machine.
  settings.retry = {milliseconds(100), milliseconds(500)};
  settings.answer_timeout = link_patience;
  if (options_.adjust) options_.adjust(settings);
  link_ = system_->spawn<LinkActor>(&clock_, settings, receiver_);
  const auto port = publish_link(link_, {"127.0.0.1", options_.port});
  EXPECT_TRUE(port.ok()) << port.error().detail;
  if (port) port_ = *port;
}

LinkNode::~LinkNode() {
  if (!system_) return;
  for (const caf::actor& each : {link_, receiver_}) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  link_ = {};
  receiver_ = {};
  system_.reset();
}

void LinkNode::set_peers(std::vector<msg::PeerPlace> peers) {
  caf::scoped_actor self(*system_);
  self->request(link_, to_chrono(link_patience), msg::SetPeers{std::move(peers)})
      .receive([](const msg::Answer& answer) { EXPECT_FALSE(answer.error) << answer.error->detail; }, [](const caf::error& error) { ADD_FAILURE() << caf::to_string(error); });
}

msg::PeerView LinkNode::peer(const std::string& name) {
  caf::scoped_actor self(*system_);
  msg::PeerView found;
  self->request(link_, to_chrono(link_patience), msg::GetPeers{})
      .receive(
          [&](const msg::PeersView& view) {
            for (const auto& each : view.peers) {
              if (each.node_id == name) found = each;
            }
          },
          [](const caf::error& error) { ADD_FAILURE() << caf::to_string(error); });
  return found;
}

msg::PeerView LinkNode::await_peer(const std::string& name, const std::function<bool(const msg::PeerView&)>& is_as_wanted) {
  msg::PeerView last;
  wait_until([&] {
    last = peer(name);
    return is_as_wanted(last);
  });
  return last;
}

bool LinkNode::await_up(const std::string& name) {
  const auto last = await_peer(name, [](const msg::PeerView& view) { return view.is_up; });
  EXPECT_TRUE(last.is_up) << options_.name << " does not reach " << name << ": " << last.cause;
  return last.is_up;
}

std::shared_ptr<LateAnswer> LinkNode::ask_later(const std::string& name, const Envelope& envelope) {
  auto late = std::make_shared<LateAnswer>();
  const auto put = [late](msg::PeerAnswered answer) {
    late->answer = std::move(answer);
    late->is_there = true;
  };
  system_->spawn([put, link = link_, name, envelope](caf::event_based_actor* self) {
    self->request(link, to_chrono(link_patience * 2), msg::AskPeer{name, envelope})
        .then([put](const msg::PeerAnswered& answer) { put(answer); },
              [put](const caf::error& error) { put({Error{Errc::unavailable, "the link itself: " + caf::to_string(error)}, {}}); });
  });
  return late;
}

msg::PeerAnswered LinkNode::ask(const std::string& name, const Envelope& envelope) {
  caf::scoped_actor self(*system_);
  msg::PeerAnswered answered{Error{Errc::unavailable, "the link does not answer"}, {}};
  self->request(link_, to_chrono(link_patience * 2), msg::AskPeer{name, envelope})
      .receive([&](const msg::PeerAnswered& answer) { answered = answer; }, [](const caf::error& error) { ADD_FAILURE() << caf::to_string(error); });
  return answered;
}

bool introduce(LinkNode& one, LinkNode& other) {
  one.set_peers({{other.name(), other.address()}});
  other.set_peers({{one.name(), one.address()}});
  return one.await_up(other.name()) && other.await_up(one.name());
}

bool wait_until(const std::function<bool()>& is_true) {
  const SystemClock clock;
  const MonoTime end = clock.now_mono() + link_patience;
  while (clock.now_mono() < end) {
    if (is_true()) return true;
    SystemClock::wait(milliseconds(20));
  }
  return is_true();
}

FreezingRelay::FreezingRelay(std::uint16_t target) : target_(target), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = rig_loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ::listen(listener_, 8);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

FreezingRelay::~FreezingRelay() {
  is_ending_ = true;
  thread_.join();
  ::close(listener_);
}

void FreezingRelay::run() {
  std::vector<std::pair<int, int>> ways;  // From, to.
  while (!is_ending_) {
    if (is_frozen_) {
      SystemClock::wait(milliseconds(20));
      continue;
    }
    std::vector<pollfd> waits{{listener_, POLLIN, 0}};
    for (const auto& way : ways) waits.push_back({way.first, POLLIN, 0});
    if (::poll(waits.data(), waits.size(), 20) <= 0) continue;
    for (std::size_t i = 1; i < waits.size(); ++i) {
      if (waits[i].revents == 0 || ways[i - 1].first < 0) continue;
      char buffer[16'384];
      const auto size = ::read(ways[i - 1].first, buffer, sizeof buffer);
      if (size > 0 && ::send(ways[i - 1].second, buffer, static_cast<std::size_t>(size), MSG_NOSIGNAL) == size) continue;
      ::shutdown(ways[i - 1].second, SHUT_WR);
      ways[i - 1].first = -1;
    }
    if (waits[0].revents == 0) continue;
    const int near = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int far = connected_to(target_);
    ways.emplace_back(near, far);
    ways.emplace_back(far, near);
  }
  for (std::size_t i = 1; i < ways.size(); i += 2) {
    ::close(ways[i].second);
    ::close(ways[i - 1].second);
  }
}

bool is_refused_by_tls(std::uint16_t port, int max_version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), 0);
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
  const int fd = connected_to(port);
  if (fd < 0) return false;
  const timeval limit{30, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  SSL_set_fd(ssl.get(), fd);
  // Of TLS 1.3 the client learns only by reading that its missing certificate was refused.
  char byte = 0;
  const bool is_let_in = SSL_connect(ssl.get()) == 1 && SSL_read(ssl.get(), &byte, 1) == 1;
  ::close(fd);
  return !is_let_in;
}

}  // namespace dunlin::test
