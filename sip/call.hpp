#pragma once
// One SIP dialog of ours from its INVITE to its last BYE: what outgoing and incoming calls have in common. Re-INVITE and
// UPDATE both ways, hold, glare, session timer, liveness, BYE. RFC 3261 12-15, 3311, 3264, 4028. SIP thread only.
// An ended call stays in the table until its last transaction is answered, then the table reaps it.
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sip/client_auth.hpp"
#include "sip/endpoint.hpp"
#include "sip/limits.hpp"
#include "sip/office.hpp"
#include "sip/session_timer.hpp"

namespace dunlin {

enum class DialogState : std::uint8_t {
  starting,     ///< INVITE sent or received, nothing said yet.
  ringing,      ///< A provisional reply was seen or sent.
  cancelling,   ///< CANCEL sent, waiting for the final reply.
  established,  ///< 2xx and ACK.
  ending,       ///< BYE sent, LegEnded told; waiting for its reply.
  over,         ///< Nothing left to do.
};

/// How requests of this dialog travel and present themselves.
struct CallRoute {
  Endpoint* endpoint = nullptr;
  std::string next_hop;      ///< For the initial INVITE.
  std::vector<std::string> spare_hops;  ///< Tried in this order when next_hop refuses to serve before anything rang.
  std::function<void(const std::string& hop)> on_dead_hop;  ///< Told of a hop that gave no answer at all; may be empty.
  std::optional<Credentials> credentials;
  Duration session_expires;  ///< 0 = no session timer asked for.
  bool requires_srtp = false;
  bool checks_liveness = false;  ///< In-dialog OPTIONS (agents' legs).
  std::string agent_user;        ///< Account, for legs of agents.
};

class Call : protected LegHandler, protected ReplyHandler, protected AckHandler {
 public:
  Call(const SipOffice& office, LegId leg, CallRoute route);
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  LegId leg() const { return leg_id_; }
  bool is_over() const { return state_ == DialogState::over; }
  bool has_ended() const { return has_ended_; }
  const CallRoute& route() const { return route_; }

  virtual void answer(int status, MediaDescription description);
  virtual void reject(int status);
  virtual void hang_up(int q850) = 0;
  virtual void on_tick(MonoTime now);
  /// The loop slept: an INVITE that has not rung may be too late now.
  virtual void on_stall() {}
  void re_offer(MediaDescription description);
  /// OPTIONS now rather than when it is due.
  void probe(MonoTime now);
  /// The connection is gone (agents over TLS): nothing more can be sent.
  void lose_transport(const std::string& why);
  void set_connection(tport_t* connection) { connection_.reset(connection ? tport_ref(connection) : nullptr); }
  bool is_connection_lost() const;

 protected:
  bool on_request(nta_incoming_t* request, const sip_t* sip) final;
  void on_reply(nta_outgoing_t* request, const sip_t* sip) final;
  void on_ack_or_cancel(nta_incoming_t* request, const sip_t* sip) override;
  /// A reply to the initial INVITE or its PRACKs.
  virtual void on_call_reply(nta_outgoing_t* request, const sip_t* sip);
  virtual void on_early_update(nta_incoming_t* request, const sip_t* sip);
  /// The far end gave up before the dialog was established (CANCEL, or BYE in an early dialog).
  virtual void on_early_bye(const sip_t* sip) = 0;

  void establish(MonoTime now);
  /// Keeps our 2xx until its ACK; takes ownership.
  void await_ack(nta_incoming_t* request);
  void send_bye(const std::string& reason_header);
  /// Tells LegEnded once.
  void end(EndCause cause);
  void trace(TraceDirection direction, std::string summary, int status = 0);
  nta::Request make_request(nta::Method method) const;
  OutgoingPtr send(const nta::Request& request);
  void reply(nta_incoming_t* request, nta::Reply reply);
  std::string common_headers() const;
  /// "Session-Expires: 600;refresher=uas\r\n" for our 2xx, and starts the timer; empty when the peer wants none.
  std::string agree_session_timer(const sip_t* request, MonoTime now);
  void take_session_timer(const sip_t* reply, MonoTime now);

  const SipOffice& office_;
  LegId leg_id_;
  CallRoute route_;
  ClientAuth auth_;
  LegPtr leg_;
  TportPtr connection_;
  DialogState state_ = DialogState::starting;
  IncomingPtr unacked_;      ///< Our 2xx to an INVITE or re-INVITE, until its ACK.
  MediaDescription local_;   ///< What we last said and the far end accepted, or the offer under way.
  MediaDescription remote_;  ///< What the far end last said.
  EndCause facts_;           ///< had_18x and was_answered gather here.
  bool peer_allows_update_ = false;

 private:
  void on_bye(nta_incoming_t* request, const sip_t* sip);
  void on_info(nta_incoming_t* request, const sip_t* sip);
  /// True: kept until answer() or reject().
  bool on_offer(nta_incoming_t* request, const sip_t* sip);
  bool answer_at_once(nta_incoming_t* request, const sip_t* sip);
  bool keep_for_answer(nta_incoming_t* request, const sip_t* sip, SdpBody body);
  void on_ack(const sip_t* sip);
  void accept_offer(MediaDescription description);
  void on_own_offer_reply(const sip_t* sip);
  void on_own_offer_accepted(const sip_t* sip);
  void retry_own_offer(const sip_t* sip, MonoTime now);
  nta::Request own_offer_request() const;
  void send_own_offer();
  void refresh_session();
  void check_liveness(MonoTime now);
  void send_options(MonoTime now);
  void on_bye_reply(const sip_t* sip);
  void on_options_reply(const sip_t* sip);
  bool has_offer_under_way() const { return pending_offer_ != nullptr || own_offer_ != nullptr; }

  IncomingPtr pending_offer_;            ///< A re-INVITE or UPDATE waiting for answer().
  SdpBody pending_body_;
  MonoTime pending_deadline_;
  std::string pending_headers_;
  bool expects_answer_in_ack_ = false;
  OutgoingPtr own_offer_;
  std::optional<MediaDescription> offering_;
  std::optional<MediaDescription> next_offer_;
  bool is_update_refresh_ = false;
  int own_offer_tries_ = 0;
  MonoTime retry_offer_at_;
  OutgoingPtr bye_;
  MonoTime bye_deadline_;
  OutgoingPtr options_;
  MonoTime options_due_;
  MonoTime options_deadline_;
  SessionTimer timer_;
  std::size_t traced_ = 0;
  bool has_ended_ = false;
};

}  // namespace dunlin
