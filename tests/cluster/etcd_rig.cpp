#include "tests/cluster/etcd_rig.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "config/clock.hpp"

namespace dunlin::test {
namespace {

constexpr int patience_ms = 30'000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t port_of(int socket_fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int bound_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(0);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ADD_FAILURE() << "no port";
  return fd;
}

bool is_readable(int fd, int timeout_ms) {
  pollfd wait{fd, POLLIN, 0};
  return poll(&wait, 1, timeout_ms) > 0;
}

/// One HTTP request: headers and as many bytes as they promise.
std::string read_request(int fd) {
  std::string request;
  char buffer[16'384];
  std::size_t wanted = 0;
  while (wanted == 0 || request.size() < wanted) {
    if (!is_readable(fd, patience_ms)) return {};
    const auto size = read(fd, buffer, sizeof buffer);
    if (size <= 0) return {};
    request.append(buffer, static_cast<std::size_t>(size));
    const auto end = request.find("\r\n\r\n");
    if (wanted != 0 || end == std::string::npos) continue;
    const auto length = request.find("Content-Length: ");
    wanted = end + 4 + (length < end ? std::stoul(request.substr(length + 16)) : 0);
    if (request.find("Expect: 100-continue") < end) {
      constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      if (write(fd, go_on.data(), go_on.size()) < 0) return {};
    }
  }
  return request;
}

void write_all(int fd, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (size <= 0) return;
    at += static_cast<std::size_t>(size);
  }
}

pid_t spawn(const std::vector<std::string>& arguments, const std::string& log_file) {
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  if (posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) ADD_FAILURE() << "cannot start " << arguments[0];
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

void must_run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) ADD_FAILURE() << "failed: " << command;
}

}  // namespace

std::uint16_t free_tcp_port() {
  const int fd = bound_socket();
  const auto port = port_of(fd);
  close(fd);
  return port;
}

TestCertificates::TestCertificates(const std::filesystem::path& folder)
    : authority((folder / "ca.pem").string()), certificate((folder / "node.pem").string()), key((folder / "node.key").string()) {
  const auto at = folder.string() + "/";
  std::ofstream(at + "both.ext") << "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n";
  must_run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout " + at + "ca.key -out " + authority);
  must_run("openssl req -newkey rsa:2048 -nodes -subj /CN=node -keyout " + key + " -out " + at + "node.csr");
  must_run("openssl x509 -req -days 2 -in " + at + "node.csr -CA " + authority + " -CAkey " + at + "ca.key -CAcreateserial -extfile " + at +
           "both.ext -out " + certificate);
}

EtcdProcess::EtcdProcess(const TestCertificates* certificates) : certificates_(certificates), port_(free_tcp_port()) {
  const auto peer = "http://127.0.0.1:" + std::to_string(free_tcp_port());
  std::vector<std::string> arguments{"etcd", "--data-dir", (folder_.path() / "data").string(), "--listen-client-urls", url(), "--advertise-client-urls", url(),
                                     "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer};
  if (certificates_ != nullptr) {
    arguments.insert(arguments.end(), {"--cert-file", certificates_->certificate, "--key-file", certificates_->key, "--client-cert-auth",
                                       "--trusted-ca-file", certificates_->authority});
  }
  pid_ = spawn(arguments, (folder_.path() / "log").string());
  wait_until_it_answers();
}

EtcdProcess::~EtcdProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string EtcdProcess::url() const { return (certificates_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_); }

EtcdAccess EtcdProcess::access() const {
  EtcdAccess access;
  access.members = {url()};
  if (certificates_ != nullptr) {
    access.authority_file = certificates_->authority;
    access.certificate_file = certificates_->certificate;
    access.key_file = certificates_->key;
  }
  access.deadline = seconds(10);
  return access;
}

void EtcdProcess::wait_until_it_answers() const {
  auto client = EtcdClient::make(access());
  if (!client) throw std::runtime_error(client.error().detail);
  for (int waited_ms = 0; waited_ms < patience_ms; waited_ms += 50) {
    if ((*client)->read({"x", {}, 1})) return;
    SystemClock::wait(milliseconds(50));
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  std::ifstream log(folder_.path() / "log");
  throw std::runtime_error("etcd does not answer: " + std::string(std::istreambuf_iterator<char>(log), {}));
}

/// The signal is on its way when kill() returns; a busy machine lets the process answer one more request.
void EtcdProcess::freeze() {
  kill(pid_, SIGSTOP);
  int state = 0;
  waitpid(pid_, &state, WUNTRACED);
}
void EtcdProcess::thaw() { kill(pid_, SIGCONT); }

FaultyWire::FaultyWire(std::uint16_t target_port) : target_port_(target_port), listener_(bound_socket()) {
  port_ = port_of(listener_);
  listen(listener_, 64);
  thread_ = std::thread([this] { serve(); });
}
FaultyWire::~FaultyWire() {
  is_stopping_ = true;
  thread_.join();
  close(listener_);
}

void FaultyWire::plan(std::string holding, std::vector<Fate> fates) {
  const std::lock_guard lock(mutex_);
  holding_ = std::move(holding);
  fates_ = std::move(fates);
}

std::size_t FaultyWire::left_in_plan() const {
  const std::lock_guard lock(mutex_);
  return fates_.size();
}

std::size_t FaultyWire::release() {
  std::vector<std::string> held;
  {
    const std::lock_guard lock(mutex_);
    held.swap(held_);
  }
  for (const auto& request : held) exchange(request);
  return held.size();
}

void FaultyWire::serve() {
  while (!is_stopping_) {
    if (!is_readable(listener_, 20)) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    carry(connection);
    close(connection);
  }
}

FaultyWire::Fate FaultyWire::next_fate(const std::string& request) {
  const std::lock_guard lock(mutex_);
  if (fates_.empty() || request.find(holding_) == std::string::npos) return Fate::pass;
  const auto fate = fates_.front();
  fates_.erase(fates_.begin());
  if (fate == Fate::hold_request) held_.push_back(request);
  return fate;
}

void FaultyWire::carry(int connection) {
  const auto request = read_request(connection);
  if (request.empty()) return;
  switch (next_fate(request)) {
    case Fate::pass:
      return write_all(connection, exchange(request));
    case Fate::lose_answer:
      exchange(request);
      return;
    case Fate::lose_request:
    case Fate::hold_request:
      return;
  }
}

/// etcd closes after its answer when asked to, so its end is the end of the stream.
std::string FaultyWire::exchange(const std::string& request) const {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(target_port_);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    auto closing = request;
    closing.insert(closing.find("\r\n") + 2, "Connection: close\r\n");
    write_all(fd, closing);
    char buffer[16'384];
    while (is_readable(fd, patience_ms)) {
      const auto size = read(fd, buffer, sizeof buffer);
      if (size <= 0) break;
      answer.append(buffer, static_cast<std::size_t>(size));
    }
  }
  close(fd);
  return answer;
}

DyingServer::DyingServer() : listener_(bound_socket()) {
  port_ = port_of(listener_);
  listen(listener_, 4);
  thread_ = std::thread([this] { serve(); });
}
DyingServer::~DyingServer() { thread_.join(); }

void DyingServer::serve() {
  const int connection = is_readable(listener_, patience_ms) ? accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC) : -1;
  if (connection >= 0 && !read_request(connection).empty()) {
    ++requests_;
    const std::string body = R"({"header":{"revision":"1"}})";
    write_all(connection, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    if (!read_request(connection).empty()) ++requests_;
  }
  close(listener_);
  close(connection);
}

}  // namespace dunlin::test
