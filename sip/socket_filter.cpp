#include "sip/socket_filter.hpp"

#include <dirent.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

namespace dunlin {
namespace {

static_assert(sizeof(FilterStep) == sizeof(sock_filter));

constexpr std::uint16_t load_word = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t and_mask = BPF_ALU | BPF_AND | BPF_K;
constexpr std::uint16_t jump_if_equal = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t give_back = BPF_RET | BPF_K;
constexpr std::uint32_t whole_packet = 0xffffffff;

std::uint32_t word_of(const IpBytes& bytes, int index) {
  std::uint32_t word = 0;
  for (int i = 0; i < 4; ++i) word = word << 8 | bytes[static_cast<std::size_t>(index * 4 + i)];
  return word;
}

/// Loads and compares the words of the source address from `first_word` on; falls through when the network differs.
void append_network(const Cidr& cidr, int first_word, std::uint32_t offset, std::vector<FilterStep>& program) {
  std::vector<FilterStep> test;
  std::vector<std::size_t> comparisons;
  for (int word = first_word; word < 4; ++word) {
    const int bits = std::min(32, cidr.prefix - word * 32);
    if (bits <= 0) break;
    const std::uint32_t mask = bits == 32 ? 0xffffffffU : ~(0xffffffffU >> bits);
    const auto at = offset + static_cast<std::uint32_t>(word - first_word) * 4;
    test.push_back({load_word, 0, 0, static_cast<std::uint32_t>(SKF_NET_OFF) + at});
    test.push_back({and_mask, 0, 0, mask});
    comparisons.push_back(test.size());
    test.push_back({jump_if_equal, 0, 0, word_of(cidr.network, word) & mask});
  }
  test.push_back({give_back, 0, 0, whole_packet});
  for (const auto at : comparisons) test[at].jump_false = static_cast<std::uint8_t>(test.size() - at - 1);
  program.insert(program.end(), test.begin(), test.end());
}

bool is_bound_to(int fd, const HostPort& bound) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return false;
  const auto wanted = parse_ip(bound.host);
  std::uint16_t port = 0;
  if (storage.ss_family == AF_INET) port = ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  if (storage.ss_family == AF_INET6) port = ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return port == bound.port && wanted && *wanted == ip_of(storage);
}

std::vector<int> open_descriptors() {
  std::vector<int> result;
  const auto close = [](DIR* folder) { closedir(folder); };
  const std::unique_ptr<DIR, decltype(close)> folder(opendir("/proc/self/fd"), close);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    int fd = -1;
    if (std::from_chars(name.data(), name.data() + name.size(), fd).ec == std::errc()) result.push_back(fd);
  }
  return result;
}

}  // namespace

IpBytes ip_of(const sockaddr_storage& address) {
  IpBytes ip{};
  if (address.ss_family == AF_INET) {
    ip[10] = ip[11] = 0xff;
    std::memcpy(ip.data() + 12, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, 4);
  } else if (address.ss_family == AF_INET6) {
    std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, 16);
  }
  return ip;
}

std::vector<int> sockets_bound_to(const HostPort& bound) {
  std::vector<int> bound_ones;
  for (const int fd : open_descriptors()) {
    if (is_bound_to(fd, bound)) bound_ones.push_back(fd);
  }
  return bound_ones;
}

Result<std::vector<FilterStep>> make_source_filter(const std::vector<Cidr>& allowed, bool is_ipv6_socket) {
  if (allowed.size() > 200) return Error{Errc::exhausted, "more than 200 source networks on one socket"};
  std::vector<FilterStep> program;
  for (const auto& cidr : allowed) {
    const bool is_v4 = is_ipv4(cidr.network) && cidr.prefix >= 96;
    if (is_v4 == is_ipv6_socket) continue;
    append_network(cidr, is_ipv6_socket ? 0 : 3, is_ipv6_socket ? 8 : 12, program);
  }
  program.push_back({give_back, 0, 0, 0});
  return program;
}

Status guard_sockets(const HostPort& bound, const std::vector<Cidr>& allowed) {
  auto steps = make_source_filter(allowed, bound.host.find(':') != std::string::npos);
  if (!steps) return steps.error();
  sock_fprog program{static_cast<unsigned short>(steps->size()), reinterpret_cast<sock_filter*>(steps->data())};
  int guarded = 0;
  for (const int fd : sockets_bound_to(bound)) {
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
      return Error{Errc::unavailable, "the kernel refused a socket filter: errno " + std::to_string(errno)};
    }
    ++guarded;
  }
  if (guarded == 0) return Error{Errc::not_found, "no socket is bound to " + bound.str()};
  return Done{};
}

}  // namespace dunlin
