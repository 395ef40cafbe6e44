#include "actors/region_codec.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/case/case_archive.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

/// Counted with the stored events: both hold the same fields. What changes them, or a message here, makes a new version.
constexpr std::uint8_t region_version = 3;

/// What a message is on the wire, where that differs from its fields in memory.
struct WireSecondLeg {
  msg::RequestSecondLeg command;
  Duration slot_left;
};

/// Maps travel as lists, which is what archives know.
struct WireCensus {
  CaseCensus census;
  std::vector<std::pair<std::string, std::uint64_t>> zones;
  std::vector<std::pair<std::string, std::uint64_t>> rules;
};

/// Thousands of keys: their kinds and hashes one after the other.
struct WireFindHeld {
  std::vector<HeldShard> shards;
  std::string keys;
};
constexpr std::size_t wire_key_size = 1 + sizeof(HashedKey::hash);
/// Beside the kind of a key: HashedKey::is_name.
constexpr int name_bit = 0x80;

struct WireCase {
  bool has_record = false;
  std::string record;               ///< As it is stored (core/case/event_codec).
};

}  // namespace

#define DUNLIN_FIELDS(Type, name) \
  template <class A>              \
  void describe(A& archive, typename A::template Ref<Type> name)

DUNLIN_FIELDS(ImportRow, r) { archive(r.line, r.draft, r.person, r.same_as); }
DUNLIN_FIELDS(msg::RefusedRow, r) { archive(r.line, r.error); }
DUNLIN_FIELDS(DenialView, d) { archive(d.case_id, d.campaign, d.is_by_law, d.until, d.reason); }
DUNLIN_FIELDS(QueueSummary, q) { archive(q.ready, q.waiting, q.next_due, q.best_rank); }

DUNLIN_FIELDS(msg::Answer, a) { archive(a.error, a.text); }
DUNLIN_FIELDS(msg::ImportRows, m) { archive(m.import, m.source, m.rows); }
DUNLIN_FIELDS(msg::ImportRowsDone, m) { archive(m.created, m.updated, m.unchanged, m.refused, m.line_quiet_at); }
DUNLIN_FIELDS(msg::JudgeCases, m) { archive(m.ids); }
DUNLIN_FIELDS(WireCensus, w) {
  auto& c = w.census;
  archive(c.cases, c.closed, c.without_place, c.callable_now, c.callable_today, c.denied, w.zones, w.rules);
}
DUNLIN_FIELDS(msg::AbsorbCase, m) { archive(m.case_id, m.absorbed, m.alias_into); }
DUNLIN_FIELDS(msg::BecomeAlias, m) { archive(m.case_id, m.into); }
DUNLIN_FIELDS(msg::AliasMade, m) { archive(m.facts, m.error); }
DUNLIN_FIELDS(msg::RecordFact, m) { archive(m.case_id, m.at, m.type, m.body); }
DUNLIN_FIELDS(WireSecondLeg, w) {
  auto& c = w.command;
  archive(c.case_id, c.slot.attempt, c.slot.trunk, w.slot_left, c.slot.expires_at_utc, c.cause, c.has_rung);
}
DUNLIN_FIELDS(msg::AttemptReply, m) { archive(m.is_placed, m.denial, m.error); }
DUNLIN_FIELDS(msg::Dispose, m) { archive(m.case_id, m.disposition); }
DUNLIN_FIELDS(msg::RecordPromise, m) { archive(m.case_id, m.attempt, m.terms); }
DUNLIN_FIELDS(msg::RecordPayment, m) { archive(m.case_id, m.payment); }
DUNLIN_FIELDS(msg::SetRestriction, m) { archive(m.case_id, m.command); }
DUNLIN_FIELDS(msg::ClearRestriction, m) { archive(m.case_id, m.command); }
DUNLIN_FIELDS(msg::AddNote, m) { archive(m.case_id, m.note); }
DUNLIN_FIELDS(msg::LoseReservation, m) { archive(m.case_id, m.attempt); }
DUNLIN_FIELDS(msg::UndoImportOfCase, m) { archive(m.import, m.case_id, m.author); }
DUNLIN_FIELDS(msg::ImportOfCaseUndone, m) { archive(m.is_undone, m.kept_because, m.error); }
DUNLIN_FIELDS(msg::GetCase, m) { archive(m.case_id); }
DUNLIN_FIELDS(WireCase, m) { archive(m.has_record, m.record); }
DUNLIN_FIELDS(msg::GetQueue, m) { archive(m.campaign); }
DUNLIN_FIELDS(msg::QueueView, m) { archive(m.shard, m.summary, m.awake); }
DUNLIN_FIELDS(HeldShard, s) { archive(s.shard, s.epoch); }
DUNLIN_FIELDS(WireFindHeld, w) { archive(w.shards, w.keys); }
DUNLIN_FIELDS(msg::HeldFound, m) { archive(m.error, m.cases); }
DUNLIN_FIELDS(msg::ReadHeld, m) { archive(m.shards, m.ids); }
DUNLIN_FIELDS(msg::HeldRead, m) { archive(m.error, m.views); }
#undef DUNLIN_FIELDS

namespace {

template <class Message>
const Message& to_wire(const Message& message, MonoTime) {
  return message;
}
WireSecondLeg to_wire(const msg::RequestSecondLeg& command, MonoTime now) { return {command, command.slot.expires_at - now}; }
WireCensus to_wire(const msg::CasesJudged& answer, MonoTime) {
  const CaseCensus& census = answer.census;
  return {census, {census.per_zone.begin(), census.per_zone.end()}, {census.denied_by_rule.begin(), census.denied_by_rule.end()}};
}
WireFindHeld to_wire(const msg::FindHeld& question, MonoTime) {
  WireFindHeld wire{question.shards, {}};
  wire.keys.reserve(question.keys.size() * wire_key_size);
  for (const HashedKey& key : question.keys) {
    wire.keys.push_back(static_cast<char>(static_cast<std::uint8_t>(key.kind) | (key.is_name ? name_bit : 0)));
    wire.keys.append(key.hash.begin(), key.hash.end());
  }
  return wire;
}
WireCase to_wire(const msg::CaseView& view, MonoTime) {
  if (!view.record) return {};
  return {true, encode_view(*view.record)};
}

template <class Message>
Result<Message> from_wire(Message message, MonoTime) {
  return message;
}
Result<msg::RequestSecondLeg> from_wire(WireSecondLeg wire, MonoTime now) {
  // No slot lives longer than a day: a larger number is damage, and must not overflow.
  if (wire.slot_left > days(1) || wire.slot_left < days(-1)) return Error{Errc::corrupt, "a slot of more than a day"};
  wire.command.slot.expires_at = now + wire.slot_left;
  return std::move(wire.command);
}
Result<msg::CasesJudged> from_wire(WireCensus wire, MonoTime) {
  wire.census.per_zone.insert(wire.zones.begin(), wire.zones.end());
  wire.census.denied_by_rule.insert(wire.rules.begin(), wire.rules.end());
  if (wire.census.per_zone.size() != wire.zones.size() || wire.census.denied_by_rule.size() != wire.rules.size()) {
    return Error{Errc::corrupt, "a census that counts a name twice"};
  }
  return msg::CasesJudged{std::move(wire.census)};
}
Result<msg::FindHeld> from_wire(WireFindHeld wire, MonoTime) {
  if (wire.keys.size() % wire_key_size != 0) return Error{Errc::corrupt, "keys that end in the middle of one"};
  msg::FindHeld question{std::move(wire.shards), {}};
  question.keys.reserve(wire.keys.size() / wire_key_size);
  for (std::size_t at = 0; at < wire.keys.size(); at += wire_key_size) {
    const auto first = static_cast<std::uint8_t>(wire.keys[at]);
    const auto kind = static_cast<std::uint8_t>(first & ~name_bit);
    if (kind > static_cast<std::uint8_t>(LookupKind::external_id)) return Error{Errc::corrupt, "a key of an unknown kind"};
    HashedKey& key = question.keys.emplace_back();
    key.kind = static_cast<LookupKind>(kind);
    key.is_name = (first & name_bit) != 0;
    std::copy_n(wire.keys.begin() + static_cast<std::ptrdiff_t>(at + 1), key.hash.size(), key.hash.begin());
  }
  return question;
}
Result<msg::CaseView> from_wire(const WireCase& wire, MonoTime) {
  if (!wire.has_record) return wire.record.empty() ? Result<msg::CaseView>(msg::CaseView{}) : Error{Errc::corrupt, "bytes of no case"};
  auto record = decode_view(wire.record);
  if (!record) return record.error();
  return msg::CaseView{std::make_shared<const CaseRecord>(std::move(*record))};
}

}  // namespace

template <class Message>
std::string encode_region(const Message& message, MonoTime now) {
  Encoder encoder;
  encoder(region_version, to_wire(message, now));
  return encoder.take();
}

template <class Message>
Result<Message> decode_region(std::string_view body, MonoTime now) {
  using Wire = std::decay_t<decltype(to_wire(std::declval<const Message&>(), now))>;
  Decoder decoder(body);
  std::uint8_t version = 0;
  decoder(version);
  if (!body.empty() && version != region_version) {
    return invalid_input("message of version " + std::to_string(version) + "; this node speaks " + std::to_string(region_version));
  }
  Wire wire;
  decoder(wire);
  if (const Status read = decoder.finish(); !read) return read.error();
  return from_wire(std::move(wire), now);
}

bool is_all_in_shard(const msg::ImportRows& command, ShardIndex shard) {
  return std::all_of(command.rows.begin(), command.rows.end(), [shard](const auto& row) { return shard_of(row.first) == shard; });
}

bool is_all_in_shard(const msg::JudgeCases& command, ShardIndex shard) {
  return std::all_of(command.ids.begin(), command.ids.end(), [shard](CaseId id) { return shard_of(id) == shard; });
}

#define DUNLIN_REGION_CODEC(name)                                   \
  template std::string encode_region(const msg::name&, MonoTime); \
  template Result<msg::name> decode_region(std::string_view, MonoTime);
DUNLIN_REGION_CODEC(Answer)
DUNLIN_REGION_CODEC(ImportRows)
DUNLIN_REGION_CODEC(ImportRowsDone)
DUNLIN_REGION_CODEC(JudgeCases)
DUNLIN_REGION_CODEC(CasesJudged)
DUNLIN_REGION_CODEC(AbsorbCase)
DUNLIN_REGION_CODEC(BecomeAlias)
DUNLIN_REGION_CODEC(AliasMade)
DUNLIN_REGION_CODEC(RecordFact)
DUNLIN_REGION_CODEC(RequestSecondLeg)
DUNLIN_REGION_CODEC(AttemptReply)
DUNLIN_REGION_CODEC(Dispose)
DUNLIN_REGION_CODEC(RecordPromise)
DUNLIN_REGION_CODEC(RecordPayment)
DUNLIN_REGION_CODEC(SetRestriction)
DUNLIN_REGION_CODEC(ClearRestriction)
DUNLIN_REGION_CODEC(AddNote)
DUNLIN_REGION_CODEC(LoseReservation)
DUNLIN_REGION_CODEC(UndoImportOfCase)
DUNLIN_REGION_CODEC(ImportOfCaseUndone)
DUNLIN_REGION_CODEC(GetCase)
DUNLIN_REGION_CODEC(CaseView)
DUNLIN_REGION_CODEC(GetQueue)
DUNLIN_REGION_CODEC(QueueView)
DUNLIN_REGION_CODEC(FindHeld)
DUNLIN_REGION_CODEC(HeldFound)
DUNLIN_REGION_CODEC(ReadHeld)
DUNLIN_REGION_CODEC(HeldRead)
#undef DUNLIN_REGION_CODEC

}  // namespace dunlin
