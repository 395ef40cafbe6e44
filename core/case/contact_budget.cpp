#include "core/case/contact_budget.hpp"

namespace dunlin {

std::vector<ChannelBudget> contact_budget(const PolicyGate& gate, const GateQuestion& question) {
  std::vector<ChannelBudget> budgets;
  for (const Channel channel : {Channel::call, Channel::sms, Channel::visit}) {
    GateQuestion of_channel = question;
    of_channel.channel = channel;
    ChannelBudget line;
    line.channel = channel;
    line.budget = gate.budget(of_channel);
    line.decision = gate.judge(of_channel);
    line.next_at = line.decision.is_allowed() ? std::optional<UtcTime>(question.at) : line.decision.until;
    budgets.push_back(std::move(line));
  }
  return budgets;
}

}  // namespace dunlin
