#pragma once
// Every hard bound of the SIP edge, with what happens when it is reached. Pure constants, any thread.
#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"

namespace dunlin::sip_limits {

inline constexpr std::size_t max_message_bytes = 64 * 1024;   ///< Longer: dropped before any answer.
inline constexpr std::size_t max_headers = 128;               ///< More header lines: dropped.
inline constexpr std::size_t max_sdp_bytes = 16 * 1024;       ///< Longer: 488 or treated as no media.
inline constexpr std::size_t max_sdp_lines = 256;
inline constexpr std::size_t max_sdp_media = 16;
inline constexpr std::size_t max_sdp_codecs = 64;
inline constexpr std::size_t max_sdp_crypto = 8;
inline constexpr std::size_t max_commands_waiting = 16'384;   ///< Full: the command is refused (exhausted).
inline constexpr std::size_t max_calls = 8'192;               ///< Full: outgoing not_sent, incoming 503.
inline constexpr std::size_t max_trace_lines = 64;            ///< Per leg; later lines are counted, not sent.
inline constexpr std::size_t max_bindings = 4'096;            ///< Full: 503 to new registrations.
inline constexpr std::size_t max_nonces = 16'384;             ///< Full: the oldest challenge is forgotten.
inline constexpr std::size_t max_watched_sources = 16'384;    ///< Token buckets and failure counters; oldest forgotten.
inline constexpr std::uint32_t max_replies_to_one_invite = 16;  ///< 401/407/422 re-sends of one INVITE.
inline constexpr std::size_t max_targets = 16;                ///< Addresses behind one carrier's name: the rest is left out.
inline constexpr std::uint32_t max_forks = 8;                 ///< Further 2xx of one INVITE: ignored.

inline constexpr Duration tick_every = milliseconds(50);
inline constexpr Duration stall = seconds(1);                 ///< Loop asleep longer: INVITEs without 18x are cancelled.
inline constexpr Duration shortest_target_life = seconds(5);  ///< A name is not asked for more often,
inline constexpr Duration longest_target_life = minutes(5);   ///< nor less often than this,
inline constexpr Duration lookup_retry = seconds(30);         ///< and so long after a failure; what was found before stays.
inline constexpr Duration former_target_life = hours(2);       ///< An address that left the name is heard so long: the longest call.
inline constexpr std::size_t max_heard_addresses = 48;        ///< Of one trunk, former ones included; the longest unseen go first.
inline constexpr Duration target_rest = seconds(60);          ///< A target without health probes that failed is tried last so long.
inline constexpr Duration one_datagram = milliseconds(400);   ///< Before Timer A repeats an INVITE: what fails earlier was sent once.
inline constexpr Duration nonce_life = seconds(60);
inline constexpr Duration vouch_life = minutes(10);           ///< A proven password raises its source's rates so long,
inline constexpr int vouched_factor = 10;                     ///< by so much.
inline constexpr Duration reoffer_wait = seconds(8);          ///< A re-INVITE nobody answered: 500.
inline constexpr Duration cancel_wait = seconds(33);          ///< No final reply to CANCEL: the leg ends as timeout.
inline constexpr Duration bye_wait = seconds(4);              ///< No reply to BYE: the leg is forgotten.
inline constexpr Duration liveness_every = seconds(10);       ///< OPTIONS to agent bindings and dialogs.
inline constexpr Duration liveness_wait = seconds(5);

}  // namespace dunlin::sip_limits
