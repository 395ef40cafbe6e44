#include "core/case/case_archive.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {
namespace {
/// 2: the strategy a campaign names. 3: what it asks the answer model. 4: the flow. 5: its part of shared agents. 6: prices, target idle.
constexpr std::uint8_t document_version = 6;
}

constexpr DialingMode last_of(DialingMode) { return DialingMode::preview; }
constexpr RetryKind last_of(RetryKind) { return RetryKind::wait; }
constexpr RankRule last_of(RankRule) { return RankRule::freshest_dpd; }
constexpr NumberChoice last_of(NumberChoice) { return NumberChoice::best_odds; }
constexpr HourChoice last_of(HourChoice) { return HourChoice::best_odds; }
constexpr CampaignState last_of(CampaignState) { return CampaignState::stopped; }

template <class A>
void describe(A& archive, typename A::template Ref<CaseFilter> f) {
  archive(f.portfolios, f.stages, f.products, f.languages, f.dpd_from, f.dpd_to, f.min_overdue);
}
template <class A>
void describe(A& archive, typename A::template Ref<NumberRule> r) {
  archive(r.owner, r.type);
}
template <class A>
void describe(A& archive, typename A::template Ref<TrunkShare> t) {
  archive(t.trunk, t.weight);
}
template <class A>
void describe(A& archive, typename A::template Ref<RetryRule> r) {
  archive(r.outcome, r.kind, r.first_delay, r.growth_percent, r.max_delay, r.prefers_next_number, r.next_number_delay);
}
template <class A>
void describe(A& archive, typename A::template Ref<CallPrices> p) {
  archive(p.currency, p.attempt, p.minute, p.agent_hour, p.rpc_value, p.kept_value);
}
template <class A>
void describe(A& archive, typename A::template Ref<CampaignSettings> s) {
  archive(s.id, s.name, s.revision, s.filter, s.number_order, s.mode, s.trunks, s.caller_id, s.ring_timeout_ms,
          s.abandon_after_ms, s.abandon_limit_permille, s.max_attempts_per_number_day, s.max_attempts_per_case_day,
          s.max_attempts_per_number, s.max_attempts_per_case, s.retry, s.skill, s.priority, s.rank, s.wrap_up_seconds,
          s.classifies_answers, s.records_calls, s.script_id, s.announcement_id);
  archive.since(2, s.strategy);
  archive.since(3, s.number_choice);
  archive.since(3, s.hour_choice);
  archive.since(3, s.odds_lead);
  archive.since(4, s.flow);
  archive.since(5, s.weight);
  archive.since(5, s.guaranteed_agents);
  archive.since(6, s.prices);
  archive.since(6, s.target_idle_s);
}

std::string encode_campaign(const Campaign& campaign) {
  Encoder encoder;
  encoder(document_version, campaign.state, campaign.settings);
  return encoder.take();
}

Result<Campaign> decode_campaign(std::string_view bytes) {
  Decoder decoder(bytes);
  std::uint8_t version = 0;
  decoder(version);
  if (version == 0 || version > document_version) {
    return Error{Errc::corrupt, "campaign document of version " + std::to_string(version)};
  }
  decoder.set_version(version);
  Campaign campaign;
  decoder(campaign.state, campaign.settings);
  if (auto status = decoder.finish(); !status) return status.error();
  return campaign;
}

}  // namespace dunlin
