#include "api/metrics_text.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/dialing/answer_worth.hpp"
#include "core/report/call_costs.hpp"

namespace dunlin {
namespace {

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') text += "\\n";
    else text += c;
  }
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

double seconds_of(Duration value) { return static_cast<double>(value.ms) / 1000.0; }

const std::string& name_of(const DeskViews& views, CampaignId id) {
  static const std::string unknown = "unknown";
  for (const auto& view : views.campaigns) {
    if (view.campaign.settings.id == id) return view.campaign.settings.name;
  }
  return unknown;
}

/// One counter or gauge of every campaign.
template <class Read>
void each_campaign(MetricsText& out, const DeskViews& views, std::string_view name, std::string_view type, std::string_view help, Read read) {
  out.family(name, type, help);
  for (const auto& view : views.campaigns) out.sample({{"campaign", view.campaign.settings.name}}, static_cast<double>(read(view)));
}

void add_summary(MetricsText& out, const MetricsText::Labels& labels, const DurationHistogram& histogram) {
  for (const auto& [permille, name] : {std::pair{500, "0.5"}, std::pair{950, "0.95"}, std::pair{990, "0.99"}}) {
    const auto value = histogram.quantile(permille);
    if (!value) continue;
    auto with_quantile = labels;
    with_quantile.emplace_back("quantile", name);
    out.sample(with_quantile, seconds_of(*value));
  }
  out.sample(labels, static_cast<double>(histogram.sum_ms()) / 1000.0, "_sum");
  out.sample(labels, static_cast<double>(histogram.count()), "_count");
}

void add_campaigns(MetricsText& out, const DeskViews& views) {
  using View = msg::CampaignView;
  each_campaign(out, views, "dunlin_campaign_running", "gauge", "1 while the campaign dials.", [](const View& v) { return v.campaign.state == CampaignState::running ? 1 : 0; });
  each_campaign(out, views, "dunlin_campaign_cases_ready", "gauge", "Cases that may be dialed now.", [](const View& v) { return v.queue.ready; });
  each_campaign(out, views, "dunlin_campaign_cases_waiting", "gauge", "Cases whose time is later.", [](const View& v) { return v.queue.waiting; });
  each_campaign(out, views, "dunlin_campaign_calls_in_flight", "gauge", "Calls between the reservation and their end.", [](const View& v) { return v.calls_in_flight; });
  each_campaign(out, views, "dunlin_attempts_reserved_total", "counter", "Attempts reserved.", [](const View& v) { return v.counters.reserved; });
  each_campaign(out, views, "dunlin_attempts_denied_total", "counter", "Refusals of the law that were stored.", [](const View& v) { return v.counters.denied; });
  each_campaign(out, views, "dunlin_attempts_deferred_by_cost_total", "counter", "Attempts put off or not made because they cost more than they bring.", [](const View& v) {
    const auto refused = v.denials.find(std::string(cost_refusal));
    return refused != v.denials.end() ? refused->second : 0;
  });
  each_campaign(out, views, "dunlin_campaign_fees", "gauge", "Fees of attempts and minutes since the start, in the currency of the campaign's prices.",
                [](const View& v) { return costs_of(v.campaign.settings.prices, v.counters).fees; });
  each_campaign(out, views, "dunlin_calls_answered_total", "counter", "Calls somebody or something picked up.", [](const View& v) { return v.counters.answered; });
  each_campaign(out, views, "dunlin_calls_connected_total", "counter", "Calls bridged to an agent.", [](const View& v) { return v.counters.connected; });
  each_campaign(out, views, "dunlin_calls_abandoned_total", "counter", "People who answered and got no agent in time.", [](const View& v) { return v.counters.abandoned; });
  each_campaign(out, views, "dunlin_dispositions_missed_total", "counter", "Talks whose wrap-up ended without a result from the agent.", [](const View& v) { return v.counters.dispositions_missed; });
  each_campaign(out, views, "dunlin_promises_total", "counter", "Promises to pay.", [](const View& v) { return v.counters.promises; });
  each_campaign(out, views, "dunlin_pacing_dials_last_tick", "gauge", "Calls the last pacing decision started.", [](const View& v) { return v.pace.dials; });
  each_campaign(out, views, "dunlin_pacing_risk", "gauge", "Chance that one more dial costs an abandon.", [](const View& v) { return v.pace.risk; });
  each_campaign(out, views, "dunlin_pacing_risk_bound", "gauge", "The chance the budget bears.", [](const View& v) { return v.pace.risk_bound; });
  each_campaign(out, views, "dunlin_pacing_budget_left", "gauge", "Abandons the window still bears; negative = overdrawn.", [](const View& v) { return v.pace.budget_left; });
  each_campaign(out, views, "dunlin_pacing_answer_level", "gauge", "Answers now over what the hazards of the last 40 minutes say.", [](const View& v) { return v.pace.level; });
  out.family("dunlin_pacing_limit", "gauge", "1 at the constraint that bound the last decision.");
  for (const auto& view : views.campaigns) out.sample({{"campaign", view.campaign.settings.name}, {"limit", std::string(to_string(view.pace.limit))}}, 1);
  each_campaign(out, views, "dunlin_pacing_tickets_total", "counter", "Lines given to a shard for its most urgent case.", [](const View& v) { return v.tickets.issued; });
  each_campaign(out, views, "dunlin_pacing_tickets_expired_total", "counter", "Lines nobody took up in time; pacing had them back.", [](const View& v) { return v.tickets.expired; });
  each_campaign(out, views, "dunlin_pacing_tickets_late_total", "counter", "Of these, lines that were dialed all the same.", [](const View& v) { return v.tickets.late; });
  each_campaign(out, views, "dunlin_pacing_tickets_lost_total", "counter", "Lines nobody ever answered for.", [](const View& v) { return v.tickets.lost; });
  out.family("dunlin_answer_to_agent_seconds", "summary", "From the answer to the bridge.");
  for (const auto& view : views.campaigns) add_summary(out, {{"campaign", view.campaign.settings.name}}, view.counters.answer_to_agent);
  out.family("dunlin_agent_idle_seconds", "summary", "Between two calls of an agent.");
  for (const auto& view : views.campaigns) add_summary(out, {{"campaign", view.campaign.settings.name}}, view.counters.idle);
}

void add_agents(MetricsText& out, const DeskViews& views) {
  std::array<int, static_cast<std::size_t>(agent_state_count)> counts{};
  for (const auto& agent : views.agents) ++counts[static_cast<std::size_t>(agent.state)];
  out.family("dunlin_agents", "gauge", "Agents by state.");
  for (std::size_t i = 0; i < counts.size(); ++i) out.sample({{"state", std::string(to_string(static_cast<AgentState>(i)))}}, counts[i]);
}

void add_trunks(MetricsText& out, const DeskViews& views) {
  out.family("dunlin_trunk_up", "gauge", "1 when the last probe of the trunk was answered.");
  for (const auto& health : views.trunks.health) out.sample({{"trunk", health.name}}, health.is_up ? 1 : 0);
  out.family("dunlin_trunk_channels", "gauge", "Channels of the trunk.");
  for (const auto& trunk : views.trunks.budget) out.sample({{"trunk", trunk.name}}, trunk.channels);
  out.family("dunlin_trunk_channels_in_use", "gauge", "Channels in use.");
  for (const auto& trunk : views.trunks.budget) out.sample({{"trunk", trunk.name}}, trunk.channels_in_use);
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void MetricsText::sample(const Labels& labels, double value, std::string_view suffix) {
  std::string inside;
  for (const auto& [name, text] : labels) inside += fmt::format("{}{}=\"{}\"", inside.empty() ? "" : ",", name, escaped(text));
  text_ += fmt::format("{}{}{} {}\n", name_, suffix, inside.empty() ? "" : "{" + inside + "}", number(value));
}

std::string desk_metrics(const DeskViews& views) {
  MetricsText out;
  out.family("dunlin_calls_active", "gauge", "Calls on the line.");
  out.sample({}, static_cast<double>(views.calls.live.size()));
  out.family("dunlin_call_attempts_total", "counter", "Ended calls of this life of the node.");
  for (const auto& count : views.calls.counts) {
    out.sample({{"campaign", name_of(views, count.campaign)}, {"trunk", count.trunk}, {"outcome", std::string(to_string(count.outcome))}}, static_cast<double>(count.count));
  }
  add_campaigns(out, views);
  add_agents(out, views);
  add_trunks(out, views);
  return out.text();
}

}  // namespace dunlin
