#pragma once
// A call an authenticated agent makes to us: the persistent leg. SIP thread only. RFC 3261 13.3, 9.2.
#include "sip/call.hpp"

namespace dunlin {

class UasCall final : public Call {
 public:
  UasCall(const SipOffice& office, LegId leg, CallRoute route);
  /// Takes the INVITE over (always) and tells IncomingAgentCall, or refuses it.
  void start(IncomingPtr invite, const sip_t* sip);

  void answer(int status, MediaDescription description) override;
  void reject(int status) override;
  void hang_up(int q850) override;

 private:
  void on_ack_or_cancel(nta_incoming_t* request, const sip_t* sip) override;
  void on_early_bye(const sip_t* sip) override;
  void refuse(int status, EndCause cause);

  IncomingPtr invite_;
  SdpBody offered_;
  std::string timer_headers_;
};

}  // namespace dunlin
