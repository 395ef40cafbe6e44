#pragma once
// The people who work with the node in a simulation: agents who come, talk, hold, vanish and write outcomes, and
// operators who import, find out that two cases are one person, pause and edit campaigns, take payments, record bars and
// ask for calls out of turn. They act once a second by lot and remember what they were told. They outlive the process;
// questions they asked a dead one are never answered.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/judges.hpp"
#include "tests/support/test_node.hpp"

namespace dunlin::sim {

class Robots {
 public:
  using Say = std::function<void(const std::string&)>;
  Robots(test::Stage& stage, People& people, const PublicNetwork& network, Judges& judges, std::uint64_t seed, Say say)
      : stage_(stage), people_(people), network_(network), judges_(judges), lots_(seed), say_(std::move(say)) {}

  /// A new life of the node. Its files are the operators'.
  void connect(test::TestNode& node);
  void disconnect();
  /// The node is new: agents and campaigns are made, the first file is imported.
  void set_up(int agents);
  /// One second of everybody's day.
  void act();
  /// The day ends: nobody starts anything, agents finish and log out.
  void go_home() { is_day_over_ = true; }
  void lose_all_stations();
  std::size_t stations_with_a_leg() const;

 private:
  /// A command whose answer is waited for; what follows happens when it is good.
  struct Pending {
    std::shared_ptr<test::Asked<msg::Answer>> asked;
    std::function<void(const msg::Answer&)> then;
  };
  void command(const caf::actor& to, std::function<std::shared_ptr<test::Asked<msg::Answer>>(const caf::actor&)> ask, std::function<void(const msg::Answer&)> then);
  void hear_answers();
  void act_as_agents();
  void act_as(const msg::AgentView& agent);
  void act_at_the_phone(const msg::AgentView& agent);
  void act_in_talk(const msg::AgentView& agent);
  void dispose(const msg::AgentView& agent);
  void order(const std::string& user, msg::AgentVerb verb);
  void act_as_operators();
  void import_some();
  void import_rows(const std::vector<CaseDraft>& rows, const std::vector<std::size_t>& persons);
  void follow_imports();
  void find_a_twin();
  void take_a_payment();
  void record_a_bar();
  void pause_a_campaign();
  void edit_a_campaign();
  void dial_out_of_turn();
  void ask_for(const msg::Slot& slot, CampaignId campaign);
  bool is_likely(unsigned permille) { return lots_.below(1000) < permille; }

  test::Stage& stage_;
  People& people_;
  const PublicNetwork& network_;
  Judges& judges_;
  Rng lots_;
  Say say_;
  test::TestNode* node_ = nullptr;
  std::vector<Pending> pending_;
  std::shared_ptr<test::Asked<msg::AgentsView>> agents_asked_;
  std::vector<msg::AgentView> agents_;
  std::vector<std::pair<CampaignId, std::shared_ptr<test::Asked<msg::SlotsGranted>>>> slots_asked_;
  struct File {
    std::vector<CaseDraft> rows;
    std::vector<std::size_t> persons;
    std::set<std::size_t> barred;              ///< Rows that carry a bar.
  };
  std::map<std::string, File> files_;
  std::shared_ptr<test::Asked<msg::ImportsView>> imports_asked_;
  std::map<std::string, int> paused_for_;      ///< Campaign and seconds left.
  std::uint64_t next_leg_ = 1'000'000;
  std::uint64_t payments_ = 0;
  bool is_day_over_ = false;
};

}  // namespace dunlin::sim
