#pragma once
// The four messages of the link as CAF sees them: a word and bytes, nothing with fields of its own, so that no layout of
// CAF's becomes a format. Words and their meaning are fixed for all versions; what changes is in the bytes.
#include "actors/contracts/caf.hpp"

namespace dunlin {

/// With a LinkHello; answered by two texts: a refusal or nothing, and the own hello.
using link_hello_atom = caf::atom_constant<caf::atom("lnkhello")>;
/// With an envelope; answered by an envelope.
using link_ask_atom = caf::atom_constant<caf::atom("lnkask")>;
/// Alone, every half second.
using link_heartbeat_atom = caf::atom_constant<caf::atom("lnkbeat")>;
/// Alone: the answer to a heartbeat of a node that is not taken for up.
using link_stranger_atom = caf::atom_constant<caf::atom("lnkwho")>;

}  // namespace dunlin
