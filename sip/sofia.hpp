#pragma once
// Sofia-SIP's headers with our handler classes as its contexts, and owners for its objects. Included by the sources of
// the SIP thread only; no Sofia pointer leaves that thread.
#include <memory>

namespace dunlin {

class LegHandler;
class ReplyHandler;
class AckHandler;
class MessageHandler;

}  // namespace dunlin

#define NTA_AGENT_MAGIC_T ::dunlin::MessageHandler
#define NTA_LEG_MAGIC_T ::dunlin::LegHandler
#define NTA_OUTGOING_MAGIC_T ::dunlin::ReplyHandler
#define NTA_INCOMING_MAGIC_T ::dunlin::AckHandler

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>

namespace dunlin {

/// Hears requests of one dialog. True: the handler keeps the transaction and will destroy it; false: it has replied
/// (or wants a 500 to be sent) and is done with it.
class LegHandler {
 public:
  virtual bool on_request(nta_incoming_t* request, const sip_t* sip) = 0;

 protected:
  ~LegHandler() = default;
};

/// Hears replies to our requests. sip is never null; internal failures are told by nta_sip_is_internal.
class ReplyHandler {
 public:
  virtual void on_reply(nta_outgoing_t* request, const sip_t* sip) = 0;

 protected:
  ~ReplyHandler() = default;
};

/// Hears the ACK or CANCEL of an INVITE we received; sip is null when the ACK never came.
class AckHandler {
 public:
  virtual void on_ack_or_cancel(nta_incoming_t* request, const sip_t* sip) = 0;

 protected:
  ~AckHandler() = default;
};

/// Hears messages outside any dialog; owns msg and must discard it or make a transaction of it.
class MessageHandler {
 public:
  virtual void on_message(msg_t* msg, sip_t* sip) = 0;

 protected:
  ~MessageHandler() = default;
};

struct AgentDeleter {
  void operator()(nta_agent_t* agent) const { nta_agent_destroy(agent); }
};
struct LegDeleter {
  void operator()(nta_leg_t* leg) const { nta_leg_destroy(leg); }
};
struct OutgoingDeleter {
  void operator()(nta_outgoing_t* request) const { nta_outgoing_destroy(request); }
};
struct IncomingDeleter {
  void operator()(nta_incoming_t* request) const { nta_incoming_destroy(request); }
};
struct TportDeleter {
  void operator()(tport_t* tport) const { tport_unref(tport); }
};

using AgentPtr = std::unique_ptr<nta_agent_t, AgentDeleter>;
using LegPtr = std::unique_ptr<nta_leg_t, LegDeleter>;
using OutgoingPtr = std::unique_ptr<nta_outgoing_t, OutgoingDeleter>;
using IncomingPtr = std::unique_ptr<nta_incoming_t, IncomingDeleter>;
/// A counted reference to a connection; tells whether it is still open.
using TportPtr = std::unique_ptr<tport_t, TportDeleter>;

}  // namespace dunlin
