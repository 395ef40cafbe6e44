#pragma once
// A call we make: to a debtor through a trunk, or to an agent's registered phone. One INVITE by one permit, at most
// repeated inside the same leg for 401, 407, 422 and at the carrier's next host, which keeps its Call-ID. SIP thread only.
// RFC 3261 9, 13.2, 17.1.1; 3262; 3326; 4028.
#include "core/call/dial_permit.hpp"
#include "sip/call.hpp"

namespace dunlin {

/// The INVITE apart from its dialog.
struct InvitePlan {
  std::string call_id;
  std::string request_uri;
  std::string from;
  std::string to;
  std::string identity_headers;   ///< P-Asserted-Identity or Remote-Party-ID.
  Reliability reliability = Reliability::supported;
  MediaDescription offer;
  Duration ring_timeout = seconds(30);
};

class UacCall final : public Call {
 public:
  /// Both spend a permit: an INVITE cannot be planned without one.
  UacCall(const SipOffice& office, LegId leg, CallRoute route, InvitePlan plan, DialPermit permit);
  UacCall(const SipOffice& office, LegId leg, CallRoute route, InvitePlan plan, StationPermit permit);

  /// Sends the INVITE, or ends the leg as not sent.
  void start(MonoTime now);
  void hang_up(int q850) override;
  void on_tick(MonoTime now) override;
  void on_stall() override;

 private:
  void on_call_reply(nta_outgoing_t* request, const sip_t* sip) override;
  void on_early_update(nta_incoming_t* request, const sip_t* sip) override;
  void on_early_bye(const sip_t* sip) override;
  bool send_invite(const std::string& extra_headers);
  std::string invite_headers() const;
  void on_provisional(nta_outgoing_t* request, const sip_t* sip);
  void acknowledge_provisional(nta_outgoing_t* request, const sip_t* sip);
  void on_success(nta_outgoing_t* request, const sip_t* sip);
  void take_answer(const sip_t* sip);
  void on_failure(const sip_t* sip);
  bool send_again(const sip_t* sip);
  bool try_next_hop(const sip_t* sip);
  void cancel(EndOrigin origin, const std::string& text, int q850);
  void end_not_sent(const std::string& why);

  InvitePlan plan_;
  std::optional<MonoTime> permit_expires_at_;
  OutgoingPtr invite_;
  MonoTime invite_sent_at_;
  OutgoingPtr prack_;
  std::string early_tag_;
  std::optional<MediaDescription> early_answer_;
  bool was_updated_early_ = false;
  long session_seconds_ = 0;
  MonoTime ring_deadline_;
  MonoTime cancel_deadline_;
  EndOrigin cancel_origin_ = EndOrigin::local;
  std::string cancel_text_;
  std::uint32_t resends_ = 0;
};

}  // namespace dunlin
