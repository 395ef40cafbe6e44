#pragma once
// SipStack: the one door to Sofia-SIP. Owns one thread in which every su/nta object lives and dies. Methods may be
// called from any thread: they put a value into a bounded queue and return; what happens comes back as SipEvents.
// An INVITE to a trunk needs a DialPermit; an INVITE to an agent's phone needs a live binding, from which the SIP
// thread makes the StationPermit itself. RFC 3261, 3262, 3264, 3311, 3326, 3581, 4028.
#include <functional>
#include <memory>

#include "core/base/result.hpp"
#include "core/call/dial_permit.hpp"
#include "sip/sip_types.hpp"

namespace dunlin {

class SipStack {
 public:
  using Clock = std::function<MonoTime()>;

  /// Binds the sockets and starts the thread. `clock` is the boot clock permits are measured by; it is called in the
  /// SIP thread. `sink` must outlive the stack. Errors: a bind, a certificate or a setting, named.
  static Result<std::unique_ptr<SipStack>> start(SipStackSettings settings, SipSink& sink, Clock clock);
  ~SipStack();  ///< Same as stop(no grace).

  /// Sends one INVITE. An expired permit, an unknown trunk or a full table ends in LegEnded{not_sent}.
  Status place_trunk_call(DialPermit permit, TrunkCall call);
  /// Calls the account's live binding; without one the leg ends not_sent.
  Status call_station(StationCall call);
  /// Replies to an IncomingAgentCall (180, 183, 200) or to LegReoffered (200).
  Status answer(LegId leg, int status, MediaDescription description);
  /// Refuses an IncomingAgentCall or a LegReoffered with a final status of 400..699.
  Status reject(LegId leg, int status);
  /// CANCEL, BYE or a refusal, as the leg's state demands. q850 (0 = none) goes out in Reason. Idempotent.
  Status hang_up(LegId leg, int q850 = 16);
  /// re-INVITE with this description; glare is retried (RFC 3261 14.1). The far end's answer comes as
  /// LegReoffered{needs_answer = false}.
  Status re_offer(LegId leg, MediaDescription description);
  /// OPTIONS in the leg's dialog now. No answer within five seconds, or 481, ends the leg.
  Status probe_leg(LegId leg);
  /// Replaces the agents' accounts. Bindings of accounts that are gone or changed end.
  Status set_accounts(std::vector<SipAccount> accounts);
  /// Sends OPTIONS (or REGISTER) to the trunk now.
  Status probe_trunk(std::string name);
  /// No new calls; each leg is hung up; returns when all are gone or the grace is over. Blocks the caller.
  void stop(Duration grace);

 private:
  struct Inside;
  explicit SipStack(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace dunlin
