#include "sip/admission.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "sip/limits.hpp"

namespace dunlin {
namespace {

/// A bucket holds so many seconds' worth: after a network failure all phones of an office come back at once.
constexpr int burst_s = 10;
constexpr std::int64_t one_token = 1000;

}  // namespace

std::string_view to_string(Admission verdict) {
  switch (verdict) {
    case Admission::admitted: return "admitted";
    case Admission::stranger: return "stranger";
    case Admission::oversized: return "oversized";
    case Admission::scanner: return "scanner";
    case Admission::flood: return "flood";
    case Admission::banned: return "banned";
  }
  return "?";
}

bool is_scanner(std::string_view user_agent) {
  static constexpr std::array<std::string_view, 12> names{"friendly-scanner", "sipvicious", "sipcli",  "sip-scan",
                                                          "sipsak",           "sundayddr",  "iwar",    "vaxsipuseragent",
                                                          "pplsip",           "sipptk",     "siparmy", "test agent"};
  std::string lower(user_agent.substr(0, 128));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(names.begin(), names.end(),
                     [&lower](std::string_view name) { return lower.find(name) != std::string::npos; });
}

Admission AdmissionGate::judge(const MessageFacts& facts, MonoTime now) {
  const auto result = verdict(facts, now);
  ++counts_[static_cast<std::size_t>(result)];
  return result;
}

Admission AdmissionGate::verdict(const MessageFacts& facts, MonoTime now) {
  if (!settings_.is_open && !contains(settings_.allowed, facts.source)) return Admission::stranger;
  if (facts.size > sip_limits::max_message_bytes || facts.headers > sip_limits::max_headers) return Admission::oversized;
  if (is_banned(facts.source, now)) return Admission::banned;
  if (!facts.is_request) return Admission::admitted;
  if (is_scanner(facts.user_agent)) return Admission::scanner;
  if (facts.is_in_dialog) return Admission::admitted;
  auto& from = source(facts.source, now);
  if (!take(from.bucket, settings_.requests_per_second * factor(from, now), now)) return Admission::flood;
  if (!is_total_started_) {
    total_ = {capacity(settings_.total_per_second), now};
    is_total_started_ = true;
  }
  return take(total_, settings_.total_per_second, now) ? Admission::admitted : Admission::flood;
}

Admission AdmissionGate::judge_connection(const IpBytes& address, MonoTime now) {
  if (is_banned(address, now)) return Admission::banned;
  if (settings_.connections_per_second <= 0) return Admission::admitted;
  auto& from = source(address, now);
  if (!take(from.connections, settings_.connections_per_second * factor(from, now), now)) return Admission::flood;
  if (!are_connections_started_) {
    total_connections_ = {capacity(settings_.total_connections_per_second), now};
    are_connections_started_ = true;
  }
  return take(total_connections_, settings_.total_connections_per_second, now) ? Admission::admitted : Admission::flood;
}

std::int64_t AdmissionGate::capacity(int per_second) { return per_second * one_token * burst_s; }

int AdmissionGate::factor(const Source& source, MonoTime now) { return now < source.vouched_until ? sip_limits::vouched_factor : 1; }

bool AdmissionGate::take(Bucket& bucket, int per_second, MonoTime now) {
  const auto passed = std::clamp<std::int64_t>((now - bucket.filled_at).ms, 0, 10'000);
  bucket.tokens = std::min(capacity(per_second), bucket.tokens + passed * per_second);
  bucket.filled_at = now;
  if (bucket.tokens < one_token) return false;
  bucket.tokens -= one_token;
  return true;
}

AdmissionGate::Source& AdmissionGate::source(const IpBytes& address, MonoTime now) {
  const auto found = sources_.find(address);
  if (found != sources_.end()) {
    by_age_.splice(by_age_.end(), by_age_, found->second.place);
    return found->second;
  }
  if (sources_.size() >= sip_limits::max_watched_sources) {
    // Bans outlive the forgetting: a flood of forged addresses must not free a banned one.
    auto oldest = std::find_if(by_age_.begin(), by_age_.end(),
                               [&](const IpBytes& a) { return sources_.at(a).banned_until <= now; });
    if (oldest == by_age_.end()) oldest = by_age_.begin();
    sources_.erase(*oldest);
    by_age_.erase(oldest);
  }
  by_age_.push_back(address);
  Source fresh;
  fresh.bucket = {capacity(settings_.requests_per_second), now};
  fresh.connections = {capacity(settings_.connections_per_second), now};
  fresh.place = std::prev(by_age_.end());
  return sources_.emplace(address, fresh).first->second;
}

void AdmissionGate::ban(const IpBytes& address, MonoTime until) { source(address, until).banned_until = until; }

void AdmissionGate::vouch(const IpBytes& address, MonoTime now) { source(address, now).vouched_until = now + sip_limits::vouch_life; }

bool AdmissionGate::is_banned(const IpBytes& address, MonoTime now) const {
  const auto found = sources_.find(address);
  return found != sources_.end() && now < found->second.banned_until;
}

}  // namespace dunlin
