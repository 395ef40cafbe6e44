#pragma once
// What commands may ask of the process itself: health, metrics, backup, recordings, verification. Any thread.
#include <atomic>

#include "actors/node_context.hpp"
#include "api/command.hpp"
#include "app/answer_model_desk.hpp"
#include "app/cluster_wiring.hpp"
#include "app/event_wiring.hpp"
#include "app/recording_keys.hpp"
#include "core/base/clock_at_start.hpp"
#include "core/base/clock_watch.hpp"
#include "core/case/policy_gate.hpp"
#include "media/media_actor.hpp"
#include "sip/sip_actor.hpp"
#include "storage/store.hpp"

namespace dunlin {

/// The parts whose state is shown; they outlive it.
class NodeStatus {
 public:
  /// `cluster`: null on a node without one. `clock_doubt`: of the start. `calendar`: of the law in force.
  NodeStatus(const LoadedSettings& settings, const Clock& clock, Store& store, MediaDoorway& media, SipDoorway& sip, EventWiring& events,
             const ClusterWiring* cluster, const std::optional<ClockDoubt>& clock_doubt, const DayCalendar& calendar)
      : settings_(settings), clock_(clock), store_(store), media_(media), sip_(sip), events_(events), cluster_(cluster), calendar_(calendar),
        started_at_(clock.now_mono()), clock_watch_(clock.now_utc(), started_at_), clock_doubt_(clock_doubt) {}

  Result<nlohmann::ordered_json> health() const;
  nlohmann::ordered_json identity(const NodeContext& context, const RuleSet& rules) const;
  std::string metrics() const;
  std::filesystem::path recordings_folder() const { return settings_.settings.data_folder / "recordings"; }
  /// Hears of finished recordings and says so in the log and in the event feed.
  caf::actor recordings_desk(caf::actor_system& system) const;
  UtcTime now() const { return clock_.now_utc(); }
  /// Why the wall clock is not believed; empty when it is.
  std::string clock_problem() const;
  /// From here on `health` says that the node is on its way down.
  void begin_drain() { is_draining_ = true; }
  EventWiring& events() const { return events_; }

 private:
  nlohmann::json checks() const;
  std::string calendar_problem() const;
  const LoadedSettings& settings_;
  const Clock& clock_;
  Store& store_;
  MediaDoorway& media_;
  SipDoorway& sip_;
  EventWiring& events_;
  const ClusterWiring* cluster_;
  const DayCalendar& calendar_;
  std::atomic<bool> is_draining_{false};
  MonoTime started_at_;
  ClockWatch clock_watch_;
  std::optional<ClockDoubt> clock_doubt_;
};

/// All outlive the services.
struct ServiceParts {
  NodeStatus& status;
  Store& store;
  StoredRecordingKeys& keys;
  const PolicyGate& gate;
  const RuleSet& rules;
  const NodeContext& context;
  AnswerModelDesk& model;
};
NodeServices make_services(const ServiceParts& parts);

}  // namespace dunlin
