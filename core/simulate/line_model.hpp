#pragma once
// What a what-if day supposes about people, machines and agents: who picks up when, how long it takes, what comes of it,
// what it costs. A plain value with defaults that describe nobody in particular; a file replaces them (config/line_loader).
// Shares are 0 to 1, times are seconds. The same draw belongs to the same attempt of the same person under every plan that
// is compared (common random numbers). Pure, any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/phone_number.hpp"
#include "core/case/case_draft.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {

/// Of one type of number.
struct LineNumbers {
  double answers = 0.30;       ///< A person picks up: of a typical person at an hour of factor 1.
  double machines = 0.35;      ///< Voicemail, of the calls no person takes.
  double busy = 0.10;          ///< Busy or declined, of the same.
  double invalid = 0.02;       ///< Numbers out of service.
  double right_party = 0.70;   ///< Who picks up is the debtor.
  double ring_s = 7;           ///< Median until a person picks up.
  bool operator==(const LineNumbers&) const = default;
};

enum class LineParty : std::uint8_t { wrong, third, right, promise, machine };
inline constexpr std::size_t line_party_count = 5;

/// Medians; single talks scatter around them (log-normal).
struct LineTimes {
  std::array<double, line_party_count> talk_s{15, 30, 80, 150, 6};
  std::array<double, line_party_count> wrap_s{8, 10, 20, 30, 4};
  double talk_spread = 0.6;                  ///< Standard deviation of the log length.
  double wrap_spread = 0.5;
  bool operator==(const LineTimes&) const = default;
};

/// Who listens to a flow of an agentless campaign.
struct LineRobot {
  double hangs_up = 0.08;                    ///< While one thing is said.
  double silent = 0.15;                      ///< A question gets no answer.
  double characters_per_s = 14;              ///< Of the speech.
  double key_s = 1.5;                        ///< From the end of the question, and between keys.
  bool operator==(const LineRobot&) const = default;
};

struct LineModel {
  // Work: when agents sit there, on the clock of one zone.
  std::string zone = "Europe/Moscow";
  int work_from_s = 9 * 3600;
  int work_to_s = 21 * 3600;
  double tick_s = 0.5;                       ///< Between two decisions of the pacing.
  double budget_window_s = 0;                ///< In which pacing spends its budget, from the shift's beginning; 0 = the shift.
  // Lines.
  int channels = 0;                          ///< 0 = six an agent.
  double calls_per_second = 10;
  double setup_s = 2;                        ///< Median from the dial to ringing.
  double ring_spread = 0.6;                  ///< Standard deviation of the log ring time of those who pick up.
  double failures = 0.01;                    ///< Attempts the network loses before they ring.
  double machines_at_once = 0.3;             ///< Of the machines: phones switched off, within two seconds.
  double machine_ring_s = 19.9;              ///< Of the others: the middle of their ring times, which lie close around it.
  // People, by PhoneType; factors on the odds of an answer by the hour of their own clock.
  std::array<LineNumbers, 4> numbers{LineNumbers{}, LineNumbers{0.22, 0.15, 0.06, 0.08, 0.45, 9},
                                     LineNumbers{0.25, 0.10, 0.10, 0.06, 0.20, 8}, LineNumbers{0.20, 0.25, 0.08, 0.10, 0.25, 8}};
  std::array<double, 24> hour_factors{1,    1, 1,    1,    1, 1,   1,    0.8, 0.85, 0.9, 1, 1,
                                      1.05, 1, 0.95, 0.95, 1, 1.1, 1.25, 1.3, 1.2,  1,   1, 1};
  double person_spread = 0.8;                ///< Standard deviation of the log odds between persons.
  // Classification.
  double person_as_machine = 0.04;
  double machine_as_person = 0.07;
  double hangs_up = 0.015;                   ///< During classification.
  double detect_person_s = 1.1;
  double detect_machine_s = 2.2;
  // What comes of a talk.
  double promises = 0.35;                    ///< Of talks with the debtor.
  double callbacks = 0.10;                   ///< Of the same: "call me later".
  double already_paid = 0.05;                ///< Of the same.
  double wrong_numbers = 0.30;               ///< Of talks with somebody else.
  double kept = 0.45;                        ///< Of promises, expected to be kept: for costs only, nobody pays in a simulated week.
  LineTimes times;
  double agent_spread = 0.15;                ///< Standard deviation of the log pace between agents.
  double agent_late_s = 180;                 ///< Nobody sits down later than so long after the shift's beginning.
  LineRobot robot;
  // Price, in units of the currency.
  double price_attempt = 0;
  double price_minute = 0;                   ///< From pick-up to the end.
  std::string currency = "RUB";
  bool operator==(const LineModel&) const = default;
};

enum class LineEnding : std::uint8_t { person, machine, busy, no_answer, invalid, failed };

/// What happens to one attempt, whatever anybody expects.
struct LineFate {
  LineEnding ending = LineEnding::no_answer;
  double rings_s = 0;                        ///< From the dial; 0 = it never rings.
  double ends_s = 0;                         ///< From the dial to the pick-up or the end.
  double detection_s = 0;
  bool is_judged_person = false;
  bool hangs_up = false;                     ///< During the detection.
  LineParty party = LineParty::wrong;
  Outcome disposition = Outcome::rpc_refusal;
  double talk_s = 0;                         ///< With an agent of average pace.
  double wrap_s = 0;
};

struct LineOdds {
  double answers = 0;                        ///< A person picks up before the ring timeout.
  double right_party = 0;                    ///< Who picks up is the debtor.
};

struct LineAttempt {
  CaseId case_id;
  PhoneNumber number;
  PhoneType type = PhoneType::mobile;
  int ordinal = 0;                           ///< 0 = the first attempt of this case in the run.
  int hour = 12;                             ///< Of the person's clock.
  double ring_timeout_s = 25;
  bool is_classified = true;                 ///< False: whatever picks up goes to an agent.
  /// What a history taught of this very attempt, instead of the model's shares by number, hour and person.
  std::optional<LineOdds> learned{};
};

class LineWorld {
 public:
  LineWorld(LineModel model, std::uint64_t seed) : model_(std::move(model)), seed_(seed) {}
  LineFate fate(const LineAttempt& attempt) const;
  /// The `n`-th uniform draw of the person's behaviour in a flow.
  double robot_draw(CaseId id, int ordinal, int n) const;
  /// Factor on an agent's talks and wraps.
  double pace_of(int agent) const;
  /// When the agent sits down after the shift's beginning, seconds.
  double late_s(int agent, int day) const;

 private:
  void pick_up(const LineAttempt& attempt, LineFate& fate) const;
  void talk(const LineAttempt& attempt, LineFate& fate) const;

  LineModel model_;
  std::uint64_t seed_;
};

}  // namespace dunlin
