// Random law cases judged by the program and by the independent evaluator tools/law_reference.py, which reads the packs'
// TOML by itself. Every decision, denying rule and first lawful instant must agree. DUNLIN_LAW_VECTORS sets the count,
// DUNLIN_LAW_SEED the seed.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/rng.hpp"
#include "tests/compliance/law_table.hpp"

namespace dunlin {
namespace {

constexpr int default_vectors = 5'000;
constexpr std::uint64_t default_seed = 20260304;

std::uint64_t number_from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

struct Country {
  const char* pack;
  std::vector<const char*> zones;
};

const std::vector<Country>& countries() {
  static const std::vector<Country> list{
      {"RU", {"Europe/Moscow", "Europe/Moscow", "Asia/Vladivostok", "Asia/Kamchatka", "Europe/Kaliningrad",
              "Europe/Moscow|Asia/Vladivostok", "Europe/Kaliningrad|Asia/Kamchatka", "", "Etc/Unknown"}},
      {"US", {"America/New_York", "America/Chicago", "America/Phoenix", "America/New_York|America/Los_Angeles", ""}},
      {"UK", {"Europe/London"}},
      {"KZ", {"Asia/Almaty", ""}},
      {"IT", {"Europe/Rome"}},
      {"RU|KZ", {"Asia/Almaty|Asia/Omsk"}},
      {"", {"Europe/Samara", ""}},
      {"DE", {"Europe/Berlin"}},
  };
  return list;
}

/// Makes rows of the law table. Instants crowd around the edges of days and hours, where mistakes live.
class CaseMaker {
 public:
  explicit CaseMaker(std::uint64_t seed) : rng_(seed) {}

  std::string next(int number) {
    const Country& country = countries()[pick_country()];
    at_ = random_instant();
    const std::string channel = pick({"call", "call", "call", "robot_call", "sms", "email", "messenger", "visit", "post"});
    const std::string party =
        is_likely(85) ? "debtor" : pick({"guarantor", "relative", "third_party", "representative", "unknown"});
    std::string row = "P" + std::to_string(number) + "," + country.pack + ",";
    row += country.zones[rng_.below(country.zones.size())];
    row += "," + format_utc(at_) + "," + channel + "," + party + ",";
    return row + history() + "," + flags(channel) + "\n";
  }

 private:
  bool is_likely(unsigned percent) { return rng_.below(100) < percent; }
  std::size_t pick_country() { return is_likely(55) ? 0 : rng_.below(countries().size()); }
  std::string pick(std::initializer_list<const char*> words) { return *(words.begin() + rng_.below(words.size())); }

  UtcTime random_instant() {
    const UtcTime first{1'704'067'200'000};  // 2024-01-01.
    const auto day = days(static_cast<std::int64_t>(rng_.below(1096)));
    UtcTime at = first + day + seconds(static_cast<std::int64_t>(rng_.below(86'400)));
    if (is_likely(50)) at = {at.ms / 1'800'000 * 1'800'000 + static_cast<std::int64_t>(rng_.below(3)) * 1000 - 1000};
    return at;
  }

  std::string history() {
    std::string text;
    const std::uint64_t count = is_likely(30) ? 0 : rng_.below(14);
    const std::int64_t span_s = is_likely(50) ? 7 * 86'400 : 45 * 86'400;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto back = seconds(static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(span_s))));
      UtcTime at = at_ - back;
      if (is_likely(20)) at = {at.ms / 86'400'000 * 86'400'000 + at_.ms % 86'400'000 - 86'400'000};
      text += (text.empty() ? "" : ";") + format_utc(at) + " " + item();
    }
    if (is_likely(2)) text += (text.empty() ? "" : ";") + format_utc(at_ + minutes(30)) + " call no_answer";
    return text;
  }

  std::string item() {
    std::string text = pick({"call talked", "call talked", "call no_answer", "call busy", "call rejected", "call abandoned",
                             "call answered_hangup", "call amd_machine", "call voicemail_msg", "call not_in_service",
                             "call inbound", "call unknown", "robot_call talked", "robot_call no_answer",
                             "robot_call played_oneway", "voice_message played_oneway", "sms delivered", "sms sent",
                             "email undelivered", "messenger delivered", "messenger inbound", "visit met", "visit not_home",
                             "call not_sent"});
    if (is_likely(1)) text = "call in_flight";
    if (is_likely(10)) text += " debt=" + pick({"A", "B"});
    if (is_likely(10)) text += " num=" + pick({"1", "2"});
    if (is_likely(6)) text += " to=rel1";
    return text;
  }

  std::string date_near(std::int64_t earliest_days, std::int64_t latest_days) {
    const auto span = static_cast<std::uint64_t>(latest_days - earliest_days + 1);
    const std::int64_t day = at_.ms / 86'400'000 + earliest_days + static_cast<std::int64_t>(rng_.below(span));
    return format_date(civil_from_days(day));
  }

  std::string flags(const std::string& channel) {
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
    if (is_likely(6)) {
      add(1000, "refused_at=" + date_near(-60, 2));
      add(800, "arrears_from=" + date_near(-200, -100));
      add(400, "judgment_in_force=" + date_near(-80, 20));
    }
    add(40, "direct_consent_at=" + date_near(-9, 0));
    add(40, "agreement_calls=" + pick({"3/6/20", "1/1/4", "0/2/8"}));
    add(80, "policy_max_unanswered_day=" + pick({"1", "2"}));
    add(60, "policy_max_unanswered_week=3");
    add(60, "policy_unanswered_gap_s=7200");
    add(60, "policy_tail_s=300");
    add(60, "expected_delivery=" + format_utc(at_ + seconds(static_cast<std::int64_t>(rng_.below(7200)))));
    add(20, "inconvenient_dow=" + pick({"Sun", "Mon|Tue", "Sat|Sun"}));
    add(20, "not_before=" + pick({"14:00", "09:30"}));
    add(20, "inconvenient_after=" + pick({"17:00", "13:00"}));
    add(30, "optout=" + pick({"sms", "email|messenger", "call"}));
    add(40, "region=" + pick({"RU-BA", "RU-SA", "RU-MOW", "RU-XX"}));
    add(30, "phone=" + pick({"+74950000000", "+77010000000", "+79120000000", "+79400000000", "+442000000000"}));
    add(40, "acr_24h=" + pick({"2.9", "3.0", "3.1"}));
    add(40, "abandon_rate_30d=" + pick({"2.9", "3.0", "3.001"}));
    add(60, "debt=" + pick({"A", "B"}));
    add(30, "to=rel1");
    add(20, "ring_s=" + pick({"14", "15"}));
    return text;
  }

  Rng rng_;
  UtcTime at_;
};

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The zone of an instant's text may differ by notation only, so instants are compared as instants.
std::string normalized(const std::string& line) {
  const std::size_t comma = line.rfind(',');
  const auto until = parse_utc(line.substr(comma + 1));
  return until ? line.substr(0, comma + 1) + format_utc(*until) : line;
}

TEST(LawProperty, ProgramAndReferenceAgreeOnRandomCases) {
  const auto count = static_cast<int>(number_from_environment("DUNLIN_LAW_VECTORS", default_vectors));
  CaseMaker maker(number_from_environment("DUNLIN_LAW_SEED", default_seed));
  std::string table = "id,jurisdiction,local_zone,attempt_at,channel,counterparty,history,flags\n";
  for (int i = 0; i < count; ++i) table += maker.next(i);
  const auto report = run_law_check(table, test_rules());
  ASSERT_TRUE(report.ok());
  ASSERT_TRUE(report->is_clean()) << report->faults.front();
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const auto cases = folder / "dunlin_law_property_cases.csv";
  const auto answers = folder / "dunlin_law_property_answers.csv";
  std::ofstream(cases, std::ios::binary) << table;
  const std::string source = DUNLIN_SOURCE_DIR;
  const std::string command = "python3 " + source + "/tools/law_reference.py --rules " + source + "/config/rules --cases " +
                              cases.string() + " > " + answers.string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto ours = lines_of(report->to_csv());
  const auto theirs = lines_of(read_whole(answers));
  const auto rows = lines_of(table);
  ASSERT_EQ(ours.size(), theirs.size());
  int allowed = 0;
  int healed = 0;
  int differences = 0;
  for (std::size_t i = 1; i < ours.size(); ++i) {
    allowed += ours[i].find(",allow,") != std::string::npos ? 1 : 0;
    healed += ours[i].back() != ',' ? 1 : 0;
    if (normalized(ours[i]) == normalized(theirs[i])) continue;
    if (++differences <= 10) ADD_FAILURE() << rows[i] << "\n  program   " << ours[i] << "\n  reference " << theirs[i];
  }
  EXPECT_EQ(differences, 0);
  // A generator that only ever denies, or never by time, would prove nothing.
  EXPECT_GT(allowed, count / 20);
  EXPECT_GT(healed, count / 10);
}

}  // namespace
}  // namespace dunlin
