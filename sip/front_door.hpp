#pragma once
// Puts the AdmissionGate between Sofia's parser and its answers: a refused message is turned into garbage, which nta
// drops without a word. Also attaches a kernel filter to the sockets of closed endpoints, so that a stranger's datagram
// or connection is never read at all. SIP thread only; must outlive the nta agent it guards.
#include <functional>
#include <memory>

#include "sip/admission.hpp"
#include "sip/sofia.hpp"

namespace dunlin {

class FrontDoor {
 public:
  FrontDoor(AdmissionSettings settings, std::function<MonoTime()> clock);
  ~FrontDoor();

  /// The message class to create the nta agent with.
  const msg_mclass_t* message_class() const;
  AdmissionGate& gate() { return gate_; }

 private:
  static issize_t extract(msg_t* msg, msg_pub_t* pub, char* bytes, isize_t size, int is_end);
  bool admits(msg_t* msg, const sip_t* sip);

  struct MessageClass;
  AdmissionGate gate_;
  std::function<MonoTime()> clock_;
  std::unique_ptr<MessageClass> class_;
};

}  // namespace dunlin
