#pragma once
// Bytes of the commands to a shard and of its answers, for shards that another node owns. Each body begins with a version,
// counted with that of the stored events, whose fields it shares. Monotonic instants do not cross: a slot's expiry travels
// as what is left of it, and the edge that granted the slot stays its judge. Decoding never reads past the end. Pure.
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "actors/contracts/person_search.hpp"
#include "actors/contracts/region.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// What a command is called on the wire (never reused) and what answers it. A question changes nothing: it has no
/// command id and may be asked twice.
template <class Command>
struct RegionCommand;

#define DUNLIN_REGION_COMMAND(name, number, answer_name, may_repeat) \
  template <>                                                        \
  struct RegionCommand<msg::name> {                                  \
    static constexpr std::uint16_t type = number;                    \
    using Answer = msg::answer_name;                                 \
    static constexpr bool is_question = may_repeat;                  \
  }
DUNLIN_REGION_COMMAND(ImportRows, 16, ImportRowsDone, false);
DUNLIN_REGION_COMMAND(JudgeCases, 17, CasesJudged, true);
DUNLIN_REGION_COMMAND(AbsorbCase, 18, Answer, false);
DUNLIN_REGION_COMMAND(BecomeAlias, 19, AliasMade, false);
DUNLIN_REGION_COMMAND(RecordFact, 20, Answer, false);
DUNLIN_REGION_COMMAND(RequestSecondLeg, 21, AttemptReply, false);
DUNLIN_REGION_COMMAND(Dispose, 22, Answer, false);
DUNLIN_REGION_COMMAND(RecordPayment, 23, Answer, false);
DUNLIN_REGION_COMMAND(SetRestriction, 24, Answer, false);
DUNLIN_REGION_COMMAND(ClearRestriction, 25, Answer, false);
DUNLIN_REGION_COMMAND(AddNote, 26, Answer, false);
DUNLIN_REGION_COMMAND(LoseReservation, 27, Answer, false);
DUNLIN_REGION_COMMAND(UndoImportOfCase, 28, ImportOfCaseUndone, false);
DUNLIN_REGION_COMMAND(GetCase, 29, CaseView, true);
DUNLIN_REGION_COMMAND(GetQueue, 30, QueueView, true);
DUNLIN_REGION_COMMAND(RecordPromise, 31, Answer, false);
DUNLIN_REGION_COMMAND(FindHeld, 32, HeldFound, true);
DUNLIN_REGION_COMMAND(ReadHeld, 33, HeldRead, true);
#undef DUNLIN_REGION_COMMAND

using RegionCommands =
    std::tuple<msg::ImportRows, msg::JudgeCases, msg::AbsorbCase, msg::BecomeAlias, msg::RecordFact, msg::RequestSecondLeg, msg::Dispose,
               msg::RecordPayment, msg::SetRestriction, msg::ClearRestriction, msg::AddNote, msg::LoseReservation, msg::UndoImportOfCase,
               msg::GetCase, msg::GetQueue, msg::RecordPromise>;
/// What is asked of a node, of many of its shards at once: they name the shards themselves, their envelopes none.
using NodeQuestions = std::tuple<msg::FindHeld, msg::ReadHeld>;

/// Type of the envelope that answers a command of this type.
constexpr std::uint16_t region_answer_type(std::uint16_t command_type) { return static_cast<std::uint16_t>(command_type | 0x8000U); }

/// For every command of RegionCommands and NodeQuestions and its answer. `now` is this process's own clock.
template <class Message>
std::string encode_region(const Message& message, MonoTime now);
/// Errors: corrupt; invalid_input for a version not spoken here.
template <class Message>
Result<Message> decode_region(std::string_view body, MonoTime now);

/// True when everything the command names lives in that shard: a node must not be talked into another's cases.
bool is_all_in_shard(const msg::ImportRows& command, ShardIndex shard);
bool is_all_in_shard(const msg::JudgeCases& command, ShardIndex shard);
inline bool is_all_in_shard(const msg::GetQueue&, ShardIndex) { return true; }
template <class Command>
bool is_all_in_shard(const Command& command, ShardIndex shard) {
  return shard_of(command.case_id) == shard;
}

}  // namespace dunlin
