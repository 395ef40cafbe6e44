#pragma once
// Why does a campaign not dial? An ordered list of reasons in plain words, for `campaign why-idle`. The first reason is
// the one to act on. Pure: judges a snapshot the caller took. Language "ru" or "en".
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace dunlin {

enum class CampaignActivity : std::uint8_t { draft, running, paused, stopped, finished };

struct DeniedByRule {
  std::string rule_id;        ///< "RU-FRQ-C1"; not a legal rule: "campaign-hours", "retry-delay".
  std::int64_t count = 0;
};

struct TrunkIdleFacts {
  std::string name;
  bool is_up = false;
  int channels = 0;
  int channels_in_use = 0;
};

struct IdleSnapshot {
  UtcTime at;
  CampaignActivity activity = CampaignActivity::draft;
  std::string paused_by;                       ///< Who or what paused it, may be empty.
  bool is_node_draining = false;
  bool has_room_to_record = true;              ///< R13: no record, no dial.
  bool is_journal_writable = true;
  bool is_law_pack_expired = false;
  bool is_clock_believed = true;               ///< False: the wall clock was set while the node ran.
  std::optional<UtcTime> hours_open_at;        ///< Set: the campaign's own hours are closed until then.
  int agents_logged_in = 0;
  int agents_with_skill = 0;
  int agents_ready = 0;
  int agents_on_break = 0;
  int agents_in_call = 0;
  int agents_without_leg = 0;
  int agents_for_others = 0;                   ///< Ready, with the skill, and meant for other campaigns now.
  std::string skill;
  bool has_flow = false;                       ///< Calls need no agents.
  std::string flow_fault_ru;                   ///< Why the flow cannot be played now; empty: it can.
  std::string flow_fault_en;
  std::int64_t list_total = 0;
  std::int64_t list_ready = 0;                 ///< May be dialed now.
  std::int64_t list_waiting = 0;               ///< Have a next time in the future.
  std::optional<UtcTime> next_due_at;
  std::vector<DeniedByRule> denied;            ///< Refused by the gate at their last try.
  std::vector<TrunkIdleFacts> trunks;          ///< Those the campaign uses.
  double start_tokens = 1;                     ///< Of the campaign's trunks that are up.
  std::vector<std::string> unknown_trunks;     ///< Named by the campaign, in no settings of this node.
  bool is_surveyed = true;                     ///< False: list and trunks have not all been read since the start.
  int calls_in_flight = 0;
  double abandon_rate = 0;
  double abandon_limit = 0.03;
};

struct IdleReason {
  std::string code;           ///< Stable: "campaign_paused", "no_ready_agents", "list_empty", …
  std::string text;           ///< For a person, in the asked language.
  bool is_blocking = true;    ///< False: slows, does not stop.
};

/// Empty: nothing stands in the way. Ordered: blocking ones first, nearest to the operator's hand first.
std::vector<IdleReason> why_idle(const IdleSnapshot& snapshot, const std::string& language);

}  // namespace dunlin
