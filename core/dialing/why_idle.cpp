#include "core/dialing/why_idle.hpp"

#include <algorithm>

namespace dunlin {
namespace {

/// Collects reasons in both languages and keeps the asked one.
class Reasons {
 public:
  explicit Reasons(bool is_russian) : is_russian_(is_russian) {}
  void block(std::string code, std::string ru, std::string en) {
    rows_.push_back({std::move(code), std::move(is_russian_ ? ru : en), true});
  }
  void slow(std::string code, std::string ru, std::string en) {
    rows_.push_back({std::move(code), std::move(is_russian_ ? ru : en), false});
  }
  std::vector<IdleReason> take() {
    std::stable_partition(rows_.begin(), rows_.end(), [](const IdleReason& r) { return r.is_blocking; });
    return std::move(rows_);
  }

 private:
  bool is_russian_;
  std::vector<IdleReason> rows_;
};

std::string number(std::int64_t n) { return std::to_string(n); }

std::string percent(double share) {
  const auto tenths = static_cast<std::int64_t>(share * 1000 + 0.5);
  return number(tenths / 10) + "." + number(tenths % 10) + " %";
}

void judge_campaign(const IdleSnapshot& s, Reasons& reasons) {
  const std::string by_ru = s.paused_by.empty() ? "" : " (" + s.paused_by + ")";
  switch (s.activity) {
    case CampaignActivity::draft:
      reasons.block("campaign_draft", "Кампания ещё не запущена.", "The campaign has not been started yet.");
      break;
    case CampaignActivity::paused:
      reasons.block("campaign_paused", "Кампания на паузе" + by_ru + ".", "The campaign is paused" + by_ru + ".");
      break;
    case CampaignActivity::stopped:
      reasons.block("campaign_stopped", "Кампания остановлена.", "The campaign is stopped.");
      break;
    case CampaignActivity::finished:
      reasons.block("campaign_finished", "Кампания завершена.", "The campaign is finished.");
      break;
    case CampaignActivity::running: break;
  }
  if (s.hours_open_at) {
    reasons.block("campaign_hours", "Вне часов кампании; откроется в " + format_utc(*s.hours_open_at) + ".",
                  "Outside the campaign's hours; opens at " + format_utc(*s.hours_open_at) + ".");
  }
}

void judge_node(const IdleSnapshot& s, Reasons& reasons) {
  if (s.is_node_draining) {
    reasons.block("node_draining", "Узел выводится из работы и новых вызовов не начинает.",
                  "The node is draining and starts no new calls.");
  }
  if (s.is_law_pack_expired) {
    reasons.block("law_pack_expired", "Срок действия пакета правил истёк: звонки запрещены до обновления.",
                  "The law pack has expired: no calls until it is renewed.");
  }
  if (!s.is_clock_believed) {
    reasons.block("clock_in_doubt", "Часы сервера перевели на ходу: время закона неизвестно. Проверьте NTP и перезапустите узел.",
                  "The server's clock was set while the node ran: the lawful hours are unknown. Check NTP, then restart the node.");
  }
  if (!s.is_journal_writable) {
    reasons.block("journal_unavailable", "Журнал не принимает записи (диск): без записи звонить нельзя.",
                  "The journal takes no writes (disk): nothing may be dialed without a record.");
  }
  if (!s.has_room_to_record) {
    reasons.block("no_room_to_record", "Нет места для записи разговоров.", "There is no room to record calls.");
  }
}

void judge_flow(const IdleSnapshot& s, Reasons& reasons) {
  if (!s.flow_fault_en.empty()) reasons.block("flow_not_ready", s.flow_fault_ru, s.flow_fault_en);
}

void judge_agents(const IdleSnapshot& s, Reasons& reasons) {
  if (s.agents_logged_in == 0) {
    reasons.block("no_agents", "Ни один оператор не вошёл в систему.", "No agent is logged in.");
    return;
  }
  if (s.agents_with_skill == 0) {
    reasons.block("no_agents_with_skill", "Ни у одного вошедшего оператора нет навыка «" + s.skill + "».",
                  "No logged-in agent has the skill \"" + s.skill + "\".");
    return;
  }
  if (s.agents_ready > s.agents_for_others) return;
  if (s.agents_ready > 0) {
    reasons.slow("agents_for_others",
                 "Свободные операторы с навыком (" + number(s.agents_ready) + ") сейчас отданы другим кампаниям: гарантия, приоритет или вес.",
                 "The ready agents with the skill (" + number(s.agents_ready) + ") are other campaigns' now: by guarantee, priority or weight.");
    return;
  }
  const std::string ru = "Нет свободных операторов: в разговоре " + number(s.agents_in_call) + ", на перерыве " +
                         number(s.agents_on_break) + ", без телефона " + number(s.agents_without_leg) + ".";
  const std::string en = "No agent is ready: " + number(s.agents_in_call) + " in calls, " + number(s.agents_on_break) +
                         " on a break, " + number(s.agents_without_leg) + " without a phone leg.";
  // Busy agents still let a predictive campaign dial ahead; agents who are all away do not.
  if (s.agents_in_call > 0) {
    reasons.slow("no_ready_agents", ru, en);
  } else {
    reasons.block("no_ready_agents", ru, en);
  }
}

std::string denied_text(const IdleSnapshot& s) {
  std::vector<DeniedByRule> rows = s.denied;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const DeniedByRule& a, const DeniedByRule& b) { return a.count > b.count; });
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, rows.size()); ++i) {
    text += (text.empty() ? "" : ", ") + rows[i].rule_id + " " + number(rows[i].count);
  }
  return text;
}

void judge_list(const IdleSnapshot& s, Reasons& reasons) {
  if (s.list_total == 0) {
    reasons.block("list_empty", "Список кампании пуст.", "The campaign's list is empty.");
    return;
  }
  if (s.list_ready > 0) return;
  const std::string rules = denied_text(s);
  if (!rules.empty()) {
    reasons.block("denied_by_rules", "Все дела сейчас закрыты правилами: " + rules + ".",
                  "Rules hold back every case now: " + rules + ".");
  }
  if (s.list_waiting > 0) {
    const std::string at = s.next_due_at ? format_utc(*s.next_due_at) : "?";
    reasons.block("list_waiting", "Все дела ждут своего времени (" + number(s.list_waiting) + "); ближайшее: " + at + ".",
                  "Every case waits for its time (" + number(s.list_waiting) + "); the next one: " + at + ".");
  } else if (rules.empty()) {
    reasons.block("list_done", "Список пройден: звонить больше некому.", "The list is done: nobody is left to call.");
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void judge_trunks_down(const IdleSnapshot& s, Reasons& reasons) {
  std::vector<std::string> down;
  for (const TrunkIdleFacts& trunk : s.trunks) {
    if (!trunk.is_up) down.push_back(trunk.name);
  }
  if (down.empty()) return;
  if (down.size() == s.trunks.size()) {
    reasons.block("trunks_down", "Все транки кампании недоступны: " + joined(down) + ".", "Every trunk of the campaign is down: " + joined(down) + ".");
  } else {
    reasons.slow("trunk_down", "Недоступны транки: " + joined(down) + ".", "Trunks that are down: " + joined(down) + ".");
  }
}

void judge_trunks(const IdleSnapshot& s, Reasons& reasons) {
  if (!s.unknown_trunks.empty()) {
    const std::string names = joined(s.unknown_trunks);
    const std::string ru = "В настройках этого узла нет транков кампании: " + names + ".";
    const std::string en = "The settings of this node have no such trunks of the campaign: " + names + ".";
    if (s.trunks.empty()) return reasons.block("trunk_unknown", ru, en);
    reasons.slow("trunk_unknown", ru, en);
  }
  if (s.trunks.empty()) {
    reasons.block("no_trunk", "У кампании нет ни одной линии (транка).", "The campaign has no trunk.");
    return;
  }
  judge_trunks_down(s, reasons);
  if (std::none_of(s.trunks.begin(), s.trunks.end(), [](const auto& t) { return t.is_up; })) return;
  const bool has_channel = std::any_of(s.trunks.begin(), s.trunks.end(), [](const auto& t) {
    return t.is_up && t.channels_in_use < t.channels;
  });
  if (!has_channel) {
    reasons.block("no_channels", "Все каналы работающих транков заняты.", "All channels of the working trunks are in use.");
  } else if (s.start_tokens < 1) {
    reasons.slow("call_rate", "Сейчас действует предел вызовов в секунду.", "The calls-per-second limit holds right now.");
  }
}

void judge_pacing(const IdleSnapshot& s, Reasons& reasons) {
  if (s.abandon_rate >= s.abandon_limit && s.abandon_rate > 0) {
    reasons.slow("abandon_budget",
                 "Потерянных " + percent(s.abandon_rate) + " при пределе " + percent(s.abandon_limit) +
                     ": не более одной линии на свободного оператора.",
                 "Abandoned " + percent(s.abandon_rate) + " at a limit of " + percent(s.abandon_limit) +
                     ": one line per ready agent at most.");
  }
  if (!s.has_flow && s.calls_in_flight > 0 && s.calls_in_flight >= s.agents_ready && s.agents_ready > 0) {
    reasons.slow("enough_in_flight", "Уже набирается достаточно: " + number(s.calls_in_flight) + ".",
                 "Enough is being dialed already: " + number(s.calls_in_flight) + ".");
  }
}

}  // namespace

std::vector<IdleReason> why_idle(const IdleSnapshot& snapshot, const std::string& language) {
  Reasons reasons(language == "ru");
  judge_campaign(snapshot, reasons);
  judge_node(snapshot, reasons);
  if (snapshot.has_flow) judge_flow(snapshot, reasons);
  else judge_agents(snapshot, reasons);
  if (snapshot.is_surveyed) {
    judge_list(snapshot, reasons);
    judge_trunks(snapshot, reasons);
  } else {
    reasons.block("not_surveyed", "Кампания только начала работу: список и транки читаются, спросите через секунду.",
                  "The campaign has only begun: its list and trunks are being read, ask again in a second.");
  }
  judge_pacing(snapshot, reasons);
  return reasons.take();
}

}  // namespace dunlin
