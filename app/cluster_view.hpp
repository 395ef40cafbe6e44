#pragma once
// What an operator sees of the cluster from one node, as values. Any thread.
#include <cstddef>
#include <string>

#include "app/seed_taker_actor.hpp"
#include "cluster/etcd_journal.hpp"
#include "cluster/journal_trimmer.hpp"
#include "cluster/node_seat.hpp"
#include "cluster/replica_follower.hpp"

namespace dunlin {

struct ClusterView {
  std::string name;
  std::string incarnation;                     ///< Empty: no seat now.
  bool may_originate = false;
  bool has_gone_back = false;                  ///< The journal has (R11): nobody dials here before an operator has looked.
  bool is_low_on_space = false;                ///< The own disk: no new attempts, no new cases (R13).
  SeatView seats;
  std::size_t shards_served = 0;               ///< Ours, caught up, taking commits.
  EtcdJournalStats journal;
  FollowerStats follower;
  TrimmerStats trimmer;
  SeedProgress seeding;
  std::string gate;
  std::string trouble;                         ///< The last thing that went wrong, for people; empty: nothing.
};

}  // namespace dunlin
