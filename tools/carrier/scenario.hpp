#pragma once
// What the carrier's network is like: outcome shares, times, damage to media, fixed numbers. Read from TOML
// once, then immutable. Pure apart from reading the file; errors name the key. demo/carrier.toml documents
// every key.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/peer/dice.hpp"
#include "tools/peer/digest.hpp"
#include "tools/peer/media_leg.hpp"
#include "tools/peer/result.hpp"
#include "tools/peer/sdp.hpp"

namespace dunlin::carrier {

/// What happens to a call. The names are those of tools/README.md.
enum class Fate : std::uint8_t {
  no_answer,
  busy,
  invalid,
  congestion,
  reject,
  announcement,
  answered_announcement,
  machine,
  fax,
  person,
  silence,
  screening,
  tone,
  dtmf,
  echo,
  silent_invite,
  late_answer,
  redirect,
  duplicate_answer,
  lost_bye,
};
inline constexpr int fate_count = static_cast<int>(Fate::lost_bye) + 1;
std::string_view to_string(Fate fate);

/// A fate with its argument: tone:1000, dtmf:15#, announcement:no_service, machine:recorded.
struct Outcome {
  Fate fate = Fate::no_answer;
  std::string argument;
};
peer::Result<Outcome> parse_outcome(std::string_view text);
std::string to_string(const Outcome& outcome);

struct Share {
  Outcome outcome;
  double weight = 0;
};

/// Digits, or a prefix with a star at its end; the outcomes of the first, second, ... attempt, the last one
/// repeats.
struct NumberRule {
  std::string match;
  std::vector<Outcome> outcomes;
};

/// wrong_key: answers with one key and sends with another, so that nothing it sends can be authenticated.
enum class SrtpPolicy : std::uint8_t { off, if_offered, required, wrong_key };

struct Account {
  peer::Credentials credentials;
  peer::Challenge challenge;  ///< The nonce is set at start.
};

struct Scenario {
  std::vector<Share> mix{{{Fate::person, ""}, 1.0}};
  peer::Range post_dial_delay_ms{200, 900};
  peer::Range answer_after_ms{2000, 12'000};
  peer::Range machine_after_ms{12'000, 20'000};
  peer::Range ring_limit_ms{50'000, 60'000};
  double early_media_share = 0.2;
  peer::Range answer_delay_ms{150, 900};
  peer::Range patience_ms{4000, 8000};
  peer::Range talk_ms{5000, 15'000};
  double hangs_up_share = 0.5;
  std::int64_t talk_limit_ms = 120'000;
  peer::Range greeting_delay_ms{300, 900};
  std::int64_t record_ms = 20'000;
  double russian_share = 1.0;
  double recorded_share = 0.0;  ///< Of notices and greetings: recorded prompts instead of espeak-ng's voices.
  std::string recordings_folder = "/usr/share/asterisk/sounds";
  std::vector<peer::Codec> codecs{peer::Codec::pcma, peer::Codec::pcmu};
  peer::Impairment impairment;
  SrtpPolicy srtp = SrtpPolicy::if_offered;
  std::optional<Account> account;  ///< Set: calls and registrations are challenged.
  std::vector<NumberRule> numbers;
};

/// Some call may want recorded prompts.
bool wants_recordings(const Scenario& scenario);

peer::Result<Scenario> parse_scenario(std::string_view toml_text);
peer::Result<Scenario> load_scenario(const std::string& path);

}  // namespace dunlin::carrier
