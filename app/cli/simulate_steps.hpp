#pragma once
// What happened to the cases of one simulated course, step by step: `--story` tells it for chosen cases, `--journal` writes
// it for all of them, one JSON object a line, so that somebody else can judge the course (tools/judge_week.py). Used on the
// thread of the course. Nothing is written for a course nobody asked about.
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/simulate/what_if.hpp"
#include "core/simulate/what_if_witness.hpp"

namespace dunlin {

class SimulatedSteps final : public WhatIfWitness {
 public:
  struct Wish {
    std::vector<std::string> stories{};  ///< Case ids, or numbers of debts ("S-17").
    std::string journal{};               ///< File; empty = none.
    bool is_russian = false;
  };
  SimulatedSteps(const WhatIfPlan& plan, std::uint64_t seed, Wish wish);

  void on_case(UtcTime at, const CaseRecord& record) override;
  void on_events(UtcTime at, const CaseRecord& record, const std::vector<CaseEvent>& events) override;
  void on_refusal(UtcTime at, const CaseRecord& record, const DenialView& denial) override;

  /// After the course. Errc::not_found names a case nobody met, Errc::unavailable a journal that could not be written.
  Status finish();
  /// One heading and the lines of every chosen case, in the order asked for.
  std::string stories() const;

 private:
  struct Story {
    std::string wanted;
    CaseId id;
    std::string text;
  };
  using Json = nlohmann::ordered_json;
  bool is_wanted(const CaseRecord& record) const;
  void tell(UtcTime at, const CaseRecord& record, const std::string& step, const std::string& text, Json fields);
  void tell_event(UtcTime at, const CaseRecord& record, const CaseEvent& event);
  void tell_plan(UtcTime at, const CaseRecord& record, const PlanChanged& plan);
  /// On the person's clock, the first zone's where several are possible.
  std::string wall_text(const CaseRecord& record, UtcTime at) const;
  std::string say(const char* english, const char* russian) const { return wish_.is_russian ? russian : english; }

  const WhatIfPlan& plan_;
  Wish wish_;
  PolicyGate clock_;
  std::vector<Story> stories_;
  std::ofstream journal_;
};

}  // namespace dunlin
