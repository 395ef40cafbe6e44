#include "tests/compliance/case_maker.hpp"

#include <algorithm>
#include <initializer_list>

namespace dunlin {
namespace {

struct Country {
  const char* pack;
  std::vector<const char*> zones;
};

const std::vector<Country>& countries() {
  static const std::vector<Country> list{
      {"RU", {"Europe/Moscow", "Europe/Moscow", "Asia/Vladivostok", "Asia/Kamchatka", "Europe/Kaliningrad",
              "Europe/Moscow|Asia/Vladivostok", "Europe/Kaliningrad|Asia/Kamchatka", "Asia/Srednekolymsk", "", "Etc/Unknown"}},
      {"US", {"America/New_York", "America/Chicago", "America/Phoenix", "America/New_York|America/Los_Angeles", ""}},
      {"US", {"America/New_York", "America/Denver"}},
      {"UK", {"Europe/London", "America/Havana", "Australia/Lord_Howe", "America/Havana"}},
      {"KZ", {"Asia/Almaty", ""}},
      {"IT", {"Europe/Rome"}},
      {"RU|KZ", {"Asia/Almaty|Asia/Omsk"}},
      {"", {"Europe/Samara", ""}},
      {"DE", {"Europe/Berlin"}},
  };
  return list;
}

}  // namespace

std::size_t CaseMaker::pick_country() { return is_likely(55) ? 0 : rng_.below(countries().size()); }

std::string CaseMaker::party() {
  return is_likely(85) ? "debtor" : pick({"guarantor", "relative", "third_party", "representative", "unknown"});
}

std::string CaseMaker::choose_place() {
  const Country& country = countries()[pick_country()];
  const std::string zone = country.zones[rng_.below(country.zones.size())];
  is_in_yakutia_ = zone == "Asia/Srednekolymsk";
  at_ = random_instant();
  clock_change_.reset();
  if (zone == "America/Havana" && is_likely(70)) {
    clock_change_ = parse_utc(pick({"2024-03-10T05:00:00Z", "2024-11-03T05:00:00Z", "2025-03-09T05:00:00Z", "2025-11-02T05:00:00Z"})).value();
    at_ = near_an_edge(*clock_change_ + minutes(static_cast<std::int64_t>(rng_.below(24 * 60))));
  }
  return std::string(country.pack) + "," + zone + ",";
}

std::string CaseMaker::next(int number) {
  const std::string place = choose_place();
  const std::string channel = pick({"call", "call", "call", "robot_call", "sms", "email", "messenger", "visit", "post"});
  const std::string other = party();
  const std::string row = "P" + std::to_string(number) + "," + place + format_utc(at_) + "," + channel + "," + other + ",";
  return row + history() + "," + flags(channel) + "\n";
}

ManyQuestions CaseMaker::next_many(int number) {
  ManyQuestions many;
  const std::string head = "M" + std::to_string(number) + "," + choose_place();
  many.channels.push_back(pick({"call", "robot_call"}));
  const std::string other_channel = pick({"call", "sms", "email", "messenger", "visit", "voice_message", "gosuslugi", "post"});
  if (other_channel != many.channels.front()) many.channels.push_back(other_channel);
  const std::string past = history();
  many.instants = many_instants();
  at_ = many.instants.front();
  const std::string tail = "," + party() + "," + past + "," + flags("") + "\n";
  std::string instants;
  for (const UtcTime at : many.instants) instants += (instants.empty() ? "" : "|") + format_utc(at);
  std::string channels;
  for (const std::string& channel : many.channels) channels += (channels.empty() ? "" : "|") + channel;
  many.row = head + instants + "," + channels + tail;
  many.first = head + format_utc(many.instants.front()) + "," + many.channels.front() + tail;
  return many;
}

UtcTime CaseMaker::random_instant() {
  const UtcTime first{1'704'067'200'000};  // 2024-01-01.
  const auto day = days(static_cast<std::int64_t>(rng_.below(1096)));
  const UtcTime at = first + day + seconds(static_cast<std::int64_t>(rng_.below(86'400)));
  return is_likely(50) ? near_an_edge(at) : at;
}

/// A full or half hour, or a second (seldom a millisecond) before or after it.
UtcTime CaseMaker::near_an_edge(UtcTime at) {
  const std::int64_t step_ms = is_likely(20) ? 1 : 1000;
  return {at.ms / 1'800'000 * 1'800'000 + (static_cast<std::int64_t>(rng_.below(3)) - 1) * step_ms};
}

/// Some within the history, most after it, on few dates; some where a fact of the history leaves its period.
std::vector<UtcTime> CaseMaker::many_instants() {
  constexpr std::int64_t lengths_s[] = {60, 7200, 14'400, 86'400, 259'200, 604'800, 2'592'000};
  std::vector<UtcTime> instants;
  for (int i = 0; i < 4; ++i) instants.push_back(near_an_edge(at_ - minutes(static_cast<std::int64_t>(rng_.below(5000)))));
  for (int i = 0; i < 5; ++i) {
    const UtcTime day = at_ + days(static_cast<std::int64_t>(rng_.below(12)));
    for (int k = 0; k < 6; ++k) {
      const UtcTime at = day + seconds(static_cast<std::int64_t>(rng_.below(86'400)));
      instants.push_back(is_likely(80) ? near_an_edge(at) : at);
    }
  }
  for (int i = 0; i < 6 && !facts_.empty(); ++i) {
    const UtcTime fact = facts_[rng_.below(facts_.size())];
    const UtcTime leaves = fact + seconds(lengths_s[rng_.below(std::size(lengths_s))]);
    if (leaves < at_ + days(40)) instants.push_back(leaves + milliseconds(static_cast<std::int64_t>(rng_.below(3)) - 1));
  }
  std::sort(instants.begin(), instants.end());
  return instants;
}

std::string CaseMaker::history() {
  facts_.clear();
  std::string text;
  const std::uint64_t count = is_likely(30) ? 0 : rng_.below(14);
  const std::int64_t span_s = is_likely(50) ? 7 * 86'400 : 45 * 86'400;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto back = seconds(static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(span_s))));
    UtcTime at = at_ - back;
    if (is_likely(20)) at = {at.ms / 86'400'000 * 86'400'000 + at_.ms % 86'400'000 - 86'400'000};
    if (clock_change_ && is_likely(40)) at = near_an_edge(*clock_change_ + minutes(static_cast<std::int64_t>(rng_.below(180)) - 90));
    at = std::min(at, at_);
    text += (text.empty() ? "" : ";") + format_utc(at) + " " + item();
    facts_.push_back(at);
  }
  if (is_likely(2)) text += (text.empty() ? "" : ";") + format_utc(at_ + minutes(30)) + " call no_answer";
  return text;
}

std::string CaseMaker::item() {
  std::string text = pick({"call talked", "call talked", "call no_answer", "call busy", "call rejected", "call abandoned",
                           "call answered_hangup", "call amd_machine", "call voicemail_msg", "call not_in_service",
                           "call inbound", "call unknown", "robot_call talked", "robot_call no_answer",
                           "robot_call played_oneway", "voice_message played_oneway", "sms delivered", "sms sent",
                           "email undelivered", "messenger delivered", "messenger inbound", "visit met", "visit not_home",
                           "call not_sent"});
  if (is_likely(1)) text = "call in_flight";
  if (is_likely(30)) text += " debt=" + pick({"A", "B"});
  if (is_likely(10)) text += " num=" + pick({"1", "2"});
  if (is_likely(6)) text += " to=rel1";
  return text;
}

std::string CaseMaker::date_near(std::int64_t earliest_days, std::int64_t latest_days) {
  const auto span = static_cast<std::uint64_t>(latest_days - earliest_days + 1);
  const std::int64_t day = at_.ms / 86'400'000 + earliest_days + static_cast<std::int64_t>(rng_.below(span));
  return format_date(civil_from_days(day));
}

std::string CaseMaker::flags(const std::string& channel) {
  std::string text;
  const auto add = [&](unsigned per_thousand, const std::string& flag) {
    if (rng_.below(1000) < per_thousand) text += (text.empty() ? "" : ";") + flag;
  };
  for (const char* word :
       {"bankrupt", "incapacitated", "minor", "emancipated", "no_documents", "refused", "represented", "cease", "wrong_number",
        "cli_hidden", "cli_not_contracted", "no_recording", "no_aia_disclosure", "foreign_messenger", "no_sender_identity",
        "dispute_unverified", "work_email", "breathing_space", "hold", "calendar_missing", "landline", "spouse"}) {
    add(8, word);
  }
  for (const char* word : {"autodial", "mass_optout", "predictive", "agent_guaranteed", "consent", "revoked", "mobile",
                           "consent_debtor", "consent_third_party", "location_info", "reply_to_inbound", "strict_weekend",
                           "strict_rolling"}) {
    add(60, word);
  }
  if (channel == "robot_call") add(200, "prerecorded_oneway");
  add(15, "bankrupt_from=" + date_near(-3, 3));
  if (is_likely(10)) {
    add(1000, "refused_at=" + date_near(-60, 2));
    add(800, "arrears_from=" + date_near(-200, -100));
    add(500, "judgment_in_force=" + (is_likely(40) ? date_near(-80, 20) : date_near(-63, -50)));
  }
  add(250, "direct_consent_at=" + date_near(-9, 0));
  if (is_likely(8)) {
    add(1000, "agreement_calls=" + pick({"3/6/20", "1/1/4", "0/2/8"}));
    if (text.find("revoked") == std::string::npos) add(300, "revoked");
  }
  add(80, "policy_max_unanswered_day=" + pick({"1", "2"}));
  add(60, "policy_max_unanswered_week=3");
  add(60, "policy_unanswered_gap_s=7200");
  add(60, "policy_tail_s=" + pick({"300", "1800"}));
  const auto delay_s = is_likely(50) ? 1800 * rng_.below(4) : rng_.below(7200);
  add(60, "expected_delivery=" + format_utc(at_ + seconds(static_cast<std::int64_t>(delay_s))));
  add(20, "inconvenient_dow=" + pick({"Sun", "Mon|Tue", "Sat|Sun"}));
  add(20, "not_before=" + pick({"14:00", "09:30"}));
  add(20, "inconvenient_after=" + pick({"17:00", "13:00"}));
  add(30, "optout=" + pick({"sms", "email|messenger", "call"}));
  // A zone told by a person of a region with three narrows the region.
  if (is_in_yakutia_) add(600, "region=RU-SA");
  else add(40, "region=" + pick({"RU-BA", "RU-SA", "RU-MOW", "RU-XX"}));
  add(30, "phone=" + pick({"+74950000000", "+77010000000", "+79120000000", "+79400000000", "+442000000000"}));
  add(40, "acr_24h=" + pick({"2.9", "3.0", "3.1"}));
  add(40, "abandon_rate_30d=" + pick({"2.9", "3.0", "3.001"}));
  add(250, "debt=" + pick({"A", "B"}));
  add(30, "to=rel1");
  add(20, "ring_s=" + pick({"14", "15"}));
  return text;
}

}  // namespace dunlin
