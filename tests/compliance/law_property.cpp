// Random law cases judged by the program and by the independent evaluator tools/law_reference.py, which reads the packs'
// TOML by itself. Every decision, denying rule and first lawful instant must agree. DUNLIN_LAW_DECISIONS sets how many
// decisions, DUNLIN_LAW_SEED the seed; DUNLIN_LAW_KEEP names a folder in which the reference's answers are kept and taken
// from again (the engine's mutants are judged against one set of answers).
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/compliance/case_maker.hpp"
#include "tests/compliance/law_table.hpp"

namespace dunlin {
namespace {

constexpr std::uint64_t default_decisions = 40'000;
constexpr std::uint64_t default_seed = 20260304;
constexpr int single_rows = 2'000;
constexpr std::size_t batch_decisions = 200'000;
constexpr std::size_t processes = 2;
constexpr int most_shown = 10;

std::uint64_t number_from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

/// Where the tables lie that the reference reads and writes: kept if the environment wants it, else gone with the test.
class Workshop {
 public:
  Workshop() {
    const char* kept = std::getenv("DUNLIN_LAW_KEEP");
    is_kept_ = kept != nullptr;
    folder_ = is_kept_ ? std::filesystem::path(kept)
                       : std::filesystem::temp_directory_path() / ("dunlin_law_property_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    std::error_code ignored;
    if (!is_kept_) std::filesystem::remove_all(folder_, ignored);
  }
  bool is_kept() const { return is_kept_; }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
  bool is_kept_ = false;
};

/// The reference at work on one table. Its answers are there after wait().
class Reference {
 public:
  Reference(const Workshop& workshop, const std::string& name, const std::string& table)
      : answers_(workshop.path(name + ".answers")) {
    if (workshop.is_kept() && std::filesystem::exists(answers_)) return;
    const std::string cases = workshop.path(name + ".cases");
    std::ofstream(cases, std::ios::binary) << case_columns << table;
    const std::string source = DUNLIN_SOURCE_DIR;
    const std::string command = "python3 " + source + "/tools/law_reference.py --brief --rules " + source +
                                "/config/rules --cases " + cases + " > " + answers_ + ".part";
    running_ = popen(command.c_str(), "r");
    EXPECT_NE(running_, nullptr);
  }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;
  ~Reference() { wait(); }

  void wait() {
    if (running_ == nullptr) return;
    EXPECT_EQ(pclose(running_), 0) << "the reference evaluator failed";
    running_ = nullptr;
    std::filesystem::rename(answers_ + ".part", answers_);
  }
  std::vector<std::string> lines() {
    wait();
    std::vector<std::string> lines;
    std::ifstream stream(answers_);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

 private:
  std::string answers_;
  FILE* running_ = nullptr;
};

struct Tally {
  std::size_t decisions = 0;
  std::size_t allowed = 0;
  std::size_t healed = 0;
  std::size_t differences = 0;

  void compare(const std::string& ours, const std::string& theirs, const std::string& row) {
    ++decisions;
    allowed += ours.find(",allow,") != std::string::npos ? 1U : 0U;
    healed += ours.back() != ',' ? 1U : 0U;
    if (ours == theirs) return;
    if (++differences <= most_shown) ADD_FAILURE() << row << "\n  program   " << ours << "\n  reference " << theirs;
  }
  /// A generator that only ever denies, or never by time, would prove nothing.
  void expect_agreement() const {
    EXPECT_EQ(differences, 0U);
    EXPECT_GT(allowed, decisions / 20);
    EXPECT_GT(healed, decisions / 10);
  }
};

std::string line_of(const std::string& id, std::size_t number, const Decision& decision) {
  std::string rules;
  for (const RuleFinding& finding : decision.findings) rules += (rules.empty() ? "" : " ") + finding.rule_id;
  if (decision.is_allowed()) rules.clear();
  return id + "." + std::to_string(number) + (decision.is_allowed() ? ",allow," : ",deny,") + rules + "," +
         (decision.until ? std::to_string(decision.until->ms) : std::string());
}

std::string id_of(const std::string& row) { return row.substr(0, row.find(',')); }

Result<LawCase> read_row(const std::string& row) {
  std::array<std::string, 8> cells;
  std::istringstream stream(row.substr(0, row.size() - 1));
  for (std::string& cell : cells) std::getline(stream, cell, ',');
  return read_law_case({cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]});
}

std::vector<ContactFact> facts_of(const ContactHistory& history) {
  std::vector<ContactFact> facts = history.in_flight();
  for (const auto& bucket : history.buckets()) facts.insert(facts.end(), bucket.facts.begin(), bucket.facts.end());
  std::stable_sort(facts.begin(), facts.end(), [](const auto& left, const auto& right) { return left.at < right.at; });
  return facts;
}

/// Every question of the row, each judged with the history that is not later than its instant.
std::vector<std::string> answers_to(const ManyQuestions& many) {
  std::vector<std::string> lines;
  auto law_case = read_row(many.first);
  EXPECT_TRUE(law_case.ok()) << many.first;
  if (!law_case) return lines;
  ContactQuery query = law_case->query;
  std::optional<Duration> delay;
  if (query.expected_delivery) delay = *query.expected_delivery - query.at;
  const ContactPolicy policy(test_rules(), law_case->options);
  const std::vector<ContactFact> facts = facts_of(law_case->history);
  ContactHistory known;
  std::size_t next = 0;
  for (const UtcTime at : many.instants) {
    for (; next < facts.size() && facts[next].at <= at; ++next) known.append(facts[next]);
    for (const std::string& channel : many.channels) {
      query.at = at;
      query.channel = parse_channel(channel).value();
      if (delay) query.expected_delivery = at + *delay;
      lines.push_back(line_of(id_of(many.row), lines.size(), policy.decide(query, known)));
    }
  }
  return lines;
}

TEST(LawProperty, ProgramAndReferenceAgreeOnRandomCases) {
  CaseMaker maker(number_from_environment("DUNLIN_LAW_SEED", default_seed));
  std::vector<std::string> rows;
  std::string table;
  for (int i = 0; i < single_rows; ++i) table += rows.emplace_back(maker.next(i));
  const Workshop workshop;
  Reference reference(workshop, "single", table);
  std::vector<std::string> ours;
  for (const std::string& row : rows) {
    auto law_case = read_row(row);
    ASSERT_TRUE(law_case.ok()) << row;
    const ContactPolicy policy(test_rules(), law_case->options);
    ours.push_back(line_of(id_of(row), 0, policy.decide(law_case->query, law_case->history)));
  }
  const auto theirs = reference.lines();
  ASSERT_EQ(ours.size(), theirs.size());
  Tally tally;
  for (std::size_t i = 0; i < ours.size(); ++i) tally.compare(ours[i], theirs[i], rows[i]);
  tally.expect_agreement();
}

/// One batch: the rows are shared out between processes of the reference, which work while the program does.
void compare_batch(CaseMaker& maker, std::size_t batch, std::size_t wanted, const Workshop& workshop, Tally& tally) {
  std::array<std::vector<ManyQuestions>, processes> shares;
  std::array<std::string, processes> tables;
  std::size_t decisions = 0;
  for (std::size_t i = 0; decisions < wanted; ++i) {
    const auto& many = shares[i % processes].emplace_back(maker.next_many(static_cast<int>(i)));
    tables[i % processes] += many.row;
    decisions += many.instants.size() * many.channels.size();
  }
  std::vector<std::unique_ptr<Reference>> references;
  for (std::size_t i = 0; i < processes; ++i) {
    const std::string name = "many_" + std::to_string(batch) + "_" + std::to_string(i);
    references.push_back(std::make_unique<Reference>(workshop, name, tables[i]));
  }
  std::array<std::vector<std::vector<std::string>>, processes> ours;
  for (std::size_t i = 0; i < processes; ++i) {
    for (const ManyQuestions& many : shares[i]) ours[i].push_back(answers_to(many));
  }
  for (std::size_t i = 0; i < processes; ++i) {
    const auto theirs = references[i]->lines();
    std::size_t line = 0;
    for (std::size_t k = 0; k < ours[i].size(); ++k) {
      for (const std::string& own : ours[i][k]) {
        ASSERT_LT(line, theirs.size());
        tally.compare(own, theirs[line++], shares[i][k].row);
      }
    }
    EXPECT_EQ(line, theirs.size());
  }
}

TEST(LawProperty, ProgramAndReferenceAgreeOnManyInstantsOfOneHistory) {
  const auto wanted = static_cast<std::size_t>(number_from_environment("DUNLIN_LAW_DECISIONS", default_decisions));
  CaseMaker maker(number_from_environment("DUNLIN_LAW_SEED", default_seed) + 1);
  const Workshop workshop;
  Tally tally;
  for (std::size_t batch = 0; tally.decisions < wanted && !testing::Test::HasFatalFailure(); ++batch) {
    compare_batch(maker, batch, std::min(batch_decisions, wanted - tally.decisions), workshop, tally);
  }
  tally.expect_agreement();
  std::cout << tally.decisions << " decisions compared\n";
}

}  // namespace
}  // namespace dunlin
