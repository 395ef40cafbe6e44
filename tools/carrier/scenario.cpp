#include "tools/carrier/scenario.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <toml++/toml.h>

namespace dunlin::carrier {
namespace {

using peer::Failure;
using peer::Result;

/// Collects the first complaint while keys are read, so that reading stays a plain list of keys.
class Reader {
 public:
  explicit Reader(const toml::table& root) : root_(root) {}

  template <class T>
  void read(std::string_view path, T& into) {
    const auto node = root_.at_path(path);
    if (!node) return;
    if (const auto value = node.value<T>())
      into = *value;
    else
      complain(path, "has the wrong type");
  }

  void read_range(std::string_view path, peer::Range& into) {
    const auto node = root_.at_path(path);
    if (!node) return;
    const auto* array = node.as_array();
    const auto low =
        array != nullptr && array->size() == 2 ? (*array)[0].value<std::int64_t>() : std::nullopt;
    const auto high = low ? (*array)[1].value<std::int64_t>() : std::nullopt;
    if (!high || *low < 0 || *high < *low) return complain(path, "must be [least, most] in milliseconds");
    into = {*low, *high};
  }

  void read_share(std::string_view path, double& into) {
    read(path, into);
    if (!(into >= 0.0 && into <= 1.0)) complain(path, "must lie between 0 and 1");
  }

  void complain(std::string_view path, std::string_view what) {
    if (complaint_.empty()) complaint_ = std::string(path) + " " + std::string(what);
  }
  const toml::table& root() const { return root_; }
  const std::string& complaint() const { return complaint_; }

 private:
  const toml::table& root_;
  std::string complaint_;
};

void read_mix(Reader& reader, Scenario& scenario) {
  const auto* mix = reader.root()["mix"].as_table();
  if (mix == nullptr) return;
  scenario.mix.clear();
  double total = 0;
  for (const auto& [key, node] : *mix) {
    const auto outcome = parse_outcome(key.str());
    const auto weight = node.value<double>();
    if (!outcome) return reader.complain("mix", outcome.failure().text);
    if (!weight || *weight < 0) return reader.complain("mix", "weights must be numbers from 0 up");
    scenario.mix.push_back({*outcome, *weight});
    total += *weight;
  }
  if (total <= 0) reader.complain("mix", "needs a weight above 0");
}

void read_codecs(Reader& reader, Scenario& scenario) {
  const auto* names = reader.root()["rtp"]["codecs"].as_array();
  if (names == nullptr) return;
  scenario.codecs.clear();
  for (const auto& name : *names) {
    const auto codec = peer::codec_named(name.value_or(std::string()));
    if (!codec) return reader.complain("rtp.codecs", "knows PCMA, PCMU and opus");
    scenario.codecs.push_back(*codec);
  }
  if (scenario.codecs.empty()) reader.complain("rtp.codecs", "must name a codec");
}

void read_srtp(Reader& reader, Scenario& scenario) {
  std::string policy = "if_offered";
  reader.read("rtp.srtp", policy);
  if (policy == "off")
    scenario.srtp = SrtpPolicy::off;
  else if (policy == "required")
    scenario.srtp = SrtpPolicy::required;
  else if (policy == "wrong_key")
    scenario.srtp = SrtpPolicy::wrong_key;
  else if (policy != "if_offered")
    reader.complain("rtp.srtp", "is off, if_offered, required or wrong_key");
}

void read_account(Reader& reader, Scenario& scenario) {
  if (reader.root()["auth"].as_table() == nullptr) return;
  Account account;
  std::string algorithm = "MD5";
  account.challenge.realm = "carrier";
  reader.read("auth.user", account.credentials.user);
  reader.read("auth.password", account.credentials.password);
  reader.read("auth.realm", account.challenge.realm);
  reader.read("auth.algorithm", algorithm);
  if (algorithm == "SHA-256")
    account.challenge.hash = peer::DigestHash::sha256;
  else if (algorithm != "MD5")
    reader.complain("auth.algorithm", "is MD5 or SHA-256");
  account.challenge.has_qop_auth = true;
  account.challenge.nonce = peer::random_hex(32);
  scenario.account = account;
}

Result<NumberRule> read_number(const toml::table& entry) {
  NumberRule rule{entry["match"].value_or(std::string()), {}};
  std::vector<std::string> texts;
  if (const auto one = entry["outcome"].value<std::string>()) texts.push_back(*one);
  if (const auto* many = entry["outcome"].as_array()) {
    for (const auto& text : *many) texts.push_back(text.value_or(std::string()));
  }
  for (const auto& text : texts) {
    const auto outcome = parse_outcome(text);
    if (!outcome) return outcome.failure();
    rule.outcomes.push_back(*outcome);
  }
  if (rule.match.empty() || rule.outcomes.empty()) return Failure{"needs match and outcome"};
  return rule;
}

void read_numbers(Reader& reader, Scenario& scenario) {
  const auto* numbers = reader.root()["number"].as_array();
  if (numbers == nullptr) return;
  for (const auto& node : *numbers) {
    const auto* entry = node.as_table();
    if (entry == nullptr) return reader.complain("number", "must be tables");
    const auto rule = read_number(*entry);
    if (!rule) return reader.complain("number", rule.failure().text);
    scenario.numbers.push_back(*rule);
  }
}

void read_times(Reader& reader, Scenario& scenario) {
  reader.read_range("ring.post_dial_delay_ms", scenario.post_dial_delay_ms);
  reader.read_range("ring.answer_after_ms", scenario.answer_after_ms);
  reader.read_range("ring.machine_after_ms", scenario.machine_after_ms);
  reader.read_range("ring.limit_ms", scenario.ring_limit_ms);
  reader.read_share("ring.early_media_share", scenario.early_media_share);
  reader.read_range("talk.answer_delay_ms", scenario.answer_delay_ms);
  reader.read_range("talk.patience_ms", scenario.patience_ms);
  reader.read_range("talk.talk_ms", scenario.talk_ms);
  reader.read_share("talk.hangs_up_share", scenario.hangs_up_share);
  reader.read("talk.limit_ms", scenario.talk_limit_ms);
  reader.read_range("machine.greeting_delay_ms", scenario.greeting_delay_ms);
  reader.read("machine.record_ms", scenario.record_ms);
  reader.read_share("speech.russian_share", scenario.russian_share);
  reader.read_share("speech.recorded_share", scenario.recorded_share);
  reader.read("speech.recordings_folder", scenario.recordings_folder);
  reader.read_share("rtp.loss", scenario.impairment.loss);
  reader.read("rtp.jitter_ms", scenario.impairment.jitter_ms);
}

constexpr std::array<std::string_view, fate_count> names{
    "no_answer", "busy",    "invalid",   "congestion", "reject", "announcement", "answered_announcement", "machine",
    "fax",       "person",  "silence",   "screening",  "tone",   "dtmf",         "echo",
    "silent_invite", "late_answer", "redirect", "duplicate_answer", "lost_bye"};

/// Recordings a fate knows by name; nothing for fates that say none.
std::string_view recordings_of(Fate fate) {
  if (fate == Fate::announcement || fate == Fate::answered_announcement) return "no_service or circuits_busy";
  return fate == Fate::machine ? "recorded" : "";
}

bool knows_recording(Fate fate, const std::string& argument) {
  const std::string_view known = recordings_of(fate);
  if (known.empty() || argument.empty()) return true;
  return fate == Fate::machine ? argument == known : argument == "no_service" || argument == "circuits_busy";
}

bool names_recording(const Outcome& outcome) { return !outcome.argument.empty() && !recordings_of(outcome.fate).empty(); }

}  // namespace

std::string_view to_string(Fate fate) {
  return names[static_cast<std::size_t>(fate)];
}

std::string to_string(const Outcome& outcome) {
  std::string text(to_string(outcome.fate));
  return outcome.argument.empty() ? text : text + ":" + outcome.argument;
}

Result<Outcome> parse_outcome(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string argument(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
  for (int i = 0; i < fate_count; ++i) {
    const auto fate = static_cast<Fate>(i);
    if (to_string(fate) != name) continue;
    if (knows_recording(fate, argument)) return Outcome{fate, argument};
    return Failure{"knows no recording '" + std::string(text) + "': after the colon comes " + std::string(recordings_of(fate))};
  }
  return Failure{"knows no outcome '" + std::string(text) + "'"};
}

bool wants_recordings(const Scenario& scenario) {
  if (scenario.recorded_share > 0) return true;
  const bool is_in_mix = std::any_of(scenario.mix.begin(), scenario.mix.end(), [](const Share& share) { return names_recording(share.outcome); });
  return is_in_mix || std::any_of(scenario.numbers.begin(), scenario.numbers.end(), [](const NumberRule& rule) {
           return std::any_of(rule.outcomes.begin(), rule.outcomes.end(), names_recording);
         });
}

Result<Scenario> parse_scenario(std::string_view toml_text) {
  toml::table root;
  try {
    root = toml::parse(toml_text);
  } catch (const toml::parse_error& error) {
    return Failure{"line " + std::to_string(error.source().begin.line) + ": " +
                   std::string(error.description())};
  }
  Scenario scenario;
  Reader reader(root);
  read_mix(reader, scenario);
  read_times(reader, scenario);
  read_codecs(reader, scenario);
  read_srtp(reader, scenario);
  read_account(reader, scenario);
  read_numbers(reader, scenario);
  if (!reader.complaint().empty()) return Failure{reader.complaint()};
  return scenario;
}

Result<Scenario> load_scenario(const std::string& path) {
  const std::ifstream file(path);
  if (!file) return Failure{"cannot read scenario " + path};
  std::ostringstream text;
  text << file.rdbuf();
  auto scenario = parse_scenario(text.str());
  if (!scenario) return Failure{path + ": " + scenario.failure().text};
  return scenario;
}

}  // namespace dunlin::carrier
