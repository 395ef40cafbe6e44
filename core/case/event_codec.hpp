#pragma once
// Bytes of what a case stores: events (append-only history) and the record (rebuildable view). Own versioned encoding:
// a version byte, then the fields in order, little endian, texts and lists with length prefixes. Equal values have equal
// bytes (rebuild --verify compares them). Decoding never reads past the end and never trusts a count; damaged bytes are
// Errc::corrupt, a newer version of a known type too, an unknown type is kept as UnknownEvent. Pure, any thread.
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/case/case_event.hpp"
#include "core/case/case_record.hpp"
#include "core/case/journal.hpp"

namespace dunlin {

EventDraft encode(const CaseEvent& event, UtcTime at);
Result<CaseEvent> decode(std::uint16_t type, std::string_view body);

std::string encode_view(const CaseRecord& record);
Result<CaseRecord> decode_view(std::string_view bytes);

}  // namespace dunlin
