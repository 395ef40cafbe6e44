#include "tests/sip/sipp_peer.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <vector>

namespace dunlin::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool is_taken(std::uint16_t port, bool is_stream) {
  const int fd = socket(AF_INET, is_stream ? SOCK_STREAM : SOCK_DGRAM, 0);
  const auto address = loopback(port);
  const bool is_free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return !is_free;
}

std::string tail_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto all = text.str();
  return all.size() > 2500 ? all.substr(all.size() - 2500) : all;
}

}  // namespace

std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<const sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

SippPeer::SippPeer(const std::string& scenario, const std::string& transport)
    : port_(free_port()), log_("/tmp/dunlin_sipp_" + std::to_string(getpid()) + "_" + std::to_string(port_)) {
  const std::string file = std::string(DUNLIN_SOURCE_DIR) + "/tests/sip/scenarios/" + scenario + ".xml";
  const std::string port = std::to_string(port_);
  const std::string errors = log_ + ".err";
  std::vector<const char*> arguments{"sipp", "-sf", file.c_str(), "-i", "127.0.0.1", "-p", port.c_str(), "-t", transport.c_str(), "-m", "1",
                                     "-nostdin", "-timeout", "30s", "-timeout_error", "-trace_err", "-error_file",
                                     errors.c_str(), nullptr};
  pid_ = fork();
  if (pid_ == 0) {
    const int out = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, 1);
    dup2(out, 2);
    execvp("sipp", const_cast<char* const*>(arguments.data()));
    _exit(127);
  }
  for (int i = 0; i < 500 && !is_taken(port_, transport == "t1"); ++i) poll(nullptr, 0, 10);
}

SippPeer::~SippPeer() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  unlink(log_.c_str());
  unlink((log_ + ".err").c_str());
}

std::string SippPeer::verdict() {
  int status = 0;
  for (int i = 0; i < 3500; ++i) {
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
      return "sipp exit " + std::to_string(WEXITSTATUS(status)) + "\n" + tail_of(log_ + ".err");
    }
    poll(nullptr, 0, 10);
  }
  return "sipp did not end\n" + tail_of(log_);
}

}  // namespace dunlin::test
