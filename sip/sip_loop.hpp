#pragma once
// Everything that lives in the SIP thread: endpoints, trunks, the agents' edge, calls, and what the commands do to them.
// Made, used and destroyed in that thread only.
#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "sip/agent_edge.hpp"
#include "sip/call_table.hpp"
#include "sip/trunk.hpp"

namespace dunlin {

struct PlaceTrunkCall { DialPermit permit; TrunkCall call; };
struct AnswerLeg { LegId leg; int status = 200; MediaDescription description; };
struct RejectLeg { LegId leg; int status = 480; };
struct HangUpLeg { LegId leg; int q850 = 16; };
struct ReOfferLeg { LegId leg; MediaDescription description; };
struct ProbeLeg { LegId leg; };
struct SetAccounts { std::vector<SipAccount> accounts; };
struct ProbeTrunk { std::string name; };
struct Drain {};

using SipCommand = std::variant<PlaceTrunkCall, StationCall, AnswerLeg, RejectLeg, HangUpLeg, ReOfferLeg, ProbeLeg,
                                SetAccounts, ProbeTrunk, Drain>;

class SipLoop {
 public:
  explicit SipLoop(SipOffice office) : office_(std::move(office)) {}
  ~SipLoop();
  Status open(su_root_t* root, const SipStackSettings& settings);

  void perform(SipCommand command);
  void tick();
  /// Draining and nothing left to hang up.
  bool is_drained() const { return is_draining_ && calls_.size() == 0; }

 private:
  Status open_trunk(const TrunkSettings& settings);
  void on_trunk_stray(Endpoint& endpoint, msg_t* msg, sip_t* sip);
  void refuse(LegId leg, const std::string& why);
  void on(PlaceTrunkCall command);
  void on(StationCall command);
  void on(AnswerLeg command);
  void on(RejectLeg command);
  void on(HangUpLeg command);
  void on(ReOfferLeg command);
  void on(ProbeLeg command);
  void on(SetAccounts command);
  void on(ProbeTrunk command);
  void on(Drain command);

  SipOffice office_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;  ///< Destroyed last: everything else sits on them.
  ResolverPtr resolver_;                              ///< Null while no trunk has a name. Outlives the trunks.
  std::map<std::string, std::unique_ptr<Trunk>> trunks_;
  std::unique_ptr<AgentEdge> agents_;
  CallTable calls_;                                   ///< Destroyed first: its dialogs live in the endpoints' agents.
  MonoTime last_tick_;
  bool has_ticked_ = false;
  bool is_draining_ = false;
};

}  // namespace dunlin
