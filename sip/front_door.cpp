#include "sip/front_door.hpp"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/sip_parser.h>

#include <cstddef>
#include <cstring>

#include "core/base/check.hpp"
#include "sip/nta_calls.hpp"

namespace dunlin {

/// Sofia hands the parser nothing but the message, and the message knows its class; so the class carries the door.
struct FrontDoor::MessageClass {
  msg_mclass_t sofia;
  FrontDoor* door;
};

FrontDoor::FrontDoor(AdmissionSettings settings, std::function<MonoTime()> clock)
    : gate_(std::move(settings)), clock_(std::move(clock)), class_(std::make_unique<MessageClass>()) {
  const auto* standard = sip_default_mclass();
  DUNLIN_CHECK(standard->mc_hash_size == MC_HASH_SIZE);
  std::memcpy(&class_->sofia, standard, sizeof class_->sofia);
  class_->sofia.mc_extract_body = &FrontDoor::extract;
  class_->door = this;
}

FrontDoor::~FrontDoor() = default;

const msg_mclass_t* FrontDoor::message_class() const { return &class_->sofia; }

issize_t FrontDoor::extract(msg_t* msg, msg_pub_t* pub, char* bytes, isize_t size, int is_end) {
  auto* sip = reinterpret_cast<sip_t*>(pub);
  const bool were_headers_done = (sip->sip_flags & MSG_FLG_BODY) != 0;
  const auto used = sip_extract_body(msg, sip, bytes, size, is_end);
  if (were_headers_done || (sip->sip_flags & MSG_FLG_BODY) == 0) return used;
  const auto* owner = reinterpret_cast<const MessageClass*>(msg_mclass(msg));
  if (!owner->door->admits(msg, sip)) {
    sip->sip_request = nullptr;
    sip->sip_status = nullptr;
  }
  return used;
}

bool FrontDoor::admits(msg_t* msg, const sip_t* sip) {
  MessageFacts facts;
  facts.source = nta::peer_of(msg).ip;
  facts.size = msg_size(msg);
  for (const auto* header = *msg_chain_head(msg); header != nullptr; header = header->sh_succ) ++facts.headers;
  if (sip->sip_user_agent && sip->sip_user_agent->g_string) facts.user_agent = sip->sip_user_agent->g_string;
  facts.is_request = sip->sip_request != nullptr;
  facts.is_in_dialog = sip->sip_to != nullptr && sip->sip_to->a_tag != nullptr;
  return gate_.judge(facts, clock_()) == Admission::admitted;
}

}  // namespace dunlin
