#pragma once
// The only key that opens an INVITE. A DialPermit exists only after its reservation (or second-leg event) is durable
// in the commit journal; a StationPermit can address only a registered agent contact. Both are move-only: a permit is
// used once. Attempt protocol: rules R2, R4, R6 in docs/attempt-protocol.md.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace dunlin {

class Journal;
class Registrar;

/// Right to send one initial INVITE to a trunk: attempt, leg number 1 or 2, until the slot expires.
class DialPermit {
 public:
  DialPermit(DialPermit&&) = default;
  DialPermit& operator=(DialPermit&&) = default;
  DialPermit(const DialPermit&) = delete;
  DialPermit& operator=(const DialPermit&) = delete;

  AttemptId attempt() const { return attempt_; }
  int leg_number() const { return leg_number_; }
  /// Last instant (boot clock of this process) at which the INVITE may leave.
  MonoTime expires_at() const { return expires_at_; }

 private:
  friend class Journal;
  DialPermit(AttemptId attempt, int leg_number, MonoTime expires_at)
      : attempt_(attempt), leg_number_(leg_number), expires_at_(expires_at) {}
  AttemptId attempt_;
  int leg_number_ = 1;
  MonoTime expires_at_;
};

/// Right to send one INVITE to a registered agent contact. Made only by the registrar from a live binding.
class StationPermit {
 public:
  StationPermit(StationPermit&&) = default;
  StationPermit& operator=(StationPermit&&) = default;
  StationPermit(const StationPermit&) = delete;
  StationPermit& operator=(const StationPermit&) = delete;

  const std::string& contact_uri() const { return contact_uri_; }
  const std::string& address_of_record() const { return address_of_record_; }

 private:
  friend class Registrar;
  StationPermit(std::string contact_uri, std::string address_of_record)
      : contact_uri_(std::move(contact_uri)), address_of_record_(std::move(address_of_record)) {}
  std::string contact_uri_;
  std::string address_of_record_;
};

/// Where permits wait between the journal's commit and the SIP thread: each can be taken once, so a repeated message
/// cannot dial twice. Thread safe. Bounded by the number of attempts in flight.
class PermitDesk {
 public:
  void put(DialPermit permit) {
    const std::lock_guard lock(mutex_);
    permits_.insert_or_assign({permit.attempt(), permit.leg_number()}, std::move(permit));
  }
  std::optional<DialPermit> take(AttemptId attempt, int leg_number) {
    const std::lock_guard lock(mutex_);
    auto node = permits_.extract({attempt, leg_number});
    if (node.empty()) return std::nullopt;
    return std::move(node.mapped());
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<AttemptId, int>, DialPermit> permits_;
};

}  // namespace dunlin
