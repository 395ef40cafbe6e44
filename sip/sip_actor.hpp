#pragma once
// The SIP edge as actors see it: hands their calls to the SipStack and its events to the legs' owners. The permit of a
// trunk call is taken from the desk here, once; nobody above can hold or repeat it. Thread safe.
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "actors/contracts/doors.hpp"
#include "core/call/dial_permit.hpp"
#include "sip/stack.hpp"

namespace dunlin {

class SipDoorway final : public SipDoor, public SipSink {
 public:
  explicit SipDoorway(PermitDesk& desk) : permits_(desk) {}

  /// Starts the stack; call once, before any actor uses the door.
  Status start(SipStackSettings settings, SipStack::Clock clock);
  void stop(Duration grace);

  Status place_call(const TrunkCallRequest& request, caf::actor owner) override;
  Status call_station(LegId leg, const std::string& user, const MediaDescription& offer, caf::actor owner) override;
  Status answer(LegId leg, int status, const MediaDescription& description) override;
  void reject(LegId leg, int status) override;
  void hang_up(LegId leg) override;
  void probe_leg(LegId leg) override;
  void adopt(LegId leg, caf::actor owner) override;
  void set_desk(caf::actor desk) override;
  void set_accounts(std::vector<StationAccount> accounts) override;
  void probe_trunk(const std::string& name) override;
  bool is_registered(const std::string& user) const override;
  std::vector<TrunkHealthView> trunks() const override;
  std::vector<LadderLine> ladder(LegId leg) const override;

  void on_sip_event(SipEvent event) override;

 private:
  void on(const InviteSent& event);
  void on(LegProgress& event);
  void on(LegAnswered& event);
  void on(LegReoffered& event);
  void on(LegEnded& event);
  void on(IncomingAgentCall& event);
  void on(const AgentRegistered& event);
  void on(const AgentUnregistered& event);
  void on(const TrunkState& event);
  void on(const DtmfInfo& event);
  void on(const SourceBanned& event);
  void on(const SipTraceLine& event);
  caf::actor owner_of(LegId leg) const;
  caf::actor desk() const;

  PermitDesk& permits_;
  mutable std::mutex mutex_;   ///< Guards everything below; never held while calling the stack.
  std::unordered_map<LegId, caf::actor> owners_;
  std::unordered_map<LegId, std::vector<LadderLine>> ladders_;
  std::deque<LegId> ladder_order_;
  std::map<std::string, TrunkHealthView> trunks_;
  std::set<std::string> registered_;
  caf::actor desk_;
  std::unique_ptr<SipStack> stack_;
};

}  // namespace dunlin
