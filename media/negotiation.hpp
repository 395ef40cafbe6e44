#pragma once
// Offer and answer of one leg (RFC 3264, 4568): what we offer, what we answer, and what both sides then
// speak. Pure but for fresh keys; control thread. Errors: invalid_input when the two descriptions have
// nothing in common or break the SRTP policy.
#include <optional>

#include "media/media_types.hpp"

namespace dunlin {

/// What a leg speaks after offer and answer.
struct AgreedMedia {
  Codec codec = Codec::pcma;
  std::uint8_t send_type = 8;     ///< Payload type the peer wants to receive.
  std::uint8_t receive_type = 8;  ///< Payload type we said we receive.
  std::optional<std::uint8_t> event_send_type;
  std::optional<std::uint8_t> event_receive_type;
  std::optional<std::uint8_t> event_receive_type_48k;
  std::optional<CryptoKey> send_key;     ///< Ours; set exactly when the leg is secure.
  std::optional<CryptoKey> receive_key;  ///< The peer's.
  std::string remote_address;
  std::uint16_t remote_port = 0;
  bool sends = true;  ///< The peer wants to hear us.
  bool receives = true;
  bool may_be_silent = false;  ///< The peer sends nothing in pauses and we have not refused that.
  bool operator==(const AgreedMedia&) const = default;
};

struct LocalEnd {
  std::string address;
  std::uint16_t port = 0;
  std::uint64_t session_id = 0;
};

Result<MediaDescription> make_offer(const LegProfile& profile, const LocalEnd& local);
/// Answers with the first of our codecs that the offer has; keeps the offer's payload types and crypto tag.
/// `previous` keeps our key across a re-offer when the suite stays.
Result<MediaDescription> make_answer(const LegProfile& profile, const LocalEnd& local,
                                     const MediaDescription& offer, const MediaDescription* previous);
/// Both directions of the agreement; `we_offered` tells whose preference rules.
Result<AgreedMedia> agree(const LegProfile& profile, const MediaDescription& ours,
                          const MediaDescription& theirs, bool we_offered);

}  // namespace dunlin
