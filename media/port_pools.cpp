#include "media/port_pools.hpp"

#include <utility>

namespace dunlin {
namespace {
constexpr int bind_attempts = 32;
}  // namespace

PortPool::PortPool(PortRange range) : range_(range) {
  for (unsigned port = range.first_even(); port + 1 <= range.last; port += 2) free_.push_back(static_cast<std::uint16_t>(port));
}

Result<UdpPair> PortPool::open(const std::string& bind_address) {
  std::string reason = "all are in use by this node's calls";
  for (int attempt = 0; attempt < bind_attempts && !free_.empty(); ++attempt) {
    const std::uint16_t port = free_.front();
    auto local = UdpAddress::parse(bind_address, port);
    if (!local) return local.error();
    free_.pop_front();
    auto rtp = UdpSocket::bind(*local);
    auto rtcp = rtp ? UdpSocket::bind(local->with_port(static_cast<std::uint16_t>(port + 1)))
                    : Result<UdpSocket>(rtp.error());
    if (rtp && rtcp) return UdpPair{std::move(*rtp), std::move(*rtcp), port};
    reason = rtp ? rtcp.error().detail : rtp.error().detail;
    free_.push_back(port);  // somebody else holds it at present
  }
  return Error{Errc::exhausted, "no free RTP port pair in " + range_.str() + " (" + reason + "); widen this media port range"};
}

Result<PortPool*> PortPools::pool_of(const PortRange& wanted) {
  if (!wanted.is_set()) return &pools_.front();
  for (PortPool& pool : pools_) {
    if (pool.range() == wanted) return &pool;
    if (pool.range().overlaps(wanted)) return invalid_input("media ports " + wanted.str() + " overlap " + pool.range().str());
  }
  return &pools_.emplace_back(wanted);
}

Result<UdpPair> PortPools::open(const PortRange& wanted, const std::string& bind_address) {
  auto pool = pool_of(wanted);
  if (!pool) return pool.error();
  return (*pool)->open(bind_address);
}

void PortPools::release(std::uint16_t rtp_port) {
  for (PortPool& pool : pools_) {
    if (pool.range().contains(rtp_port)) return pool.release(rtp_port);
  }
}

}  // namespace dunlin
