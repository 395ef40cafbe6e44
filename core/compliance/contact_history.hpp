#pragma once
// Everything that was tried with one person, ordered by time and indexed by channel and result, so that a counter over
// a day or a month costs the same with a hundred events as with ten thousand. Built from the journal, held by the
// person's case. Facts may arrive late (another node settles an attempt): they are put in their place. Pure, no clock.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/compliance/contact_vocabulary.hpp"

namespace dunlin {

/// One contact or attempt of a person's history. Keys are contact_key() of any stable text; 0 means not known.
struct ContactFact {
  UtcTime at;                              ///< When it was originated (RU-HRS) or came in.
  Channel channel = Channel::call;
  ContactResult result = ContactResult::unknown;
  std::uint64_t attempt = 0;               ///< Attempt id, needed to settle what is in flight.
  std::uint64_t debt = 0;                  ///< Which debt it concerned; 0 counts for every debt.
  std::uint64_t party = 0;                 ///< Which other person it went to; 0 = the person of the case.
  std::uint64_t number = 0;                ///< Which phone number; 0 counts for every number.
  bool on_person_initiative = false;       ///< Reply to the person's own question: not the creditor's initiative.
};

class ContactHistory {
 public:
  /// Facts of one channel and result, oldest first.
  struct Bucket {
    Channel channel;
    ContactResult result;
    std::vector<ContactFact> facts;
  };

  /// Takes a fact, in any order of time. A result of in_flight opens a reservation under its attempt id.
  void append(const ContactFact& fact);
  /// Ends the reservation of the attempt with its result; false if none is open (settled already, or never made).
  bool settle(std::uint64_t attempt, ContactResult result);
  /// Settles with corrected facts (real dial time, number); false if none is open.
  bool settle(const ContactFact& outcome);

  const std::vector<ContactFact>& in_flight() const { return in_flight_; }
  const std::vector<Bucket>& buckets() const { return buckets_; }
  std::size_t size() const { return size_ + in_flight_.size(); }
  /// Instant of the newest fact, settled or in flight.
  std::optional<UtcTime> newest() const;

 private:
  Bucket& bucket_of(Channel channel, ContactResult result);

  std::vector<Bucket> buckets_;
  std::vector<ContactFact> in_flight_;
  std::size_t size_ = 0;
};

}  // namespace dunlin
